public import JSON
public import Threads

/// An order is known.
public struct OrderRegistered: Message {
    public static let type = "daifa.allocation.order-registered.v1"
    public static let contract: Contract<OrderRegistered> = .event(of: .allocation, key: \.orderId, "An order is known.")
    public var orderId = ""
    public var merchantShopId = ""
    public var platform = ""
    public var platformOrderNumber = ""
    public var holds: [Hold] = []

    public init(blank: Blank) {}
    public init(orderId: String, merchantShopId: String, platform: String, platformOrderNumber: String, holds: [Hold]) {
        self.orderId = orderId
        self.merchantShopId = merchantShopId
        self.platform = platform
        self.platformOrderNumber = platformOrderNumber
        self.holds = holds
    }

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

    public init(blank: Blank) {}
    public init(orderId: String, merchantShopId: String? = nil, holds: [Hold]) {
        self.orderId = orderId
        self.merchantShopId = merchantShopId
        self.holds = holds
    }

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

    public init(blank: Blank) {}
    public init(orderId: String, merchantShopId: String? = nil, holds: [Hold]) {
        self.orderId = orderId
        self.merchantShopId = merchantShopId
        self.holds = holds
    }

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

    public init(blank: Blank) {}
    public init(orderId: String, merchantShopId: String? = nil, reason: String? = nil) {
        self.orderId = orderId
        self.merchantShopId = merchantShopId
        self.reason = reason
    }

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
    public var target: Target
    public var lines: [Line] = []
    public var remark = ""
    public var area: Area
    public var mergeKey: String?
    public var recipientSealed: Verbatim<Sealed>?
    public var sender: Verbatim<Sender>?
    public var allocatedAt = Timestamp(milliseconds: 0)
    public var shipBy: Timestamp?
    public var platform: String?
    public var platformOrderNumber: String?
    public var channelId: String?
    public var ruleId: String?

    public init(blank: Blank) {
        target = Target(blank: blank)
        area = Area(blank: blank)
    }
    public init(
        orderId: String, allocationId: String, merchantShopId: String, shopAlias: String, target: Target, lines: [Line], remark: String,
        area: Area, mergeKey: String? = nil, recipientSealed: Verbatim<Sealed>? = nil, sender: Verbatim<Sender>? = nil,
        allocatedAt: Timestamp, shipBy: Timestamp? = nil, platform: String? = nil, platformOrderNumber: String? = nil,
        channelId: String? = nil, ruleId: String? = nil
    ) {
        self.orderId = orderId
        self.allocationId = allocationId
        self.merchantShopId = merchantShopId
        self.shopAlias = shopAlias
        self.target = target
        self.lines = lines
        self.remark = remark
        self.area = area
        self.mergeKey = mergeKey
        self.recipientSealed = recipientSealed
        self.sender = sender
        self.allocatedAt = allocatedAt
        self.shipBy = shipBy
        self.platform = platform
        self.platformOrderNumber = platformOrderNumber
        self.channelId = channelId
        self.ruleId = ruleId
    }

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
    public var target: Target
    public var reason = DeallocationReason.merchant
    public var note: String?

    public init(blank: Blank) { target = Target(blank: blank) }
    public init(
        orderId: String, allocationId: String, merchantShopId: String, target: Target, reason: DeallocationReason, note: String? = nil
    ) {
        self.orderId = orderId
        self.allocationId = allocationId
        self.merchantShopId = merchantShopId
        self.target = target
        self.reason = reason
        self.note = note
    }

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
    public var target: Target
    public var area: Area
    public var mergeKey: String?
    public var recipientSealed: Verbatim<Sealed>?
    /// The order's; its platform decrypts what it has encrypted.
    public var channelId: String?

    public init(blank: Blank) {
        target = Target(blank: blank)
        area = Area(blank: blank)
    }
    public init(
        orderId: String, allocationId: String, merchantShopId: String, target: Target, area: Area, mergeKey: String? = nil,
        recipientSealed: Verbatim<Sealed>? = nil, channelId: String? = nil
    ) {
        self.orderId = orderId
        self.allocationId = allocationId
        self.merchantShopId = merchantShopId
        self.target = target
        self.area = area
        self.mergeKey = mergeKey
        self.recipientSealed = recipientSealed
        self.channelId = channelId
    }

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

    public init(blank: Blank) {}
    public init(orderId: String, allocationId: String) {
        self.orderId = orderId
        self.allocationId = allocationId
    }

    public static let fields = Fields<AllocationSealed>(
        Field("orderId", \.orderId, .id), Field("allocationId", \.allocationId, .id))
}

/// A rule is in force.
public struct RulePut: Message {
    public static let type = "daifa.allocation.rule-put.v1"
    public static let contract: Contract<RulePut> = .event(of: .allocation, key: \.merchantShopId, "A rule is in force.")
    public var merchantShopId = ""
    public var ruleId = ""
    public var match: RuleMatch
    public var target: Target
    public var priority = 0

    public init(blank: Blank) {
        match = RuleMatch(blank: blank)
        target = Target(blank: blank)
    }
    public init(merchantShopId: String, ruleId: String, match: RuleMatch, target: Target, priority: Int) {
        self.merchantShopId = merchantShopId
        self.ruleId = ruleId
        self.match = match
        self.target = target
        self.priority = priority
    }

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

    public init(blank: Blank) {}
    public init(merchantShopId: String, ruleId: String) {
        self.merchantShopId = merchantShopId
        self.ruleId = ruleId
    }

    public static let fields = Fields<RuleRemoved>(
        Field("merchantShopId", \.merchantShopId, .shopId), Field("ruleId", \.ruleId))
}
