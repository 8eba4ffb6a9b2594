import Testing

extension ChaosSuite {
    /// Services, console and the partners' sandbox are killed again and again while warehouse orders run: no outbound order is made twice at
    /// the partner, every status is in the end as the partner says, and one PIN is never with two merchants.
    ///
    /// `DAIFA_TEST_CHAOS_WAREHOUSE_ORDERS` (1000): where the partner makes twice what is sent twice; where it does not, three tenths of that.
    @Suite struct WarehouseChaosTests {
        private static let orders = ChaosSuite.environment["DAIFA_TEST_CHAOS_WAREHOUSE_ORDERS"].flatMap { Int($0) } ?? 1000

        @Test(.timeLimit(.minutes(15))) func nothingIsMadeTwiceWhereThePartnerWouldMakeIt() async throws {
            try await WarehouseChaos(orders: Self.orders, placing: 60, isDeduplicating: false).run(seed: ChaosSuite.seed)
        }

        @Test(.timeLimit(.minutes(15))) func nothingIsMadeTwiceWhereThePartnerDeduplicates() async throws {
            try await WarehouseChaos(orders: max(1, Self.orders * 3 / 10), placing: 30, isDeduplicating: true).run(seed: ChaosSuite.seed)
        }
    }
}
