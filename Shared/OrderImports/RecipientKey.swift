public import Contracts
import Crypto

/// The public key for which recipients are sealed: waybill's, from `daifa.keys`.
public struct RecipientKey: Equatable, Sendable {
    public let keyId: String
    /// 32 bytes, X25519.
    public let publicKey: [UInt8]

    public init(keyId: String, publicKey: [UInt8]) {
        self.keyId = keyId
        self.publicKey = publicKey
    }

    /// - Returns: nil for a row that holds no such key.
    public init?(_ row: KeyRow) {
        guard row.service == .waybill, row.purpose == .recipient, let bytes = Base64.decode(row.publicKey), bytes.count == 32 else {
            return nil
        }
        self.init(keyId: row.keyId, publicKey: bytes)
    }
}
