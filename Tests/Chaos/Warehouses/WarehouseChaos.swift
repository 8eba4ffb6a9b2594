import Contracts
import Foundation
import JSON
import Kafka
import TestSupport
import Testing
import Threads

/// One run of the warehouse kill test.
struct WarehouseChaos {
    /// Seconds between two steps of every order at the partner, and those until it is handed over.
    private static let step = 1.5
    private static let work = 7 * step
    /// Seconds between two kills.
    private static let pause = 0.4...2.0
    /// Seconds that kills go on after the last order was placed.
    private static let overtime = 15.0
    /// Part of the answers to a create that is lost, beside those that die with a process.
    private static let lost = 0.05

    let orders: Int
    /// Seconds over which the orders are placed.
    let placing: Double
    let isDeduplicating: Bool
    private let start = ContinuousClock.now

    init(orders: Int, placing: Double, isDeduplicating: Bool) {
        self.orders = orders
        self.placing = placing
        self.isDeduplicating = isDeduplicating
    }

    private static let prizes = [
        PinRivals.Prize(api: .eclp, isSubscribed: true, isKept: true), PinRivals.Prize(api: .isc, isSubscribed: true, isKept: true),
        PinRivals.Prize(api: .eclp, isKept: true), PinRivals.Prize(api: .isc, isKept: true), PinRivals.Prize(), PinRivals.Prize(),
    ]

    func run(seed: UInt64) async throws {
        let bench = try await onThread { try Bench() }
        let configuration = bench.broker.configuration
        let port = try Ports.free()
        var arguments = ["--auto-advance", "\(Self.step)", "--push-url", "http://127.0.0.1:\(port)/partners/jd-fulfillment/status"]
        if !isDeduplicating { arguments.append("--no-dedup") }
        let sandbox = try PartnerSandbox(arguments: arguments)
        let victims = Self.victims(bench, sandbox, consolePort: port)
        let killer = try await onThread { try Killer(victims, broker: bench.broker) }
        for operation in PartnerBooks.create { try await sandbox.lose(operation, Self.lost) }
        let rivals = try await PinRivals(Self.prizes, merchants: 3, sandbox, configuration)
        try killer.start(seed: seed, pause: Self.pause)
        async let contest: Void = rivals.run()
        let (driver, course) = try await onThread { [self] in
            defer {
                killer.stopKilling()
                rivals.stop()
            }
            return try drive(rivals, configuration)
        }
        await contest
        try await sandbox.control("faults/clear", .object([]))
        try await finish(driver, course, sandbox)
        let lastLines = driver.unended.isEmpty ? "" : killer.lastLines
        driver.stop()
        let outcome = try await judge(driver, sandbox, configuration)
        try await onThread { try killer.stop() }
        report(seed, killer, driver, rivals, outcome)
        expect(killer, driver, rivals, outcome, lastLines)
    }

    /// Places the orders, with the warehouses of those who were first, and waits until most are through. Blocking.
    private func drive(_ rivals: PinRivals, _ configuration: KafkaConfiguration) throws -> (OrderDriver, WarehouseCourse) {
        let warehouses = try rivals.awaitKeepers(within: 120)
        let course = WarehouseCourse(warehouses: warehouses, sealer: try RecipientSealer(configuration), work: Self.work)
        let driver = OrderDriver(course, configuration, orders: orders, rate: Double(orders) / placing)
        try driver.start()
        _ = driver.progress.wait(until: .after(placing * 2)) { $0.placed >= orders || $0.failure != nil }
        _ = driver.awaitEnds(within: Self.overtime)
        return (driver, course)
    }

    private static func victims(_ bench: Bench, _ sandbox: PartnerSandbox, consolePort: UInt16) -> [Victim] {
        var environment = sandbox.environment
        environment["DAIFA_PUBLIC_URL"] = "http://127.0.0.1:\(consolePort)"
        environment["DAIFA_STATUS_POLL_INTERVAL"] = "20"
        let settings = environment
        return bench.victims(ServiceName.domainServices, environment: settings) + [
            Victim(kind: "console") { try bench.start(.console, httpPort: consolePort, environment: settings) },
            Victim(kind: "sandbox") { try sandbox.start() },
        ]
    }

    /// Waits until every order has come to its end. Of one without messages its merchant has to ask, once the partner is done with it.
    private func finish(_ driver: OrderDriver, _ course: WarehouseCourse, _ sandbox: PartnerSandbox) async throws {
        let deadline = Deadline.after(180)
        var asked: Set<String> = []
        while !deadline.hasPassed, try await !onThread({ driver.awaitEnds(within: 2) }) {
            let unended = Set(driver.unended)
            let held = try await PartnerBooks.orders(sandbox)
            for order in driver.all where unended.contains(order.id) && !course.warehouse(order).isSubscribed {
                guard held[order.allocationId]?.first?.isDelivered == true, asked.insert(order.id).inserted else { continue }
                driver.schedule(course.pull(order, "pull-last"), order.id)
            }
        }
    }

    private struct Outcome {
        var findings: [String]
        var books: PartnerBooks
        var reports: Int
        var handedOn: Int
    }

    /// What is not an order's end (the answer to a report that came late) may still be on its way.
    private func judge(_ driver: OrderDriver, _ sandbox: PartnerSandbox, _ configuration: KafkaConfiguration) async throws -> Outcome {
        let deadline = Deadline.after(30)
        while true {
            let books = try await PartnerBooks(sandbox)
            let outcome = try await onThread {
                let log = try EventLog(configuration, topics: ServiceName.domainServices.map(\.events), timeout: 120)
                let dead = try EventLog(configuration, topics: ServiceName.domainServices.map(\.dead)).events
                let commands = try EventLog(configuration, topics: [ServiceName.shipping.commands]).events
                let reports = Set(commands.filter { $0.type == ReportStatus.type }.compactMap(\.id))
                let rows = try EventLog(configuration, topics: [Table.warehouses.topic]).events
                let pins = try PinVerdict(log, rows: rows)
                let orders = try WarehouseVerdict(log, books, driver, dead: dead, reports: reports)
                return Outcome(
                    findings: orders.findings + pins.findings, books: books, reports: reports.count, handedOn: pins.handedOn)
            }
            if outcome.findings.isEmpty || deadline.hasPassed { return outcome }
        }
    }

    private func report(_ seed: UInt64, _ killer: Killer, _ driver: OrderDriver, _ rivals: PinRivals, _ outcome: Outcome) {
        let count = killer.count.withLock { $0 }
        let report = rivals.report.withLock { $0 }
        let creates = outcome.books.creates.values.reduce(0, +)
        let cancelled = outcome.books.orders.values.count { $0.contains(where: \.isCancelled) }
        print(
            """
            warehouse chaos: seed \(seed), \(isDeduplicating ? "with" : "without") deduplication, \(orders) orders, \(count.text), \
            \(count.recovered) outbox rows recovered, \(creates) created and \(outcome.books.asked - creates) asked for again, \
            \(outcome.books.lost) answers lost, \(cancelled) cancelled, \(outcome.reports) pushes; PINs: \(report.begun) asked for, \(report.granted) granted, \
            \(report.taken) refused, \(report.failed) lost, \(report.revoked) revoked, \(outcome.handedOn) handed on; longest stall \
            \(String(format: "%.1f", driver.progress.withLock { $0.longestStall })) s, \(String(format: "%.0f", start.elapsed)) s in all
            """)
    }

    private func expect(_ killer: Killer, _ driver: OrderDriver, _ rivals: PinRivals, _ outcome: Outcome, _ lastLines: String) {
        let progress = driver.progress.withLock { $0 }
        let count = killer.count.withLock { $0 }
        let unended = driver.unended
        #expect(progress.failure == nil)
        #expect(count.failure == nil)
        #expect(count.ended == [], "a process ended by itself")
        #expect(progress.surprises.prefix(5) == [])
        #expect(rivals.report.withLock { $0.surprises.prefix(5) } == [])
        #expect(unended.prefix(5) == [], "\(unended.count) orders have no end\n\(lastLines)")
        #expect(outcome.findings.prefix(20) == [], "\(outcome.findings.count) findings")
        #expect(outcome.handedOn > 0, "no PIN went from one merchant to another")
        #expect(count.kills.count == ServiceName.domainServices.count + 2 || orders < 300, "each process must be killed")
    }
}

extension PartnerSandbox {
    /// The partner does what it is asked for, and this part of its answers is lost.
    fileprivate func lose(_ operation: String, _ part: Double) async throws {
        let fault = [("operation", JSONValue.string(operation)), ("kind", .string("drop")), ("probability", .double(part))]
        try await control("faults", .object(fault))
    }
}
