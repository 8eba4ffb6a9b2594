public import JSON
public import Threads

/// The sender on whose behalf a message acts: `ce_actor`.
public struct Actor: Hashable, Sendable, CustomStringConvertible {
    public enum Kind: String, Sendable, CaseIterable {
        case merchant, factory, `operator`, connector, partner, service

        /// Compared byte by byte: this is asked for every message.
        init?(utf8 bytes: UnsafeRawBufferPointer) {
            switch bytes.count {
            case 7 where bytes.holds("service"): self = .service
            case 8 where bytes.holds("merchant"): self = .merchant
            case 7 where bytes.holds("factory"): self = .factory
            case 8 where bytes.holds("operator"): self = .operator
            case 9 where bytes.holds("connector"): self = .connector
            case 7 where bytes.holds("partner"): self = .partner
            default: return nil
            }
        }
    }

    public var kind: Kind
    /// Shop id, operator's id, or the name of a connector (which writes facts only), partner or service.
    public var id: String

    public init(_ kind: Kind, _ id: String) {
        self.kind = kind
        self.id = id
    }

    /// `merchant:<shopId>` and the like; nil when it is none of these kinds or has no id.
    public init?(_ text: String) {
        var text = text
        let actor = text.withUTF8 { Actor(utf8: UnsafeRawBufferPointer($0)) }
        guard let actor else { return nil }
        self = actor
    }

    /// The same, from a header's bytes. An id that is not in NFC is none: it would be taken for the one that is (contract, section 2).
    public init?(utf8 bytes: UnsafeRawBufferPointer) {
        guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")), colon + 1 < bytes.count,
            let kind = Kind(utf8: UnsafeRawBufferPointer(rebasing: bytes[..<colon])),
            bytes.withMemoryRebound(to: UInt8.self, { ComposedText.isNFC($0) })
        else { return nil }
        self.init(kind, String(decoding: bytes[(colon + 1)...], as: UTF8.self))
    }

    public var description: String { "\(kind.rawValue):\(id)" }
}

extension Actor: JSONCodable {
    public static func readJSON(_ reader: inout JSONReader) throws(JSONError) -> Actor {
        guard let actor = Actor(try reader.readString()) else { throw .invalid("expected an actor, for example merchant:<shopId>") }
        return actor
    }

    public func writeJSON(_ writer: inout JSONWriter) { writer.string(description) }

    /// A regular expression for `ce_actor`.
    static var pattern: String { "^(\(Kind.allCases.map(\.rawValue).joined(separator: "|"))):.+$" }

    public static var schema: Schema {
        var schema = Schema(type: "string")
        schema.pattern = pattern
        return schema
    }
}

/// The CloudEvents attributes of a message as headers (contract, section 2).
public enum EnvelopeHeader {
    public static let specversion = "ce_specversion"
    public static let id = "ce_id"
    public static let source = "ce_source"
    public static let type = "ce_type"
    public static let subject = "ce_subject"
    public static let time = "ce_time"
    public static let correlationId = "ce_correlationid"
    public static let causationId = "ce_causationid"
    public static let actor = "ce_actor"
    /// The actor of the command that began it, through all steps.
    public static let behalf = "ce_behalf"
    /// The person behind that actor, as an opaque id.
    public static let user = "ce_user"
    public static let batchId = "ce_batchid"
    public static let traceparent = "traceparent"
    public static let authorization = "authorization"
    /// `<keyId>:<base64>` of the deployment's own processes.
    public static let mac = "daifa-mac"
    public static let contentType = "content-type"
}

/// RFC 3339 in JSON, written in UTC with milliseconds.
extension Timestamp: JSONCodable {
    public static func readJSON(_ reader: inout JSONReader) throws(JSONError) -> Timestamp {
        guard let time = Timestamp(try reader.readString()) else {
            throw .invalid("expected an RFC 3339 time, for example 2026-11-24T08:00:00.000Z")
        }
        return time
    }

    public func writeJSON(_ writer: inout JSONWriter) { writer.string(description) }

    public static var schema: Schema {
        var schema = Schema(type: "string")
        schema.format = "date-time"
        return schema
    }
}
