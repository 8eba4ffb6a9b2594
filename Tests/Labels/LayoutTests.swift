import Testing

@testable import Labels

/// Where things stand, without a font.
@Suite struct LayoutTests {
    private static let variants: [LabelContent] = [
        sampleLabel(), sampleLabel { $0.sortingText = nil }, sampleLabel { $0.furtherNumbers = ["SF1900000000013"] },
        sampleLabel {
            $0.carrierName = ""
            $0.sender = .init(alias: "", name: "", phone: "", address: nil)
            $0.lines = []
            $0.remark = ""
            $0.place = nil
        },
    ]

    @Test(arguments: variants) func nothingOverlapsOrLeavesTheMargins(label: LabelContent) throws {
        for page in try LabelLayout.pages(of: label) {
            let margin = LabelLayout.margin
            var boxes = page.texts.map { (x: $0.x, y: $0.y, right: $0.x + $0.width, bottom: $0.y + $0.height) }
            boxes += page.rules.map { (margin, $0, LabelLayout.width - margin, $0 + LabelPage.ruleHeight) }
            let code = try #require(page.barCode)
            boxes.append((margin, code.top, LabelLayout.width - margin, code.top + code.height))
            for (index, box) in boxes.enumerated() {
                #expect(box.x >= margin && box.y >= margin)
                #expect(box.right <= LabelLayout.width - margin && box.bottom <= LabelLayout.height - margin)
                for other in boxes[(index + 1)...] {
                    #expect(
                        box.right <= other.x || other.right <= box.x || box.bottom <= other.y + 1e-9 || other.bottom <= box.y + 1e-9,
                        "\(box) \(other)")
                }
            }
        }
    }

    /// Letters that stand out of their lines, as stacked marks do, may do so by a little on each side.
    @Test(arguments: [
        (0.0, 0.0, 0.0, 0.0, true), (1.4, 0, 0, 0, true), (0, 1.4, 0, 0, true), (0, 0, 1.4, 0, true), (0, 0, 0, 1.4, true),
        (1.6, 0, 0, 0, false), (0, 1.6, 0, 0, false), (0, 0, 1.6, 0, false), (0, 0, 0, 1.6, false),
    ])
    func inkStaysWithinItsBlock(left: Double, top: Double, right: Double, bottom: Double, isInside: Bool) {
        let ink = TextLayout.Extent(left: 3 - left, top: 5 - top, right: 103 + right, bottom: 25 + bottom)
        #expect(FittedText.isInside(ink, left: 3, top: 5, width: 100, height: 20) == isInside)
    }

    @Test func onlyGoodsAndRemarkMayBeCutAndNumbersAreOneLine() throws {
        let page = try LabelLayout.page(1, of: sampleLabel())
        #expect(Set(page.texts.filter(\.mayBeCut).map(\.field)) == [.lines, .remark])
        let oneLine: Set<LabelField> = [.waybillNumber, .recipientPhone, .senderPhone, .carrier, .sortingText]
        for block in page.texts where oneLine.contains(block.field) { #expect(!block.wraps && !block.text.contains("\n")) }
        for block in page.texts where block.field.path.hasPrefix("recipient.") { #expect(block.size.lowerBound >= 6) }
    }

    @Test(arguments: [
        ("SF1900000000012", 145), ("JDX190000000012", 145), ("773190000000012", 134), ("791900000000123", 134), ("JDVA19000000012", 156),
        ("EA190000012CN", 156),
    ]) func barsAreOnDotsALittleNarrowerWithWhiteBesideThem(number: String, modules: Int) throws {
        let encoded = try Code128.encoded(number, .waybillNumber)
        #expect(encoded.count == modules && encoded.first == true && encoded.last == true)
        let block = BarCodeBlock(field: .waybillNumber, number: number, top: 30, height: 15)
        let bars = try block.bars(encoded)
        for bar in bars {
            let left = (bar.x - BarCodeBlock.inset) / BarCodeBlock.dot
            let width = (bar.width + 2 * BarCodeBlock.inset) / (3 * BarCodeBlock.dot)
            #expect(abs(left - left.rounded()) < 1e-6 && abs(width - width.rounded()) < 1e-6 && (0.99...4.01).contains(width))
        }
        let (first, last) = (try #require(bars.first), try #require(bars.last))
        #expect(first.x >= 3.75 && last.x + last.width <= 100 - 3.75)
        #expect(bars.count == encoded.indices.count { encoded[$0] && ($0 == 0 || !encoded[$0 - 1]) })
    }

    @Test func aLongNumberHasTwoDotsAModuleAndOneThatIsLongerStillIsRefused() throws {
        let block = BarCodeBlock(field: .waybillNumber, number: "", top: 30, height: 15)
        #expect(try block.bars([Bool](repeating: true, count: 246)).first?.width == 246 * 0.375 - 0.03)
        #expect(try block.bars([Bool](repeating: true, count: 247)).first?.width == 247 * 0.25 - 0.03)
        #expect(try block.bars([Bool](repeating: true, count: 380)).first?.width == 380 * 0.25 - 0.03)
        #expect(throws: LabelProblem(.barCodeTooWide, .waybillNumber)) { try block.bars([Bool](repeating: true, count: 381)) }
    }

    @Test(arguments: [
        ("张\u{7F}三\u{0}\u{1B}", "张三"), (" 张\t三\r\n丰\u{3000}", "张 三 丰"), ("138\u{202E}0013\u{200B}8000", "13800138000"),
        ("\u{FEFF}a\u{AD}b\u{2066}c\u{3164}d", "abcd"), ("葛\u{E0100}", "葛\u{E0100}"), ("\u{2028}\u{A0}", ""), ("a  b", "a b"),
    ]) func invisibleCharactersAreTakenOutAndBlanksAreOne(text: String, cleaned: String) {
        #expect(Array(LabelText.cleaned(text).unicodeScalars) == Array(cleaned.unicodeScalars))
    }
}
