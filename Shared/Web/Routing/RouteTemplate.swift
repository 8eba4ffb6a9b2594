/// A method of HTTP that routes may have.
public enum HTTPMethod: String, Sendable, CaseIterable, Comparable {
    case delete = "DELETE"
    case get = "GET"
    case patch = "PATCH"
    case post = "POST"
    case put = "PUT"

    /// Changes nothing (RFC 9110, section 9.2.1).
    public var isSafe: Bool { self == .get }

    public static func < (left: HTTPMethod, right: HTTPMethod) -> Bool { left.rawValue < right.rawValue }
}

/// The form of a path: `/m/{shop}/orders`, `/orders/{orderId...}`. A name in braces takes one segment, with dots the rest of the path, at
/// least one segment that is not empty; it has to be the last.
public struct RouteTemplate: Sendable, Hashable, CustomStringConvertible {
    enum Part: Sendable, Hashable {
        case literal(String)
        case parameter(String)
        case rest(String)
    }

    public let text: String
    let parts: [Part]

    public var description: String { text }

    /// Its names, in order.
    public var parameters: [String] {
        parts.compactMap { part in
            switch part {
            case .literal: nil
            case .parameter(let name), .rest(let name): name
            }
        }
    }

    /// - Throws: what is wrong with the text.
    init(_ text: String) throws(RouterError) {
        self.text = text
        guard text.hasPrefix("/") else { throw RouterError("the route \(text) does not begin with /") }
        let pieces = text.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        var parts: [Part] = []
        for (index, piece) in pieces.enumerated() {
            guard piece.hasPrefix("{"), piece.hasSuffix("}") else {
                guard !piece.contains(where: { "{}?#%".contains($0) }) else {
                    throw RouterError("the route \(text) has a segment that is neither a text nor one name in braces: \(piece)")
                }
                parts.append(.literal(String(piece)))
                continue
            }
            let isRest = piece.hasSuffix("...}")
            let name = String(piece.dropFirst().dropLast(isRest ? 4 : 1))
            guard !name.isEmpty, name.utf8.allSatisfy({ ($0 | 0x20) >= 0x61 && ($0 | 0x20) <= 0x7A }) else {
                throw RouterError("the route \(text) has a name that is not letters only: \(piece)")
            }
            guard !isRest || index == pieces.count - 1 else { throw RouterError("the route \(text) goes on behind the rest: \(piece)") }
            parts.append(isRest ? .rest(name) : .parameter(name))
        }
        self.parts = parts
        guard Set(parameters).count == parameters.count else { throw RouterError("the route \(text) has a name twice") }
    }
}

/// The table of routes cannot be used: a mistake in the program, found when it starts and in each test that makes the table.
public struct RouterError: Error, Sendable, Equatable, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }
}

/// A tree of templates. Of two that fit a path the one with the earlier text wins, then the one with the earlier parameter:
/// `/orders/counts` before `/orders/{orderId...}`.
struct RouteTree<Value: Sendable>: Sendable {
    private struct Node {
        var literals: [String: Int] = [:]
        var parameter: Int?
        var rest: Int?
        var values: [HTTPMethod: (names: [String], value: Value)] = [:]
    }

    private var nodes = [Node()]

    /// - Returns: false when the same form has this method already.
    mutating func add(_ method: HTTPMethod, _ template: RouteTemplate, _ value: Value) -> Bool {
        var at = 0
        for part in template.parts {
            let known =
                switch part {
                case .literal(let text): nodes[at].literals[text]
                case .parameter: nodes[at].parameter
                case .rest: nodes[at].rest
                }
            let next = known ?? nodes.count
            if known == nil {
                nodes.append(Node())
                switch part {
                case .literal(let text): nodes[at].literals[text] = next
                case .parameter: nodes[at].parameter = next
                case .rest: nodes[at].rest = next
                }
            }
            at = next
        }
        guard nodes[at].values[method] == nil else { return false }
        nodes[at].values[method] = (template.parameters, value)
        return true
    }

    struct Found {
        /// By method, with the names of its parameters.
        let values: [HTTPMethod: (names: [String], value: Value)]
        /// In the order of the names.
        let arguments: [String]
    }

    /// nil: no template has this form.
    func find(_ segments: [String]) -> Found? {
        var arguments: [String] = []
        guard let node = find(segments[...], 0, &arguments) else { return nil }
        return Found(values: nodes[node].values, arguments: arguments)
    }

    /// Deep as the longest template, not as the path.
    private func find(_ segments: ArraySlice<String>, _ at: Int, _ arguments: inout [String]) -> Int? {
        let node = nodes[at]
        guard let first = segments.first else { return node.values.isEmpty ? nil : at }
        if let next = node.literals[first], let found = find(segments.dropFirst(), next, &arguments) { return found }
        if let next = node.parameter, !first.isEmpty {
            arguments.append(first)
            if let found = find(segments.dropFirst(), next, &arguments) { return found }
            arguments.removeLast()
        }
        if let next = node.rest, !first.isEmpty {
            arguments.append(segments.joined(separator: "/"))
            return next
        }
        return nil
    }
}
