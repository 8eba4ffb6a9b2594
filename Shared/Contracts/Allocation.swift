public import JSON
import Threads

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

    public init(blank: Blank) {}
    public init(skus: [String]? = nil, skuPrefix: String? = nil) {
        self.skus = skus
        self.skuPrefix = skuPrefix
    }

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
    public var target: Target
    public var lines: [LineQuantity]?

    public init(blank: Blank) { target = Target(blank: blank) }
    public init(orderId: String, merchantShopId: String, target: Target, lines: [LineQuantity]? = nil) {
        self.orderId = orderId
        self.merchantShopId = merchantShopId
        self.target = target
        self.lines = lines
    }

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

    public init(blank: Blank) {}
    public init(orderId: String, merchantShopId: String, allocationId: String? = nil, reason: String? = nil) {
        self.orderId = orderId
        self.merchantShopId = merchantShopId
        self.allocationId = allocationId
        self.reason = reason
    }

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
    public var match: RuleMatch
    public var target: Target
    public var priority: Int?

    public init(blank: Blank) {
        match = RuleMatch(blank: blank)
        target = Target(blank: blank)
    }
    public init(merchantShopId: String, ruleId: String, match: RuleMatch, target: Target, priority: Int? = nil) {
        self.merchantShopId = merchantShopId
        self.ruleId = ruleId
        self.match = match
        self.target = target
        self.priority = priority
    }

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

    public init(blank: Blank) {}
    public init(merchantShopId: String, ruleId: String) {
        self.merchantShopId = merchantShopId
        self.ruleId = ruleId
    }

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

    public init(blank: Blank) {}
    public init(orderId: String, merchantShopId: String) {
        self.orderId = orderId
        self.merchantShopId = merchantShopId
    }

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

    public init(blank: Blank) {}
    public init(orderId: String, allocationId: String) {
        self.orderId = orderId
        self.allocationId = allocationId
    }

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

    public init(blank: Blank) {}
    public init(orderId: String, allocationId: String, reason: DeallocationReason) {
        self.orderId = orderId
        self.allocationId = allocationId
        self.reason = reason
    }

    public static let fields = Fields<Release>(
        Field("orderId", \.orderId, .id), Field("allocationId", \.allocationId, .id), Field("reason", \.reason))
}
