import Contracts
import JSON
import Threads

extension AllocationRecord {
    /// Where it went: allocation's word, else what waybill and shipping say.
    var knownTarget: Target? {
        if let target { return target }
        if let factory = parcel?.opened?.factory ?? parcel?.factory ?? shipping?.factory { return Target(.factory, factory) }
        return shipping?.warehouse.map { Target(.warehouse, $0) }
    }

    var state: AllocationStateName {
        if shipping?.isShipped == true { return .shipped }
        if takenBack != nil { return .deallocated }
        return shipping?.isReady == true ? .ready : .allocated
    }

    /// Carrier, number and further numbers: once it is shipped, shipping has the last word.
    var numbers: (carrier: String?, number: String?, extra: [String]?) {
        if shipping?.isShipped == true { return (shipping?.carrier, shipping?.number, shipping?.extraNumbers) }
        if let parcel { return (parcel.carrier, parcel.number, parcel.extraNumbers) }
        return (shipping?.carrier, shipping?.number, shipping?.extraNumbers)
    }

    var view: AllocationView? {
        guard let target = knownTarget else { return nil }
        var view = AllocationView()
        view.allocationId = id
        view.target = target
        view.state = state
        view.reason = view.state == .deallocated ? takenBack : nil
        view.lines = lines.map { LineQuantity(lineId: $0.lineId, quantity: $0.quantity) }
        (view.carrier, view.waybillNumber, view.extraNumbers) = numbers
        view.outbound = shipping?.outbound
        view.uploads = shipping?.uploads
        return view
    }

    // MARK: The parcel

    /// nil while waybill has not opened it.
    var parcelState: ParcelStateName? {
        guard let parcel, parcel.opened != nil else { return nil }
        return shipping?.isShipped == true ? .shipped : parcel.phase
    }

    /// Whether a label was printed that must not be sent: of a voided parcel, or with the old door.
    var mustBeStopped: Bool {
        switch parcelState {
        case .voided: parcel?.stage == .printed || parcel?.stage == .returned
        case .shipped, nil: false
        default: parcel?.isReaddressed == true
        }
    }

    func parcelView(orderId: String) -> ParcelView? {
        guard let parcel, let opened = parcel.opened, let state = parcelState else { return nil }
        var view = ParcelView()
        view.orderId = orderId
        view.allocationId = id
        view.merchantShopId = opened.merchant
        view.shopAlias = opened.shopAlias
        view.factoryShopId = opened.factory
        view.lines = opened.lines.map { OpenedLine(lineId: $0.lineId, name: $0.name, spec: $0.spec, quantity: $0.quantity) }
        view.remark = opened.remark
        let door = moved ?? opened.door
        view.area = door.area
        view.mergeKey = door.mergeKey
        view.sender = opened.sender
        view.state = state
        view.stage = state == .voided ? parcel.stage : nil
        view.readdressed = state == .shipped ? nil : parcel.isReaddressed
        (view.carrier, view.waybillNumber, view.extraNumbers) = numbers
        view.copies = parcel.copies ?? 0
        view.actions = ParcelActions.possible(state: state, hasNumber: view.waybillNumber != nil)
        view.version = version
        view.openedAt = Timestamp(milliseconds: opened.at)
        return view
    }
}

extension OrderRecord {
    /// The `placed` that allocation took; nil: it is not read, or gone from the log.
    var taken: Told<PlacedPart>? { registered?.by.flatMap { by in placed.first { $0.id == by } } }

    /// The time by which lists are ordered, in milliseconds since 1970; nil: allocation has not told of the order.
    var listTime: Int? { registered.map { taken?.placedAt ?? $0.at } }

    var shipBy: Int? { taken?.shipBy ?? allocations.lazy.compactMap(\.shipBy).first }

    /// The newest `ce_time` counts; at the same time a change beats what was placed.
    var area: Area? {
        let change = changes?.max { ($0.at, $0.id) < ($1.at, $1.id) }
        if let placed = taken { return change.map { $0.at >= placed.at ? $0.area : placed.area } ?? placed.area }
        return change?.area ?? allocations.lazy.compactMap { $0.moved?.area ?? $0.parcel?.opened?.door.area }.first
    }

    /// As placed; of an order whose `placed` is gone, as far as allocations tell.
    private var orderedLines: [OrderedLine] {
        if let taken { return taken.lines }
        var lines: [OrderedLine] = []
        for allocation in allocations where allocation.state != .deallocated {
            for line in allocation.lines {
                if let known = lines.firstIndex(where: { $0.lineId == line.lineId }) {
                    lines[known].quantity += line.quantity
                } else {
                    lines.append(line)
                }
            }
        }
        return lines
    }

    var lineViews: [OrderLineView] {
        var views = orderedLines.map { line in
            var view = OrderLineView()
            view.lineId = line.lineId
            view.sku = line.sku ?? ""
            view.name = line.name
            view.spec = line.spec
            view.quantity = line.quantity
            return view
        }
        for allocation in allocations {
            let state = allocation.state
            if state == .deallocated { continue }
            for line in allocation.lines {
                guard let place = views.firstIndex(where: { $0.lineId == line.lineId }) else { continue }
                views[place].allocated += line.quantity
                if state == .shipped { views[place].shipped += line.quantity }
            }
        }
        return views
    }

    /// The same without making the lines' views, for an order of few lines.
    func state() -> OrderStateName {
        let ordered = orderedLines
        if isCancelled == true { return .cancelled }
        guard ordered.count <= Self.fewLines, !ordered.isEmpty else { return state(lineViews) }
        var (isShipped, isOpen, isAllocated) = (true, false, false)
        for (place, line) in ordered.enumerated() {
            var (allocated, shipped) = (0, 0)
            // Lines with one id count as the first of them.
            if ordered.firstIndex(where: { $0.lineId == line.lineId }) == place {
                for number in allocations.indices where allocations[number].state != .deallocated {
                    let quantity = allocations[number].lines.reduce(0) { $0 + ($1.lineId == line.lineId ? $1.quantity : 0) }
                    allocated += quantity
                    if allocations[number].state == .shipped { shipped += quantity }
                }
            }
            if shipped < line.quantity { isShipped = false }
            if allocated < line.quantity { isOpen = true }
            if allocated > 0 { isAllocated = true }
        }
        if isShipped { return .shipped }
        if !holds.isEmpty { return .held }
        if isOpen { return isAllocated ? .partly : .open }
        return allocations.contains { $0.state == .allocated } ? .allocated : .ready
    }

    private static let fewLines = 4

    func state(_ lines: [OrderLineView]) -> OrderStateName {
        if isCancelled == true { return .cancelled }
        if !lines.isEmpty, lines.allSatisfy({ $0.shipped >= $0.quantity }) { return .shipped }
        if !holds.isEmpty { return .held }
        if lines.isEmpty || lines.contains(where: { $0.allocated < $0.quantity }) {
            return lines.contains { $0.allocated > 0 } ? .partly : .open
        }
        return allocations.contains { $0.state == .allocated } ? .allocated : .ready
    }

    /// nil: allocation has not told of the order.
    func view(withHistory: Bool = false) -> OrderView? {
        guard let registered, let at = listTime else { return nil }
        var view = OrderView()
        view.orderId = orderId
        view.merchantShopId = registered.merchant
        view.platform = registered.platform
        view.platformOrderNumber = registered.number
        view.placedAt = Timestamp(milliseconds: at)
        view.shipBy = shipBy.map { Timestamp(milliseconds: $0) }
        view.remark = taken?.remark ?? allocations.lazy.compactMap(\.remark).first ?? ""
        view.area = area
        view.holds = holds
        view.lines = lineViews
        view.state = state(view.lines)
        view.allocations = allocations.compactMap(\.view)
        view.actions = OrderActions.possible(view, sealed: Set(allocations.lazy.filter { $0.isSealed == true }.map(\.id)))
        view.version = version
        if withHistory { view.history = history(of: registered.merchant) }
        return view
    }

    /// Others' refused attempts are left out: they are not the merchant's to see.
    private func history(of merchant: String) -> [HistoryView] {
        let owner = Actor(.merchant, merchant).description
        return history.lazy.filter(\.isTold).filter { part in
            guard part.code != nil, let actor = part.actor, actor != owner else { return true }
            return !actor.hasPrefix("merchant:") && (!actor.hasPrefix("factory:") || self.isFactory(actor))
        }.map(\.view)
    }

    private func isFactory(_ actor: String) -> Bool {
        allocations.contains { $0.knownTarget.map { $0.kind == .factory && actor == Actor(.factory, $0.id).description } ?? false }
    }

    /// Of one parcel, as its factory may see it: nothing of allocation's, nothing of other parcels.
    func parcelHistory(_ allocationId: String, factory: String) -> [HistoryView]? {
        guard allocations.contains(where: { $0.id == allocationId && $0.parcel?.opened?.factory == factory }) else { return nil }
        let actor = Actor(.factory, factory).description
        return history.lazy.filter(\.isTold).filter { part in
            if part.code != nil { return part.actor == actor && part.topic == Projection.waybill }
            guard part.allocationId == allocationId else { return false }
            return part.topic == Projection.waybill || Self.shippingForFactories.contains(part.type)
        }.map { part in
            var view = part.view
            // The merchant's people and uploads are not the factory's to see.
            if part.actor != actor { view.user = nil }
            return view
        }
    }

    private static let shippingForFactories = Set([Ready.type, Unready.type, Shipped.type, Amended.type].map(MessageType.short))
}

extension HistoryPart {
    var view: HistoryView {
        var view = HistoryView()
        view.id = id
        view.type = MessageType.long(type)
        view.time = Timestamp(milliseconds: at)
        view.actor = actor ?? service
        view.user = user
        view.allocationId = allocationId
        view.code = code
        view.reason = reason
        return view
    }

    /// `service:allocation`
    private var service: String { "service:\(type.prefix { $0 != "." })" }
}

extension OrderRecord {
    /// The messages of the order, oldest first.
    var trace: [TraceView] { history.map(\.trace) }

    /// Of one command of it: the command, and what it caused.
    func trace(ofCommand id: String) -> [TraceView] {
        history.lazy.filter { ($0.id == id && !$0.isTold) || ($0.cause == id && $0.isTold) }.map(\.trace)
    }
}

extension HistoryPart {
    var trace: TraceView {
        var view = TraceView()
        view.topic = Projection.topicName(topic)
        view.id = id
        view.type = MessageType.long(type)
        view.time = Timestamp(milliseconds: at)
        view.actor = isTold ? actor ?? service : actor
        view.cause = cause
        return view
    }

    /// As histories show them: in order; of a fact or command that was sent again, the first with the time of the last; the newest.
    static func merged(_ parts: [HistoryPart]) -> [HistoryPart] {
        var merged: [HistoryPart] = []
        var sent: [String: Int] = [:]
        for part in parts.sorted(by: <) {
            if !part.isTold {
                let name = "\(part.topic):\(part.id)"
                if let known = sent[name] {
                    merged[known].sentAt = max(merged[known].sentAt ?? 0, part.sentAt ?? 0)
                    continue
                }
                sent[name] = merged.count
            }
            merged.append(part)
        }
        return merged.suffix(OrderRecord.historyLimit)
    }
}
