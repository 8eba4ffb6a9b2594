import Contracts
import JSON
import Threads

/// Inbound orders: what the command said, and what the partner told.
struct InboundRecord: DefaultInitializable, Equatable {
    struct Lines: DefaultInitializable, Equatable {
        var commandId = ""
        var lines: [CountedLine] = []
        init() {}
        static let fields = Fields<Lines>(Field("i", \.commandId), Field("l", \.lines))
    }

    var view = InboundView()
    /// Of each command that wanted to make it; the one that did is known by its id.
    var wanted: [Lines] = []
    var madeBy: String?
    /// When the partner got it.
    var at: Int?
    init() {}
    static let fields = Fields<InboundRecord>(
        Field("v", \.view), Field("w", \.wanted), Field("b", \.madeBy), Field("t", \.at))

    private static let wantedLimit = 8

    mutating func take(lines: [CountedLine], commandId: String) {
        if let madeBy, madeBy != commandId { return }
        guard !wanted.contains(where: { $0.commandId == commandId }), wanted.count < Self.wantedLimit else { return }
        var part = Lines()
        part.commandId = commandId
        part.lines = lines
        let place = wanted.firstIndex { $0.commandId > commandId } ?? wanted.endIndex
        wanted.insert(part, at: place)
    }

    mutating func take(_ event: InboundEvent, _ envelope: RecordEnvelope) {
        at = at ?? envelope.time.milliseconds
        view.merchantShopId = event.merchantShopId ?? view.merchantShopId
        view.warehouseId = event.warehouseId ?? view.warehouseId
        view.partnerNumber = event.partnerNumber ?? view.partnerNumber
        switch envelope.type {
        case InboundCreated.type:
            madeBy = envelope.causation
            wanted.removeAll { $0.commandId != madeBy }
        case InboundStatus.type:
            if let state = event.state { view.state = state }
            if let lines = event.lines { view.received = lines }
        case InboundOverdue.type: view.overdue = true
        default: break
        }
    }

    var shown: InboundView {
        var shown = view
        shown.lines = wanted.first { $0.commandId == madeBy }?.lines
        return shown
    }
}

struct InboundEvent: DefaultInitializable {
    var inboundId: String?
    var merchantShopId: String?
    var warehouseId: String?
    var partnerNumber: String?
    var state: InboundState?
    var lines: [CountedLine]?
    init() {}
    static let fields = Fields<InboundEvent>(
        Field("inboundId", \.inboundId), Field("merchantShopId", \.merchantShopId), Field("warehouseId", \.warehouseId),
        Field("partnerNumber", \.partnerNumber), Field("state", \.state), Field("lines", \.lines))
}

/// The fields of authorization's events about one consent.
struct AuthorizationEvent: DefaultInitializable {
    var authorizationId: String?
    var merchantShopId: String?
    var factoryShopId: String?
    var channelId: String?
    var provider: String?
    var mode: String?
    var pin: String?
    var departmentCode: String?
    var warehouseCode: String?
    var authorizeUrl: String?
    var state: String?
    var messageSubscription: Bool?
    var expiresAt: Timestamp?
    var warehouseId: String?
    var reason: String?
    init() {}
    static let fields = Fields<AuthorizationEvent>(
        Field("authorizationId", \.authorizationId), Field("merchantShopId", \.merchantShopId), Field("factoryShopId", \.factoryShopId),
        Field("channelId", \.channelId), Field("provider", \.provider), Field("mode", \.mode), Field("pin", \.pin),
        Field("departmentCode", \.departmentCode), Field("warehouseCode", \.warehouseCode), Field("authorizeUrl", \.authorizeUrl),
        Field("state", \.state), Field("messageSubscription", \.messageSubscription), Field("expiresAt", \.expiresAt),
        Field("warehouseId", \.warehouseId), Field("reason", \.reason))
}

struct PairEvent: DefaultInitializable {
    var merchantShopId = ""
    var factoryShopId = ""
    var message: String?
    init() {}
    static let fields = Fields<PairEvent>(
        Field("merchantShopId", \.merchantShopId), Field("factoryShopId", \.factoryShopId), Field("message", \.message))
}

struct SegmentEvent: DefaultInitializable {
    var factoryShopId = ""
    var carrier = ""
    var first = ""
    var last = ""
    var count = 0
    init() {}
    static let fields = Fields<SegmentEvent>(
        Field("factoryShopId", \.factoryShopId), Field("carrier", \.carrier), Field("first", \.first), Field("last", \.last),
        Field("count", \.count))
}

extension Projection {
    static func change(_ inboundId: String, _ rows: inout Rows, _ body: (inout InboundRecord) -> Void) {
        var record = rows.item(.inbounds, inboundId, as: InboundRecord.self)
        record.view.inboundId = inboundId
        body(&record)
        rows[.inbounds, inboundId] = Item(
            owners: [record.view.merchantShopId], at: record.at ?? 0, body: record.json, isShown: record.at != nil)
    }

    // MARK: Partners' numbers and consents

    static func partnerNumber(_ event: OrderEvent, _ reading: Reading) -> (String, Item)? {
        guard reading.place.envelope.type == OutboundCreated.type, let number = event.partnerNumber else { return nil }
        var row = PartnerNumberRow()
        row.key = reading.key ?? ""
        row.warehouseId = event.warehouseId ?? ""
        row.orderId = event.orderId
        row.allocationId = event.allocationId
        return (number, Item(at: reading.place.envelope.time.milliseconds, body: row.json))
    }

    static func inboundNumber(_ event: InboundEvent, _ id: String, _ reading: Reading) -> (String, Item)? {
        guard reading.place.envelope.type == InboundCreated.type, let number = event.partnerNumber else { return nil }
        var row = PartnerNumberRow()
        row.key = reading.key ?? ""
        row.warehouseId = event.warehouseId ?? ""
        row.inboundId = id
        return (number, Item(at: reading.place.envelope.time.milliseconds, body: row.json))
    }

    static func take(_ event: AuthorizationEvent, _ id: String, _ reading: Reading, _ rows: inout Rows) {
        let type = reading.place.envelope.type
        var view = rows.item(.authorizations, id, as: AuthorizationView.self)
        let known = rows[.authorizations, id]
        view.authorizationId = id
        view.merchantShopId = event.merchantShopId ?? view.merchantShopId
        view.factoryShopId = event.factoryShopId ?? view.factoryShopId
        view.channelId = event.channelId ?? view.channelId
        view.provider = event.provider ?? view.provider
        view.mode = event.mode ?? view.mode
        // Events that do not repeat the account lie under its key.
        view.pin = event.pin ?? reading.key.flatMap { PartnerAccount.parts($0)?.account } ?? view.pin
        view.departmentCode = event.departmentCode ?? view.departmentCode
        view.warehouseCode = event.warehouseCode ?? view.warehouseCode
        view.warehouseId = event.warehouseId ?? view.warehouseId
        view.expiresAt = event.expiresAt ?? view.expiresAt
        view.messageSubscription = event.messageSubscription ?? view.messageSubscription
        view.authorizeUrl = type == ConsentRequested.type ? event.authorizeUrl : type == WarehouseCreated.type ? view.authorizeUrl : nil
        switch type {
        case ConsentRequested.type: (view.state, view.reason) = (.requested, nil)
        case Granted.type, Refreshed.type: (view.state, view.reason) = (.granted, nil)
        case ConsentFailed.type: (view.state, view.reason) = (.failed, event.reason)
        case Expired.type: (view.state, view.reason) = (.expired, event.reason)
        case Revoked.type: (view.state, view.reason) = (.revoked, nil)
        default: break
        }
        rows[.authorizations, id] = Item(
            owners: [view.merchantShopId, view.factoryShopId].compactMap { $0 },
            at: known?.at ?? reading.place.envelope.time.milliseconds, body: view.json)
        if type == ConsentRequested.type, let state = event.state { rows[.consents, state] = consent(event, id, reading) }
    }

    private static func consent(_ event: AuthorizationEvent, _ id: String, _ reading: Reading) -> Item {
        var row = ConsentRow()
        row.key = reading.key ?? ""
        row.authorizationId = id
        row.channelId = event.channelId
        row.provider = event.provider.flatMap { Provider(rawValue: $0) } ?? row.provider
        row.correlationId = reading.place.envelope.correlation
        row.expiresAt = event.expiresAt ?? row.expiresAt
        return Item(at: row.expiresAt.milliseconds, body: row.json)
    }

    // MARK: Bindings and pools

    static func take(_ event: PairEvent, _ id: String, _ rows: inout Rows) {
        var view = rows.item(.bindings, id, as: BindingView.self)
        view.message = event.message
        let known = rows[.bindings, id]
        rows[.bindings, id] = Item(owners: known?.owners ?? [], body: view.json, isShown: known?.isShown ?? false)
    }

    static func take(_ event: SegmentEvent, _ reading: Reading, _ rows: inout Rows) {
        change(event.factoryShopId, event.carrier, &rows) { view in
            var segment = PoolSegment()
            (segment.first, segment.last) = (event.first, event.last)
            view.segments.append(segment)
            let (total, overflow) = view.total.addingReportingOverflow(event.count)
            view.total = overflow ? .max : total
        }
    }

    static func poolId(_ factory: String, _ carrier: String) -> String { "\(factory)~\(carrier)" }

    private static func change(_ factory: String, _ carrier: String, _ rows: inout Rows, _ body: (inout PoolView) -> Void) {
        let id = poolId(factory, carrier)
        var view = rows.item(.pools, id, as: PoolView.self)
        view.factoryShopId = factory
        view.carrier = carrier
        body(&view)
        rows[.pools, id] = Item(owners: [factory], body: view.json, isShown: !view.segments.isEmpty)
    }

    /// A number that the allocation did not have before was taken from the pool. A platform gives numbers of its own.
    static func countNumber(_ event: OrderEvent, of order: inout OrderRecord, _ place: EventPlace, _ rows: inout Rows) {
        guard place.envelope.type == Obtained.type, !FactoryDropship.isOrder(order.orderId), let allocationId = event.allocationId,
            let factory = event.factoryShopId, let carrier = event.carrier, let number = event.waybillNumber
        else { return }
        guard order.isNew(number, of: allocationId) else { return }
        change(factory, carrier, &rows) { $0.obtained += 1 }
    }

    // MARK: Tables

    static func take(_ list: ItemList, _ id: String, _ value: [UInt8]?, _ rows: inout Rows) {
        if list == .bindings { return takeBinding(id, value, &rows) }
        guard let value, let owners = owners(list, value) else {
            rows[list, id] = nil
            return
        }
        rows[list, id] = Item(owners: owners, body: value)
    }

    private static func takeBinding(_ id: String, _ value: [UInt8]?, _ rows: inout Rows) {
        var view = rows.item(.bindings, id, as: BindingView.self)
        let message = view.message
        let row = value.flatMap { try? BindingView.decodeStored($0) }
        view = row ?? BindingView()
        view.message = message
        rows[.bindings, id] = Item(owners: row.map { [$0.merchantShopId, $0.factoryShopId] } ?? [], body: view.json, isShown: row != nil)
    }

    /// nil: the row cannot be read.
    private static func owners(_ list: ItemList, _ value: [UInt8]) -> [String]? {
        switch list {
        case .participants: (try? ParticipantRow.decodeStored(value)).map { [$0.shopId] }
        case .rules: (try? RuleRow.decodeStored(value)).map { [$0.merchantShopId] }
        case .warehouses: (try? WarehouseRow.decodeStored(value)).map { [$0.merchantShopId] }
        case .stock: (try? StockRow.decodeStored(value)).map { [$0.warehouseId] }
        case .channels: (try? ChannelRow.decodeStored(value)).map { [$0.owner] }
        case .bindings, .pools, .inbounds, .authorizations, .consents, .numbers: nil
        }
    }
}

extension OrderRecord {
    /// Remembers a number that came from the pool; false when it is known already.
    mutating func isNew(_ number: String, of allocationId: String) -> Bool {
        let known = allocations.first { $0.id == allocationId }?.parcel?.obtained ?? []
        guard !known.contains(number) else { return false }
        remember(number, of: allocationId)
        return true
    }
}
