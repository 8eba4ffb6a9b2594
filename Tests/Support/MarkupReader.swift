/// Reads markup strictly: what HTML's own reader would mend is an error here.
public enum MarkupReader {
    public struct Failure: Error { let at: String }

    public struct Read {
        /// Of elements, as they begin.
        public internal(set) var names: [String] = []
        public internal(set) var attributes: [(name: String, value: String)] = []
        /// Texts between tags that are not empty.
        public internal(set) var texts: [String] = []
    }

    private static let void: Set<String> = ["br", "hr", "img", "input", "col", "wbr", "meta", "link"]
    private static let entities = ["&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": "\"", "&#39;": "'", "&#13;": "\r"]

    /// A text as it is shown: what HTML does not allow is replaced.
    public static func shown(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { isAllowed($0) ? $0 : "\u{FFFD}" }))
    }

    private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value >= 0x20 && scalar.value != 0x7F || [0x09, 0x0A, 0x0D].contains(scalar.value)
    }

    public static func read(_ bytes: [UInt8]) throws -> Read {
        guard var rest = String(validating: bytes, as: UTF8.self).map({ $0.unicodeScalars[...] }) else { throw Failure(at: "no UTF-8") }
        var (read, open) = (Read(), [String]())
        let doctype = "<!DOCTYPE html>".unicodeScalars
        if rest.starts(with: doctype) { rest = rest.dropFirst(doctype.count) }
        while let first = rest.first {
            guard first == "<" else {
                let text = rest.prefix { $0 != "<" }
                read.texts.append(try decoded(text))
                rest = rest[text.endIndex...]
                continue
            }
            rest.removeFirst()
            let isEnd = rest.first == "/"
            if isEnd { rest.removeFirst() }
            let name = take(&rest)
            guard !name.isEmpty else { throw Failure(at: String(rest.prefix(20))) }
            if isEnd {
                guard open.popLast() == name, rest.popFirst() == ">" else { throw Failure(at: "</\(name)") }
                continue
            }
            read.names.append(name)
            while rest.first == " " {
                rest.removeFirst()
                let attribute = take(&rest)
                guard !attribute.isEmpty else { throw Failure(at: "<\(name)") }
                guard rest.first == "=" else {
                    read.attributes.append((attribute, ""))
                    continue
                }
                rest.removeFirst()
                guard rest.popFirst() == "\"" else { throw Failure(at: "<\(name) \(attribute)") }
                let value = rest.prefix { $0 != "\"" }
                guard !value.contains("<"), !value.contains(">") else { throw Failure(at: "<\(name) \(attribute)") }
                read.attributes.append((attribute, try decoded(value)))
                rest = rest[value.endIndex...].dropFirst()
            }
            guard rest.popFirst() == ">" else { throw Failure(at: "<\(name)") }
            if !void.contains(name) { open.append(name) }
        }
        guard open.isEmpty else { throw Failure(at: "\(open) are open") }
        return read
    }

    private static func take(_ rest: inout Substring.UnicodeScalarView) -> String {
        let name = rest.prefix { $0.properties.isAlphabetic && $0.isASCII || ("0"..."9").contains($0) || $0 == "-" }
        rest = rest[name.endIndex...]
        return String(name)
    }

    private static func decoded(_ text: Substring.UnicodeScalarView) throws -> String {
        var decoded = String.UnicodeScalarView()
        var rest = text
        while let scalar = rest.first {
            guard isAllowed(scalar), scalar != "\"", scalar != "'", scalar != ">", scalar != "\r" else { throw Failure(at: String(rest)) }
            guard scalar == "&" else {
                decoded.append(scalar)
                rest.removeFirst()
                continue
            }
            guard let entity = entities.first(where: { rest.starts(with: $0.key.unicodeScalars) }) else { throw Failure(at: String(rest)) }
            decoded.append(contentsOf: entity.value.unicodeScalars)
            rest = rest.dropFirst(entity.key.unicodeScalars.count)
        }
        return String(decoded)
    }
}
