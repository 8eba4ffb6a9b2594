public import Contracts
public import JSON
public import Machines

/// Opens the recipient of a warehouse allocation and seals it for shipping. Nothing of it is kept after.
public struct Resealing: Effect {
    public enum Outcome: Sendable, Equatable {
        /// The recipient, sealed for shipping.
        case sealed(Sealed)
        /// A final refusal: the recipient cannot be opened, or the platform does not decrypt it.
        case refused(PartnerRefusal)
    }
    public typealias Answer = Outcome

    public static let kind = "reseal"
    public static let reports: [any Message.Type] = [ReportToken.self]
    public var orderId = ""
    public var allocationId = ""
    public var merchantShopId = ""
    public var channelId: String?
    /// The area in clear, which a platform-encrypted recipient does not hold.
    public var area = Area(province: "", city: "", district: "")
    /// The recipient, sealed for waybill.
    public var recipientSealed = Verbatim(Sealed(keyId: "", enc: "", ciphertext: ""))

    public init() {}

    public static let fields = Fields<Resealing>(
        Field("orderId", \.orderId), Field("allocationId", \.allocationId), Field("merchant", \.merchantShopId),
        Field("channelId", \.channelId), Field("area", \.area), Field("recipient", \.recipientSealed))

    public var aggregate: String { ParcelMachine.aggregate(orderId) }
    public var discriminator: String { allocationId }

    /// nil: nobody has told who the recipient is.
    init?(_ fact: Allocated) {
        guard let sealed = fact.recipientSealed else { return nil }
        orderId = fact.orderId
        allocationId = fact.allocationId
        merchantShopId = fact.merchantShopId
        channelId = fact.channelId
        area = fact.area
        recipientSealed = sealed
    }

    init?(_ fact: RecipientChanged) {
        guard let sealed = fact.recipientSealed else { return nil }
        orderId = fact.orderId
        allocationId = fact.allocationId
        merchantShopId = fact.merchantShopId
        channelId = fact.channelId
        area = fact.area
        recipientSealed = sealed
    }
}

extension ParcelMachine {
    /// Key of an order's aggregate.
    public static func aggregate(_ orderId: String) -> String { "order:\(orderId)" }

    static func reseal(_ effect: Resealing?, _ context: Context) -> [Event] { effect.map { [.reseal($0, context.origin)] } ?? [] }

    static func resealed(_ effect: Resealing, _ outcome: Resealing.Outcome) -> Event {
        let source = try? effect.recipientSealed.value.enc
        switch outcome {
        case .sealed(let sealed):
            let message = RecipientResealed(
                orderId: effect.orderId, allocationId: effect.allocationId, recipientSealed: sealed, sealedFrom: source)
            return .resealed(message)
        case .refused(let refusal):
            let message = RecipientRefused(
                orderId: effect.orderId, allocationId: effect.allocationId, merchantShopId: effect.merchantShopId, reason: refusal.reason,
                partnerCode: refusal.code, sealedFrom: source)
            return .recipientRefused(message)
        }
    }
}
