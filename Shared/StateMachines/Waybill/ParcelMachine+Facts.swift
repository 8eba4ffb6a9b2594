import Contracts
import Machines

/// The beginning and the end of an allocation, from allocation's events. A fact that comes again changes nothing.
extension ParcelMachine {
    static func allocated(_ state: State, _ fact: Allocated, _ context: Context) -> [Event] {
        guard fact.target.kind == .factory else { return reseal(Resealing(fact), context) }
        let known = state.parcel(fact.allocationId)
        if let known, known.phase != .awaited, known.phase != .deallocatedBeforeAllocated { return [] }

        var parcel = Parcel(fact.allocationId, merchant: fact.merchantShopId, factory: fact.target.id, phase: .open)
        parcel.sender = fact.sender
        parcel.platform = platformPart(fact)
        if let known, known.hasNewRecipient == true {
            parcel.area = known.area
            parcel.mergeKey = known.mergeKey
            parcel.recipientSealed = known.recipientSealed
            parcel.hasNewRecipient = true
        } else {
            parcel.area = fact.area
            parcel.mergeKey = fact.mergeKey
            parcel.recipientSealed = fact.recipientSealed
        }
        if parcel.platform == nil { parcel.channelId = fact.channelId ?? known?.channelId }
        parcel.shippedAt = known?.shippedAt
        parcel.isShredded = known?.isShredded
        if parcel.isShredded == true { parcel.recipientSealed = nil }
        let opened = Event.opened(opened(parcel, fact), parcel)
        guard known?.phase == .deallocatedBeforeAllocated else { return [opened] }
        return [opened, voided(parcel, fact.orderId, context.origin)]
    }

    private static func opened(_ parcel: Parcel, _ fact: Allocated) -> Opened {
        Opened(
            orderId: fact.orderId, allocationId: fact.allocationId, merchantShopId: fact.merchantShopId, shopAlias: fact.shopAlias,
            factoryShopId: fact.target.id,
            lines: fact.lines.map { line in
                OpenedLine(lineId: line.lineId, name: line.name, spec: line.spec, quantity: line.quantity)
            }, remark: fact.remark, area: parcel.area ?? fact.area, mergeKey: parcel.mergeKey, sender: fact.sender)
    }

    static func deallocated(_ state: State, _ fact: Deallocated, _ context: Context) -> [Event] {
        guard fact.target.kind == .factory else {
            return [.resealDropped(effect: Resealing.id(of: aggregate(fact.orderId), fact.allocationId))]
        }
        guard let parcel = state.parcel(fact.allocationId), parcel.phase != .awaited else {
            return [
                .updated(
                    Parcel(fact.allocationId, merchant: fact.merchantShopId, factory: fact.target.id, phase: .deallocatedBeforeAllocated))
            ]
        }
        if parcel.phase == .voided || parcel.phase == .deallocatedBeforeAllocated { return [] }
        guard let pending = parcel.pending else { return [voided(parcel, fact.orderId, context.origin)] }
        if pending.contains(where: { $0.kind == .void }) { return [] }
        return [.waits(allocationId: parcel.allocationId, PendingCommand(.void, context.origin))]
    }

    static func voided(_ parcel: Parcel, _ orderId: String, _ origin: Origin) -> Event {
        let stage: ParcelStage =
            switch parcel.phase {
            case .obtained: .obtained
            case .printed: .printed
            case .returned: .returned
            case .awaited, .deallocatedBeforeAllocated, .open, .voided: .open
            }
        let message = Voided(
            orderId: orderId, allocationId: parcel.allocationId, merchantShopId: parcel.merchantShopId, factoryShopId: parcel.factoryShopId,
            stage: stage, carrier: parcel.carrier, waybillNumber: parcel.number)
        return .voided(message, origin)
    }
}
