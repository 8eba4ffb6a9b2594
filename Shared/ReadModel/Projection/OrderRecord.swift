import Contracts
import JSON
import Threads

/// All that the topics say of one order. Each part is told by one topic alone, which is in order per order; what is shown is derived from
/// the parts, so that it is the same however the topics were read beside each other.
struct OrderRecord: Equatable {
    var orderId = ""
    /// From allocation: the order is known there.
    var registered: Told<RegisteredPart>?
    /// Facts `placed`, by their ids: the one that allocation took is the one that caused `order-registered`.
    var placed: [Told<PlacedPart>] = []
    var changes: [AddressPart]?
    /// Places in `daifa.orders` whose record became a dead letter: `3:17`.
    var deadFacts: [String]?
    var holds: [Hold] = []
    var isCancelled: Bool?
    var merchant: String?
    /// By allocation id.
    var allocations: [AllocationRecord] = []
    /// Events, refusals, facts and commands that are not kept yet. Not part of its row: what was kept once is never written again.
    var fresh = PackedHistory()
    /// Of a record that was read for it: all of them.
    var history: [HistoryPart] = []
    /// The row of the newest of them that are kept; each names the one before.
    var tail: Int?
    /// How many are kept.
    var noted = 0
    /// How many events were told.
    var version = 0
    /// Time of the newest message, in milliseconds since 1970.
    var lastAt = 0

    init() {}
    init(orderId: String) { self.orderId = orderId }

    /// The most events that are kept of one order: the newest.
    static let historyLimit = 1000
    /// The most facts of one kind that are kept of one order.
    static let factLimit = 32
}

/// `order-registered`.
struct RegisteredPart: Equatable {
    var at = 0
    /// `ce_id` of the `placed` that caused it.
    var by: String?
    var merchant = ""
    var platform = ""
    var number = ""
    init() {}
}

struct OrderedLine: Equatable {
    var lineId = ""
    var sku: String?
    var name = ""
    var spec = ""
    var quantity = 0
    init() {}
}

/// A fact `placed`, without what is sealed.
struct PlacedPart: Equatable {
    var id = ""
    /// `ce_time`.
    var at = 0
    var placedAt = 0
    var shipBy: Int?
    var remark = ""
    var lines: [OrderedLine] = []
    var area = Area(province: "", city: "", district: "")
    init() {}
}

/// A fact `address-changed`.
struct AddressPart: Equatable {
    var id = ""
    var at = 0
    /// In `daifa.orders`: `3:17`.
    var place = ""
    var area = Area(province: "", city: "", district: "")
    init() {}
}

/// All that is told of one allocation.
struct AllocationRecord: Equatable {
    var id = ""
    /// Events of it.
    var version = 0

    // Told by allocation.
    var target: Target?
    var lines: [OrderedLine] = []
    var shipBy: Int?
    /// The order's, in case that its `placed` is gone from the log.
    var remark: String?
    var isSealed: Bool?
    var takenBack: String?
    /// Area and door since `recipient-changed`.
    var moved: DoorPart?

    var parcel: ParcelPart?
    var shipping: ShippingPart?

    init() {}
    init(id: String) { self.id = id }
}

struct DoorPart: Equatable {
    var area = Area(province: "", city: "", district: "")
    var mergeKey: String?
    init() {}
}

/// Told by waybill.
struct ParcelPart: Equatable {
    /// nil: `opened` is not read, or gone from the log.
    var opened: Told<OpenedPart>?
    var phase = ParcelStateName.open
    var stage: ParcelStage?
    var isReaddressed: Bool?
    var carrier: String?
    var number: String?
    var extraNumbers: [String]?
    var copies: Int?
    /// Numbers that came from the pool.
    var obtained: [String]?
    var factory: String?
    /// When it was voided or readdressed last, in milliseconds since 1970.
    var stoppedAt: Int?
    init() {}
}

/// The closed list.
struct OpenedPart: Equatable {
    var at = 0
    var merchant = ""
    var shopAlias = ""
    var factory = ""
    var lines: [OrderedLine] = []
    var remark = ""
    var door = DoorPart()
    var sender: RawJSON?
    init() {}
}

/// Told by shipping.
struct ShippingPart: Equatable {
    var isReady: Bool?
    var isShipped: Bool?
    var carrier: String?
    var number: String?
    var extraNumbers: [String]?
    var factory: String?
    var warehouse: String?
    var outbound: OutboundView?
    /// By target.
    var uploads: [UploadView]?
    init() {}
}
