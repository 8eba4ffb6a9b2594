import Contracts
import Foundation
import JSON
import Kafka
import TestSupport
import Testing

/// Services, console and the partners' sandbox are killed again and again while warehouse orders run: no outbound order is made twice at the
/// partner, every status is in the end as the partner says, and one PIN is never with two merchants.
///
/// `DAIFA_TEST_CHAOS_WAREHOUSE_ORDERS` (1000 where the partner makes what is sent twice twice; where it does not, three tenths of that) and
/// `DAIFA_TEST_CHAOS_SEED` (random, printed).
@Suite(.serialized, .enabled(if: Bench.isAvailable, Comment(rawValue: Bench.need))) struct WarehouseChaosTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let orders = environment["DAIFA_TEST_CHAOS_WAREHOUSE_ORDERS"].flatMap { Int($0) } ?? 1000
    private static let seed = environment["DAIFA_TEST_CHAOS_SEED"].flatMap { UInt64($0) } ?? .random(in: 0...UInt64(UInt32.max))

    @Test(.timeLimit(.minutes(15))) func nothingIsMadeTwiceWhereThePartnerWouldMakeIt() async throws {
        try await WarehouseChaos(orders: Self.orders, placing: 60, isDeduplicating: false).run(seed: Self.seed)
    }

    @Test(.timeLimit(.minutes(15))) func nothingIsMadeTwiceWhereThePartnerDeduplicates() async throws {
        try await WarehouseChaos(orders: max(1, Self.orders * 3 / 10), placing: 30, isDeduplicating: true).run(seed: Self.seed)
    }
}
