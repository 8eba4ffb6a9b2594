import Contracts
import Foundation
import Kafka
import Stores
import TestSupport
import Testing

extension ProcessSuite {
    /// An aggregate remembers so many ids at most: those of strangers, who may send any number, are not among them.
    @Suite struct StrangersIdsTests {
        /// Bytes of ids that the order's row has in the store, which nobody runs on; blocking.
        private static func answered(_ orderId: String, in folder: String) throws -> Int? {
            for number in try SQLiteStore(folder: folder).shards() {
                let database = try SQLiteDatabase(path: "\(folder)/shard-\(number).db")
                defer { database.close() }
                let found = try database.rows(
                    "SELECT answered FROM aggregates WHERE key = ?1", .text("order:\(orderId)"), read: { $0.blob(0).count })
                if let bytes = found.first { return bytes }
            }
            return nil
        }

        @Test func aStrangersCommandsAreRememberedBesideTheOrder() async throws {
            let bench = try await onThread { try Bench.shared() }
            let (cast, orderId) = (Cast(), uniqueName("order"))
            let process = try await onThread {
                let process = try bench.start(.allocation)
                try process.awaitReady()
                return process
            }
            defer { process.kill() }
            let client = try await onThread { try Client(bench.broker.configuration) }
            let placed = Outgoing.fact(cast.placed(orderId))
            try await client.send(placed)
            #expect(try await client.answer(to: placed.id, on: "daifa.allocation.events").name == "order-registered")
            let stranger = Cast(merchant: uniqueName("stranger"), factory: cast.factory)
            for _ in 0..<3 {
                let command = Outgoing.command(stranger.allocate(orderId), as: stranger.asMerchant)
                #expect(try await client.answer(to: command).refused?.code == .forbidden)
                // Its copy is known all the same.
                try await client.send(command)
                let marker = Outgoing.command(stranger.allocate(orderId), as: stranger.asMerchant)
                #expect(try await client.answer(to: marker).refused?.code == .forbidden)
                #expect(client.answers(to: command.id).count == 1)
            }
            let folder = bench.store.appendingPathComponent("allocation").path
            let bytes = try await onThread {
                try process.stop()
                return try Self.answered(orderId, in: folder)
            }
            #expect(bytes == 20, "the id of its fact alone")
        }
    }
}
