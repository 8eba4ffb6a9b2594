import Contracts
import Foundation
import Kafka
import TestSupport
import Testing
import Threads

extension ChaosSuite {
    /// Every service is killed again and again while orders flow: for a `read_committed` reader nothing is lost, and nothing happens twice.
    ///
    /// `DAIFA_TEST_CHAOS_ORDERS` (2000), and `DAIFA_TEST_CHAOS_LONG=1` for three brokers that are killed too, with two replicas of each
    /// service.
    @Suite struct KillTests {
        private static let orders = ChaosSuite.environment["DAIFA_TEST_CHAOS_ORDERS"].flatMap { Int($0) } ?? 2000

        @Test(.timeLimit(.minutes(10))) func killedServices() async throws {
            try await onThread {
                try Self.run(Bench(), replicas: 1, pause: 0.3...2.5, placing: 75)
            }
        }

        /// With their state in PostgreSQL: a small number, since it is the store alone that differs.
        @Test(.enabled(if: PostgresServer.isAvailable, Comment(rawValue: PostgresServer.need)), .timeLimit(.minutes(5)))
        func killedServicesOnPostgreSQL() async throws {
            try await onThread {
                try Self.run(Bench(database: .shared()), replicas: 1, pause: 0.3...2.5, placing: 20, orders: min(400, Self.orders))
            }
        }

        @Test(
            .enabled(if: ChaosSuite.environment["DAIFA_TEST_CHAOS_LONG"] == "1", "takes long: set DAIFA_TEST_CHAOS_LONG=1"),
            .timeLimit(.minutes(30)))
        func killedServicesAndBrokers() async throws {
            try await onThread {
                try Self.run(Bench(brokers: 3), replicas: 2, pause: 0.5...4, placing: 240, brokers: 3)
            }
        }

        /// - Parameters:
        ///   - pause: seconds between two kills.
        ///   - placing: seconds over which the orders are placed, and services killed.
        private static func run(
            _ bench: Bench, replicas: Int, pause: ClosedRange<Double>, placing: Double, brokers: Int = 0, orders: Int = orders
        ) throws {
            let start = ContinuousClock.now
            let services = ServiceName.domainServices
            let environment = ["DAIFA_REPLICATION": brokers > 0 ? "\(brokers)" : "1"]
            let killer = try Killer(
                bench.victims(services, replicas: replicas, environment: environment), broker: bench.broker)
            let course = FactoryCourse()
            let driver = OrderDriver(course, bench.broker.configuration, orders: orders, rate: Double(orders) / placing)
            try prepare(course.cast, bench)
            try driver.start()
            try killer.start(seed: ChaosSuite.seed, pause: pause, brokers: brokers)
            let goal = orders
            _ = driver.progress.wait(until: .after(placing * 2)) { $0.placed >= goal || $0.failure != nil }
            killer.stopKilling()
            let lastLines = driver.awaitEnds(within: 120) ? "" : killer.lastLines
            driver.stop()
            let unended = driver.unended
            // What does not end an order (the refusal of a ship that came too late) may still be on its way.
            var findings: [String] = []
            _ = try eventually(within: 30) {
                let log = try EventLog(bench.broker.configuration, topics: services.map(\.events), timeout: 120)
                let dead = try EventLog(bench.broker.configuration, topics: services.map(\.dead)).events
                findings = try FactoryFindings(log, driver, dead: dead).findings
                return findings.isEmpty
            }
            try killer.stop()

            let progress = driver.progress.withLock { $0 }
            let count = killer.count.withLock { $0 }
            print(
                """
                chaos: seed \(ChaosSuite.seed), \(orders) orders, \(count.text), \(count.brokerKills) broker kills, \
                \(count.recovered) outbox rows recovered, longest stall \(String(format: "%.1f", progress.longestStall)) s, \
                \(String(format: "%.0f", start.elapsed)) s in all
                """)
            #expect(progress.failure == nil)
            #expect(count.failure == nil)
            #expect(count.ended == [], "a service ended by itself")
            #expect(progress.surprises.prefix(5) == [])
            #expect(unended.prefix(5) == [], "\(unended.count) orders have no end\n\(lastLines)")
            #expect(findings.prefix(20) == [], "\(findings.count) findings")
            #expect(count.kills.count == services.count || orders < 500, "each service must be killed")
        }

        /// A pair of shops that work together, and numbers in the factory's pool. Blocking.
        private static func prepare(_ cast: Cast, _ bench: Bench) throws {
            let client = try Client(bench.broker.configuration)
            let steps: [Outgoing] = [
                .command(cast.registerMerchant, as: cast.asMerchant), .command(cast.registerFactory, as: cast.asFactory),
                .command(cast.apply, as: cast.asMerchant), .command(cast.approve, as: cast.asFactory),
                .command(cast.topUp("YTO", "YT1000000000000", "YT1000000009999"), as: cast.asFactory),
            ]
            let done = Monitor<Result<Void, any Error>?>(nil)
            Task {
                do {
                    for step in steps {
                        let answer = try await client.answer(to: step)
                        try #require(!answer.isRefusal, "\(answer.text ?? "")")
                    }
                    done.update { $0 = .success(()) }
                } catch { done.update { $0 = .failure(error) } }
            }
            try done.wait { $0 }?.get()
        }
    }
}
