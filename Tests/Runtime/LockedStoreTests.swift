import CSQLite
import Contracts
import Foundation
import Kafka
import TestSupport
import Testing

/// A connection of our own to a shard's file, with a transaction that keeps others out.
final class StoreLock {
    private var handle: OpaquePointer?

    /// - Parameters:
    ///   - kind: `IMMEDIATE` or `EXCLUSIVE`.
    ///   - wait: milliseconds to wait for somebody else's lock.
    init(_ path: String, _ kind: String, wait: Int32 = 10_000) throws {
        sqlite3_open(path, &handle)
        sqlite3_busy_timeout(handle, wait)
        guard sqlite3_exec(handle, "BEGIN \(kind)", nil, nil, nil) == SQLITE_OK else {
            release()
            throw Client.Failure("\(path) is locked")
        }
    }

    func release() {
        sqlite3_exec(handle, "ROLLBACK", nil, nil, nil)
        sqlite3_close_v2(handle)
        handle = nil
    }

    deinit { release() }
}

extension ProcessSuite {
    /// Somebody else holds the lock of one shard's file: a backup, or a person with a shell.
    @Suite struct LockedStoreTests {
        @Test(arguments: ["IMMEDIATE", "EXCLUSIVE"]) func itIsWaitedForAndNothingIsLost(kind: String) async throws {
            try await onThread {
                let bench = try Bench.shared()
                let process = try bench.start(.allocation)
                defer { process.kill() }
                try process.awaitReady()
                // So fast, and so often, that the other shards have a batch waiting behind the one on its way when the lock is released.
                try withOrderFlow(bench, rate: 3000) { flow in
                    try flow.awaitMore(400)
                    for shard in [1, 4, 0, 5, 2, 3, 1, 4] {
                        let lock = try StoreLock(bench.store.appendingPathComponent("allocation/shard-\(shard).db").path, kind)
                        #expect(
                            eventually(within: 20) { process.get("/health/ready")?.status == 503 }, "a shard that is locked is not ready")
                        try flow.awaitMore(400)
                        lock.release()
                        try process.awaitReady()
                        try flow.awaitMore(200)
                    }
                }
                try process.stop()
            }
        }

        @Test func aStartWaitsForIt() async throws {
            try await onThread {
                let bench = try Bench.shared()
                let before = try bench.start(.allocation)
                try before.awaitReady()
                try before.stop()
                let lock = try StoreLock(bench.store.appendingPathComponent("allocation/shard-2.db").path, "EXCLUSIVE")
                let process = try bench.start(.allocation)
                defer { process.kill() }
                try process.awaitLine(containing: "shard 2 cannot be claimed yet")
                #expect(process.get("/health/ready")?.status == 503)
                #expect(process.get("/health/live")?.status == 200)
                lock.release()
                try process.awaitReady()
                try process.stop()
            }
        }
    }
}
