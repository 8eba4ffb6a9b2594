public import Contracts
public import Crypto
import JSON

/// Turns a recipient into what may stand on a topic: the area in clear, the rest sealed for waybill (contract, section 6).
public struct RecipientSealer: Sendable {
    private static let info = Array("daifa/recipient/v1".utf8)

    public let merchantShopId: String
    let key: RecipientKey
    let secret: MergeSecret

    /// - Parameters:
    ///   - merchantShopId: whose orders they are.
    ///   - key: waybill's.
    public init(merchantShopId: String, key: RecipientKey, secret: MergeSecret) {
        self.merchantShopId = merchantShopId
        self.key = key
        self.secret = secret
    }

    /// - Throws: when sealing fails.
    public func seal(_ plain: Recipient, orderId: String) throws(CryptoError) -> PlacedRecipient {
        let sealed = try HPKE.seal(plain.json, to: key.publicKey, info: Self.info, aad: Array(orderId.utf8))
        var recipient = PlacedRecipient(province: plain.address.province, city: plain.address.city, district: plain.address.district)
        recipient.mergeKey =
            RecipientMergeKey(
                merchantShopId: merchantShopId, name: plain.name, phone: plain.phone,
                address: [
                    plain.address.province, plain.address.city, plain.address.district, plain.address.town ?? "", plain.address.detail,
                ]
            ).mergeKey(secret)
        recipient.sealed = Verbatim(
            Sealed(keyId: key.keyId, enc: Base64.encode(sealed.enc), ciphertext: Base64.encode(sealed.ciphertext)))
        return recipient
    }
}
