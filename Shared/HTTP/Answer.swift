/// An answer while it arrives.
struct Answer {
    /// Bytes of all header lines together.
    static let maximumHeaders = 256 * 1024

    private let maximumBody: Int
    private var headers: [(name: String, value: String)] = []
    private var headerBytes = 0
    /// All headers are there.
    private(set) var hasHead = false
    private var body: [UInt8] = []
    private(set) var isTooLarge = false

    init(maximumBody: Int) {
        self.maximumBody = maximumBody
    }

    func response(status: Int) -> HTTPClientResponse {
        HTTPClientResponse(status: status, headers: headers, body: body)
    }

    /// One line with its end, the status line and the empty line too. False when it is too much.
    mutating func header(_ bytes: UnsafeRawBufferPointer) -> Bool {
        headerBytes += bytes.count
        guard headerBytes <= Self.maximumHeaders else {
            isTooLarge = true
            return false
        }
        if bytes.starts(with: "HTTP/".utf8) {
            // An interim answer (100, 103) came before: its headers are not those of the answer.
            headers = []
            hasHead = false
            return true
        }
        // Headers behind the body describe the transfer, not the answer.
        guard !hasHead else { return true }
        let line = Self.trimmed(bytes[...])
        guard !line.isEmpty else {
            hasHead = bytes.first != UInt8(ascii: " ") && bytes.first != UInt8(ascii: "\t")
            return true
        }
        if let first = bytes.first, first == UInt8(ascii: " ") || first == UInt8(ascii: "\t"), let last = headers.indices.last {
            // A line that goes on with the one before (obsolete, RFC 9112, section 5.2).
            headers[last].value += " " + String(decoding: line, as: UTF8.self)
        } else if let colon = line.firstIndex(of: UInt8(ascii: ":")) {
            let value = Self.trimmed(line[(colon + 1)...])
            headers.append((String(decoding: line[..<colon], as: UTF8.self), String(decoding: value, as: UTF8.self)))
        }
        return true
    }

    /// False when it is too much.
    mutating func body(_ piece: UnsafeRawBufferPointer) -> Bool {
        guard piece.count <= maximumBody - body.count else {
            isTooLarge = true
            return false
        }
        body.append(contentsOf: piece)
        return true
    }

    private static func trimmed(_ bytes: Slice<UnsafeRawBufferPointer>) -> Slice<UnsafeRawBufferPointer> {
        func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D || byte == 0x0A }
        var rest = bytes.drop(while: isSpace)
        while let last = rest.last, isSpace(last) { rest = rest.dropLast() }
        return rest
    }
}
