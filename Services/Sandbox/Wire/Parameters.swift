import JSON

/// A call's parameters, as a partner reads them: a number may come as text, text as a number, blank is as good as absent.
struct Parameters {
    private let value: JSONValue
    /// Before a field's name in a refusal: `receiverInfo.`.
    private let prefix: String

    init(_ value: JSONValue, prefix: String = "") {
        self.value = value
        self.prefix = prefix
    }

    func text(_ name: String) -> String? {
        switch value[name] {
        case .string(let text): text.contains { !$0.isWhitespace } ? text : nil
        case .int(let number): "\(number)"
        case .double(let number): "\(number)"
        case .bool(let flag): "\(flag)"
        default: nil
        }
    }

    func int(_ name: String) -> Int? {
        if case .double(let number)? = value[name] { return Int(exactly: number) }
        return text(name).flatMap { Int($0) }
    }

    /// Whether it came as a number, not as a text of digits.
    func isNumber(_ name: String) -> Bool {
        switch value[name] {
        case .int, .double: true
        default: false
        }
    }

    func bool(_ name: String) -> Bool? {
        switch text(name) {
        case "true", "1": true
        case "false", "0": false
        default: nil
        }
    }

    /// The object; also one that came as a JSON text, as Pinduoduo takes them.
    func object(_ name: String) -> Parameters? {
        tree(name).flatMap { $0.members == nil ? nil : Parameters($0, prefix: "\(prefix)\(name).") }
    }

    func objects(_ name: String) -> [Parameters]? {
        tree(name)?.array?.enumerated().map { Parameters($1, prefix: "\(prefix)\(name)[\($0)].") }
    }

    /// The texts of a list.
    func texts(_ name: String) -> [String]? {
        tree(name)?.array.map { elements in elements.compactMap { Parameters(["": $0]).text("") } }
    }

    /// A list whose elements are joined with commas.
    func commaList(_ name: String) -> [String]? {
        text(name).map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
    }

    func required(_ name: String, max length: Int = .max) throws(Refusal) -> String {
        guard let text = text(name) else { throw missing(name) }
        guard text.count <= length else { throw invalid(name, "is longer than \(length) characters") }
        return text
    }

    func requiredInt(_ name: String) throws(Refusal) -> Int {
        guard text(name) != nil else { throw missing(name) }
        guard let number = int(name) else { throw invalid(name, "is no whole number") }
        return number
    }

    func requiredObject(_ name: String) throws(Refusal) -> Parameters {
        guard let object = object(name) else { throw missing(name) }
        return object
    }

    func requiredObjects(_ name: String) throws(Refusal) -> [Parameters] {
        guard let objects = objects(name), !objects.isEmpty else { throw missing(name) }
        return objects
    }

    func missing(_ name: String) -> Refusal { Refusal(.missing, "\(prefix)\(name)") }
    func invalid(_ name: String, _ why: String) -> Refusal { Refusal(.invalid, "\(prefix)\(name) \(why)") }

    private func tree(_ name: String) -> JSONValue? {
        guard case .string(let text)? = value[name] else { return value[name] }
        return try? JSONValue.decode(text)
    }
}

/// Why a partner does not do what it was asked. Each gateway has codes of its own for these.
struct Refusal: Error {
    enum Kind: String, CaseIterable {
        case operation, app, signature, timestamp, token, permission
        case missing, invalid
        case notFound = "not-found"
        case state, throttled, system, quota
    }

    let kind: Kind
    /// Names fields and numbers, never what they hold.
    let message: String

    init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }
}
