import Testing
import Texts

@Suite struct NumberTests {
    @Test func countsAreGroupedAsTheLanguageGroupsThem() {
        #expect(Language.allCases.map { $0.grouped(1_250_000) } == ["1,250,000", "1.250.000", "1,250,000"])
        #expect([0, 7, 999, 1000, 99_999, 100_000].map { Language.en.grouped($0) } == ["0", "7", "999", "1,000", "99,999", "100,000"])
        #expect(Language.vi.grouped(-1000) == "-1.000" && Language.en.grouped(.min) == "-9,223,372,036,854,775,808")
    }

    @Test func aCountAboveTheMostThatIsToldHasAPlus() {
        #expect(Language.en.grouped(9999, atMost: 9999) == "9,999")
        #expect(Language.vi.grouped(10_000, atMost: 9999) == "9.999+")
    }

    @Test func moneyIsWrittenAsItsCountryWritesIt() {
        #expect(Money.text(1250, "CNY") == "¥12.50")
        #expect(Money.text(1_250_000, "VND") == "1.250.000 ₫")
        #expect(Money.text(5, "CNY") == "¥0.05" && Money.text(0, "CNY") == "¥0.00" && Money.text(123_456_789, "CNY") == "¥1,234,567.89")
        #expect(Money.text(-1250, "CNY") == "-¥12.50" && Money.text(-500, "VND") == "-500 ₫")
        #expect(Money.text(1999, "USD") == "19.99 USD")
        #expect(Money.text(.min, "CNY") == "-¥92,233,720,368,547,758.08")
    }
}
