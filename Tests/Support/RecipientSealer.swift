public import Contracts
import Crypto
import JSON
public import Kafka

/// Seals recipients for waybill, with the newest key that it has announced.
public struct RecipientSealer: Sendable {
    private let keyId: String
    private let publicKey: [UInt8]

    /// Reads the announced keys. Blocking.
    public init(_ configuration: KafkaConfiguration) throws {
        let reader = try TopicReader(configuration, topics: [Table.keys.topic])
        var rows: [KeyRow] = []
        while !reader.atEnd { rows += try reader.next(timeout: 1).compactMap { try? KeyRow.decode($0.value ?? []) } }
        let newest = rows.filter { $0.service == .waybill && $0.purpose == .recipient }.max { $0.version < $1.version }
        guard let newest, let publicKey = Base64.decode(Array(newest.publicKey.utf8)) else {
            throw Client.Failure("waybill has announced no key to seal recipients with")
        }
        keyId = newest.keyId
        self.publicKey = publicKey
    }

    public func seal(_ recipient: Recipient, for orderId: String) throws -> Sealed {
        let sealed = try HPKE.seal(
            recipient.json, to: publicKey, info: Array(SealInfo.recipient.utf8), aad: Array(orderId.utf8))
        return Sealed(keyId: keyId, enc: Base64.encode(sealed.enc), ciphertext: Base64.encode(sealed.ciphertext))
    }
}
