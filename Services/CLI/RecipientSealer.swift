import Contracts
import Crypto
import JSON
import Partners

/// Turns an export's recipient into what may stand on a topic: the area in clear, the rest sealed for waybill (contract, section 6).
struct RecipientSealer {
    private static let info = Array("daifa/recipient/v1".utf8)

    let merchantShopId: String
    let key: RecipientKey
    let secret: MergeSecret

    /// The recipient in clear: what is sealed.
    static func plain(_ recipient: OrderExport.Recipient) -> Recipient {
        var plain = Recipient()
        plain.name = recipient.name
        plain.phone = "\(recipient.phone)"
        plain.address.province = recipient.province
        plain.address.city = recipient.city
        plain.address.district = recipient.district
        // Most exports have the street in 街道; where there is a column for it, 街道 is the town.
        plain.address.town = recipient.detail == nil ? nil : recipient.town
        plain.address.detail = recipient.detail ?? recipient.town ?? ""
        return plain
    }

    /// - Throws: `CryptoError` when sealing fails.
    func seal(_ plain: Recipient, orderId: String) throws(CryptoError) -> PlacedRecipient {
        let sealed = try HPKE.seal(plain.json, to: key.publicKey, info: Self.info, aad: Array(orderId.utf8))
        var recipient = PlacedRecipient()
        recipient.province = plain.address.province
        recipient.city = plain.address.city
        recipient.district = plain.address.district
        recipient.mergeKey =
            RecipientDoor(
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
