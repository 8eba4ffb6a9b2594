public import HTTP

extension HTML {
    /// The same with one of its forms filled in, as somebody had filled it before.
    ///
    /// Of several forms with this action it is the one whose hidden fields are those that were sent. Passwords and files stay empty.
    /// - Parameters:
    ///   - action: where the form, or one of its buttons, leads.
    ///   - fields: as they were sent, in order.
    ///   - kept: names of hidden fields that are this page's own: a token, the command's id.
    /// - Returns: nil when there is no such form.
    public func filling(_ action: Link, with fields: [HTTPRequest.Field], keeping kept: Set<String>) -> HTML? {
        FormFiller(self, fields, kept).filled(action)
    }

    /// For pages and ``FormFiller``: markup of this module's own, taken apart and put together.
    fileprivate init(pieces: [UInt8]) {
        self.init([])
        append(pieces)
    }
}

extension HTTPResponse {
    /// A page with one of its forms filled in; as it is when it has no such form.
    public func filling(_ action: Link, with fields: [HTTPRequest.Field], keeping kept: Set<String>) -> HTTPResponse {
        guard let filled = HTML(pieces: body).filling(action, with: fields, keeping: kept) else { return self }
        var response = self
        response.body = filled.bytes
        return response
    }
}

/// Reads what `HTML` has written: every `<` begins a tag, every value is quoted, nothing in it is `<`, `>` or a quote.
private struct FormFiller {
    private struct Tag {
        /// From `<` to behind `>`.
        var range: Range<Int>
        var name: String
        /// As they are written: escaped; a name alone has an empty value.
        var attributes: [(name: String, value: String)] = []

        subscript(name: String) -> String? { attributes.first { $0.name == name }?.value }

        var bytes: [UInt8] {
            let text = attributes.map { name, value in
                value.isEmpty && FormFiller.flags.contains(name) ? " \(name)" : " \(name)=\"\(value)\""
            }
            return Array("<\(name)\(text.joined())>".utf8)
        }

        mutating func set(_ name: String, _ value: String) {
            attributes.removeAll { $0.name == name }
            attributes.append((name, value))
        }

        mutating func flag(_ name: String, _ isSet: Bool) {
            attributes.removeAll { $0.name == name }
            if isSet { attributes.append((name, "")) }
        }
    }

    /// Attributes that stand alone.
    static let flags: Set<String> = [
        "checked", "selected", "hidden", "autofocus", "required", "readonly", "multiple", "novalidate", "open",
    ]
    /// Hidden fields that are another in each page.
    private static let ofPages: Set<String> = ["seen", "key"]
    private static let emptyTypes: Set<String> = ["password", "file", "submit", "button", "image", "reset"]

    private let bytes: [UInt8]
    private let tags: [Tag]
    /// Escaped values by escaped names.
    private let values: [String: [String]]
    private let sets: [String: Set<String>]
    private let kept: Set<String>

    init(_ html: HTML, _ fields: [HTTPRequest.Field], _ kept: Set<String>) {
        bytes = html.bytes
        tags = Self.tags(html.bytes)
        values = Dictionary(grouping: fields) { HTML($0.name).text }.mapValues { $0.map { HTML($0.value).text } }
        sets = values.mapValues { Set($0) }
        self.kept = kept
    }

    func filled(_ action: Link) -> HTML? {
        let forms = forms(leadingTo: HTML(action.text).text)
        guard let form = forms.first(where: { isOfSameThing($0) }) ?? forms.first else { return nil }
        return HTML(pieces: fill(form))
    }

    // MARK: Finding it

    /// Numbers of tags from `<form>` to `</form>`.
    private func forms(leadingTo action: String) -> [Range<Int>] {
        var found: [Range<Int>] = []
        var start: Int?
        for (number, tag) in tags.enumerated() {
            if tag.name == "form" { start = number }
            guard tag.name == "/form", let first = start else { continue }
            start = nil
            let form = first..<number
            if tags[first]["action"] == action || tags[form].contains(where: { $0["formaction"] == action }) { found.append(form) }
        }
        return found
    }

    private func isOfSameThing(_ form: Range<Int>) -> Bool {
        inputs(of: form).allSatisfy { number in
            let tag = tags[number]
            guard tag["type"] == "hidden", let name = tag["name"], !kept.contains(name), let sent = sets[name] else { return true }
            return Self.ofPages.contains(name) || sent.contains(tag["value"] ?? "")
        }
    }

    /// Numbers of the fields' tags: within the form, or outside and said to be its own.
    private func inputs(of form: Range<Int>) -> [Int] {
        let id = tags[form.lowerBound]["id"]
        return tags.indices.filter { number in
            guard ["input", "select", "textarea"].contains(tags[number].name) else { return false }
            return tags[number]["form"].map { $0 == id } ?? form.contains(number)
        }
    }

    // MARK: Filling it in

    private func fill(_ form: Range<Int>) -> [UInt8] {
        var used: [String: Int] = [:]
        var changes: [(range: Range<Int>, bytes: [UInt8])] = []
        for number in inputs(of: form) {
            var tag = tags[number]
            let type = tag["type"] ?? "text"
            guard let name = tag["name"], !kept.contains(name), !Self.emptyTypes.contains(type) else { continue }
            if tag.name == "input", type == "checkbox" || type == "radio" {
                tag.flag("checked", sets[name]?.contains(tag["value"] ?? "on") ?? false)
                changes.append((tag.range, tag.bytes))
                continue
            }
            // The same name again is the next value.
            let place = used[name] ?? 0
            used[name] = place + 1
            guard let sent = values[name], place < sent.count else { continue }
            switch tag.name {
            case "select": changes += options(behind: number, chosen: sent[place])
            case "textarea":
                guard let end = tags[(number + 1)...].first(where: { $0.name == "/textarea" }) else { continue }
                changes.append((tag.range.upperBound..<end.range.lowerBound, Array(sent[place].utf8)))
            default:
                tag.set("value", sent[place])
                changes.append((tag.range, tag.bytes))
            }
        }
        var result: [UInt8] = []
        var place = 0
        for change in changes.sorted(by: { $0.range.lowerBound < $1.range.lowerBound }) {
            result += bytes[place..<change.range.lowerBound] + change.bytes
            place = change.range.upperBound
        }
        return result + bytes[place...]
    }

    private func options(behind select: Int, chosen: String) -> [(range: Range<Int>, bytes: [UInt8])] {
        let options = tags[(select + 1)...].prefix { $0.name != "/select" }.filter { $0.name == "option" }
        // What cannot be chosen any more leaves the page's own choice.
        guard options.contains(where: { $0["value"] == chosen }) else { return [] }
        return options.map { option in
            var option = option
            option.flag("selected", option["value"] == chosen)
            return (option.range, option.bytes)
        }
    }

    // MARK: Reading

    private static func tags(_ bytes: [UInt8]) -> [Tag] {
        var tags: [Tag] = []
        var place = 0
        while let start = bytes[place...].firstIndex(of: UInt8(ascii: "<")),
            let end = bytes[start...].firstIndex(of: UInt8(ascii: ">"))
        {
            place = end + 1
            tags.append(tag(bytes, start..<place))
        }
        return tags
    }

    private static func tag(_ bytes: [UInt8], _ range: Range<Int>) -> Tag {
        let inside = bytes[(range.lowerBound + 1)..<(range.upperBound - 1)]
        let name = inside.prefix { $0 != UInt8(ascii: " ") }
        var tag = Tag(range: range, name: String(decoding: name, as: UTF8.self))
        var rest = inside[name.endIndex...]
        while let first = rest.firstIndex(where: { $0 != UInt8(ascii: " ") }) {
            let word = rest[first...].prefix { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "=") }
            rest = rest[word.endIndex...]
            var value = ""
            if rest.first == UInt8(ascii: "="), let open = rest.dropFirst().firstIndex(of: UInt8(ascii: "\"")) {
                let quoted = rest[(open + 1)...].prefix { $0 != UInt8(ascii: "\"") }
                value = String(decoding: quoted, as: UTF8.self)
                rest = rest[quoted.endIndex...].dropFirst()
            }
            tag.attributes.append((String(decoding: word, as: UTF8.self), value))
        }
        return tag
    }
}
