import Contracts
import Foundation
import Kafka
import TestSupport
import Testing

extension ProcessSuite {
    /// Two replicas of allocation share its shards, on one store folder.
    @Suite struct HandOverTests {
        /// Seconds that a hand-over may take; about one is usual.
        private static let limit = 5.0
        private static let shards = 6

        /// Two replicas, both ready. Blocking.
        private static func pair(_ bench: Bench) throws -> (ServiceProcess, ServiceProcess) {
            let one = try bench.start(.allocation, instance: "one")
            try one.awaitReady()
            let two = try bench.start(.allocation, instance: "two")
            try two.awaitReady()
            return (one, two)
        }

        /// SIGSTOP between two store transactions: a process that is stopped within one keeps its lock, and everybody waits for it.
        private static func pause(_ process: ServiceProcess, _ bench: Bench) throws {
            let isPaused = eventually(within: 20) {
                process.send(signal: SIGSTOP)
                let locks = (0..<shards).map {
                    try? StoreLock(bench.store.appendingPathComponent("allocation/shard-\($0).db").path, "IMMEDIATE", wait: 100)
                }
                for lock in locks { lock?.release() }
                if locks.allSatisfy({ $0 != nil }) { return true }
                process.send(signal: SIGCONT)
                return false
            }
            try #require(isPaused)
        }

        private static func report(_ what: String, _ start: ContinuousClock.Instant) -> Double {
            let seconds = start.duration(to: .now) / .seconds(1)
            print("hand-over: \(what): \(String(format: "%.2f", seconds)) s")
            return seconds
        }

        @Test func aReplicaThatLeavesHandsOverAtOnce() async throws {
            try await onThread {
                let bench = try Bench.shared()
                let (one, two) = try Self.pair(bench)
                defer { two.kill() }
                try withOrderFlow(bench) { flow in
                    try flow.awaitMore(50)
                    let before = two.claims
                    let start = ContinuousClock.now
                    try one.stop()
                    _ = Self.report("SIGTERM to the end of the process", start)
                    try #require(eventually(within: 30) { two.claims >= before + Self.shards })
                    #expect(Self.report("SIGTERM to all shards claimed by the other", start) < Self.limit)
                    try two.awaitReady()
                    try flow.awaitMore(50)
                }
                try two.stop()
            }
        }

        @Test func aReplicaThatIsKilledAndStartedAgainHasItsShardsBack() async throws {
            try await onThread {
                let bench = try Bench.shared()
                let (one, two) = try Self.pair(bench)
                defer { two.kill() }
                try withOrderFlow(bench) { flow in
                    try flow.awaitMore(50)
                    let before = two.claims
                    one.kill()
                    let start = ContinuousClock.now
                    let again = try bench.start(.allocation, instance: "one")
                    defer { again.kill() }
                    try again.awaitReady()
                    #expect(Self.report("SIGKILL and restart to ready", start) < 3)
                    #expect(two.claims == before, "a static member that comes back moves no shards")
                    try flow.awaitMore(50)
                    try again.stop()
                }
                try two.stop()
            }
        }

        /// Longer than the session time-out (10 s), so that the other replica owns everything meanwhile.
        @Test func aZombieEndsNothingAndDoublesNothing() async throws {
            try await onThread {
                let bench = try Bench.shared()
                let (one, two) = try Self.pair(bench)
                defer {
                    one.kill()
                    two.kill()
                }
                try withOrderFlow(bench, rate: 200) { flow in
                    try flow.awaitMore(100)
                    let before = two.claims
                    let start = ContinuousClock.now
                    try Self.pause(one, bench)
                    let isTaken = eventually(within: 60) { two.claims >= before + Self.shards }
                    try #require(isTaken, "\(two.errorLines.suffix(8).joined(separator: "\n"))")
                    _ = Self.report("SIGSTOP to all shards claimed by the other", start)
                    try flow.awaitMore(400)
                    let claims = one.claims
                    one.send(signal: SIGCONT)
                    // It learns that it is out, joins again, and gets a share.
                    try #require(eventually(within: 40) { one.claims > claims })
                    try one.awaitReady()
                    try two.awaitReady()
                    try flow.awaitMore(200)
                }
                #expect(one.isRunning && two.isRunning)
                try one.stop()
                try two.stop()
            }
        }

        @Test(arguments: [true, false]) func everybodyComesBackAfterTheBroker(paused: Bool) async throws {
            try await onThread {
                let bench = try Bench.shared()
                let (one, two) = try Self.pair(bench)
                defer {
                    one.kill()
                    two.kill()
                }
                try withOrderFlow(bench) { flow in
                    try flow.awaitMore(50)
                    if paused {
                        try bench.broker.pause()
                        // Longer than sessions, requests and transactions wait.
                        _ = eventually(within: 15) { false }
                        try bench.broker.resume()
                    } else {
                        try bench.broker.kill()
                        #expect(eventually(within: 15) { one.get("/health/ready")?.status == 503 }, "without a broker it is not ready")
                        #expect(one.get("/health/live")?.status == 200)
                        try bench.broker.restart()
                    }
                    let start = ContinuousClock.now
                    try flow.awaitMore(50)
                    try one.awaitReady()
                    try two.awaitReady()
                    _ = Self.report("broker back (\(paused ? "paused" : "killed")) to ready", start)
                }
                #expect(one.isRunning && two.isRunning)
                try one.stop()
                try two.stop()
            }
        }
    }
}
