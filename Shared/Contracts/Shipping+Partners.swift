public import JSON
public import Threads

/// How much of a sku a partner counted.
public struct CountedLine: Declared, Equatable {
    public var sku = ""
    public var quantity = 0
    public init(blank: Blank) {}
    public init(sku: String, quantity: Int) {
        self.sku = sku
        self.quantity = quantity
    }
    public static let quantities = 0...1_000_000_000

    /// The sku is as wide as that of an order's line which ships from a warehouse.
    public static let fields = Fields<CountedLine>(Field("sku", \.sku, .filled(200)), Field("quantity", \.quantity, quantities))
}

/// The partner has the outbound order.
public struct OutboundCreated: Message {
    public static let type = "daifa.shipping.outbound-created.v1"
    public static let contract: Contract<OutboundCreated> = .event(of: .shipping, key: \.orderId, "The partner has the outbound order.")
    public var orderId = ""
    public var allocationId = ""
    public var merchantShopId = ""
    public var warehouseId = ""
    public var partnerNumber = ""

    public init(blank: Blank) {}
    public init(orderId: String, allocationId: String, merchantShopId: String, warehouseId: String, partnerNumber: String) {
        self.orderId = orderId
        self.allocationId = allocationId
        self.merchantShopId = merchantShopId
        self.warehouseId = warehouseId
        self.partnerNumber = partnerNumber
    }

    public static let fields = Fields<OutboundCreated>(
        Field("orderId", \.orderId, .id), Field("allocationId", \.allocationId, .id), Field("merchantShopId", \.merchantShopId),
        Field("warehouseId", \.warehouseId), Field("partnerNumber", \.partnerNumber, .id))
}

/// The partner refused the outbound order for good, and the allocation is released; or, with the reason `outcome-unknown`, the warehouse was
/// closed before the partner could be asked whether it has the order: the allocation stays sealed until `cancel-outbound`.
public struct OutboundRejected: Message {
    /// `reason` when an order may exist at the partner.
    public static let outcomeUnknown = "outcome-unknown"

    public static let type = "daifa.shipping.outbound-rejected.v1"
    public static let contract: Contract<OutboundRejected> = .event(
        of: .shipping, key: \.orderId, "The partner refused the outbound order for good, or nobody knows.")
    public var orderId = ""
    public var allocationId = ""
    public var merchantShopId = ""
    public var warehouseId = ""
    /// The partner's own code, where it gave one.
    public var partnerCode: String?
    public var reason = ""

    public init(blank: Blank) {}
    public init(
        orderId: String, allocationId: String, merchantShopId: String, warehouseId: String, partnerCode: String? = nil, reason: String
    ) {
        self.orderId = orderId
        self.allocationId = allocationId
        self.merchantShopId = merchantShopId
        self.warehouseId = warehouseId
        self.partnerCode = partnerCode
        self.reason = reason
    }

    public static let fields = Fields<OutboundRejected>(
        Field("orderId", \.orderId, .id), Field("allocationId", \.allocationId, .id), Field("merchantShopId", \.merchantShopId),
        Field("warehouseId", \.warehouseId), Field("partnerCode", \.partnerCode), Field("reason", \.reason))
}

/// How far the partner is with an outbound order.
public struct OutboundStatus: Message {
    public static let type = "daifa.shipping.outbound-status.v1"
    public static let contract: Contract<OutboundStatus> = .event(
        of: .shipping, key: \.orderId, "How far the partner is with an outbound order.")
    public var orderId = ""
    public var allocationId = ""
    public var merchantShopId = ""
    public var warehouseId = ""
    public var partnerNumber = ""
    public var partnerCode = ""
    public var state = OutboundState.created
    public var occurredAt = Timestamp(milliseconds: 0)
    public var carrier: String?
    public var waybillNumber: String?
    public var lines: [CountedLine]?

    public init(blank: Blank) {}
    public init(
        orderId: String, allocationId: String, merchantShopId: String, warehouseId: String, partnerNumber: String, partnerCode: String,
        state: OutboundState, occurredAt: Timestamp, carrier: String? = nil, waybillNumber: String? = nil, lines: [CountedLine]? = nil
    ) {
        self.orderId = orderId
        self.allocationId = allocationId
        self.merchantShopId = merchantShopId
        self.warehouseId = warehouseId
        self.partnerNumber = partnerNumber
        self.partnerCode = partnerCode
        self.state = state
        self.occurredAt = occurredAt
        self.carrier = carrier
        self.waybillNumber = waybillNumber
        self.lines = lines
    }

    public static let fields = Fields<OutboundStatus>(
        Field("orderId", \.orderId, .id), Field("allocationId", \.allocationId, .id), Field("merchantShopId", \.merchantShopId),
        Field("warehouseId", \.warehouseId), Field("partnerNumber", \.partnerNumber, .id), Field("partnerCode", \.partnerCode),
        Field("state", \.state), Field("occurredAt", \.occurredAt), Field("carrier", \.carrier),
        Field("waybillNumber", \.waybillNumber), Field("lines", \.lines, count: 0...500))
}

/// The partner has not come to an end with the outbound order in time: it is polled no more.
public struct OutboundOverdue: Message {
    public static let type = "daifa.shipping.outbound-overdue.v1"
    public static let contract: Contract<OutboundOverdue> = .event(
        of: .shipping, key: \.orderId, "The outbound order has not come to an end in time: no more polls.")
    public var orderId = ""
    public var allocationId = ""
    public var merchantShopId = ""
    public var warehouseId = ""
    public var partnerNumber = ""
    /// The last one that the partner told of.
    public var state: OutboundState?
    /// Since when the partner has it.
    public var since = Timestamp(milliseconds: 0)

    public init(blank: Blank) {}
    public init(
        orderId: String, allocationId: String, merchantShopId: String, warehouseId: String, partnerNumber: String,
        state: OutboundState? = nil, since: Timestamp
    ) {
        self.orderId = orderId
        self.allocationId = allocationId
        self.merchantShopId = merchantShopId
        self.warehouseId = warehouseId
        self.partnerNumber = partnerNumber
        self.state = state
        self.since = since
    }

    public static let fields = Fields<OutboundOverdue>(
        Field("orderId", \.orderId, .id), Field("allocationId", \.allocationId, .id), Field("merchantShopId", \.merchantShopId),
        Field("warehouseId", \.warehouseId), Field("partnerNumber", \.partnerNumber, .id), Field("state", \.state),
        Field("since", \.since))
}

/// The partner is asked to cancel the outbound order.
public struct OutboundCancelling: Message {
    public static let type = "daifa.shipping.outbound-cancelling.v1"
    public static let contract: Contract<OutboundCancelling> = .event(
        of: .shipping, key: \.orderId, "The partner is asked to cancel the outbound order.")
    public var orderId = ""
    public var allocationId = ""
    public var merchantShopId = ""
    public var warehouseId = ""
    /// Absent while the outbound order is still being created.
    public var partnerNumber: String?
    /// The reason of the `deallocated` that follows when the partner cancels.
    public var cause = DeallocationReason.merchant

    public init(blank: Blank) {}
    public init(
        orderId: String, allocationId: String, merchantShopId: String, warehouseId: String, partnerNumber: String? = nil,
        cause: DeallocationReason
    ) {
        self.orderId = orderId
        self.allocationId = allocationId
        self.merchantShopId = merchantShopId
        self.warehouseId = warehouseId
        self.partnerNumber = partnerNumber
        self.cause = cause
    }

    public static let fields = Fields<OutboundCancelling>(
        Field("orderId", \.orderId, .id), Field("allocationId", \.allocationId, .id), Field("merchantShopId", \.merchantShopId),
        Field("warehouseId", \.warehouseId), Field("partnerNumber", \.partnerNumber), Field("cause", \.cause))
}

/// Nothing leaves the warehouse; the allocation is released.
public struct OutboundCancelled: Message {
    public static let type = "daifa.shipping.outbound-cancelled.v1"
    public static let contract: Contract<OutboundCancelled> = .event(
        of: .shipping, key: \.orderId, "Nothing leaves the warehouse; the allocation is released.")
    public var orderId = ""
    public var allocationId = ""
    public var merchantShopId = ""
    public var warehouseId = ""
    /// Absent when there was no outbound order yet.
    public var partnerNumber: String?
    public var cause = DeallocationReason.merchant

    public init(blank: Blank) {}
    public init(
        orderId: String, allocationId: String, merchantShopId: String, warehouseId: String, partnerNumber: String? = nil,
        cause: DeallocationReason
    ) {
        self.orderId = orderId
        self.allocationId = allocationId
        self.merchantShopId = merchantShopId
        self.warehouseId = warehouseId
        self.partnerNumber = partnerNumber
        self.cause = cause
    }

    public static let fields = Fields<OutboundCancelled>(
        Field("orderId", \.orderId, .id), Field("allocationId", \.allocationId, .id), Field("merchantShopId", \.merchantShopId),
        Field("warehouseId", \.warehouseId), Field("partnerNumber", \.partnerNumber), Field("cause", \.cause))
}

/// It was too late to cancel: the parcel ships.
public struct OutboundCancelFailed: Message {
    public static let type = "daifa.shipping.outbound-cancel-failed.v1"
    public static let contract: Contract<OutboundCancelFailed> = .event(
        of: .shipping, key: \.orderId, "It was too late to cancel: the parcel ships.")
    public var orderId = ""
    public var allocationId = ""
    public var merchantShopId = ""
    public var warehouseId = ""
    public var partnerNumber: String?
    public var cause = DeallocationReason.merchant
    public var reason: String?

    public init(blank: Blank) {}
    public init(
        orderId: String, allocationId: String, merchantShopId: String, warehouseId: String, partnerNumber: String? = nil,
        cause: DeallocationReason, reason: String? = nil
    ) {
        self.orderId = orderId
        self.allocationId = allocationId
        self.merchantShopId = merchantShopId
        self.warehouseId = warehouseId
        self.partnerNumber = partnerNumber
        self.cause = cause
        self.reason = reason
    }

    public static let fields = Fields<OutboundCancelFailed>(
        Field("orderId", \.orderId, .id), Field("allocationId", \.allocationId, .id), Field("merchantShopId", \.merchantShopId),
        Field("warehouseId", \.warehouseId), Field("partnerNumber", \.partnerNumber), Field("cause", \.cause), Field("reason", \.reason))
}

/// A partner's report changed nothing.
public struct ReportIgnored: Message {
    public enum Reason: String, JSONEnumeration {
        /// The authorization has no message subscription: status moves on `pull-status` only.
        case notSubscribed = "not-subscribed"
        /// The report says nothing new, or is older than the known state.
        case notNewer = "not-newer"
    }

    public static let type = "daifa.shipping.report-ignored.v1"
    public static let contract: Contract<ReportIgnored> = .event(
        of: .shipping, key: .either(\.orderId, \.inboundId), "A partner's report changed nothing.")
    public var orderId: String?
    public var inboundId: String?
    public var allocationId: String?
    public var partnerNumber = ""
    public var partnerCode = ""
    public var reason = Reason.notNewer

    public init(blank: Blank) {}
    public init(
        orderId: String? = nil, inboundId: String? = nil, allocationId: String? = nil, partnerNumber: String, partnerCode: String,
        reason: Reason
    ) {
        self.orderId = orderId
        self.inboundId = inboundId
        self.allocationId = allocationId
        self.partnerNumber = partnerNumber
        self.partnerCode = partnerCode
        self.reason = reason
    }

    public static let fields = Fields<ReportIgnored>(
        Field("orderId", \.orderId, .id), Field("inboundId", \.inboundId, .id), Field("allocationId", \.allocationId),
        Field("partnerNumber", \.partnerNumber, .id), Field("partnerCode", \.partnerCode), Field("reason", \.reason))
}
