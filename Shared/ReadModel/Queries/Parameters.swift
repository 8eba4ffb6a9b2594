public import JSON
public import Threads

/// The parameters of a request's query, each asked for by name; at the end nothing may be left.
///
/// `var parameters = Parameters([("state", "open"), ("limit", "50")])`.
public struct Parameters {
    private var left: [(name: String, value: String)]

    public init(_ parameters: [(name: String, value: String)]) { left = parameters }

    /// The value of a parameter that may come once.
    /// - Throws: `invalid` when it comes twice or is empty.
    public mutating func text(_ name: String) throws(ReadModelError) -> String? {
        let values = all(name)
        guard let value = values.first else { return nil }
        guard values.count == 1 else { throw .invalid(field: name, message: "may be given once") }
        guard !value.isEmpty else { throw .invalid(field: name, message: "is empty; leave it out instead") }
        return value
    }

    /// The values of a parameter that may come several times, each once and in the enumeration's order.
    public mutating func choices<Choice: JSONEnumeration & Hashable>(_ name: String) throws(ReadModelError) -> [Choice] {
        var chosen: Set<Choice> = []
        for value in all(name) { chosen.insert(try Self.choice(name, value)) }
        return Choice.allCases.filter { chosen.contains($0) }
    }

    public mutating func choice<Choice: JSONEnumeration>(_ name: String) throws(ReadModelError) -> Choice? {
        guard let value = try text(name) else { return nil }
        return try Self.choice(name, value)
    }

    public mutating func time(_ name: String) throws(ReadModelError) -> Timestamp? {
        guard let value = try text(name) else { return nil }
        guard let time = Timestamp(value) else {
            throw .invalid(field: name, message: "expected an RFC 3339 time, for example 2026-11-24T08:00:00.000Z")
        }
        return time
    }

    public mutating func flag(_ name: String) throws(ReadModelError) -> Bool? {
        switch try text(name) {
        case nil: return nil
        case "true": return true
        case "false": return false
        default: throw .invalid(field: name, message: "expected true or false")
        }
    }

    /// `limit` and `after`.
    public mutating func pageRequest() throws(ReadModelError) -> PageRequest {
        var page = PageRequest()
        if let value = try text("limit") {
            guard let limit = Int(value), PageRequest.limits.contains(limit) else {
                throw .invalid(field: "limit", message: "expected a number from 1 to \(PageRequest.limits.upperBound)")
            }
            page.limit = limit
        }
        page.after = try text("after")
        return page
    }

    /// - Throws: `invalid`, naming the first parameter that nobody asked for.
    public func finish() throws(ReadModelError) {
        if let other = left.first { throw .invalid(field: other.name, message: "this list has no such parameter") }
    }

    private mutating func all(_ name: String) -> [String] {
        let values = left.filter { $0.name == name }.map(\.value)
        left.removeAll { $0.name == name }
        return values
    }

    private static func choice<Choice: JSONEnumeration>(_ name: String, _ value: String) throws(ReadModelError) -> Choice {
        guard let choice = Choice(rawValue: value) else {
            throw .invalid(field: name, message: "expected one of \(Choice.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return choice
    }
}

/// How much of a list, and from where on.
public struct PageRequest: Sendable, Equatable {
    public static let limits = 1...200
    /// Items of a page, 1 to 200; a number outside counts as the nearest one.
    public var limit = 50
    /// `next` of the page before.
    public var after: String?
    public init(limit: Int = 50, after: String? = nil) {
        self.limit = limit
        self.after = after
    }

    var boundedLimit: Int { min(max(limit, Self.limits.lowerBound), Self.limits.upperBound) }
}

/// The order of orders and parcels.
public enum ListOrder: String, JSONEnumeration { case newest, oldest, shipBy }
