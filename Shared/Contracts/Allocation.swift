public import JSON
public import Threads

extension Catalog {
    /// Every message of this part of the contract; a test compares it with the sources.
    static let allocation: [CatalogEntry] =
        messages(
            Allocate.self, Deallocate.self, PutRule.self, RemoveRule.self, ApproveOrder.self, Seal.self, Release.self,
            OrderRegistered.self, OrderHeld.self, OrderReleased.self, OrderCancellationNoted.self, Allocated.self,
            Deallocated.self, RecipientChanged.self, AllocationSealed.self, RulePut.self, RuleRemoved.self)
}

/// Why an allocation was taken back.
public enum DeallocationReason: String, JSONEnumeration {
    case merchant
    case afterSale = "after-sale"
    case riskControl = "risk-control"
    case orderCancelled = "order-cancelled"
    case targetRejected = "target-rejected"
}

/// Which lines a rule is for: exactly one of the two.
public struct RuleMatch: Declared, Equatable {
    public var skus: [String]?
    public var skuPrefix: String?
    public init() {}
    public static let fields = Fields<RuleMatch>(Field("skus", \.skus, count: 1...1000), Field("skuPrefix", \.skuPrefix, .filled(200)))

    public func matches(_ sku: String) -> Bool {
        if let skus { skus.contains(sku) } else if let skuPrefix { sku.hasPrefix(skuPrefix) } else { false }
    }
}

/// A merchant gives an order, or lines of it, to a factory or a warehouse.
public struct Allocate: Message {
    public static let type = "daifa.allocation.allocate.v1"
    public static let contract: Contract<Allocate> = .command(
        to: .allocation, key: \.orderId, by: [.merchant(\.merchantShopId)], answers: [Allocated.self],
        refusals: [
            .notFound, .orderCancelled, .riskHeld, .afterSaleOpen, .awaitingAudit, .alreadyAllocated, .quantityExceeded, .bindingNotActive,
            .merchantNotRegistered, .targetNotAvailable,
        ], "A merchant gives an order, or lines of it, to a factory or a warehouse.")
    public var orderId = ""
    public var merchantShopId = ""
    public var target = Target()
    public var lines: [LineQuantity]?
    public init() {}
    public static let fields = Fields<Allocate>(
        Field("orderId", \.orderId, .id), Field("merchantShopId", \.merchantShopId, .shopId), Field("target", \.target),
        Field("lines", \.lines, count: 1...500))
}

/// The merchant takes one allocation back, or all.
public struct Deallocate: Message {
    public static let type = "daifa.allocation.deallocate.v1"
    public static let contract: Contract<Deallocate> = .command(
        to: .allocation, key: \.orderId, by: [.merchant(\.merchantShopId)], answers: [Deallocated.self],
        refusals: [.notFound, .notAllocated, .alreadySealed], "The merchant takes one allocation back, or all that are not sealed.")
    public var orderId = ""
    public var merchantShopId = ""
    public var allocationId: String?
    public var reason: String?
    public init() {}
    public static let fields = Fields<Deallocate>(
        Field("orderId", \.orderId, .id), Field("merchantShopId", \.merchantShopId, .shopId), Field("allocationId", \.allocationId, .id),
        Field("reason", \.reason, .reason))
}

/// A rule that allocates matching lines by itself.
public struct PutRule: Message {
    public static let type = "daifa.allocation.put-rule.v1"
    public static let contract: Contract<PutRule> = .command(
        to: .allocation, key: \.merchantShopId, by: [.merchant(\.merchantShopId)], answers: [RulePut.self],
        "A rule that allocates matching lines of an order by itself when it arrives.")
    public var merchantShopId = ""
    public var ruleId = ""
    public var match = RuleMatch()
    public var target = Target()
    public var priority: Int?
    public init() {}
    public static let fields = Fields<PutRule>(
        Field("merchantShopId", \.merchantShopId, .shopId), Field("ruleId", \.ruleId, .shopId), Field("match", \.match),
        Field("target", \.target), Field("priority", \.priority, 0...1_000_000))
}

/// Removes a rule.
public struct RemoveRule: Message {
    public static let type = "daifa.allocation.remove-rule.v1"
    public static let contract: Contract<RemoveRule> = .command(
        to: .allocation, key: \.merchantShopId, by: [.merchant(\.merchantShopId)], answers: [RuleRemoved.self], refusals: [.notFound],
        "Removes a rule.")
    public var merchantShopId = ""
    public var ruleId = ""
    public init() {}
    public static let fields = Fields<RemoveRule>(
        Field("merchantShopId", \.merchantShopId, .shopId), Field("ruleId", \.ruleId, .shopId))
}

/// Ends the hold `awaiting-audit`.
public struct ApproveOrder: Message {
    public static let type = "daifa.allocation.approve-order.v1"
    public static let contract: Contract<ApproveOrder> = .command(
        to: .allocation, key: \.orderId, by: [.merchant(\.merchantShopId), .owner(.factory, "of a factory-dropship order")],
        answers: [OrderReleased.self], refusals: [.notFound, .orderCancelled], "Ends the hold awaiting-audit.")
    public var orderId = ""
    public var merchantShopId = ""
    public init() {}
    public static let fields = Fields<ApproveOrder>(
        Field("orderId", \.orderId, .id), Field("merchantShopId", \.merchantShopId, .shopId))
}

/// From shipping: the allocation may no longer be taken back.
public struct Seal: Message {
    public static let type = "daifa.allocation.seal.v1"
    public static let contract: Contract<Seal> = .command(
        to: .allocation, key: \.orderId, by: [.service(.shipping)], answers: [AllocationSealed.self],
        refusals: [.notFound, .orderCancelled, .riskHeld, .afterSaleOpen, .awaitingAudit, .notAllocated],
        "From shipping: the allocation may no longer be taken back.")
    public var orderId = ""
    public var allocationId = ""
    public init() {}
    public static let fields = Fields<Seal>(
        Field("orderId", \.orderId, .id), Field("allocationId", \.allocationId, .id))
}

/// From shipping: a sealed warehouse allocation that the partner refused or cancelled.
public struct Release: Message {
    public static let type = "daifa.allocation.release.v1"
    public static let contract: Contract<Release> = .command(
        to: .allocation, key: \.orderId, by: [.service(.shipping)], answers: [Deallocated.self], refusals: [.notFound, .notAllocated],
        "From shipping: the partner refused or cancelled a sealed warehouse allocation.")
    public var orderId = ""
    public var allocationId = ""
    public var reason = DeallocationReason.targetRejected
    public init() {}
    public static let fields = Fields<Release>(
        Field("orderId", \.orderId, .id), Field("allocationId", \.allocationId, .id), Field("reason", \.reason))
}

/// An order is known.
public struct OrderRegistered: Message {
    public static let type = "daifa.allocation.order-registered.v1"
    public static let contract: Contract<OrderRegistered> = .event(of: .allocation, key: \.orderId, "An order is known.")
    public var orderId = ""
    public var merchantShopId = ""
    public var platform = ""
    public var platformOrderNumber = ""
    public var holds: [Hold] = []
    public init() {}
    public static let fields = Fields<OrderRegistered>(
        Field("orderId", \.orderId, .id), Field("merchantShopId", \.merchantShopId, .shopId), Field("platform", \.platform),
        Field("platformOrderNumber", \.platformOrderNumber), Field("holds", \.holds))
}

/// The order's holds, now more than before.
public struct OrderHeld: Message {
    public static let type = "daifa.allocation.order-held.v1"
    public static let contract: Contract<OrderHeld> = .event(
        of: .allocation, key: \.orderId, readers: [.shipping], "More holds than before keep the order from being allocated.")
    public var orderId = ""
    public var merchantShopId: String?
    public var holds: [Hold] = []
    public init() {}
    public static let fields = Fields<OrderHeld>(
        Field("orderId", \.orderId, .id), Field("merchantShopId", \.merchantShopId), Field("holds", \.holds))
}

/// The order's remaining holds, now fewer than before.
public struct OrderReleased: Message {
    public static let type = "daifa.allocation.order-released.v1"
    public static let contract: Contract<OrderReleased> = .event(
        of: .allocation, key: \.orderId, "Fewer holds than before keep the order from being allocated.")
    public var orderId = ""
    public var merchantShopId: String?
    public var holds: [Hold] = []
    public init() {}
    public static let fields = Fields<OrderReleased>(
        Field("orderId", \.orderId, .id), Field("merchantShopId", \.merchantShopId), Field("holds", \.holds))
}

/// The order is cancelled, for good.
public struct OrderCancellationNoted: Message {
    public static let type = "daifa.allocation.order-cancelled.v1"
    public static let contract: Contract<OrderCancellationNoted> = .event(
        of: .allocation, key: \.orderId, readers: [.shipping], "The order is cancelled, for good.")
    public var orderId = ""
    public var merchantShopId: String?
    public var reason: String?
    public init() {}
    public static let fields = Fields<OrderCancellationNoted>(
        Field("orderId", \.orderId, .id), Field("merchantShopId", \.merchantShopId), Field("reason", \.reason))
}

/// Lines of an order are given to a target.
public struct Allocated: Message {
    public static let type = "daifa.allocation.allocated.v1"
    public static let contract: Contract<Allocated> = .event(
        of: .allocation, key: \.orderId, readers: [.waybill, .shipping], "Lines of an order are given to a target.")
    public var orderId = ""
    public var allocationId = ""
    public var merchantShopId = ""
    public var shopAlias = ""
    public var target = Target()
    public var lines: [Line] = []
    public var remark = ""
    public var area = Area()
    public var mergeKey: String?
    public var recipientSealed: Verbatim<Sealed>?
    public var sender: Verbatim<Sender>?
    public var allocatedAt = Timestamp(milliseconds: 0)
    public var shipBy: Timestamp?
    public var platform: String?
    public var platformOrderNumber: String?
    public var channelId: String?
    public var ruleId: String?
    public init() {}
    public static let fields = Fields<Allocated>(
        Field("orderId", \.orderId, .id), Field("allocationId", \.allocationId, .id), Field("merchantShopId", \.merchantShopId, .shopId),
        Field("shopAlias", \.shopAlias), Field("target", \.target), Field("lines", \.lines, count: 1...500), Field("remark", \.remark),
        Field("area", \.area), Field("mergeKey", \.mergeKey), Field("recipientSealed", \.recipientSealed), Field("sender", \.sender),
        Field("allocatedAt", \.allocatedAt), Field("shipBy", \.shipBy), Field("platform", \.platform),
        Field("platformOrderNumber", \.platformOrderNumber), Field("channelId", \.channelId), Field("ruleId", \.ruleId))
}

/// An allocation was taken back.
public struct Deallocated: Message {
    public static let type = "daifa.allocation.deallocated.v1"
    public static let contract: Contract<Deallocated> = .event(
        of: .allocation, key: \.orderId, readers: [.waybill, .shipping], "An allocation was taken back.")
    public var orderId = ""
    public var allocationId = ""
    public var merchantShopId = ""
    public var target = Target()
    public var reason = DeallocationReason.merchant
    public var note: String?
    public init() {}
    public static let fields = Fields<Deallocated>(
        Field("orderId", \.orderId, .id), Field("allocationId", \.allocationId, .id), Field("merchantShopId", \.merchantShopId, .shopId),
        Field("target", \.target), Field("reason", \.reason), Field("note", \.note))
}

/// The recipient of an unsealed allocation changed.
public struct RecipientChanged: Message {
    public static let type = "daifa.allocation.recipient-changed.v1"
    public static let contract: Contract<RecipientChanged> = .event(
        of: .allocation, key: \.orderId, readers: [.waybill, .shipping], "The recipient of an unsealed allocation changed.")
    public var orderId = ""
    public var allocationId = ""
    public var merchantShopId = ""
    public var target = Target()
    public var area = Area()
    public var mergeKey: String?
    public var recipientSealed: Verbatim<Sealed>?
    /// The order's; its platform decrypts what it has encrypted.
    public var channelId: String?
    public init() {}
    public static let fields = Fields<RecipientChanged>(
        Field("orderId", \.orderId, .id), Field("allocationId", \.allocationId, .id), Field("merchantShopId", \.merchantShopId, .shopId),
        Field("target", \.target), Field("area", \.area), Field("mergeKey", \.mergeKey), Field("recipientSealed", \.recipientSealed),
        Field("channelId", \.channelId, .id))
}

/// The allocation may no longer be taken back.
public struct AllocationSealed: Message {
    public static let type = "daifa.allocation.sealed.v1"
    public static let contract: Contract<AllocationSealed> = .event(
        of: .allocation, key: \.orderId, readers: [.shipping], "The allocation may no longer be taken back.")
    public var orderId = ""
    public var allocationId = ""
    public init() {}
    public static let fields = Fields<AllocationSealed>(
        Field("orderId", \.orderId, .id), Field("allocationId", \.allocationId, .id))
}

/// A rule is in force.
public struct RulePut: Message {
    public static let type = "daifa.allocation.rule-put.v1"
    public static let contract: Contract<RulePut> = .event(of: .allocation, key: \.merchantShopId, "A rule is in force.")
    public var merchantShopId = ""
    public var ruleId = ""
    public var match = RuleMatch()
    public var target = Target()
    public var priority = 0
    public init() {}
    public static let fields = Fields<RulePut>(
        Field("merchantShopId", \.merchantShopId, .shopId), Field("ruleId", \.ruleId), Field("match", \.match), Field("target", \.target),
        Field("priority", \.priority, 0...1_000_000))
}

/// A rule is gone.
public struct RuleRemoved: Message {
    public static let type = "daifa.allocation.rule-removed.v1"
    public static let contract: Contract<RuleRemoved> = .event(of: .allocation, key: \.merchantShopId, "A rule is gone.")
    public var merchantShopId = ""
    public var ruleId = ""
    public init() {}
    public static let fields = Fields<RuleRemoved>(
        Field("merchantShopId", \.merchantShopId, .shopId), Field("ruleId", \.ruleId))
}
