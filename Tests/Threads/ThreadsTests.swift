import Foundation
import TestSupport
import Testing
import Threads

@Suite struct ThreadsTests {
    @Test func aWaiterIsWokenByAChange() async throws {
        let monitor = Monitor(0)
        let result = try await onThread { () -> Int? in
            let thread = try NamedThread("changer") { for _ in 0..<3 { monitor.update { $0 += 1 } } }
            defer { thread.join() }
            return monitor.wait(until: .after(10)) { $0 == 3 ? $0 : nil }
        }
        #expect(result == 3)
    }

    @Test func aWaitEndsAtItsDeadline() async throws {
        let waited = try await onThread { () -> (Bool, Double) in
            let start = ContinuousClock.now
            let held = Monitor(0).wait(until: .after(0.05)) { $0 == 1 }
            return (held, Double((ContinuousClock.now - start) / .milliseconds(1)))
        }
        #expect(!waited.0)
        #expect(waited.1 >= 50)
    }

    @Test func aThreadHasItsName() async throws {
        let name = try await onThread { () -> String? in
            let seen = Monitor<String?>(nil)
            let thread = try NamedThread("a-rather-long-name") {
                let name = try? String(contentsOfFile: "/proc/thread-self/comm", encoding: .utf8)
                seen.update { $0 = name }
            }
            thread.join()
            return seen.withLock { $0 }
        }
        #expect(name == "a-rather-long-n\n")
    }

    @Test func withLockIsExclusive() async throws {
        let total = try await onThread { () -> Int in
            let monitor = Monitor(0)
            let threads = try (0..<4).map { number in
                try NamedThread("adder-\(number)") { for _ in 0..<10_000 { monitor.withLock { $0 += 1 } } }
            }
            for thread in threads { thread.join() }
            return monitor.withLock { $0 }
        }
        #expect(total == 40_000)
    }
}
