import Contracts
import Machines

/// Changes of a parcel that has a number: another recipient, and its shipping.
extension ParcelMachine {
    /// Allocation tells an order's changes in their order, so the last one that comes counts; the same one again changes nothing. Of a
    /// recipient that only the platform knows nobody can tell whether it is the same.
    static func recipientChanged(_ state: State, _ fact: RecipientChanged, _ context: Context) -> [Event] {
        guard fact.target.kind == .factory else { return reseal(Resealing(fact), context) }
        var parcel =
            state.parcel(fact.allocationId)
            ?? Parcel(fact.allocationId, merchant: fact.merchantShopId, factory: fact.target.id, phase: .awaited)
        if parcel.phase == .voided || parcel.phase == .deallocatedBeforeAllocated { return [] }
        let before = parcel
        parcel.area = fact.area
        parcel.mergeKey = fact.mergeKey
        parcel.recipientSealed = parcel.isShredded == true ? nil : fact.recipientSealed
        parcel.hasNewRecipient = true
        if parcel.platform == nil { parcel.channelId = parcel.channelId ?? fact.channelId }
        guard parcel != before || fact.recipientSealed == nil else { return [] }
        // A platform's label holds its recipient: the next `obtain` asks for one with the new door.
        parcel.platform?.label = nil
        let readdress = PendingCommand(.readdress, context.origin)
        guard let pending = parcel.pending else {
            return [.updated(parcel)] + (bearsOldDoor(parcel) ? self.readdress(parcel, fact.orderId, readdress) : [])
        }
        let isFollowed = pending.contains { $0.kind == .void } || (pending.last?.kind == .readdress && pending.last?.claims == nil)
        return [.updated(parcel)] + (isFollowed ? [] : [.waits(allocationId: parcel.allocationId, readdress)])
    }

    /// A label was printed, by us or, as the factory returned a number, by itself; and the parcel has not left yet.
    private static func bearsOldDoor(_ parcel: Parcel) -> Bool {
        parcel.number != nil && parcel.shippedAt == nil && parcel.isShredded != true
            && (parcel.phase == .printed || parcel.phase == .returned)
    }

    /// Tells it, and asks the numbers whether they stay the parcel's own.
    static func readdress(_ parcel: Parcel, _ orderId: String, _ pending: PendingCommand) -> [Event] {
        guard bearsOldDoor(parcel), let number = parcel.number else { return [.stays(allocationId: parcel.allocationId)] }
        let message = Readdressed(
            orderId: orderId, allocationId: parcel.allocationId, merchantShopId: parcel.merchantShopId, factoryShopId: parcel.factoryShopId,
            stage: parcel.phase == .returned ? .returned : .printed, carrier: parcel.carrier ?? "", waybillNumber: number)
        var moving = pending
        moving.carrier = parcel.carrier
        moving.number = number
        moving.extraNumbers = parcel.extraNumbers
        moving.claims = claims(of: moving.waybills)
        moving.granted = 0
        return [.readdressed(message, pending.origin)] + (nextClaim(parcel, orderId, moving).map { [$0] } ?? [])
    }

    /// The answer of one number of a parcel that is readdressed. Of further numbers nothing is kept, whatever they answer.
    static func moved(_ parcel: Parcel, _ pending: PendingCommand, _ item: ParcelAnswer) -> [Event] {
        var moving = pending
        moving.granted = (pending.granted ?? 0) + 1
        if item.outcome != .granted, item.number == pending.waybills.first { moving.isLost = true }
        if let next = nextClaim(parcel, item.orderId, moving) { return [next] }
        return [moving.isLost == true ? cancelled(parcel, item.orderId, pending) : .stays(allocationId: parcel.allocationId)]
    }

    // MARK: Shipped

    /// Shipping tells it on a topic of its own: before or after anything that allocation tells.
    static func shipped(_ state: State, _ fact: Shipped, _ context: Context) -> [Event] {
        // Of a warehouse's allocation nothing is kept here.
        guard let factory = fact.factoryShopId else { return [] }
        var parcel =
            state.parcel(fact.allocationId) ?? Parcel(fact.allocationId, merchant: fact.merchantShopId, factory: factory, phase: .awaited)
        if parcel.phase == .voided || parcel.phase == .deallocatedBeforeAllocated || parcel.shippedAt != nil { return [] }
        parcel.shippedAt = fact.shippedAt
        let shred = keepRecipient(fact.orderId, fact.allocationId, since: trusted(fact.shippedAt, context), context)
        let pending = PendingCommand(
            .ship, context.origin, carrier: fact.carrier, number: fact.waybillNumber, extraNumbers: fact.extraNumbers)
        guard parcel.isReaddressed == true else { return [.updated(parcel), shred] }
        if parcel.pending == nil { return [taken(parcel, pending), shred] }
        return [.updated(parcel), .waits(allocationId: parcel.allocationId, pending), shred]
    }

    /// The parcel as shipping shipped it.
    static func taken(_ parcel: Parcel, _ pending: PendingCommand) -> Event {
        var shipped = parcel
        if parcel.isReaddressed == true {
            shipped.phase = .returned
            shipped.isReaddressed = nil
            shipped.carrier = pending.carrier
            shipped.number = pending.number
            shipped.extraNumbers = pending.extraNumbers
        }
        shipped.endWork()
        return .updated(shipped)
    }
}
