/// The part `sharedStrings.xml`: the texts that cells refer to by number, end to end in one buffer.
struct SharedTexts {
    private var bytes: [UInt8] = []
    /// Where each text ends.
    private var ends: [Int] = []

    init() {}

    init(_ part: Archive.Part, _ limits: WorkbookLimits) throws(WorkbookError) {
        let visitor = Visitor()
        try XMLReading(part, visitor, limits).finish()
        (bytes, ends) = (visitor.bytes, visitor.ends)
    }

    /// The text's bytes; nil if there is no such text.
    func withText<Value>(_ index: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Value) -> Value? {
        guard ends.indices.contains(index) else { return nil }
        let start = index == 0 ? 0 : ends[index - 1]
        return bytes.withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0[start..<ends[index]])) }
    }

    private final class Visitor: XMLVisitor {
        private(set) var bytes: [UInt8] = []
        private(set) var ends: [Int] = []
        private var collector = TextCollector()

        func begin(_ name: XMLName, _ attributes: XMLAttributes) {
            guard Namespaces.isSheet(name) else { return }
            if name.isLocal("si") { collector = TextCollector() } else { collector.begin(name) }
        }

        func end(_ name: XMLName) {
            guard Namespaces.isSheet(name) else { return }
            if name.isLocal("si") { ends.append(bytes.count) } else { collector.end(name) }
        }

        func text(_ utf8: UnsafeBufferPointer<UInt8>) {
            if collector.takes { bytes.append(contentsOf: utf8) }
        }
    }
}

/// Tells which character data of `<si>` and `<is>` are the text: all `<t>`, directly and in runs (`<r>`: LibreOffice cuts a text where
/// Chinese and Latin letters meet), but not those of phonetic hints (`<rPh>`).
struct TextCollector {
    private(set) var takes = false
    private var isPhonetic = false

    mutating func begin(_ name: XMLName) {
        if name.isLocal("t") {
            takes = !isPhonetic
        } else if name.isLocal("rPh") {
            isPhonetic = true
        }
    }

    mutating func end(_ name: XMLName) {
        if name.isLocal("t") {
            takes = false
        } else if name.isLocal("rPh") {
            isPhonetic = false
        }
    }
}
