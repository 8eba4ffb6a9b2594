public import JSON

/// Why the marketplace or the ERP did not take a number.
public enum UploadFailure: String, JSONEnumeration {
    /// The buyer asked for an after-sale: the merchant decides, and sends `retry-upload`.
    case afterSaleOpen = "after-sale-open"
    /// The partner refused it for good.
    case partnerRejected = "partner-rejected"
    /// The partner has no such carrier.
    case carrierUnknown = "carrier-unknown"
    /// The marketplace does not let returns go there.
    case returnAddressInvalid = "return-address-invalid"
    /// The partner has no such order.
    case orderUnknown = "order-unknown"
    /// There is no consent in force.
    case notAuthorized = "not-authorized"
    /// The partner gave no answer, or let nothing through, for as long as it was tried.
    case partnerUnavailable = "partner-unavailable"
}

/// The target has the number.
public struct UploadConfirmed: Message {
    public static let type = "daifa.shipping.upload-confirmed.v1"
    public static let contract: Contract<UploadConfirmed> = .event(
        of: .shipping, key: \.orderId, "The marketplace or the ERP has the number.")
    public var orderId = ""
    public var allocationId = ""
    public var merchantShopId = ""
    public var target = UploadTarget.marketplace
    public var channelId = ""
    public var carrier = ""
    public var waybillNumber = ""

    public init(blank: Blank) {}
    public init(
        orderId: String, allocationId: String, merchantShopId: String, target: UploadTarget, channelId: String, carrier: String,
        waybillNumber: String
    ) {
        self.orderId = orderId
        self.allocationId = allocationId
        self.merchantShopId = merchantShopId
        self.target = target
        self.channelId = channelId
        self.carrier = carrier
        self.waybillNumber = waybillNumber
    }

    public static let fields = Fields<UploadConfirmed>(
        Field("orderId", \.orderId, .id), Field("allocationId", \.allocationId, .id), Field("merchantShopId", \.merchantShopId),
        Field("target", \.target), Field("channelId", \.channelId), Field("carrier", \.carrier), Field("waybillNumber", \.waybillNumber))
}

/// The target does not have the number; `retry-upload` tells it once more.
public struct UploadFailed: Message {
    public static let type = "daifa.shipping.upload-failed.v1"
    public static let contract: Contract<UploadFailed> = .event(
        of: .shipping, key: \.orderId, "The marketplace or the ERP does not have the number.")
    public var orderId = ""
    public var allocationId = ""
    public var merchantShopId = ""
    public var target = UploadTarget.marketplace
    public var channelId = ""
    public var carrier = ""
    public var waybillNumber = ""
    public var reason = UploadFailure.partnerRejected
    /// The partner's own code, where it gave one.
    public var partnerCode: String?
    /// A sentence for a person.
    public var message: String?

    public init(blank: Blank) {}
    public init(
        orderId: String, allocationId: String, merchantShopId: String, target: UploadTarget, channelId: String, carrier: String,
        waybillNumber: String, reason: UploadFailure, partnerCode: String? = nil, message: String? = nil
    ) {
        self.orderId = orderId
        self.allocationId = allocationId
        self.merchantShopId = merchantShopId
        self.target = target
        self.channelId = channelId
        self.carrier = carrier
        self.waybillNumber = waybillNumber
        self.reason = reason
        self.partnerCode = partnerCode
        self.message = message
    }

    public static let fields = Fields<UploadFailed>(
        Field("orderId", \.orderId, .id), Field("allocationId", \.allocationId, .id), Field("merchantShopId", \.merchantShopId),
        Field("target", \.target), Field("channelId", \.channelId), Field("carrier", \.carrier), Field("waybillNumber", \.waybillNumber),
        Field("reason", \.reason), Field("partnerCode", \.partnerCode), Field("message", \.message))
}
