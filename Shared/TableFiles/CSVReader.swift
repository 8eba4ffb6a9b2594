/// Reads comma-separated text (RFC 4180) record by record, without copying it.
///
/// Beyond the RFC it takes what spreadsheets and marketplaces write: a byte order mark, lines ended by CR LF, LF or CR, blank lines
/// (skipped), quotation marks inside a field that is not quoted, blanks between a closing quotation mark and the comma, and inside a
/// quoted field a lone quotation mark that no comma or line end follows (taken as itself).
public struct CSVReader: Sendable {
    /// A field, as a place in the reader's text.
    public struct Field: Sendable, Equatable {
        var start: Int
        var end: Int
        public var isEmpty: Bool { start == end }
        /// The field was quoted and holds quotation marks, doubled or lone.
        var holdsQuotes: Bool
    }

    /// A record. Reuse one for all calls of `next`.
    public struct Record: Sendable {
        /// The physical line, from 1, on which the record starts.
        public fileprivate(set) var line = 0
        public fileprivate(set) var fields: [Field] = []

        public init() {}
    }

    private let bytes: [UInt8]
    private var position: Int
    private var line = 1

    /// - Parameter utf8: valid UTF-8, such as `CSVText` gives.
    public init(_ utf8: [UInt8]) {
        bytes = utf8
        position = utf8.starts(with: CSVText.byteOrderMark) ? CSVText.byteOrderMark.count : 0
    }

    /// Reads the next record; false at the end of the text.
    /// - Throws: `CSVError` `unterminatedQuote` with the line on which the quotation mark stands. The reader is at its end then.
    public mutating func next(_ record: inout Record) throws(CSVError) -> Bool {
        record.fields.removeAll(keepingCapacity: true)
        while position < bytes.count, endsLine(bytes[position]) { passLineEnd() }
        guard position < bytes.count else { return false }
        record.line = line
        while true {
            if position < bytes.count, bytes[position] == Self.quote {
                record.fields.append(try quotedField())
            } else {
                record.fields.append(plainField())
            }
            guard position < bytes.count else { return true }
            guard bytes[position] == Self.comma else {
                passLineEnd()
                return true
            }
            position += 1
        }
    }

    /// The field's text, with doubled quotation marks made single.
    public func text(_ field: Field) -> String { text(field, from: field.start, to: field.end) }

    /// The field's text without the blanks around it.
    public func trimmed(_ field: Field) -> String {
        let inner = bytes.withUnsafeBufferPointer { Blanks.trimmed($0, field.start..<field.end) }
        return text(field, from: inner.lowerBound, to: inner.upperBound)
    }

    private static let quote = UInt8(ascii: "\"")
    private static let comma = UInt8(ascii: ",")
    private func text(_ field: Field, from start: Int, to end: Int) -> String {
        guard field.holdsQuotes else { return String(decoding: bytes[start..<end], as: UTF8.self) }
        var plain: [UInt8] = []
        plain.reserveCapacity(end - start)
        var index = start
        while index < end {
            plain.append(bytes[index])
            index += bytes[index] == Self.quote && index + 1 < end && bytes[index + 1] == Self.quote ? 2 : 1
        }
        return String(decoding: plain, as: UTF8.self)
    }

    private func endsLine(_ byte: UInt8) -> Bool { byte == 0x0A || byte == 0x0D }

    /// Passes CR LF, LF or CR.
    private mutating func passLineEnd() {
        let isPair = bytes[position] == 0x0D && position + 1 < bytes.count && bytes[position + 1] == 0x0A
        position += isPair ? 2 : 1
        line += 1
    }

    private mutating func plainField() -> Field {
        let start = position
        let end = bytes.withUnsafeBufferPointer { text in
            var index = start
            while index < text.count, text[index] != Self.comma, text[index] != 0x0A, text[index] != 0x0D { index += 1 }
            return index
        }
        position = end
        return Field(start: start, end: end, holdsQuotes: false)
    }

    private mutating func quotedField() throws(CSVError) -> Field {
        var field = Field(start: position + 1, end: position + 1, holdsQuotes: false)
        let openedOn = line
        position += 1
        while position < bytes.count {
            let byte = bytes[position]
            if endsLine(byte) {
                passLineEnd()
            } else if byte != Self.quote {
                position += 1
            } else if position + 1 < bytes.count, bytes[position + 1] == Self.quote {
                field.holdsQuotes = true
                position += 2
            } else if let after = closing() {
                field.end = position
                position = after
                return field
            } else {
                field.holdsQuotes = true
                position += 1
            }
        }
        throw CSVError(.unterminatedQuote, line: openedOn)
    }

    /// Where the field's separator stands if the quotation mark at `position` closes the field.
    private func closing() -> Int? {
        var after = position + 1
        while after < bytes.count, bytes[after] == 0x20 || bytes[after] == 0x09 { after += 1 }
        return after == bytes.count || bytes[after] == Self.comma || endsLine(bytes[after]) ? after : nil
    }
}
