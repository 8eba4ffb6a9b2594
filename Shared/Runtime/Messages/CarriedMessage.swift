import Contracts
import JSON
import Kafka
import Threads

/// A command or fact on its way to the shard of its key: in binary mode, with everything that it said of itself.
///
/// Headers and value stay as they are, byte for byte. A structured event becomes headers and data. The time at which the broker took the
/// message is written down where its sender gave none, since it counts instead.
struct CarriedMessage {
    typealias Header = (name: [UInt8], value: [UInt8]?)

    let topic: String
    let partition: Int32
    let key: String
    /// Good as long as the message that is carried.
    let value: UnsafeRawBufferPointer
    private(set) var headers: [Header]
    /// Whether it is to be signed for its sender.
    let isProven: Bool

    /// The value of the last header with this name that has one, as for `[Header].last(_:)`; empty where there is none.
    func last(_ name: String) -> [UInt8] { headers.last { $0.value != nil && $0.name.elementsEqual(name.utf8) }?.value ?? [] }

    /// Bytes of a header's name, and headers, that a stored record can hold.
    private static let limits = (name: 255, count: 60_000)

    /// - Parameter isProven: who sent it was shown, by more than `ce_actor`.
    /// - Returns: nil for headers that cannot be stored.
    init?(_ message: Incoming, partition: Int32, isProven: Bool) {
        self.isProven = isProven
        topic = message.record.topicName
        self.partition = partition
        key = message.key
        value = message.data
        // The last of several headers with one name counts.
        var headers: [Header] = []
        message.record.forEachHeader { name, value in headers.append((Array(name), value.map { Array($0) })) }
        if message.isStructured { headers += Self.structured(message.record) }
        self.headers = headers
        if message.attributes.time == nil {
            append(EnvelopeHeader.time, Timestamp(milliseconds: Int(message.record.timestamp)).description)
        }
        // A token is copied to no other message; whoever reads this one learns the sender by its code.
        let left = isProven ? [EnvelopeHeader.authorization, EnvelopeHeader.mac] : [EnvelopeHeader.authorization]
        self.headers.removeAll { header in
            let name = String(decoding: header.name, as: UTF8.self).lowercased()
            return left.contains(name) || (isProven && !message.isSigned && name == EnvelopeHeader.user)
        }
        if isProven, case .known(let actor) = message.sender { append(EnvelopeHeader.actor, "\(actor)") }
        guard self.headers.count <= Self.limits.count, self.headers.allSatisfy({ $0.name.count <= Self.limits.name }) else { return nil }
    }

    private mutating func append(_ name: String, _ value: String) { headers.append((Array(name.utf8), Array(value.utf8))) }

    /// The attributes of a structured event as headers (CloudEvents, Kafka protocol binding, section 3.2).
    private static func structured(_ record: RecordView) -> [Header] {
        guard let value = record.value, case .object(let members)? = try? JSONValue.decode(value) else { return [] }
        var contentType = "application/json"
        var headers: [Header] = []
        for (name, value) in members {
            guard let text = text(value) else { continue }
            switch name {
            case "data", "data_base64": continue
            case "datacontenttype": contentType = text
            case EnvelopeHeader.traceparent, EnvelopeHeader.authorization: headers.append((Array(name.utf8), Array(text.utf8)))
            default: headers.append((Array("ce_\(name)".utf8), Array(text.utf8)))
            }
        }
        headers.append((Array(EnvelopeHeader.contentType.utf8), Array(contentType.utf8)))
        return headers
    }

    /// nil for null, which is as if it were absent.
    private static func text(_ value: JSONValue) -> String? {
        if case .null = value { return nil }
        return value.string ?? String(decoding: value.json, as: UTF8.self)
    }
}

/// Data that cannot be read as its type.
enum UnreadableData {
    /// The id in it that is its type's key, so that its sender gets a refusal under it; nil when there is none.
    static func key(of type: String, _ data: UnsafeRawBufferPointer) -> String? {
        guard let tree = try? JSONValue.decode(data) else { return nil }
        return Catalog.entry(type)?.key(in: tree)
    }
}
