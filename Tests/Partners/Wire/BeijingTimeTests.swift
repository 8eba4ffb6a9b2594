import Partners
import Testing

@Suite struct BeijingTimeTests {
    @Test(
        arguments: [
            (1_704_135_845_000, "2024-01-02 03:04:05"), (1_709_222_399_000, "2024-02-29 23:59:59"),
            (1_767_196_800_000, "2026-01-01 00:00:00"), (1_767_196_799_999, "2025-12-31 23:59:59"),
        ] as [(Int64, String)])
    func timesAreWrittenAsPartnersExpectThem(_ milliseconds: Int64, _ text: String) {
        #expect(BeijingTime.format(milliseconds) == text)
        #expect(BeijingTime.milliseconds(text) == milliseconds / 1000 * 1000)
    }
}
