import Contracts
public import JSON
import Threads

/// The state of one order in allocation. Facts are kept before the order is placed too; their consequences (holds, quantities left) are
/// never stored, so that the same facts give the same state in any order.
public struct OrderState: DefaultInitializable, Equatable {
    /// The merchant of the order; nil until it is placed.
    var merchant: String?
    /// The order as it was placed, kept as bytes: only an allocation looks into it.
    var details: Verbatim<OrderDetails>?
    var recipient: StampedRecipient?
    var risk: StampedHold?
    /// After-sales of the order, sorted by afterSaleId.
    var afterSales: [AfterSale]?
    var awaitingAudit: Bool?
    var cancellation: Cancellation?
    /// Whether the platform took a factory-dropship order back.
    var assignment: StampedHold?
    /// Those in force, by number; those taken back are gone.
    var allocations: [StoredAllocation]?
    /// The highest number ever given.
    var lastNumber: Int?

    public init() {}

    public static let fields = Fields<OrderState>(
        Field("merchant", \.merchant), Field("details", \.details), Field("recipient", \.recipient), Field("risk", \.risk),
        Field("afterSales", \.afterSales), Field("awaitingAudit", \.awaitingAudit), Field("cancellation", \.cancellation),
        Field("assignment", \.assignment), Field("allocations", \.allocations), Field("lastNumber", \.lastNumber))
}

/// The part of an order that never changes.
public struct OrderDetails: DefaultInitializable, Equatable {
    var platform = ""
    var platformOrderNumber = ""
    var channelId: String?
    /// Milliseconds since 1970.
    var shipBy: Int?
    var remark = ""
    var lines: [OrderLine] = []
    /// The factory of an order that came allocated.
    var allocatedTo: String?
    /// The alias that such an order came with.
    var shopAlias: String?

    public init() {}

    init(_ placed: OrderPlaced) {
        platform = placed.platform
        platformOrderNumber = placed.platformOrderNumber
        channelId = placed.channelId
        shipBy = placed.shipBy?.milliseconds
        remark = placed.remark
        lines = placed.lines.map(OrderLine.init)
        allocatedTo = placed.allocatedTo
        shopAlias = placed.shopAlias
    }

    // Without rules: the fact was checked when it came in, and this is read with each message.
    public static let fields = Fields<OrderDetails>(
        Field("platform", \.platform), Field("platformOrderNumber", \.platformOrderNumber), Field("channelId", \.channelId),
        Field("shipBy", \.shipBy), Field("remark", \.remark), Field("lines", \.lines), Field("allocatedTo", \.allocatedTo),
        Field("shopAlias", \.shopAlias))
}

public struct OrderLine: DefaultInitializable, Equatable {
    var lineId = ""
    var sku = ""
    var name = ""
    var spec = ""
    var quantity = 0

    public init() {}

    init(_ placed: PlacedLine) {
        lineId = placed.lineId
        sku = placed.sku
        name = placed.name
        spec = placed.spec
        quantity = placed.quantity
    }

    /// Whether a warehouse could ship it; a blank is no sku.
    var hasSku: Bool { VisibleText.isIn(sku) }

    public static let fields = Fields<OrderLine>(
        Field("lineId", \.lineId), Field("sku", \.sku), Field("name", \.name), Field("spec", \.spec), Field("quantity", \.quantity))
}

/// Where the order goes, as of a time. The newest counts; at the same time a change beats what was placed, then the larger bytes win:
/// the result does not depend on which came first.
public struct StampedRecipient: DefaultInitializable, Equatable {
    /// `ce_time` in milliseconds since 1970.
    var at = 0
    /// It came with `address-changed`, not with `placed`.
    var isChange = false
    var province = ""
    var city = ""
    var district = ""
    var mergeKey: String?
    /// `Sealed`, as bytes.
    var sealed: RawJSON?
    /// The sealed part is deleted: the order was shipped, or cancelled, long ago.
    var isShredded: Bool?

    public init() {}

    init(_ recipient: PlacedRecipient, at time: Timestamp, isChange: Bool) {
        at = time.milliseconds
        self.isChange = isChange
        province = recipient.province
        city = recipient.city
        district = recipient.district
        mergeKey = recipient.mergeKey
        sealed = recipient.sealed.map { RawJSON(bytes: $0.bytes) }
    }

    public static let fields = Fields<StampedRecipient>(
        Field("at", \.at), Field("change", \.isChange), Field("province", \.province), Field("city", \.city), Field("district", \.district),
        Field("mergeKey", \.mergeKey), Field("sealed", \.sealed), Field("shredded", \.isShredded))

    var area: Area { Area(province: province, city: city, district: district) }

    /// The sealed recipient that is passed on to waybill; nil when the order came without one.
    var recipientSealed: Verbatim<Sealed>? {
        // Checked when the fact was read: decoding its own bytes cannot fail.
        sealed.flatMap { try? Verbatim<Sealed>.decodeStored($0.bytes) }
    }

    func prevails(over other: StampedRecipient?) -> Bool {
        guard let other else { return true }
        if at != other.at { return at > other.at }
        if isChange != other.isChange { return isChange }
        return other.json.lexicographicallyPrecedes(json)
    }
}

/// Whether the platform keeps the order back, as of a time: reviews it, or has taken it from its factory. The newest counts; the keeping back
/// wins a tie.
public struct StampedHold: DefaultInitializable, Equatable {
    /// `ce_time` in milliseconds since 1970.
    var at = 0
    var isHeld = false

    public init() {}

    init(at time: Timestamp, isHeld: Bool) {
        at = time.milliseconds
        self.isHeld = isHeld
    }

    public static let fields = Fields<StampedHold>(Field("at", \.at), Field("held", \.isHeld))

    func prevails(over other: StampedHold?) -> Bool {
        guard let other else { return true }
        return at != other.at ? at > other.at : isHeld && !other.isHeld
    }
}

/// One after-sale: it only moves forward.
public struct AfterSale: DefaultInitializable, Equatable {
    public enum Stage: String, JSONEnumeration { case open, closed, refunded }

    var id = ""
    var stage = Stage.open

    public init() {}

    init(_ id: String, _ stage: Stage) {
        self.id = id
        self.stage = stage
    }

    public static let fields = Fields<AfterSale>(Field("id", \.id), Field("stage", \.stage))
}

/// An order's cancellation. Of several reasons the smallest is kept, so that their order does not matter.
public struct Cancellation: DefaultInitializable, Equatable {
    var reason: String?

    public init() {}
    init(reason: String?) { self.reason = reason }

    public static let fields = Fields<Cancellation>(Field("reason", \.reason))

    func prevails(over other: Cancellation?) -> Bool {
        guard let other else { return true }
        guard let reason else { return false }
        return other.reason.map { reason < $0 } ?? true
    }
}

/// An allocation in force.
public struct StoredAllocation: Declared, Equatable {
    var number = 0
    var target: Target
    /// Quantities that the allocation holds, one for each line of the order, in the lines' order.
    var quantities: [Int] = []
    var isSealed = false
    /// It was shipped so long ago that nobody asks for its recipient any more.
    var isOver: Bool?

    public init(blank: Blank) { target = Target(blank: blank) }

    init(_ number: Int, _ target: Target, _ quantities: [Int]) {
        self.number = number
        self.target = target
        self.quantities = quantities
    }

    public static let fields = Fields<StoredAllocation>(
        Field("n", \.number), Field("target", \.target), Field("quantities", \.quantities), Field("sealed", \.isSealed),
        Field("over", \.isOver))
}

extension OrderState {
    /// The order as placed; empty before that. The bytes were checked when the state was read.
    var order: OrderDetails { details.flatMap { try? $0.value } ?? OrderDetails() }

    /// The holds that keep the order from being allocated, beside a cancellation.
    var holds: [Hold] {
        var holds: [Hold] = []
        if let afterSales, afterSales.contains(where: { $0.stage != .closed }) { holds.append(.afterSale) }
        if let risk, risk.isHeld { holds.append(.riskControl) }
        if awaitingAudit == true { holds.append(.awaitingAudit) }
        return holds
    }

    var isTakenBack: Bool { assignment?.isHeld == true }

    /// Quantities that are not allocated, one for each line.
    func left(of order: OrderDetails) -> [Int] {
        var left = order.lines.map(\.quantity)
        for allocation in allocations ?? [] {
            for (index, quantity) in allocation.quantities.enumerated() where index < left.count { left[index] -= quantity }
        }
        return left
    }

    func allocation(_ number: Int) -> StoredAllocation? { allocations?.first { $0.number == number } }

    /// Those that may still be taken back.
    var unsealed: [StoredAllocation] { allocations?.filter { !$0.isSealed } ?? [] }
}
