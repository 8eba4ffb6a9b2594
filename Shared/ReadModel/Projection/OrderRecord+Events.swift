import Contracts
import JSON
import Threads

/// An event's place in the log and its envelope, as far as rows keep it.
struct EventPlace {
    /// Number of the topic, in the order in which services act.
    var topic: Int
    var partition: Int32
    var offset: Int64
    var envelope: RecordEnvelope
}

extension OrderRecord {
    // MARK: Facts

    mutating func take(fact: FactEvent, _ place: EventPlace, sentAt: Timestamp) {
        let envelope = place.envelope
        let id = envelope.id
        note(sent: place, topic: Projection.facts, sentAt: sentAt)
        let position = "\(place.partition):\(place.offset)"
        switch envelope.type {
        case OrderPlaced.type:
            if placed.contains(where: { $0.id == id }) { return }
            if let by = registered?.by, by != id { return }
            var placed = PlacedPart()
            placed.id = id
            placed.at = envelope.time.milliseconds
            placed.placedAt = fact.placedAt?.milliseconds ?? placed.at
            placed.shipBy = fact.shipBy?.milliseconds
            placed.remark = fact.remark ?? ""
            placed.lines = fact.lines?.map(\.line) ?? []
            placed.area = fact.recipient ?? placed.area
            Self.insert(Told(placed), into: &self.placed, limit: Self.factLimit) { ($0.at, $0.id) < ($1.at, $1.id) }
        case AddressChanged.type:
            guard let area = fact.recipient, deadFacts?.contains(position) != true else { return }
            var change = AddressPart()
            change.id = id
            change.at = envelope.time.milliseconds
            change.place = position
            change.area = area
            var all = changes ?? []
            Self.insert(change, into: &all, limit: Self.factLimit) { ($0.at, $0.id) < ($1.at, $1.id) }
            changes = all
        default: break
        }
    }

    /// A command about it: for traces.
    mutating func take(command place: EventPlace, topic: Int, sentAt: Timestamp) { note(sent: place, topic: topic, sentAt: sentAt) }

    private mutating func note(sent place: EventPlace, topic: Int, sentAt: Timestamp) {
        let envelope = place.envelope
        lastAt = max(lastAt, envelope.time.milliseconds)
        var part = HistoryPart()
        part.id = envelope.id
        part.type = envelope.short
        part.at = envelope.time.milliseconds
        part.topic = topic
        part.offset = Int(place.offset)
        part.actor = envelope.actor
        part.cause = envelope.causation
        part.sentAt = sentAt.milliseconds
        fresh.append(part)
    }

    /// A fact that allocation did not take.
    mutating func drop(factAt position: String) {
        guard deadFacts?.contains(position) != true else { return }
        deadFacts = Array(((deadFacts ?? []) + [position]).suffix(Self.factLimit))
        changes?.removeAll { $0.place == position }
        if changes?.isEmpty == true { changes = nil }
    }

    /// The newest ones stay.
    private static func insert<Part>(_ part: Part, into parts: inout [Part], limit: Int, _ isBefore: (Part, Part) -> Bool) {
        let place = parts.lastIndex { isBefore($0, part) }.map { $0 + 1 } ?? 0
        parts.insert(part, at: place)
        if parts.count > limit { parts.removeFirst() }
    }

    // MARK: Events

    mutating func take(_ event: OrderEvent, _ place: EventPlace) {
        note(place, allocationId: event.allocationId, merchant: event.merchantShopId, reason: event.reason)
        switch place.envelope.type {
        case OrderRegistered.type:
            var part = RegisteredPart()
            part.at = place.envelope.time.milliseconds
            part.by = place.envelope.causation
            part.merchant = event.merchantShopId ?? ""
            part.platform = event.platform ?? ""
            part.number = event.platformOrderNumber ?? ""
            registered = Told(part)
            holds = event.holds ?? []
            if let by = part.by { placed.removeAll { $0.id != by } }
        case OrderHeld.type, OrderReleased.type: holds = event.holds ?? []
        case OrderCancellationNoted.type: isCancelled = true
        default:
            guard let id = event.allocationId else { return }
            change(id) { $0.take(event, place) }
        }
    }

    mutating func take(_ event: UploadEvent, _ place: EventPlace) {
        note(place, allocationId: event.allocationId, merchant: event.merchantShopId, reason: event.reason)
        guard let id = event.allocationId else { return }
        var upload = UploadView()
        upload.target = event.target
        upload.state = place.envelope.type == UploadConfirmed.type ? "confirmed" : "failed"
        upload.reason = place.envelope.type == UploadConfirmed.type ? nil : event.reason
        change(id) { allocation in
            var shipping = allocation.shipping ?? ShippingPart()
            var uploads = (shipping.uploads ?? []).filter { $0.target != upload.target }
            uploads.append(upload)
            shipping.uploads = uploads.sorted { $0.target.rawValue > $1.target.rawValue }
            allocation.shipping = shipping
        }
    }

    mutating func take(_ refusal: Refused, _ place: EventPlace) {
        note(place, allocationId: nil, merchant: nil, code: refusal.code.rawValue, reason: refusal.commandType, actor: refusal.actor)
    }

    private mutating func note(
        _ place: EventPlace, allocationId: String?, merchant: String?, code: String? = nil, reason: String? = nil, actor: Actor? = nil
    ) {
        let envelope = place.envelope
        version += 1
        lastAt = max(lastAt, envelope.time.milliseconds)
        if let merchant, !merchant.isEmpty, self.merchant == nil { self.merchant = merchant }
        if let allocationId { change(allocationId) { $0.version += 1 } }
        var part = HistoryPart()
        part.id = envelope.id
        part.type = envelope.short
        part.at = envelope.time.milliseconds
        part.topic = place.topic
        part.offset = Int(place.offset)
        part.actor = envelope.behalf ?? actor?.description
        part.user = envelope.user
        part.allocationId = allocationId
        part.code = code
        part.reason = reason
        part.cause = envelope.causation
        fresh.append(part)
    }

    /// Keeps a number that came from the pool.
    mutating func remember(_ number: String, of allocationId: String) {
        change(allocationId) { allocation in
            var parcel = allocation.parcel ?? ParcelPart()
            parcel.obtained = (parcel.obtained ?? []) + [number]
            allocation.parcel = parcel
        }
    }

    private mutating func change(_ id: String, _ body: (inout AllocationRecord) -> Void) {
        if let known = allocations.firstIndex(where: { $0.id == id }) { return body(&allocations[known]) }
        var allocation = AllocationRecord(id: id)
        body(&allocation)
        let place = allocations.firstIndex { AllocationRecord.isBefore(id, $0.id) } ?? allocations.endIndex
        allocations.insert(allocation, at: place)
    }
}

extension AllocationRecord {
    /// `<orderId>/<n>`, by n.
    static func isBefore(_ left: String, _ right: String) -> Bool { (number(left), left) < (number(right), right) }

    private static func number(_ id: String) -> Int {
        id.utf8.lastIndex(of: UInt8(ascii: "/")).flatMap { Int(id[id.index(after: $0)...]) } ?? 0
    }

    mutating func take(_ event: OrderEvent, _ place: EventPlace) {
        switch place.envelope.type {
        case Allocated.type:
            target = event.target
            lines = event.lines?.map(\.line) ?? []
            shipBy = event.shipBy?.milliseconds
            remark = event.remark
        case Deallocated.type:
            target = target ?? event.target
            takenBack = event.reason ?? DeallocationReason.merchant.rawValue
        case AllocationSealed.type: isSealed = true
        case RecipientChanged.type:
            var door = DoorPart()
            door.area = event.area ?? door.area
            door.mergeKey = event.mergeKey
            moved = door
        default:
            if place.topic == Projection.waybill {
                var part = parcel ?? ParcelPart()
                part.take(event, place)
                parcel = part
            } else {
                var part = shipping ?? ShippingPart()
                part.take(event, place.envelope.type)
                shipping = part
            }
        }
    }
}

extension ParcelPart {
    mutating func take(_ event: OrderEvent, _ place: EventPlace) {
        factory = event.factoryShopId ?? factory
        switch place.envelope.type {
        case Opened.type:
            var part = OpenedPart()
            part.at = place.envelope.time.milliseconds
            part.merchant = event.merchantShopId ?? ""
            part.shopAlias = event.shopAlias ?? ""
            part.factory = event.factoryShopId ?? ""
            part.lines = event.lines?.map(\.line) ?? []
            part.remark = event.remark ?? ""
            part.door.area = event.area ?? part.door.area
            part.door.mergeKey = event.mergeKey
            part.sender = event.sender
            opened = Told(part)
        case Obtained.type:
            (carrier, number) = (event.carrier, event.waybillNumber)
            if phase == .open { phase = .obtained }
        case Printed.type:
            copies = event.copies
            if phase == .obtained { phase = .printed }
        case Returned.type:
            (carrier, number, extraNumbers) = (event.carrier, event.waybillNumber, event.extraNumbers)
            (phase, isReaddressed) = (.returned, nil)
        case Claimed.type: (carrier, number) = (event.carrier, event.waybillNumber)
        case WaybillCancelled.type:
            (carrier, number, copies) = (nil, nil, nil)
            phase = .open
        case Readdressed.type:
            (phase, isReaddressed, extraNumbers, copies) = (.obtained, true, nil, nil)
            stoppedAt = place.envelope.time.milliseconds
        case Voided.type:
            (phase, stage, isReaddressed) = (.voided, event.stage, nil)
            (carrier, number) = (event.carrier, event.waybillNumber)
            stoppedAt = place.envelope.time.milliseconds
        default: break
        }
    }
}

extension ShippingPart {
    mutating func take(_ event: OrderEvent, _ type: String) {
        factory = event.factoryShopId ?? factory
        warehouse = event.warehouseId ?? warehouse
        switch type {
        case Ready.type:
            isReady = true
            if isShipped != true { (carrier, number, extraNumbers) = (event.carrier, event.waybillNumber, event.extraNumbers) }
        case Unready.type: isReady = nil
        case Shipped.type:
            isShipped = true
            (carrier, number, extraNumbers) = (event.carrier, event.waybillNumber, event.extraNumbers)
        case Amended.type: (carrier, number) = (event.carrier, event.waybillNumber)
        default:
            var view = outbound ?? OutboundView()
            if view.take(event, type) { outbound = view }
        }
    }
}

extension OutboundView {
    /// False for an event that says nothing of an outbound order.
    fileprivate mutating func take(_ event: OrderEvent, _ type: String) -> Bool {
        switch type {
        case OutboundCreated.type: break
        case OutboundStatus.type:
            state = event.state.flatMap { OutboundState(rawValue: $0) } ?? state
            partnerCode = event.partnerCode
            occurredAt = event.occurredAt
        case OutboundRejected.type:
            rejected = event.reason
            partnerCode = event.partnerCode
        case OutboundOverdue.type: overdue = true
        case OutboundCancelling.type: cancel = "cancelling"
        case OutboundCancelled.type: cancel = "cancelled"
        case OutboundCancelFailed.type: cancel = "cancel-failed"
        default: return false
        }
        partnerNumber = event.partnerNumber ?? partnerNumber
        return true
    }
}
