import Foundation
import JSON

/// A document as Foundation's decoder sees it, made to show everything that it decodes: members in order, each of equal names too.
struct FoundationTree: Decodable {
    let value: JSONValue

    init(_ bytes: [UInt8]) throws {
        // A decoder turns an object into a dictionary and keeps the first of equal names: numbered, no two are equal.
        nonisolated(unsafe) var number = 0
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .custom { path in
            number += 1
            return Name("\(String(repeating: "0", count: 8 - min(8, "\(number)".count)))\(number)\(path.last?.stringValue ?? "")")
        }
        value = try decoder.decode(FoundationTree.self, from: Data(bytes)).value
    }

    init(from decoder: any Decoder) throws { value = try Self.read(decoder) }

    private static func read(_ decoder: any Decoder) throws -> JSONValue {
        if var elements = try? decoder.unkeyedContainer() {
            var values: [JSONValue] = []
            while !elements.isAtEnd { values.append(try elements.decode(FoundationTree.self).value) }
            return .array(values)
        }
        if let single = try? decoder.singleValueContainer() {
            if single.decodeNil() { return .null }
            if let bool = try? single.decode(Bool.self) { return .bool(bool) }
            if let int = try? single.decode(Int.self) { return .int(int) }
            if let double = try? single.decode(Double.self) { return .double(double) }
            if let text = try? single.decode(String.self) { return .string(text) }
        }
        let members = try decoder.container(keyedBy: Name.self)
        return .object(
            try members.allKeys.sorted { $0.stringValue.utf8.prefix(8).lexicographicallyPrecedes($1.stringValue.utf8.prefix(8)) }.map {
                (
                    String(decoding: $0.stringValue.utf8.dropFirst(8), as: UTF8.self),
                    try members.decode(FoundationTree.self, forKey: $0).value
                )
            })
    }

    private struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(_ name: String) { stringValue = name }
        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }
}

extension JSONValue {
    /// Equal to the byte, the kinds of number told apart.
    func isIdentical(to other: JSONValue) -> Bool { matches(other) { _, _, _ in false } }

    /// The same, but for numbers from 2^53 with a fraction, which Foundation takes for whole ones, and `-9223372036854775808.0`, which
    /// it does not.
    func agrees(with foundation: JSONValue) -> Bool {
        matches(foundation) { double, whole, isOurs in
            isOurs ? double.magnitude >= 0x1p53 && abs(Double(whole) - double) <= double.ulp : whole == .min && double == -0x1p63
        }
    }

    private func matches(_ other: JSONValue, _ isException: (_ double: Double, _ whole: Int, _ isOurs: Bool) -> Bool) -> Bool {
        switch (self, other) {
        case (.null, .null): true
        case (.bool(let a), .bool(let b)): a == b
        case (.int(let a), .int(let b)): a == b
        case (.double(let a), .double(let b)): a.bitPattern == b.bitPattern
        case (.double(let a), .int(let b)): isException(a, b, true)
        case (.int(let a), .double(let b)): isException(b, a, false)
        case (.string(let a), .string(let b)): a.utf8.elementsEqual(b.utf8)
        case (.array(let a), .array(let b)): a.count == b.count && zip(a, b).allSatisfy { $0.matches($1, isException) }
        case (.object(let a), .object(let b)):
            a.count == b.count && zip(a, b).allSatisfy { $0.0.utf8.elementsEqual($1.0.utf8) && $0.1.matches($1.1, isException) }
        default: false
        }
    }

    /// The same value with only the last of members of one name.
    var lastMembers: JSONValue {
        switch self {
        case .array(let elements): .array(elements.map(\.lastMembers))
        case .object(let members):
            .object(
                members.enumerated().filter { index, member in !members[(index + 1)...].contains { $0.0 == member.0 } }
                    .map { ($0.element.0, $0.element.1.lastMembers) })
        default: self
        }
    }

    var hasEqualNames: Bool {
        switch self {
        case .array(let elements): elements.contains { $0.hasEqualNames }
        case .object(let members): Set(members.map(\.0)).count < members.count || members.contains { $0.1.hasEqualNames }
        default: false
        }
    }
}
