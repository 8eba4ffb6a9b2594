import Contracts
import Machines

/// Answers of pools and numbers, and how commands end.
extension ParcelMachine {
    static func answered(_ state: State, _ item: ParcelAnswer, _ context: Context) -> [Event] {
        guard let parcel = state.parcel(item.allocationId), let work = parcel.work?.first, work.isAtPlatform != true else { return [] }
        var events = outcome(parcel, work, item)
        goOn(parcel, item.orderId, context, &events)
        return events
    }

    /// Decides the messages that have waited, in turn, until one needs an answer itself.
    static func goOn(_ parcel: Parcel, _ orderId: String, _ context: Context, _ events: inout [Event]) {
        guard parcel.work?.count != 1 else { return }
        var parcel = parcel
        for event in events { parcel.evolve(event) }
        while let work = parcel.work?.first, work.claims == nil {
            var next: [Event]
            do throws(Refusal) {
                next = try begin(parcel, orderId, work, context)
            } catch {
                next = [.refused(allocationId: parcel.allocationId, error, work.origin)]
            }
            for event in next { parcel.evolve(event) }
            events += next
        }
    }

    private static func outcome(_ parcel: Parcel, _ work: Work, _ item: ParcelAnswer) -> [Event] {
        if work.kind == .readdress { return moved(parcel, work, item) }
        switch item.outcome {
        case .granted where work.kind == .obtain:
            return [obtained(parcel, item.orderId, work, item.number)]
        case .granted:
            var granted = work
            granted.granted = (work.granted ?? 0) + 1
            if let next = nextClaim(parcel, item.orderId, granted) { return [next] }
            if work.kind == .claim { return [claimed(parcel, item.orderId, work)] }
            if work.channelId != nil { return [call(parcel, item.orderId, granted)] }
            return settled(parcel, work, keep: true) + [returned(parcel, item.orderId, work)]
        case .used:
            // The number of an `obtain` was the platform's choice.
            let field = work.kind == .obtain ? nil : Work.field(work.waybills.firstIndex(of: item.number) ?? 0)
            let refusal = Refusal(
                .waybillNumberUsed, "the number is used for another parcel; check it, a number is for one parcel only", field: field)
            return settled(parcel, work, keep: false) + [.refused(allocationId: parcel.allocationId, refusal, work.origin)]
        case .busy:
            let refusal = Refusal(
                .tooManyPending, "too many parcels wait for a number of this command that another one holds; send it again later",
                field: Work.field(work.numbers.firstIndex(of: item.number) ?? 0))
            return settled(parcel, work, keep: false) + [.refused(allocationId: parcel.allocationId, refusal, work.origin)]
        case .empty:
            let refusal = Refusal(
                .numberPoolEmpty,
                "factory \(parcel.factoryShopId) has no number of \(work.carrier ?? "") left; send top-up with a new segment")
            return [.refused(allocationId: parcel.allocationId, refusal, work.origin)]
        }
    }

    /// The numbers that are held so far, kept or given back. The last one of all is bound and not held, unless a platform has to take them.
    static func settled(_ parcel: Parcel, _ work: Work, keep: Bool) -> [Event] {
        (work.claims ?? []).prefix(work.granted ?? 0).map { number in
            .settled(NumberSettle(allocationId: parcel.allocationId, carrier: work.carrier ?? "", number: number, keep: keep))
        }
    }

    // MARK: How commands end well

    static func obtained(_ parcel: Parcel, _ orderId: String, _ work: Work, _ number: String) -> Event {
        var message = Obtained()
        message.orderId = orderId
        message.allocationId = parcel.allocationId
        message.merchantShopId = parcel.merchantShopId
        message.factoryShopId = parcel.factoryShopId
        message.carrier = work.carrier ?? ""
        message.waybillNumber = number
        message.unusual = Carrier.named(message.carrier)?.form(of: number) == nil ? true : nil
        return .obtained(message, work.origin)
    }

    static func returned(_ parcel: Parcel, _ orderId: String, _ work: Work) -> Event {
        var message = Returned()
        message.orderId = orderId
        message.allocationId = parcel.allocationId
        message.merchantShopId = parcel.merchantShopId
        message.factoryShopId = parcel.factoryShopId
        message.carrier = work.carrier ?? ""
        message.waybillNumber = work.number ?? ""
        message.extraNumbers = work.extraNumbers
        message.unusual = work.isUnusual
        return .returned(message, work.origin)
    }

    static func claimed(_ parcel: Parcel, _ orderId: String, _ work: Work) -> Event {
        var message = Claimed()
        message.orderId = orderId
        message.allocationId = parcel.allocationId
        message.merchantShopId = parcel.merchantShopId
        message.factoryShopId = parcel.factoryShopId
        message.carrier = work.carrier ?? ""
        message.waybillNumber = work.number ?? ""
        message.unusual = work.isUnusual
        return .claimed(message, work.origin)
    }
}
