import Testing

@testable import Labels

/// What cannot be printed is named before anything is.
@Suite struct ProblemTests {
    private let renderer = LabelRenderer()

    private func problem(_ change: (inout LabelContent) -> Void) throws -> LabelProblem {
        do throws(LabelError) {
            _ = try renderer.pdf([sampleLabel(change)])
        } catch {
            guard case .problems(let problems) = error else { throw error }
            return try #require(problems.first)
        }
        throw LabelError.noLabels
    }

    @Test func anEmptyTextIsNamed() throws {
        #expect(try problem { $0.recipient.name = " \u{200B}" } == LabelProblem(.missing, .recipientName))
        #expect(try problem { $0.recipient.phone = "" } == LabelProblem(.missing, .recipientPhone))
        #expect(try problem { $0.recipient.address.detail = "\u{7}" } == LabelProblem(.missing, .recipientAddress))
        #expect(try problem { $0.waybillNumber = "" } == LabelProblem(.missing, .waybillNumber))
        #expect(try problem { $0.furtherNumbers = ["SF1", ""] } == LabelProblem(.missing, .furtherNumber(1)))
    }

    @Test func aCharacterWithoutGlyphIsNamedInEachField() throws {
        let foreign: Unicode.Scalar = "\u{E81E}"
        func expect(_ field: LabelField, _ change: (inout LabelContent) -> Void) throws {
            #expect(try problem(change) == LabelProblem(.noGlyph, field, foreign))
        }
        try expect(.recipientName) { $0.recipient.name = "张\u{E81E}三" }
        try expect(.recipientPhone) { $0.recipient.phone += "\u{E81E}" }
        try expect(.recipientAddress) { $0.recipient.address.town = "\u{E81E}镇" }
        try expect(.senderAlias) { $0.sender.alias = "𠮷\u{E81E}" }
        try expect(.senderName) { $0.sender.name = "\u{E81E}" }
        try expect(.senderPhone) { $0.sender.phone = "\u{E81E}" }
        try expect(.senderAddress) { $0.sender.address?.detail = "\u{E81E}" }
        try expect(.lines) { $0.lines[1].spec = "\u{E81E}" }
        try expect(.remark) { $0.remark = "\u{E81E}\u{E82E}" }
        try expect(.carrier) { $0.carrierName = "\u{E81E}" }
        try expect(.sortingText) { $0.sortingText = "\u{E81E}" }
        try expect(.orderNumber) { $0.orderNumber = "\u{E81E}" }
        #expect(try problem { $0.recipient.name = "\u{E81E}" }.description.contains("recipient.name has the character U+E81E"))
    }

    @Test func aTextThatDoesNotFitInItsSmallestSizeIsNamed() throws {
        let long = String(repeating: "很长", count: 300)
        #expect(try problem { $0.recipient.name = long } == LabelProblem(.doesNotFit, .recipientName))
        #expect(try problem { $0.recipient.phone = String(repeating: "1", count: 80) } == LabelProblem(.doesNotFit, .recipientPhone))
        #expect(try problem { $0.recipient.address.detail = long } == LabelProblem(.doesNotFit, .recipientAddress))
        #expect(try problem { $0.recipient.address.detail += String(repeating: "很", count: 3_000) }.kind == .doesNotFit)
        #expect(try problem { $0.sender.alias = long } == LabelProblem(.doesNotFit, .senderAlias))
        #expect(try problem { $0.sortingText = long } == LabelProblem(.doesNotFit, .sortingText))
    }

    /// A character that only other fonts of the machine have, as most machines do, has no glyph: what a label looks like depends on its own.
    @Test func otherFontsOfTheMachineDrawNothing() throws {
        // Both are in DejaVu, which comes with fontconfig, and in none of a label's fonts.
        for character in ["\u{628}", "\u{316}"] as [Unicode.Scalar] {
            #expect(
                try problem { $0.recipient.name = "王\(character)" } == LabelProblem(.noGlyph, .recipientName, character), "\(character)")
        }
    }

    @Test func aNumberIsOfItsCharactersAndFitsTheLabel() throws {
        #expect(try problem { $0.waybillNumber = "SF19零" } == LabelProblem(.numberInvalid, .waybillNumber, "零"))
        #expect(try problem { $0.waybillNumber = "sf1" } == LabelProblem(.numberInvalid, .waybillNumber, "s"))
        #expect(try problem { $0.furtherNumbers = ["SF1 2"] } == LabelProblem(.numberInvalid, .furtherNumber(0), " "))
        #expect(try problem { $0.waybillNumber = String(repeating: "A", count: 32) } == LabelProblem(.barCodeTooWide, .waybillNumber))
        #expect(try problem { $0.waybillNumber = String(repeating: "1", count: 9_999) } == LabelProblem(.barCodeTooWide, .waybillNumber))
    }

    @Test func everyLabelWithAProblemIsNamedAndNothingIsPrinted() throws {
        let labels = [
            sampleLabel(), sampleLabel { $0.recipient.name = "" }, sampleLabel(), sampleLabel { $0.remark = "\u{E81E}" },
        ]
        var expected = [LabelProblem(.missing, .recipientName), LabelProblem(.noGlyph, .remark, "\u{E81E}")]
        expected[0].label = 1
        expected[1].label = 3
        #expect(throws: LabelError.problems(expected)) { try renderer.pdf(labels) }
        let file = try renderer.pdf(labels, partial: true)
        #expect(file.problems == expected)
        #expect(try PrintedFile(file.bytes).texts().count == 2)
        expected[0].label = 0
        #expect(throws: LabelError.problems([expected[0]])) { try renderer.pdf([labels[1]], partial: true) }
        #expect(throws: LabelError.problems([expected[0]])) { try renderer.svg(labels[1]) }
        #expect(throws: LabelError.noLabels) { try renderer.pdf([]) }
    }

    @Test func aMissingFontIsNamedWithItsPackage() throws {
        #expect(LabelFonts().check() == [])
        let missing = LabelFonts.Missing(family: "No Such Font", package: "fonts-none")
        let fonts = LabelFonts(text: missing)
        #expect(fonts.check() == [missing])
        #expect(missing.description == "The font No Such Font is missing: install the package fonts-none.")
        #expect(throws: LabelError.fontMissing(missing)) { try LabelRenderer(fonts: fonts).pdf([sampleLabel()]) }
        #expect(throws: LabelError.fontMissing(missing)) { try LabelRenderer(fonts: fonts).svg(sampleLabel()) }
    }
}
