import Contracts
import JSON
import Kafka

/// The fields of events that say how far an order is; those that an event does not have stay nil.
private struct OrderEventFields: DefaultInitializable, Equatable {
    var orderId: String?
    var allocationId: String?
    var merchantShopId: String?
    var target: Target?
    var holds: [Hold]?
    var carrier: String?
    var waybillNumber: String?
    var reason: String?
    init() {}
    static let fields = Fields<OrderEventFields>(
        Field("orderId", \.orderId), Field("allocationId", \.allocationId), Field("merchantShopId", \.merchantShopId),
        Field("target", \.target), Field("holds", \.holds), Field("carrier", \.carrier), Field("waybillNumber", \.waybillNumber),
        Field("reason", \.reason))
}

/// Where orders stand, from the events of allocation, waybill and shipping.
///
/// Each topic is in order per order; between topics nothing is, so each part of a state is told by one topic alone, and what is shown is
/// the furthest of them.
struct OrdersBoard {
    struct Allocation: Equatable {
        var target: Target?
        var isSealed = false
        /// Why it was taken back; nil: it was not.
        var takenBack: String?
        /// Waybill's last event: `opened`, `obtained`, `printed`, `returned`, `cancelled`, `voided`.
        var parcel: String?
        /// Shipping's last event: `ready`, `shipped`.
        var shipping: String?
        var carrier: String?
        var waybillNumber: String?
        /// From shipping: it has the last word on the number.
        fileprivate var isNumberFinal = false

        var state: String {
            if shipping == "shipped" { return "shipped" }
            if let takenBack { return "taken-back (\(takenBack))" }
            if isSealed { return "sealed" }
            if shipping == "ready" || parcel == "returned" { return "ready" }
            switch parcel {
            case "obtained", "printed": return parcel ?? ""
            default: return "allocated"
            }
        }
    }

    struct Order: Equatable {
        var merchantShopId: String?
        var holds: [Hold] = []
        var isCancelled = false
        /// By allocation id.
        var allocations: [String: Allocation] = [:]

        /// Of an order without an allocation in force.
        var openState: String { isCancelled ? "cancelled" : holds.isEmpty ? "open" : "held" }
        /// Whether nothing of what was allocated is in force.
        var isTakenBack: Bool { allocations.values.allSatisfy { $0.takenBack != nil && $0.shipping != "shipped" } }
        /// `<orderId>/<n>`, by n.
        var allocationIds: [String] {
            func number(_ id: String) -> Int { id.lastIndex(of: "/").flatMap { Int(id[id.index(after: $0)...]) } ?? 0 }
            return allocations.keys.sorted { (number($0), $0) < (number($1), $1) }
        }
    }

    static let topics = [ServiceName.allocation, .waybill, .shipping].map(\.events)

    private(set) var orders: [String: Order] = [:]

    mutating func take(_ record: Kafka.Message) {
        guard let type = EventRecord(record).type, let value = record.value else { return }
        take(type: type, data: value)
    }

    /// An event that says nothing about an order is passed over.
    mutating func take(type: String, data: [UInt8]) {
        let event: OrderEventFields
        do throws(JSONError) { event = try OrderEventFields.decode(data) } catch { return }
        guard let id = event.orderId else { return }
        var order = orders[id] ?? Order()
        let isKnown = take(type, event, into: &order)
        if isKnown { orders[id] = order }
    }

    private func take(_ type: String, _ event: OrderEventFields, into order: inout Order) -> Bool {
        switch type {
        case OrderRegistered.type, OrderHeld.type, OrderReleased.type: order.holds = event.holds ?? []
        case OrderCancellationNoted.type: order.isCancelled = true
        default:
            guard let id = event.allocationId else { return false }
            var allocation = order.allocations[id] ?? Allocation()
            guard Self.take(type, event, into: &allocation) else { return false }
            order.allocations[id] = allocation
        }
        if let merchant = event.merchantShopId, !merchant.isEmpty { order.merchantShopId = merchant }
        return true
    }

    private static func take(_ type: String, _ event: OrderEventFields, into allocation: inout Allocation) -> Bool {
        var number = (event.carrier, event.waybillNumber)
        switch type {
        case Allocated.type: (allocation.target, number) = (event.target, (nil, nil))
        case AllocationSealed.type: allocation.isSealed = true
        case Deallocated.type: allocation.takenBack = event.reason ?? "merchant"
        case Opened.type: allocation.parcel = "opened"
        case Obtained.type: allocation.parcel = "obtained"
        case Printed.type: allocation.parcel = "printed"
        case Returned.type: allocation.parcel = "returned"
        case Voided.type: allocation.parcel = "voided"
        case WaybillCancelled.type:
            (allocation.parcel, number) = ("cancelled", (nil, nil))
            if !allocation.isNumberFinal { (allocation.carrier, allocation.waybillNumber) = (nil, nil) }
        case Readdressed.type: allocation.parcel = "readdressed"
        case Ready.type: if allocation.shipping == nil { allocation.shipping = "ready" }
        case Unready.type: if allocation.shipping == "ready" { allocation.shipping = nil }
        case Shipped.type, Amended.type:
            allocation.shipping = "shipped"
            (allocation.carrier, allocation.waybillNumber) = number
            allocation.isNumberFinal = true
        default: return false
        }
        if !allocation.isNumberFinal, let text = number.1 { (allocation.carrier, allocation.waybillNumber) = (number.0, text) }
        return true
    }
}
