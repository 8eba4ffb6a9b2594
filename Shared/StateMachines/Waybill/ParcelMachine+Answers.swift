import Contracts
import Machines

/// Answers of pools and numbers, and how commands end.
extension ParcelMachine {
    static func answered(_ state: State, _ item: ParcelAnswer, _ context: Context) -> [Event] {
        guard let parcel = state.parcel(item.allocationId), let pending = parcel.pending?.first, pending.isAtPlatform != true else {
            return []
        }
        var events = outcome(parcel, pending, item)
        resumeNext(parcel, item.orderId, context, &events)
        return events
    }

    /// What has waited is decided in turn, until one needs an answer itself.
    static func resumeNext(_ parcel: Parcel, _ orderId: String, _ context: Context, _ events: inout [Event]) {
        guard parcel.pending?.count != 1 else { return }
        var parcel = parcel
        for event in events { parcel.evolve(event) }
        while let pending = parcel.pending?.first, pending.claims == nil {
            var next: [Event]
            do throws(Refusal) {
                next = try begin(parcel, orderId, pending, context)
            } catch {
                next = [.refused(allocationId: parcel.allocationId, error, pending.origin)]
            }
            for event in next { parcel.evolve(event) }
            events += next
        }
    }

    private static func outcome(_ parcel: Parcel, _ pending: PendingCommand, _ item: ParcelAnswer) -> [Event] {
        if pending.kind == .readdress { return moved(parcel, pending, item) }
        switch item.outcome {
        case .granted where pending.kind == .obtain:
            return [obtained(parcel, item.orderId, pending, item.number)]
        case .granted:
            var granted = pending
            granted.granted = (pending.granted ?? 0) + 1
            if let next = nextClaim(parcel, item.orderId, granted) { return [next] }
            if pending.kind == .claim { return [claimed(parcel, item.orderId, pending)] }
            if pending.channelId != nil { return [call(parcel, item.orderId, granted)] }
            return settled(parcel, pending, keep: true) + [returned(parcel, item.orderId, pending)]
        case .used:
            // The number of an `obtain` was the platform's choice.
            let field = pending.kind == .obtain ? nil : PendingCommand.field(pending.waybills.firstIndex(of: item.number) ?? 0)
            let refusal = Refusal(
                .waybillNumberUsed, "the number is used for another parcel; check it, a number is for one parcel only", field: field)
            return settled(parcel, pending, keep: false) + [.refused(allocationId: parcel.allocationId, refusal, pending.origin)]
        case .busy:
            let refusal = Refusal(
                .tooManyPending, "too many parcels wait for a number of this command that another one holds; send it again later",
                field: PendingCommand.field(pending.numbers.firstIndex(of: item.number) ?? 0))
            return settled(parcel, pending, keep: false) + [.refused(allocationId: parcel.allocationId, refusal, pending.origin)]
        case .empty:
            let refusal = Refusal(
                .numberPoolEmpty,
                "factory \(parcel.factoryShopId) has no number of \(pending.carrier ?? "") left; send top-up with a new segment")
            return [.refused(allocationId: parcel.allocationId, refusal, pending.origin)]
        }
    }

    /// The numbers that are held so far, kept or given back. The last one of all is bound and not held, unless a platform has to take them.
    static func settled(_ parcel: Parcel, _ pending: PendingCommand, keep: Bool) -> [Event] {
        (pending.claims ?? []).prefix(pending.granted ?? 0).map { number in
            .settled(NumberClaimResolved(allocationId: parcel.allocationId, carrier: pending.carrier ?? "", number: number, keep: keep))
        }
    }

    // MARK: How commands end well

    static func obtained(_ parcel: Parcel, _ orderId: String, _ pending: PendingCommand, _ number: String) -> Event {
        let carrier = pending.carrier ?? ""
        let message = Obtained(
            orderId: orderId, allocationId: parcel.allocationId, merchantShopId: parcel.merchantShopId, factoryShopId: parcel.factoryShopId,
            carrier: carrier, waybillNumber: number, unusual: Carrier.named(carrier)?.form(of: number) == nil ? true : nil)
        return .obtained(message, pending.origin)
    }

    static func returned(_ parcel: Parcel, _ orderId: String, _ pending: PendingCommand) -> Event {
        let message = Returned(
            orderId: orderId, allocationId: parcel.allocationId, merchantShopId: parcel.merchantShopId, factoryShopId: parcel.factoryShopId,
            carrier: pending.carrier ?? "", waybillNumber: pending.number ?? "", extraNumbers: pending.extraNumbers,
            unusual: pending.isUnusual)
        return .returned(message, pending.origin)
    }

    static func claimed(_ parcel: Parcel, _ orderId: String, _ pending: PendingCommand) -> Event {
        let message = Claimed(
            orderId: orderId, allocationId: parcel.allocationId, merchantShopId: parcel.merchantShopId, factoryShopId: parcel.factoryShopId,
            carrier: pending.carrier ?? "", waybillNumber: pending.number ?? "", unusual: pending.isUnusual)
        return .claimed(message, pending.origin)
    }
}
