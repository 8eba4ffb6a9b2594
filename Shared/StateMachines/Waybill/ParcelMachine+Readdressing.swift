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
        if parcel.phase == .voided || parcel.phase == .forgone { return [] }
        let before = parcel
        parcel.area = fact.area
        parcel.mergeKey = fact.mergeKey
        parcel.recipientSealed = parcel.isShredded == true ? nil : fact.recipientSealed
        parcel.hasNewRecipient = true
        guard parcel != before || fact.recipientSealed == nil else { return [] }
        // A platform's label holds its recipient: the next `obtain` asks for one with the new door.
        parcel.platform?.label = nil
        let readdress = Work(.readdress, context.origin)
        guard let work = parcel.work else {
            return [.noted(parcel)] + (bearsOldDoor(parcel) ? self.readdress(parcel, fact.orderId, readdress) : [])
        }
        let isFollowed = work.contains { $0.kind == .void } || (work.last?.kind == .readdress && work.last?.claims == nil)
        return [.noted(parcel)] + (isFollowed ? [] : [.waits(allocationId: parcel.allocationId, readdress)])
    }

    /// A label was printed, by us or, as the factory returned a number, by itself; and the parcel has not left yet.
    private static func bearsOldDoor(_ parcel: Parcel) -> Bool {
        parcel.number != nil && parcel.shippedAt == nil && parcel.isShredded != true
            && (parcel.phase == .printed || parcel.phase == .returned)
    }

    /// Tells it, and asks the numbers whether they stay the parcel's own.
    static func readdress(_ parcel: Parcel, _ orderId: String, _ work: Work) -> [Event] {
        guard bearsOldDoor(parcel), let number = parcel.number else { return [.stays(allocationId: parcel.allocationId)] }
        var message = Readdressed()
        message.orderId = orderId
        message.allocationId = parcel.allocationId
        message.merchantShopId = parcel.merchantShopId
        message.factoryShopId = parcel.factoryShopId
        message.stage = parcel.phase == .returned ? .returned : .printed
        message.carrier = parcel.carrier ?? ""
        message.waybillNumber = number
        var moving = work
        moving.carrier = parcel.carrier
        moving.number = number
        moving.extraNumbers = parcel.extraNumbers
        moving.claims = claims(of: moving.waybills)
        moving.granted = 0
        return [.readdressed(message, work.origin)] + (nextClaim(parcel, orderId, moving).map { [$0] } ?? [])
    }

    /// The answer of one number of a parcel that is readdressed. Of further numbers nothing is kept, whatever they answer.
    static func moved(_ parcel: Parcel, _ work: Work, _ item: ParcelAnswer) -> [Event] {
        var moving = work
        moving.granted = (work.granted ?? 0) + 1
        if item.outcome != .granted, item.number == work.waybills.first { moving.isLost = true }
        if let next = nextClaim(parcel, item.orderId, moving) { return [next] }
        return [moving.isLost == true ? cancelled(parcel, item.orderId, work) : .stays(allocationId: parcel.allocationId)]
    }

    // MARK: Shipped

    /// Shipping tells it on a topic of its own: before or after anything that allocation tells.
    static func shipped(_ state: State, _ fact: Shipped, _ context: Context) -> [Event] {
        // Of a warehouse's allocation nothing is kept here.
        guard let factory = fact.factoryShopId else { return [] }
        var parcel =
            state.parcel(fact.allocationId) ?? Parcel(fact.allocationId, merchant: fact.merchantShopId, factory: factory, phase: .awaited)
        if parcel.phase == .voided || parcel.phase == .forgone || parcel.shippedAt != nil { return [] }
        parcel.shippedAt = fact.shippedAt
        let shred = kept(fact.orderId, fact.allocationId, since: trusted(fact.shippedAt, context), context)
        let work = Work(
            .ship, context.origin, carrier: fact.carrier, number: fact.waybillNumber, extraNumbers: fact.extraNumbers)
        guard parcel.isReaddressed == true else { return [.noted(parcel), shred] }
        if parcel.work == nil { return [taken(parcel, work), shred] }
        return [.noted(parcel), .waits(allocationId: parcel.allocationId, work), shred]
    }

    /// The parcel as shipping shipped it.
    static func taken(_ parcel: Parcel, _ work: Work) -> Event {
        var shipped = parcel
        if parcel.isReaddressed == true {
            shipped.phase = .returned
            shipped.isReaddressed = nil
            shipped.carrier = work.carrier
            shipped.number = work.number
            shipped.extraNumbers = work.extraNumbers
        }
        shipped.endWork()
        return .noted(shipped)
    }
}
