/// The part `styles.xml`: how numbers of each style are shown, as far as it tells what they are.
struct Styles {
    /// By the index that cells have.
    private(set) var kinds: [NumberFormat] = []

    init() {}

    init(_ part: Archive.Part, _ limits: WorkbookLimits) throws(WorkbookError) {
        let visitor = Visitor()
        try XMLReading(part, visitor, limits).finish()
        kinds = visitor.styles.map { visitor.formats[$0] ?? NumberFormat(builtIn: $0) }
    }

    subscript(style: Int) -> NumberFormat { kinds.indices.contains(style) ? kinds[style] : .plain }

    private final class Visitor: XMLVisitor {
        private(set) var formats: [Int: NumberFormat] = [:]
        private(set) var styles: [Int] = []
        private var isInCellStyles = false

        func begin(_ name: XMLName, _ attributes: XMLAttributes) {
            guard Namespaces.isSheet(name) else { return }
            if name.isLocal("numFmt") {
                if let id = attributes.number("numFmtId"), let code = attributes.text("formatCode") {
                    formats[id] = NumberFormat(code: code)
                }
            } else if name.isLocal("cellXfs") {
                isInCellStyles = true
            } else if name.isLocal("xf"), isInCellStyles {
                styles.append(attributes.number("numFmtId") ?? 0)
            }
        }

        func end(_ name: XMLName) {
            if name.isLocal("cellXfs") { isInCellStyles = false }
        }

        func text(_ utf8: UnsafeBufferPointer<UInt8>) {}
    }
}

/// What a number's format tells of the number.
enum NumberFormat: Equatable {
    case plain
    /// A day, a time, or both.
    case time
    /// Shown with zeros in front, up to so many digits: a code.
    case padded(Int)

    /// A format that is not written down: its number stands for it (ECMA-376, part 1, 18.8.30; 27 to 36 and 50 to 58 are dates in Chinese).
    init(builtIn id: Int) {
        switch id {
        case 14...22, 27...36, 45...47, 50...58: self = .time
        default: self = .plain
        }
    }

    /// By the format's code, without case, quoted and escaped characters, colours and conditions: `yyyy\-mm\-dd`, `[$-804]m"月"d"日"`.
    init(code: String) {
        var rest = code.unicodeScalars[...]
        var bare = ""
        scan: while let scalar = rest.popFirst() {
            switch scalar {
            case "\"":
                while let quoted = rest.popFirst(), quoted != "\"" {}
            case "\\", "_", "*": _ = rest.popFirst()
            case "[":
                var inner = ""
                while let next = rest.popFirst(), next != "]" { inner.unicodeScalars.append(next) }
                // [h], [mm] and [s] count hours, minutes and seconds beyond a day.
                if let first = inner.lowercased().first, "hms".contains(first), inner.lowercased().allSatisfy({ $0 == first }) {
                    bare += inner.lowercased()
                }
            case ";": break scan
            default: bare.unicodeScalars.append(scalar)
            }
        }
        bare = bare.lowercased()
        if bare == "general" || bare == "standard" {
            self = .plain
        } else if bare.contains(where: { "ydhms".contains($0) }) {
            self = .time
        } else if bare.count > 1, bare.allSatisfy({ $0 == "0" }) {
            self = .padded(bare.count)
        } else {
            self = .plain
        }
    }
}
