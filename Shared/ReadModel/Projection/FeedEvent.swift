public import Contracts
import JSON
public import Threads

/// An event or refusal for those who watch, and who may see it.
public struct FeedEvent: Sendable, Equatable {
    public var topic: String
    public var partition: Int32
    public var offset: Int64
    /// `ce_id`.
    public var id: String
    /// `ce_type`.
    public var type: String
    public var key: String
    public var time: Timestamp
    /// Shop ids of the merchants that may see it.
    public var merchants: [String]
    /// Shop ids of the factories that may see it.
    public var factories: [String]
    /// The order that it is about.
    public var orderId: String?
    /// The allocation that it is about.
    public var allocationId: String?
    /// The order's and the parcel's versions, as the views have them, after this event.
    public var orderVersion: Int?
    public var parcelVersion: Int?
    private var value: [UInt8]

    /// - Parameter order: as this event has left it; its merchant counts when the event names none.
    init?(_ record: UnsafePointer<LogRecord>, _ reading: Reading, order: OrderRecord?) {
        guard reading.place.topic != 0, let value = record.pointee.value else { return nil }
        topic = record.pointee.topic
        partition = record.pointee.partition
        offset = record.pointee.offset
        id = reading.place.envelope.id
        type = reading.place.envelope.type
        key = reading.key ?? ""
        time = reading.place.envelope.time
        self.value = value
        merchants = []
        factories = []
        if type == RecipientResealed.type || type == LabelOpened.type { return nil }
        if let actor = reading.refusedActor {
            if actor.kind == .merchant { merchants = [actor.id] }
            if actor.kind == .factory { factories = [actor.id] }
            if case .refusal(let id, _) = reading.body { orderId = id }
        } else {
            guard let shops = Shops(reading, value) else { return nil }
            (orderId, allocationId) = (shops.orderId, shops.allocationId)
            let isERPs = LabelEvents.erp.contains(type)
            if !isERPs { merchants = [shops.merchantShopId ?? order?.merchant].compactMap { $0 } }
            if isERPs || Self.isForFactories(reading.place.topic, type) { factories = [shops.factoryShopId].compactMap { $0 } }
            if reading.place.topic == Projection.binding, let shop = shops.shopId { merchants.append(shop) }
        }
        if merchants.isEmpty, factories.isEmpty { return nil }
        orderVersion = order?.version
        parcelVersion = order?.allocations.first { $0.id == allocationId }?.version
    }

    private static let shippingForFactories: Set<String> = [Ready.type, Unready.type, Shipped.type, Amended.type]

    private static func isForFactories(_ topic: Int, _ type: String) -> Bool {
        switch topic {
        case Projection.waybill, Projection.binding, Projection.authorization: true
        case Projection.shipping: shippingForFactories.contains(type)
        default: false
        }
    }

    /// The actor's right to see it: a merchant's or a factory's shop that is named.
    public func isVisible(to actor: Actor) -> Bool {
        switch actor.kind {
        case .merchant: merchants.contains(actor.id)
        case .factory: factories.contains(actor.id) || (merchants.contains(actor.id) && topic == ServiceName.binding.events)
        case .operator, .connector, .partner, .service: false
        }
    }

    /// The data without what is sealed; for a factory, of an order no more than the closed list and where the parcel stands.
    public func data(for actor: Actor) -> [UInt8] {
        let clear = SealedFields.removed(from: value)
        guard actor.kind == .factory, orderId != nil, case .object(let members) = try? JSONValue.decodeStored(clear) else { return clear }
        if refusalFields.isSubset(of: Set(members.map(\.0))) { return clear }
        return JSONValue.object(members.filter { Self.forFactories.contains($0.0) }).json
    }

    private var refusalFields: Set<String> { ["commandId", "commandType", "code"] }

    private static let forFactories: Set<String> = [
        "orderId", "allocationId", "merchantShopId", "shopAlias", "factoryShopId", "lines", "remark", "area", "mergeKey", "sender",
        "stage", "carrier", "waybillNumber", "extraNumbers", "copies", "unusual", "reason", "previousCarrier", "previousWaybillNumber",
        "channelId", "erpNumber", "step", "partnerCode",
    ]
}

/// The shops that an event names.
private struct Shops: DefaultInitializable {
    var orderId: String?
    var allocationId: String?
    var merchantShopId: String?
    var factoryShopId: String?
    var shopId: String?
    init() {}

    /// As far as it is read already, from there.
    init?(_ reading: Reading, _ value: [UInt8]) {
        switch reading.body {
        case .order(let id, let box):
            (orderId, allocationId) = (id, box.event.allocationId)
            (merchantShopId, factoryShopId) = (box.event.merchantShopId, box.event.factoryShopId)
        default:
            guard let shops = try? Shops.decodeStored(value) else { return nil }
            self = shops
        }
    }

    static let fields = Fields<Shops>(
        Field("orderId", \.orderId), Field("allocationId", \.allocationId), Field("merchantShopId", \.merchantShopId),
        Field("factoryShopId", \.factoryShopId), Field("shopId", \.shopId))
}

private enum LabelEvents {
    /// A factory's ERP is not the merchant's to see.
    static let erp: Set<String> = [ERPOrderCreated.type, ERPOrderCancelled.type, ERPOrderFailed.type, NumberFetchFailed.type]
}
