import CommandLine
import Contracts
import Glibc
import JSON
import Kafka
import OrderImports
import Partners
import Runtime

/// `daifa demo`: the whole journey, with everything that goes wrong in real life.
struct Demo: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo", abstract: "Take generated order exports through all services, and check the sums.",
        discussion: """
            Two merchants and three factories: bindings (one is declined), a rule, number pools, orders imported from exports
            in the platform's format, allocated singly and in batches, taken back by a merchant, by after-sales and by risk
            control, numbers returned (some invalid, some used, some for merged parcels), shipped. Then partners, played by
            daifa-sandbox: JD's warehouses by both authorizations, with pushed and with pulled statuses, their stock, and a
            Pinduoduo channel that downloads an order.
            Starts a broker and the services like daifa up. With KAFKA_BOOTSTRAP_SERVERS it uses that broker, and with --attach
            (or when services answer on --base-port) services that run already.
            All ids derive from --seed and --orders: a second run finds what the first one did, and changes nothing.
            The exports are kept in <data>/demo. Ends with 70 when the sums do not agree with the input.
            """,
        examples: [
            .init("daifa demo"), .init("daifa demo --orders 200 --seed 7 --keep", "other orders; services run on until Ctrl-C"),
            .init("KAFKA_BOOTSTRAP_SERVERS=127.0.0.1:9092 daifa demo --attach --json | jq .holds"),
        ])

    @Option(help: "Records in the exports.", valueName: "n") var orders = 2000
    @Option(help: "Chooses orders and fates.", valueName: "n") var seed = 1
    @Option(help: "Folder for stores, logs and the broker.", valueName: "folder", completion: .directory) var data = "./data"
    @Flag(help: "When done, keep broker and services running until Ctrl-C.") var keep = false
    @Flag(help: "Start nothing: use the services that run on KAFKA_BOOTSTRAP_SERVERS.") var attach = false
    @Option(help: "First port for health and metrics.", valueName: "port") var basePort: UInt16 = 9600
    @Option(help: "Port of the broker that is started; 0: a free one.", valueName: "port") var brokerPort: UInt16 = 9092
    @Flag(help: "The table as one JSON object.") var json = false

    func validate() throws {
        guard (1...1_000_000).contains(orders) else { throw UsageError("--orders: expected 1 to 1000000") }
        guard seed >= 0 else { throw UsageError("--seed: expected 0 or more") }
        if basePort == 0 { throw UsageError("--base-port: expected a port from 1 to 65535") }
    }

    func run() throws {
        StopSignal.hold()
        let services = try RunningServices.find(data: data, basePort: basePort, brokerPort: brokerPort, attach: attach)
        defer { services.stop() }
        Terminal.writeError(services.description)
        let report = try journey(services)
        Terminal.write(json ? String(decoding: report.json.json, as: UTF8.self) + "\n" : report.text)
        if keep, let deployment = services.deployment {
            Terminal.writeError("Kafka at \(services.kafka.bootstrapServers), the services and the console run on; stop with Ctrl-C")
            Terminal.writeError("The console is at \(deployment.consoleURL)")
            if let link = deployment.firstOperatorLink {
                Terminal.writeError("Nobody is an operator yet. Open this link once, within the hour: \(link)")
            }
            try services.runUntilStopped()
        }
        if !report.holds { throw ExitCode.bug }
    }

    private func journey(_ services: RunningServices) throws -> DemoReport {
        let scenario = DemoScenario(seed: UInt64(seed), orders: orders)
        let exports = try scenario.exports()
        for (merchant, export) in zip(scenario.merchants, exports) { try write(export.bytes, name: "\(merchant.shopId).csv") }
        let plan = DemoPlan(scenario, exports)
        let shops = scenario.merchants.map(\.shopId) + scenario.factories.map(\.shopId)
        let proof = try SenderProof.keys(in: services.keyFile)
        let driver = try DemoDriver(services.kafka, proof: proof, keys: Set(plan.orders.map(\.orderId) + shops)) { stage, count, seconds in
            if !Terminal.errorIsTerminal { Terminal.writeError("\(stage): \(count), \((seconds * 10).rounded() / 10) s") }
        }
        let steps = DemoSteps(
            scenario: scenario, plan: plan, numbers: DemoNumbers(plan, run: scenario.run), ids: try StableIds())
        let secret = try MergeSecret.loadOrCreate(path: "\(Path.absolute(data))/cli/merge.secret")
        let journey = DemoJourney(
            scenario: scenario, plan: plan, steps: steps, kafka: services.kafka, proof: proof, mergeSecret: secret, driver: driver)
        let imports = try journey.run(exports)
        let found = driver.foundAnswered
        Terminal.writeError("\(driver.sent) commands and late facts sent" + (found > 0 ? ", \(found) answered by an earlier run" : ""))
        var partners: DemoPartners.Outcome?
        if let sandbox = services.deployment?.sandbox {
            partners = try DemoPartners(scenario: scenario, ids: try StableIds(), kafka: services.kafka, proof: proof, sandbox: sandbox)
                .run()
        } else {
            Terminal.writeError("partners are not shown: these services were not started here, and may call real ones")
        }
        return DemoReport(plan, exports, imports, driver, partners)
    }

    /// For people who want to see what was imported, or to import it by themselves.
    private func write(_ bytes: [UInt8], name: String) throws(CommandFailure) {
        let folder = "\(Path.absolute(data))/demo"
        try Path.makeFolder(folder)
        let file = open("\(folder)/\(name)", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        defer { if file >= 0 { close(file) } }
        guard file >= 0, Glibc.write(file, bytes, bytes.count) == bytes.count else {
            throw CommandFailure(.unavailable, "\(folder)/\(name) cannot be written: \(String(cString: strerror(errno)))")
        }
    }
}
