import Contracts
import Crypto
import Foundation
import Kafka

/// A key of `daifa-mac`, made and used as the contract (section 2) says, without the code that is tested.
public struct ServiceKey: Sendable {
    public let id: String
    public let bytes: [UInt8]

    public init(id: String = "test-1") throws {
        self.id = id
        bytes = try Random.bytes(32)
    }

    /// The key's line in the file of `DAIFA_SERVICE_KEY_FILE`.
    public var line: String { "\(id) \(Base64.encode(bytes))\n" }

    /// The value of `daifa-mac` for these parts.
    public func mac(topic: String, key: [UInt8], id messageId: String, type: String, actor: String, body: [UInt8]) -> String {
        var signed: [UInt8] = []
        for part in [Array(topic.utf8), key, Array(messageId.utf8), Array(type.utf8), Array(actor.utf8), body] {
            signed += (0..<8).reversed().map { UInt8(truncatingIfNeeded: part.count >> ($0 * 8)) } + part
        }
        return "\(id):\(Base64.encode(Digest.hmacSHA256(signed, key: bytes)))"
    }

    /// The record as one of the deployment's own processes writes it.
    public func signed(_ record: Outgoing) -> Outgoing {
        record.setting(
            EnvelopeHeader.mac,
            mac(
                topic: record.topic, key: record.key ?? [], id: record.id, type: record.header(EnvelopeHeader.type) ?? "",
                actor: record.header(EnvelopeHeader.actor) ?? "", body: record.value ?? []))
    }

    /// Whether a record that was read carries the code of this key.
    public func hasSigned(_ received: Received) -> Bool {
        received.header(EnvelopeHeader.mac)
            == mac(
                topic: received.topic, key: received.message.key ?? [], id: received.id ?? "", type: received.type ?? "",
                actor: received.actor ?? "", body: received.message.value ?? [])
    }
}

/// A file that is removed with the value.
public final class TemporaryText: Sendable {
    public let path: String

    public init(_ text: some StringProtocol) throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent(uniqueName("file")).path
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    }

    /// Puts another content into its place, as one step.
    public func replace(_ text: some StringProtocol) throws { try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic) }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
