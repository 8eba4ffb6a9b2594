import Contracts
import JSON
import Machines
import PartnerEffects
import Partners
import Runtime
import StateMachines

/// Has Pinduoduo decrypt recipients. The platform counts it by the day: when that is used up it waits (`quota-exhausted` in
/// `daifa_effect_attempts_total`).
struct PinduoduoDecryptor: RecipientDecryptor {
    let access: ChannelAccess
    let tables: any Tables

    func decrypt(_ recipient: EncryptedRecipient, of source: RecipientSource) async throws(RecipientFailure) -> Recipient {
        guard recipient.platform == Platform.pinduoduo.rawValue else {
            throw .refused(PartnerRefusal(reason: "recipients that \(recipient.platform) has encrypted cannot be opened by this version"))
        }
        let shop: ChannelAccess.Shop
        do throws(EffectRetry) { shop = try access.shop(try channelId(of: source)) } catch { throw .again(error) }
        let texts = [recipient.encrypted.name, recipient.encrypted.phone, recipient.encrypted.address].map {
            PinduoduoCiphertext(orderSn: recipient.orderSn, encrypted: $0)
        }
        var plain: [PinduoduoPlaintext] = []
        do throws(PartnerError) {
            for one in try await shop.gateway.decryptBatch(texts, token: shop.token) { plain.append(try one.result.get()) }
        } catch {
            guard error.kind == .rejected, !error.isAboutApplication else {
                var retry = EffectRetry(error, shop.credential)
                // The operator has to mend it; until then asking often only costs quota.
                if error.kind == .rejected { retry.after = Self.pause }
                throw .again(retry)
            }
            throw .refused(PartnerRefusal(code: error.code, reason: "Pinduoduo does not decrypt the recipient: \(error.message)"))
        }
        guard let made = Self.recipient(plain, source.area) else {
            throw .refused(PartnerRefusal(reason: "what Pinduoduo has decrypted is no recipient"))
        }
        return made
    }

    /// Seconds until what only the operator can mend is tried again.
    private static let pause = 600.0

    /// The order's own channel, else one of its merchant's.
    private func channelId(of source: RecipientSource) throws(EffectRetry) -> String {
        let channels = tables.channels(of: source.merchantShopId).filter {
            $0.merchantShopId == source.merchantShopId && $0.platform == Platform.pinduoduo.rawValue
        }
        let channel = channels.first { $0.channelId == source.channelId } ?? channels.first { $0.state == .active } ?? channels.first
        guard let channel else {
            throw EffectRetry("no-channel", "merchant \(source.merchantShopId) has no channel at Pinduoduo to decrypt with")
        }
        return channel.channelId
    }

    /// Name, phone and address, in this order.
    static func recipient(_ texts: [PinduoduoPlaintext], _ area: Area) -> Recipient? {
        guard texts.count == 3 else { return nil }
        let recipient = Recipient(
            name: texts[0].text, phone: texts[1].phone?.description ?? texts[1].text,
            address: Address(
                country: "CN", province: area.province, city: area.city, district: area.district, detail: detail(texts[2].text, area)))
        // A recipient that the contract does not accept must not be sealed.
        return try? Recipient.decode(recipient.json)
    }

    /// Without what the area says already: a full address begins with it.
    private static func detail(_ text: String, _ area: Area) -> String {
        var rest = text[...]
        for part in [area.province, area.city, area.district] where !part.isEmpty {
            let trimmed = rest.drop { $0.isWhitespace }
            if trimmed.hasPrefix(part) { rest = trimmed.dropFirst(part.count) }
        }
        let trimmed = rest.drop { $0.isWhitespace }
        return trimmed.isEmpty ? text : String(trimmed)
    }
}
