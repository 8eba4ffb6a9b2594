public import Contracts
public import Machines
public import Threads

extension ParcelMachine {
    /// The origin is that of the command or fact which is answered.
    public enum Event: Publishable {
        case opened(Opened, Parcel)
        /// Something about a parcel that nobody need hear of.
        case updated(Parcel)
        /// Until what is under way for this allocation has ended.
        case waits(allocationId: String, PendingCommand)
        /// The command is under way; it asked its factory's pool.
        case took(PoolNumberRequest, PendingCommand)
        /// The command is under way; it asked for a number.
        case asked(NumberClaim, PendingCommand)
        /// The command is under way; the platform was asked.
        case called(PlatformCall, PendingCommand)
        /// A number that was held is kept or given back.
        case settled(NumberClaimResolved)
        case obtained(Obtained, Origin)
        case printed(Printed, Origin)
        case reprinted(ReprintReported, Origin)
        case returned(Returned, Origin)
        case cancelled(WaybillCancelled, Origin)
        case claimed(Claimed, Origin)
        case voided(Voided, Origin)
        /// The recipient has changed since its label was printed.
        case readdressed(Readdressed, Origin)
        /// The command that was under way, or waited, ends and leaves the parcel as it is.
        case stays(allocationId: String)
        /// A command that was under way, or waited, is refused.
        case refused(allocationId: String, Refusal, Origin)
        /// The recipient of a warehouse allocation is sealed anew, instead of an earlier one that is not done.
        case reseal(Resealing, Origin)
        case resealDropped(effect: String)
        case resealed(RecipientResealed)
        case recipientRefused(RecipientRefused)
        /// What a label needs is to be sealed for a print job; the parcel goes on meanwhile.
        case asksLabel(LabelOpening, Origin)
        /// The same, as it has changed since it was asked.
        case asksLabelAgain(LabelOpening, Origin)
        case labelOpened(LabelOpened, Origin)
        case labelRefused(Refusal, Origin)
        /// The recipient is kept until then.
        case recipientKept(RecipientShredding, until: Timestamp)
        case shredded(allocationId: String)
        /// About a parcel's order in its factory's ERP.
        case erp(ParcelERP.Step)

        public func publish(to outbox: some Outbox) {
            switch self {
            case .updated, .waits, .shredded, .stays: break
            case .took(let item, let pending): outbox.tell(item, shardOf: item.parcel.factoryShopId, origin: pending.origin)
            case .asked(let item, let pending): outbox.tell(item, shardOf: item.home, origin: pending.origin)
            case .called(let effect, let pending): outbox.schedule(effect, due: nil, origin: pending.origin)
            case .settled(let item): outbox.tell(item, shardOf: item.home)
            case .opened(let message, _): outbox.event(message)
            case .obtained(let message, let origin): outbox.event(message, origin: origin)
            case .printed(let message, let origin): outbox.event(message, origin: origin)
            case .reprinted(let message, let origin): outbox.event(message, origin: origin)
            case .returned(let message, let origin): outbox.event(message, origin: origin)
            case .cancelled(let message, let origin): outbox.event(message, origin: origin)
            case .claimed(let message, let origin): outbox.event(message, origin: origin)
            case .voided(let message, let origin): outbox.event(message, origin: origin)
            case .readdressed(let message, let origin): outbox.event(message, origin: origin)
            case .refused(_, let refusal, let origin): outbox.refuse(refusal, origin: origin)
            case .reseal(let effect, let origin): outbox.schedule(effect, due: nil, origin: origin)
            case .asksLabel(let effect, let origin), .asksLabelAgain(let effect, let origin):
                outbox.schedule(effect, due: nil, origin: origin)
            case .labelOpened(let message, let origin): outbox.event(message, origin: origin)
            case .labelRefused(let refusal, let origin): outbox.refuse(refusal, origin: origin)
            case .resealDropped(let effect): outbox.cancelEffect(effect)
            case .resealed(let message): outbox.event(message)
            case .recipientRefused(let message): outbox.event(message)
            // Nothing is published when it ends, so its row, one for each parcel as long as recipients are kept, need not say what began it.
            case .recipientKept(let effect, let end): outbox.schedule(effect, due: end, origin: .absent)
            case .erp(let step): step.publish(to: outbox)
            }
        }
    }

    public static func evolve(_ state: inout State, _ event: Event) {
        switch event {
        case .opened(_, let parcel), .updated(let parcel): state.put(parcel)
        case .waits(let id, _): state.evolve(id, event)
        case .took(let item, _): state.evolve(item.parcel.allocationId, event)
        case .asked(let item, _): state.evolve(item.parcel.allocationId, event)
        case .called(let effect, _): state.evolve(effect.allocationId, event)
        case .erp(let step):
            var erp = state.erp ?? ParcelERP()
            erp.apply(step)
            state.erp = erp.orders.isEmpty ? nil : erp
        case .settled, .reseal, .resealDropped, .resealed, .recipientRefused, .recipientKept, .asksLabelAgain, .labelOpened, .labelRefused:
            break
        case .asksLabel(let effect, _): state.evolve(effect.allocationId, event)
        case .shredded(let id), .stays(let id): state.evolve(id, event)
        case .readdressed(let message, _): state.evolve(message.allocationId, event)
        case .obtained(let message, _): state.evolve(message.allocationId, event)
        case .printed(let message, _): state.evolve(message.allocationId, event)
        case .reprinted(let message, _): state.evolve(message.allocationId, event)
        case .returned(let message, _): state.evolve(message.allocationId, event)
        case .cancelled(let message, _): state.evolve(message.allocationId, event)
        case .claimed(let message, _): state.evolve(message.allocationId, event)
        case .voided(let message, _): state.evolve(message.allocationId, event)
        case .refused(let id, _, _): state.evolve(id, event)
        }
    }
}

extension ParcelMachine.State {
    mutating func put(_ parcel: ParcelMachine.Parcel) {
        let place = parcels.firstIndex { $0.allocationId >= parcel.allocationId } ?? parcels.endIndex
        if place < parcels.endIndex, parcels[place].allocationId == parcel.allocationId {
            parcels[place] = parcel
        } else {
            parcels.insert(parcel, at: place)
        }
    }

    fileprivate mutating func evolve(_ allocationId: String, _ event: ParcelMachine.Event) {
        guard let place = parcels.firstIndex(where: { $0.allocationId == allocationId }) else { return }
        parcels[place].evolve(event)
    }
}

extension ParcelMachine.Parcel {
    /// Every event that ends a command also ends its being under way, if it was.
    mutating func evolve(_ event: ParcelMachine.Event) {
        switch event {
        case .updated(let parcel): self = parcel
        case .opened, .settled, .reseal, .resealDropped, .resealed, .recipientRefused, .recipientKept, .erp, .asksLabelAgain, .labelOpened,
            .labelRefused:
            break
        case .shredded:
            recipientSealed = nil
            platform?.label = nil
            isShredded = true
        case .waits(_, let one): pending = (pending ?? []) + [one]
        case .took(_, let one), .asked(_, let one), .called(_, let one):
            if pending == nil { pending = [one] } else { pending?[0] = one }
        case .obtained(let message, _):
            carrier = message.carrier
            number = message.waybillNumber
            if phase == .open { phase = .obtained }
            if let label = pending?.first?.label { platform?.label = label }
            endWork()
        case .printed(let message, _):
            copies = message.copies
            if phase == .obtained { phase = .printed }
            endWork()
        case .returned(let message, _):
            carrier = message.carrier
            number = message.waybillNumber
            extraNumbers = message.extraNumbers
            phase = .returned
            isReaddressed = nil
            endWork()
        case .cancelled:
            carrier = nil
            number = nil
            copies = nil
            platform?.label = nil
            phase = .open
            endWork()
        case .claimed(let message, _):
            carrier = message.carrier
            number = message.waybillNumber
            endWork()
        case .voided:
            endWork()
            let left = pending
            self = Self(allocationId, merchant: merchantShopId, factory: factoryShopId, phase: .voided)
            pending = left
        case .readdressed:
            if platform != nil, phase == .returned { platform?.accepted = number }
            phase = .obtained
            isReaddressed = true
            extraNumbers = nil
            copies = nil
        case .reprinted, .refused, .stays, .asksLabel: endWork()
        }
    }

    mutating func endWork() {
        guard pending != nil else { return }
        pending?.removeFirst()
        if pending?.isEmpty == true { pending = nil }
    }
}
