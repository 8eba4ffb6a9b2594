import CExpat

/// An element's or attribute's name as expat gives it, valid during one call: "namespace|local", or "local" without a namespace.
struct XMLName {
    private let text: UnsafePointer<CChar>
    private let local: UnsafePointer<CChar>

    init(_ text: UnsafePointer<CChar>) {
        self.text = text
        var start = text
        var next = text
        while next.pointee != 0 {
            if next.pointee == XMLReading.separator { start = next + 1 }
            next += 1
        }
        local = start
    }

    /// Whether the local name is this, in any namespace.
    func isLocal(_ name: StaticString) -> Bool { Self.equals(local, name) }

    /// Whether the name has no namespace, as almost all attributes.
    var isPlain: Bool { local == text }

    func isAttribute(_ name: StaticString) -> Bool { isPlain && isLocal(name) }

    /// Whether the namespace is this.
    func isIn(_ namespace: StaticString) -> Bool {
        let count = namespace.utf8CodeUnitCount
        return local - text == count + 1 && Self.starts(text, namespace, count)
    }

    private static func equals(_ text: UnsafePointer<CChar>, _ name: StaticString) -> Bool {
        let count = name.utf8CodeUnitCount
        return starts(text, name, count) && text[count] == 0
    }

    private static func starts(_ text: UnsafePointer<CChar>, _ name: StaticString, _ count: Int) -> Bool {
        for index in 0..<count where UInt8(bitPattern: text[index]) != name.utf8Start[index] { return false }
        return true
    }
}

/// An element's attributes, valid during one call.
struct XMLAttributes {
    private let pairs: UnsafeMutablePointer<UnsafePointer<CChar>?>?

    init(_ pairs: UnsafeMutablePointer<UnsafePointer<CChar>?>?) { self.pairs = pairs }

    /// The value of an attribute without a namespace.
    func text(_ name: StaticString) -> String? { pointer(where: { $0.isAttribute(name) }).map { String(cString: $0) } }

    /// The value of an attribute in a namespace.
    func text(_ name: StaticString, in namespaces: [StaticString]) -> String? {
        pointer(where: { attribute in attribute.isLocal(name) && namespaces.contains { attribute.isIn($0) } }).map { String(cString: $0) }
    }

    /// A whole number of at most nine digits.
    func number(_ name: StaticString) -> Int? {
        guard let value = pointer(name) else { return nil }
        var (number, index) = (0, 0)
        while index < 9, let digit = Self.digit(value[index]) {
            number = number * 10 + digit
            index += 1
        }
        return index > 0 && value[index] == 0 ? number : nil
    }

    /// The value's bytes, ended by 0.
    func pointer(_ name: StaticString) -> UnsafePointer<CChar>? { pointer(where: { $0.isAttribute(name) }) }

    private func pointer(where matches: (XMLName) -> Bool) -> UnsafePointer<CChar>? {
        guard let pairs else { return nil }
        var index = 0
        while let name = pairs[index], let value = pairs[index + 1] {
            if matches(XMLName(name)) { return value }
            index += 2
        }
        return nil
    }

    static func digit(_ character: CChar) -> Int? {
        (0x30...0x39).contains(character) ? Int(character) - 0x30 : nil
    }
}

/// What takes a part's elements.
protocol XMLVisitor: AnyObject {
    func begin(_ name: XMLName, _ attributes: XMLAttributes) throws(WorkbookError)
    func end(_ name: XMLName) throws(WorkbookError)
    func text(_ utf8: UnsafeBufferPointer<UInt8>) throws(WorkbookError)
}

/// Feeds a part to expat piece by piece.
///
/// A document type is refused: packages must not have one (ECMA-376, part 2), and without one no entity can grow.
final class XMLReading {
    static let separator = CChar(UInt8(ascii: "|"))
    private static let pieceSize = 32 << 10
    /// Bytes of one tag. expat keeps a tag until it is whole.
    private static let longestTag = 1 << 20

    private let part: Archive.Part
    private let visitor: any XMLVisitor
    private let parser: OpaquePointer
    private let maximumDepth: Int
    private var depth = 0
    private var fed = 0
    private var failure: WorkbookError?
    private(set) var isAtEnd = false

    init(_ part: Archive.Part, _ visitor: any XMLVisitor, _ limits: WorkbookLimits) throws(WorkbookError) {
        guard let parser = XML_ParserCreateNS(nil, Self.separator) else { throw WorkbookError(.tooLarge, "no memory is left") }
        self.part = part
        self.visitor = visitor
        self.parser = parser
        maximumDepth = limits.depth
        XML_SetUserData(parser, Unmanaged.passUnretained(self).toOpaque())
        XML_SetElementHandler(
            parser,
            { context, name, attributes in
                guard let context, let name else { return }
                XMLReading.of(context).begin(XMLName(name), XMLAttributes(attributes))
            },
            { context, name in
                guard let context, let name else { return }
                XMLReading.of(context).end(XMLName(name))
            })
        XML_SetCharacterDataHandler(parser) { context, text, count in
            guard let context, let text else { return }
            text.withMemoryRebound(to: UInt8.self, capacity: Int(count)) {
                XMLReading.of(context).take(UnsafeBufferPointer(start: $0, count: Int(count)))
            }
        }
        XML_SetStartDoctypeDeclHandler(parser) { context, _, _, _, _ in
            guard let context else { return }
            let reading = XMLReading.of(context)
            reading.stop(WorkbookError(.malformed, "\(reading.part.name) has a document type"))
        }
    }

    deinit { XML_ParserFree(parser) }

    /// Reads the next piece of the part and gives what it holds to the visitor.
    func advance() throws(WorkbookError) {
        guard !isAtEnd else { return }
        guard let buffer = XML_GetBuffer(parser, Int32(Self.pieceSize)) else { throw WorkbookError(.tooLarge, "no memory is left") }
        let count = try part.read(into: UnsafeMutableRawBufferPointer(start: buffer, count: Self.pieceSize))
        isAtEnd = count == 0
        fed += count
        let status = XML_ParseBuffer(parser, Int32(count), isAtEnd ? 1 : 0)
        if let failure { throw failure }
        guard status == XML_STATUS_OK else {
            let reason = String(cString: XML_ErrorString(XML_GetErrorCode(parser)))
            throw WorkbookError(.malformed, "\(part.name), line \(XML_GetCurrentLineNumber(parser)): \(reason)")
        }
        guard fed - max(0, Int(XML_GetCurrentByteIndex(parser))) <= Self.longestTag + Self.pieceSize else {
            throw WorkbookError(.malformed, "\(part.name) has a tag of more than \(Self.longestTag >> 20) MiB")
        }
    }

    /// Reads the part to its end.
    func finish() throws(WorkbookError) {
        while !isAtEnd { try advance() }
    }

    private static func of(_ context: UnsafeMutableRawPointer) -> XMLReading {
        Unmanaged<XMLReading>.fromOpaque(context).takeUnretainedValue()
    }

    private func begin(_ name: XMLName, _ attributes: XMLAttributes) {
        depth += 1
        guard depth <= maximumDepth else { return stop(WorkbookError(.malformed, "\(part.name) is nested too deeply")) }
        attempt { () throws(WorkbookError) in try visitor.begin(name, attributes) }
    }

    private func end(_ name: XMLName) {
        depth -= 1
        attempt { () throws(WorkbookError) in try visitor.end(name) }
    }

    private func take(_ text: UnsafeBufferPointer<UInt8>) { attempt { () throws(WorkbookError) in try visitor.text(text) } }

    /// expat may call on after a stop, within the same tag.
    private func attempt(_ body: () throws(WorkbookError) -> Void) {
        guard failure == nil else { return }
        do throws(WorkbookError) { try body() } catch { stop(error) }
    }

    private func stop(_ error: WorkbookError) {
        if failure == nil { failure = error }
        XML_StopParser(parser, 0)
    }
}

/// The namespaces of spreadsheets: transitional, and strict (ISO/IEC 29500).
enum Namespaces {
    static let sheets: [StaticString] = [
        "http://schemas.openxmlformats.org/spreadsheetml/2006/main", "http://purl.oclc.org/ooxml/spreadsheetml/main",
    ]
    static let relationships: [StaticString] = [
        "http://schemas.openxmlformats.org/officeDocument/2006/relationships", "http://purl.oclc.org/ooxml/officeDocument/relationships",
    ]

    static func isSheet(_ name: XMLName) -> Bool { name.isIn(sheets[0]) || name.isIn(sheets[1]) }
}
