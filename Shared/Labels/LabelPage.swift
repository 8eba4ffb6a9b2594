/// A page of a label: what stands where, in millimetres from the top left corner.
struct LabelPage: Equatable {
    /// Lines across the page, by their upper edge.
    static let ruleHeight = 0.3
    /// What a line takes up, with the white below it.
    static let ruleSpace = 0.5

    var texts: [TextBlock] = []
    var barCode: BarCodeBlock?
    var rules: [Double] = []
    /// Where the next block begins.
    var y = LabelLayout.margin

    /// Adds a text at `y`; an empty one is left out.
    mutating func add(
        _ field: LabelField, _ text: String, x: Double, width: Double, height: Double, size: ClosedRange<Double>, bold: Bool = false,
        alignment: TextBlock.Alignment = .left, wraps: Bool = false, mayBeCut: Bool = false
    ) {
        guard !text.isEmpty else { return }
        texts.append(
            TextBlock(
                field: field, text: text, x: x, y: y, width: width, height: height, size: size, bold: bold, alignment: alignment,
                wraps: wraps, mayBeCut: mayBeCut))
    }

    /// Adds a word that says what stands beside it.
    mutating func word(_ word: String, _ field: LabelField, size: Double) {
        add(field, word, x: LabelLayout.margin, width: 8, height: 10.5, size: 6...size, bold: true)
    }

    /// Adds a line at `y`.
    mutating func rule() {
        rules.append(y)
        y += Self.ruleSpace
    }
}

/// A text and the place it must not leave.
struct TextBlock: Equatable {
    enum Alignment { case left, middle, right }

    /// From one line to the next, of the font's own height, which is generous in Chinese fonts.
    static let lineHeight = 0.8
    /// Sizes are tried in these steps.
    static let step = 0.5
    /// No block holds more characters in its smallest size.
    static let characters = 2_000

    let field: LabelField
    let text: String
    let x: Double
    let y: Double
    let width: Double
    let height: Double
    /// Points, from the smallest that can be read to the one wanted.
    let size: ClosedRange<Double>
    let bold: Bool
    let alignment: Alignment
    /// Else it is one line.
    let wraps: Bool
    /// A text that is too long is cut, and marked so; else it is a problem.
    let mayBeCut: Bool
}

/// A bar code, across the page.
struct BarCodeBlock: Equatable {
    /// A bar, in millimetres from the page's left edge.
    struct Bar: Equatable {
        let x: Double
        let width: Double
    }

    /// A dot of a printer with 203 dots an inch.
    static let dot = 0.125
    /// Three dots, read by every rasteriser. Two are the least, for numbers that are too long for three; nothing between them falls on dots.
    static let modules = [3 * dot, 2 * dot]
    /// A bar is this much narrower on either side: a path on the border of a dot may paint that dot too.
    static let inset = 0.015
    /// White on either side, in modules (ISO/IEC 15417).
    static let quietZone = 10.0

    let field: LabelField
    let number: String
    let top: Double
    let height: Double

    /// The bars of an encoded number, one element a module, in the middle of the page and on its dots.
    /// - Throws: `LabelProblem` `barCodeTooWide`.
    func bars(_ encoded: [Bool]) throws(LabelProblem) -> [Bar] {
        for module in Self.modules {
            let left = ((LabelLayout.width - Double(encoded.count) * module) / 2 / Self.dot).rounded(.down) * Self.dot
            guard left >= Self.quietZone * module else { continue }
            var bars: [Bar] = []
            var index = 0
            while index < encoded.count {
                let end = encoded[index...].firstIndex { $0 != encoded[index] } ?? encoded.count
                if encoded[index] {
                    bars.append(
                        Bar(x: left + Double(index) * module + Self.inset, width: Double(end - index) * module - 2 * Self.inset))
                }
                index = end
            }
            return bars
        }
        throw LabelProblem(.barCodeTooWide, field)
    }
}
