/// Labels as a PDF.
public struct LabelFile: Sendable, Equatable {
    public let bytes: [UInt8]
    /// Of labels that were left out, in the labels' order.
    public let problems: [LabelProblem]
}

/// Draws labels of 100 × 180 mm, in memory. To be made and used on one thread at a time; a second one on another thread costs 20 MiB and
/// waits for the first: cairo 1.16 can draw on one thread at a time only. Fonts stay open as long as it lives. 500 labels take about a second: never on a thread that answers requests.
public final class LabelRenderer {
    private let fonts: FontSet
    private let textFont: LabelFonts.Missing

    public init(fonts: LabelFonts = LabelFonts()) {
        self.fonts = FontSet(fonts)
        textFont = fonts.text
    }

    /// One PDF with the labels in their order, a page for each parcel. Equal labels give equal bytes: it holds no time and no name of a machine.
    /// - Parameters:
    ///   - partial: labels with a problem are left out; else one of them is enough for nothing to be printed.
    /// - Throws: `LabelError`; `problems` when a label has one, or with `partial` when all have.
    public func pdf(_ labels: [LabelContent], partial: Bool = false) throws(LabelError) -> LabelFile {
        DrawingLock.lock()
        defer { DrawingLock.unlock() }
        return try drawnPDF(labels, partial: partial)
    }

    private func drawnPDF(_ labels: [LabelContent], partial: Bool) throws(LabelError) -> LabelFile {
        guard !labels.isEmpty else { throw .noLabels }
        try checkFont()
        let canvas = Canvas(.pdf)
        var problems: [LabelProblem] = []
        for (index, label) in labels.enumerated() {
            do throws(LabelProblem) {
                var pages: [FittedPage] = []
                for page in try LabelLayout.pages(of: label) { pages.append(try FittedPage(page, fonts)) }
                // A file that is refused need not be drawn to its end, only looked at.
                if partial || problems.isEmpty { for page in pages { canvas.draw(page) } }
            } catch {
                var problem = error
                problem.label = index
                problems.append(problem)
            }
        }
        guard problems.isEmpty || partial && problems.count < labels.count else { throw .problems(problems) }
        return LabelFile(bytes: try canvas.finish(), problems: problems)
    }

    /// One page of one label as an SVG in millimetres, texts as outlines. Its ids are unique in the file alone: a page shows each label by
    /// `<img>`, never inline beside another one.
    /// - Parameters:
    ///   - page: the parcel, from 1 to the label's `pageCount`.
    /// - Throws: `LabelError`.
    public func svg(_ label: LabelContent, page: Int = 1) throws(LabelError) -> [UInt8] {
        DrawingLock.lock()
        defer { DrawingLock.unlock() }
        return try drawnSVG(label, page)
    }

    private func drawnSVG(_ label: LabelContent, _ page: Int) throws(LabelError) -> [UInt8] {
        guard page >= 1 && page <= label.pageCount else { throw .noPage(page) }
        try checkFont()
        let fitted: FittedPage
        do throws(LabelProblem) {
            fitted = try FittedPage(try LabelLayout.page(page, of: label), fonts)
        } catch {
            throw .problems([error])
        }
        let canvas = Canvas(.svg)
        canvas.draw(fitted)
        return try canvas.finish()
    }

    private func checkFont() throws(LabelError) {
        if fonts.missing.contains(textFont) { throw .fontMissing(textFont) }
    }
}
