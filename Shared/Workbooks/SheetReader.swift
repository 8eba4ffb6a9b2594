public import TableFiles

/// Reads a sheet row by row. Rows and cells that are blank are passed over; each cell knows its column.
public struct SheetReader: TableReader {
    private let reading: XMLReading
    private let visitor: SheetVisitor

    init(_ contents: Workbook.Contents, _ part: String) throws(WorkbookError) {
        visitor = SheetVisitor(contents)
        reading = try XMLReading(contents.archive.open(part, limit: contents.limits.sheetBytes), visitor, contents.limits)
    }

    public var isPositional: Bool { false }

    public func next() throws(TableError) -> Row? {
        while true {
            if let row = visitor.nextRow() { return row }
            if reading.isAtEnd { return nil }
            do throws(WorkbookError) { try reading.advance() } catch { throw error.table }
        }
    }

    public struct Row: TableRow, Sendable {
        /// The sheet's row, from 1.
        public let line: Int
        let cells: [TableCell]

        public var count: Int { cells.count }
        public subscript(place: Int) -> TableCell { cells.indices.contains(place) ? cells[place] : .empty }
    }
}

/// Puts a sheet's rows together: `<sheetData><row r><c r s t><f/><v/><is/></c></row></sheetData>`.
final class SheetVisitor: XMLVisitor {
    private let contents: Workbook.Contents
    /// Rows that are whole and not asked for yet.
    private var rows: [SheetReader.Row] = []
    private var given = 0

    private var isInData = false
    private var line = 0
    private var cells: [TableCell] = []
    /// The cell's place, and what it is.
    private var place = -1
    private var kind = Kind.number
    private var style = 0
    private var hasFormula = false
    private var isValue = false
    private var inline = TextCollector()
    private var text: [UInt8] = []
    private var textBytes = 0

    init(_ contents: Workbook.Contents) { self.contents = contents }

    private enum Kind { case number, shared, inline, formulaText, boolean, error, day }

    func nextRow() -> SheetReader.Row? {
        guard given < rows.count else {
            rows.removeAll(keepingCapacity: true)
            given = 0
            return nil
        }
        given += 1
        return rows[given - 1]
    }

    func begin(_ name: XMLName, _ attributes: XMLAttributes) throws(WorkbookError) {
        guard Namespaces.isSheet(name) else { return }
        if name.isLocal("sheetData") {
            isInData = true
        } else if !isInData {
            return
        } else if name.isLocal("c") {
            try beginCell(attributes)
        } else if name.isLocal("v") {
            isValue = true
        } else if name.isLocal("f") {
            hasFormula = true
        } else if name.isLocal("row") {
            try beginRow(attributes)
        } else {
            inline.begin(name)
        }
    }

    func end(_ name: XMLName) throws(WorkbookError) {
        guard isInData, Namespaces.isSheet(name) else { return }
        if name.isLocal("c") {
            try endCell()
        } else if name.isLocal("v") {
            isValue = false
        } else if name.isLocal("row") {
            if cells.contains(where: { $0 != .empty }) { rows.append(SheetReader.Row(line: line, cells: cells)) }
            cells.removeAll(keepingCapacity: true)
        } else if name.isLocal("sheetData") {
            isInData = false
        } else {
            inline.end(name)
        }
    }

    func text(_ utf8: UnsafeBufferPointer<UInt8>) throws(WorkbookError) {
        guard isInData, isValue || inline.takes else { return }
        guard text.count + utf8.count <= contents.limits.cellBytes else { throw tooLong() }
        text.append(contentsOf: utf8)
    }

    private func beginRow(_ attributes: XMLAttributes) throws(WorkbookError) {
        let next = attributes.number("r") ?? line + 1
        guard next > line else { throw malformed("rows are out of order") }
        guard next <= contents.limits.rows else { throw WorkbookError(.tooLarge, "more than \(contents.limits.rows) rows") }
        line = next
        place = -1
        cells.removeAll(keepingCapacity: true)
    }

    private func beginCell(_ attributes: XMLAttributes) throws(WorkbookError) {
        let next = try attributes.pointer("r").map { reference throws(WorkbookError) in try column(reference) } ?? place + 1
        guard next > place else { throw malformed("cells are out of order") }
        guard next < contents.limits.columns else { throw WorkbookError(.tooLarge, "more than \(contents.limits.columns) columns") }
        place = next
        style = attributes.number("s") ?? 0
        kind = try kind(attributes.pointer("t"))
        hasFormula = false
        isValue = false
        inline = TextCollector()
        text.removeAll(keepingCapacity: true)
    }

    private func endCell() throws(WorkbookError) {
        let cell = try value()
        guard cell != .empty else { return }
        if case .text(let text) = cell {
            textBytes += text.utf8.count
            guard textBytes <= contents.limits.textBytes else {
                throw WorkbookError(.tooLarge, "its cells hold more than \(contents.limits.textBytes >> 20) MiB of text")
            }
        }
        while cells.count < place { cells.append(.empty) }
        cells.append(cell)
    }

    private func value() throws(WorkbookError) -> TableCell {
        switch kind {
        case .number: return number()
        case .inline, .formulaText: return text.withUnsafeBufferPointer(CellText.cell)
        case .shared:
            if text.isEmpty { return .empty }
            guard let index = CellNumber(text)?.plain.flatMap({ Int($0) }) else { throw malformed("a shared text has no number") }
            guard
                let cell = contents.texts.withText(
                    index,
                    { utf8 -> TableCell? in
                        utf8.count <= contents.limits.cellBytes ? CellText.cell(utf8) : nil
                    })
            else { throw malformed("a shared text is missing") }
            guard let cell else { throw tooLong() }
            return cell
        case .boolean:
            if text.isEmpty { return hasFormula ? .unusable(.notCalculated) : .empty }
            return .text(text == [UInt8(ascii: "1")] ? "TRUE" : "FALSE")
        case .error: return .unusable(.failedFormula(String(decoding: text, as: UTF8.self)))
        // ISO 8601, as strict workbooks may have it.
        case .day:
            guard text.count >= 10 else { return .empty }
            let day = String(decoding: text.prefix(10), as: UTF8.self)
            let time = text.count >= 19 && text[10] == UInt8(ascii: "T") ? String(decoding: text[11..<19], as: UTF8.self) : "00:00:00"
            return .time("\(day) \(time)")
        }
    }

    /// A formula that a program wrote has no value, or 0 as a place-holder (xlsxwriter, pandas): neither is its result.
    private func number() -> TableCell {
        if text.isEmpty { return hasFormula ? .unusable(.notCalculated) : .empty }
        guard let number = CellNumber(text) else { return text.withUnsafeBufferPointer(CellText.cell) }
        if hasFormula, number.isZero { return .unusable(.notCalculated) }
        let format = contents.styles[style]
        if format == .time, let time = number.time(countsFrom1904: contents.countsFrom1904) { return .time(time) }
        guard let plain = number.plain else { return .unusable(.digitsLost) }
        if case .padded(let width) = format, plain.utf8.count < width, !number.isNegative, !plain.contains(".") {
            return .text(String(repeating: "0", count: width - plain.utf8.count) + plain)
        }
        return .text(plain)
    }

    /// The column, from 0, of a reference such as `AB12`.
    private func column(_ reference: UnsafePointer<CChar>) throws(WorkbookError) -> Int {
        var (column, index) = (0, 0)
        while index < 3, case let letter = UInt8(bitPattern: reference[index]) & 0xDF, (0x41...0x5A).contains(letter) {
            column = column * 26 + Int(letter - 0x40)
            index += 1
        }
        guard column > 0, XMLAttributes.digit(reference[index]) != nil else { throw malformed("a cell's reference is wrong") }
        return column - 1
    }

    private func kind(_ type: UnsafePointer<CChar>?) throws(WorkbookError) -> Kind {
        guard let type else { return .number }
        return switch String(cString: type) {
        case "n": .number
        case "s": .shared
        case "inlineStr": .inline
        case "str": .formulaText
        case "b": .boolean
        case "e": .error
        case "d": .day
        default: throw malformed("a cell has an unknown type")
        }
    }

    private func malformed(_ what: String) -> WorkbookError { WorkbookError(.malformed, "row \(line): \(what)") }
    private func tooLong() -> WorkbookError {
        WorkbookError(.tooLarge, "row \(line) has a cell of more than \(contents.limits.cellBytes) bytes")
    }
}
