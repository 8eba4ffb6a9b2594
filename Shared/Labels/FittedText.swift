/// A page whose texts have the sizes in which they fit and whose bars are known: it can be drawn without fail.
struct FittedPage {
    let texts: [FittedText]
    let barCode: BarCodeBlock?
    let bars: [BarCodeBlock.Bar]
    let rules: [Double]

    /// - Throws: `LabelProblem` `noGlyph`, `doesNotFit`, `barCodeTooWide`.
    init(_ page: LabelPage, _ fonts: FontSet) throws(LabelProblem) {
        barCode = page.barCode
        rules = page.rules
        if let block = page.barCode {
            bars = try block.bars(Code128.encoded(block.number, block.field))
        } else {
            bars = []
        }
        var texts: [FittedText] = []
        for block in page.texts { texts.append(try FittedText(block, fonts)) }
        self.texts = texts
    }
}

/// A text in the largest size in which it fits its block.
struct FittedText {
    /// A millimetre in points.
    static let millimetre = 72 / 25.4
    /// Strokes and accents may stand out of their lines this far, in points.
    private static let overhang = 1.5

    let text: TextLayout
    /// Of the text's top left corner within the page, in points.
    let left: Double
    let top: Double

    /// - Throws: `LabelProblem` `noGlyph`, `doesNotFit`.
    init(_ block: TextBlock, _ fonts: FontSet) throws(LabelProblem) {
        let isLong = block.text.unicodeScalars.count > TextBlock.characters
        guard !isLong || block.mayBeCut else { throw LabelProblem(.doesNotFit, block.field) }
        let whole = isLong ? String(block.text.unicodeScalars.prefix(TextBlock.characters)) : block.text
        var text = TextLayout(whole, fonts, block, size: block.size.upperBound)
        if let character = text.unknownCharacter { throw LabelProblem(.noGlyph, block.field, character) }
        var size = block.size.upperBound
        var fits = !isLong && Self.fits(text, block)
        while !fits && !isLong && size > block.size.lowerBound {
            size = max(size - TextBlock.step, block.size.lowerBound)
            text.setSize(size)
            fits = Self.fits(text, block)
        }
        if !fits {
            guard block.mayBeCut, let cut = Self.cut(whole, fonts, block) else { throw LabelProblem(.doesNotFit, block.field) }
            text = cut
        }
        let extent = text.lines
        let room = block.width * Self.millimetre - extent.width
        let spare = block.height * Self.millimetre - extent.height
        self.text = text
        left = block.x * Self.millimetre - extent.left + (block.alignment == .left ? 0 : block.alignment == .middle ? room / 2 : room)
        top = block.y * Self.millimetre - extent.top + (block.wraps ? 0 : spare / 2)
    }

    private static func fits(_ text: TextLayout, _ block: TextBlock) -> Bool {
        let width = block.width * millimetre
        let height = block.height * millimetre
        let lines = text.lines
        guard lines.width <= width && lines.height <= height else { return false }
        return text.ink.map { isInside($0, left: lines.left, top: lines.top, width: width, height: height) } ?? true
    }

    /// Whether what is drawn stays within the block whose text begins there, but for a little.
    static func isInside(_ ink: TextLayout.Extent, left: Double, top: Double, width: Double, height: Double) -> Bool {
        ink.left >= left - overhang && ink.right <= left + width + overhang && ink.top >= top - overhang
            && ink.bottom <= top + height + overhang
    }

    /// As much of the text's beginning as fits in the smallest size, with a mark at its end.
    private static func cut(_ text: String, _ fonts: FontSet, _ block: TextBlock) -> TextLayout? {
        let characters = Array(text)
        func beginning(_ count: Int) -> TextLayout {
            TextLayout(String(characters[..<count]) + LabelWords.ellipsis, fonts, block, size: block.size.lowerBound)
        }
        var fitting = 0
        var beyond = characters.count + 1
        while beyond - fitting > 1 {
            let middle = (fitting + beyond) / 2
            if fits(beginning(middle), block) { fitting = middle } else { beyond = middle }
        }
        let result = beginning(fitting)
        return fits(result, block) ? result : nil
    }
}
