import CommandLine
import Contracts
import JSON
import Kafka
import Observability
import Runtime
import Threads

/// `daifa bench`: what this machine does.
struct Bench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "Measure the journey: orders a second, orders per CPU second, memory.",
        discussion: """
            Places, allocates, returns and ships so many orders, each as one wave of all orders at once, over topics only.
            CPU is user and system time of the services from the first wave to the last answer; memory is taken at the end.
            Starts a broker and the services like daifa up. With KAFKA_BOOTSTRAP_SERVERS and
            --attach it measures services that run already; name their processes with --pid.
            """,
        examples: [
            .init("daifa bench --orders 20000"),
            .init("daifa bench --store 'postgres://daifa_<service>@%2Frun%2Fpostgresql/daifa_<service>'"),
            .init("daifa bench --json | jq .ordersPerCpuSecond"),
            .init("daifa bench --attach --pid allocation=123 --pid waybill=124 --pid shipping=125"),
        ])

    @Option(help: "How many.", valueName: "n") var orders = 20_000
    @Option(help: "Folder for stores, logs and the broker.", valueName: "folder", completion: .directory) var data = "./data"
    @Option(help: "DAIFA_STORE of the services, <service> standing for each one's name.", valueName: "store") var store: String?
    @Flag(help: "Start nothing: measure the services that run on KAFKA_BOOTSTRAP_SERVERS.") var attach = false
    @Option(help: "With --attach: a process to measure, may be given for several.", valueName: "service=pid") var pid: [BenchProcess] = []
    @Option(help: "First port for health and metrics.", valueName: "port") var basePort: UInt16 = 9700
    @Option(help: "Port of the broker that is started; 0: a free one.", valueName: "port") var brokerPort: UInt16 = 0
    @Flag(help: "One JSON object.") var json = false

    func validate() throws {
        guard (1...10_000_000).contains(orders) else { throw UsageError("--orders: expected 1 to 10000000") }
        if basePort == 0 { throw UsageError("--base-port: expected a port from 1 to 65535") }
        if store != nil, attach { throw UsageError("--store: services that run already have theirs") }
        for service in ServiceName.domainServices {
            _ = try store.map { try StorePlace(service.rawValue, nil, $0.replacing("<service>", with: service.rawValue)) }
        }
        if !pid.isEmpty, !attach { throw UsageError("--pid: needs --attach; services that are started here are known") }
    }

    func run() throws {
        StopSignal.hold()
        let services = try RunningServices.find(data: data, store: store, basePort: basePort, brokerPort: brokerPort, attach: attach)
        defer { services.stop() }
        Terminal.writeError(services.description)
        let processes = services.deployment?.fleet.status.compactMap { status in status.pid.map { BenchProcess(name: status.name, pid: $0) }
        }
        let result = try measure(services, processes ?? pid)
        Terminal.write(json ? String(decoding: result.json.json, as: UTF8.self) + "\n" : result.text)
    }

    private func measure(_ services: RunningServices, _ processes: [BenchProcess]) throws -> BenchResult {
        let driver = try BenchDriver(services.kafka, proof: try .keys(in: services.keyFile))
        try driver.setUp()
        var result = BenchResult(orders: orders)
        let before = try processes.map { try $0.cpuSeconds() }
        let waves: [(String, String, (Int) throws -> Void)] = [
            ("place", OrderRegistered.type, driver.place), ("allocate", Opened.type, driver.allocate),
            ("return", Ready.type, driver.giveBack), ("ship", Shipped.type, driver.ship),
        ]
        for (name, answer, send) in waves {
            var bar = ProgressBar(name, total: orders)
            let cpu = try Self.sum(processes)
            let began = Clock.seconds
            for index in 0..<orders { try send(index) }
            try driver.count(answer, orders, name) { bar.move(to: $0) }
            let seconds = Clock.seconds - began
            bar.finish()
            result.waves.append(.init(name: name, seconds: seconds, cpuSeconds: try Self.sum(processes) - cpu))
        }
        for (process, start) in zip(processes, before) {
            let memory = try process.memory()
            result.processes.append(
                .init(name: process.name, cpuSeconds: try process.cpuSeconds() - start, pss: memory.pss, peak: memory.peak))
        }
        return result
    }

    private static func sum(_ processes: [BenchProcess]) throws -> Double { try processes.reduce(0) { try $0 + $1.cpuSeconds() } }
}
