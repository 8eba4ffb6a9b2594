import Foundation
import Testing

@testable import Labels

/// Whatever a label's texts are: it is refused with the field's name, or all of it can be read back.
@Suite struct RandomTextTests {
    /// SplitMix64, so that a seed names a run.
    private struct Numbers: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }

    private static let ranges: [ClosedRange<UInt32>] = [
        0x20...0x7E, 0xA1...0xFF, 0x1EA0...0x1EF9, 0x3041...0x3096, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0x4E00...0x9FFF, 0x20000...0x2A6DF,
        0xFF01...0xFF5E,
    ]
    /// Rarely: controls, marks, private use, code points beyond the characters.
    private static let odd: [ClosedRange<UInt32>] = [
        0...0x1F, 0x300...0x36F, 0x2000...0x206F, 0xE000...0xE0FF, 0x1F600...0x1F64F, 0x30000...0x3FFFF,
    ]

    private static func text(_ length: ClosedRange<Int>, _ numbers: inout Numbers) -> String {
        var text = String.UnicodeScalarView()
        let range = ranges.randomElement(using: &numbers) ?? 0x20...0x7E
        for _ in 0..<Int.random(in: length, using: &numbers) {
            let from: ClosedRange<UInt32>
            switch Int.random(in: 0..<200, using: &numbers) {
            case 0: from = odd.randomElement(using: &numbers) ?? range
            case 1..<40: from = ranges.randomElement(using: &numbers) ?? range
            default: from = range
            }
            if let scalar = Unicode.Scalar(UInt32.random(in: from, using: &numbers)) { text.append(scalar) }
        }
        return String(text)
    }

    private static func label(_ numbers: inout Numbers) -> LabelContent {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-")
        let long = Int.random(in: 0..<8, using: &numbers) == 0
        return LabelContent(
            carrier: text(0...3, &numbers), carrierName: text(1...6, &numbers),
            waybillNumber: String(
                (0..<Int.random(in: 8...30, using: &numbers)).map { _ in alphabet.randomElement(using: &numbers) ?? "0" }),
            sortingText: Bool.random(using: &numbers) ? text(1...10, &numbers) : nil,
            recipient: .init(
                name: text(1...(long ? 150 : 20), &numbers), phone: text(5...20, &numbers),
                address: .init(
                    province: text(0...6, &numbers), city: text(0...6, &numbers), district: text(0...6, &numbers),
                    detail: text(1...(long ? 500 : 80), &numbers))),
            sender: .init(alias: text(0...20, &numbers), name: text(0...20, &numbers), phone: text(0...20, &numbers), address: nil),
            lines: (0..<Int.random(in: 0...12, using: &numbers)).map { _ in
                .init(name: text(1...40, &numbers), spec: text(0...20, &numbers), quantity: Int.random(in: 1...99, using: &numbers))
            }, remark: text(0...120, &numbers), orderNumber: text(1...12, &numbers))
    }

    @Test(arguments: [1, 2, 3] as [UInt64]) func aProblemNamesTheFieldOrAllTextComesBack(seed: UInt64) throws {
        var numbers = Numbers(state: seed)
        let labels = (0..<80).map { _ in Self.label(&numbers) }
        let file = try LabelRenderer().pdf(labels, partial: true)
        let leftOut = Dictionary(uniqueKeysWithValues: file.problems.map { ($0.label, $0) })
        #expect(leftOut.count > 4 && leftOut.count < 76)
        for problem in file.problems where problem.kind == .noGlyph { #expect(problem.character != nil) }
        let printed = try PrintedFile(file.bytes)
        var texts = try printed.packedTexts()[...]
        for (index, label) in labels.enumerated() where leftOut[index] == nil {
            let next = texts.popFirst()
            let text = try #require(next)
            for block in try LabelLayout.page(1, of: label).texts {
                // Code point by code point: a text may begin with an accent, which would join the text before it.
                let isWhole = text.range(of: packed(block.text), options: .literal) != nil
                #expect(
                    isWhole || block.mayBeCut && text.contains(LabelWords.ellipsis), "label \(index) of seed \(seed): \(block.field)")
            }
        }
        #expect(texts.isEmpty)
        let extent = try printed.wordsExtent()
        #expect(extent.left >= 0 && extent.top >= 0 && extent.right <= 283.5 && extent.bottom <= 510.3, "\(extent)")
    }
}
