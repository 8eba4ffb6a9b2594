/// Why a document was not read.
public struct JSONError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The kind of mistake.
    public enum Kind: Equatable, Sendable {
        /// The bytes are not JSON (RFC 8259). `offset` counts bytes from the start.
        case syntax(offset: Int)
        /// The bytes are JSON, but a field is missing, of the wrong type, or breaks its rule.
        case invalid
    }

    public let kind: Kind
    /// Where: `lines[1].quantity`; empty for the document itself.
    public private(set) var path: String
    /// The mistake and the expectation, without the value (it may be personal data).
    public let reason: String

    public init(kind: Kind, path: String = "", reason: String) {
        self.kind = kind
        self.path = path
        self.reason = reason
    }

    public static func invalid(_ reason: String, path: String = "") -> JSONError { JSONError(kind: .invalid, path: path, reason: reason) }

    public var isSyntax: Bool { kind != .invalid }

    public var description: String {
        switch kind {
        case .syntax(let offset): "not JSON at byte \(offset): \(reason)"
        case .invalid: path.isEmpty ? reason : "\(path): \(reason)"
        }
    }

    /// The same error seen from the object that has the field.
    public func inside(field name: String) -> JSONError {
        guard kind == .invalid else { return self }
        var outer = self
        outer.path = path.isEmpty ? name : path.first == "[" ? name + path : "\(name).\(path)"
        return outer
    }

    /// The same error seen from the array that has the element.
    public func inside(index: Int) -> JSONError {
        guard kind == .invalid else { return self }
        var outer = self
        outer.path = path.isEmpty ? "[\(index)]" : path.first == "[" ? "[\(index)]\(path)" : "[\(index)].\(path)"
        return outer
    }
}
