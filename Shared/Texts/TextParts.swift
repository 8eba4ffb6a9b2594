/// A text cut at its slots: a page puts escaped text between them and any HTML into them.
public struct TextParts: Equatable, Sendable {
    public enum Part: Equatable, Sendable {
        case text(String)
        /// A slot by its name, without braces.
        case slot(String)
    }

    public let parts: [Part]

    /// Names of the slots.
    public var slots: Set<String> {
        Set(parts.compactMap { part in if case .slot(let name) = part { name } else { nil } })
    }

    init(_ parts: [Part]) { self.parts = parts }

    /// Reads `{name}`; nil when a brace has no partner or a name is no name (a letter, then letters and digits of ASCII).
    init?(reading text: String) {
        var parts: [Part] = []
        var rest = text[...]
        while let open = rest.firstIndex(where: { $0 == "{" || $0 == "}" }) {
            guard rest[open] == "{", let close = rest[open...].firstIndex(of: "}") else { return nil }
            let name = rest[rest.index(after: open)..<close]
            guard name.first?.isLetter == true, name.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber) }) else { return nil }
            if open > rest.startIndex { parts.append(.text(String(rest[..<open]))) }
            parts.append(.slot(String(name)))
            rest = rest[rest.index(after: close)...]
        }
        if !rest.isEmpty { parts.append(.text(String(rest))) }
        self.parts = parts
    }

    /// The sentence. A slot that nobody fills stays as `{name}`, so that it is seen.
    public func filled(_ values: [String: String] = [:]) -> String {
        var result = ""
        for part in parts {
            switch part {
            case .text(let text): result += text
            case .slot(let name): result += values[name] ?? "{\(name)}"
            }
        }
        return result
    }
}
