import Contracts
import JSON
import Machines

// Orders that a platform gave to a factory by itself (`pdd-fds:…`).
//
/// Their numbers come from the platform, which also has to take them back: `obtain`, `return` and `cancel` are under way until it has
/// done it, and refused with `partner-rejected` when it refuses for good.
///
/// A `return` first holds its numbers, then tells the platform, and then keeps them or gives them back. "Done", "a number" and "refused"
/// are the platform's answers, "its own number" is the one that it gave.
///
/// | state | input | next | out |
/// |---|---|---|---|
/// | open | obtain | asking for a number | effect platform-waybill |
/// | obtained | obtain | same | obtained |
/// | obtained | recipient-changed | without a label | |
/// | without a label | obtain | asking for a number | effect platform-waybill |
/// | without a label | return of its own number | telling | effect platform-waybill |
/// | asking for a number | a number | obtaining | claim bind |
/// | asking for a number | refused | open | refused partner-rejected |
/// | obtaining | granted | obtained | obtained |
/// | obtaining | used | open | refused waybill-number-used |
/// | open | return | returning | claim hold |
/// | open | return of two | returning two | claim hold |
/// | obtained | return of its own number | telling | effect platform-waybill |
/// | returning | granted | telling | effect platform-waybill |
/// | returning | used | open | refused waybill-number-used |
/// | returning two | granted | returning the second | claim hold |
/// | returning the second | granted | telling two | effect platform-waybill |
/// | returning the second | used | open | settle give back, refused waybill-number-used |
/// | telling | done | returned | settle keep, returned, effect shred-recipient |
/// | telling | refused | open | settle give back, refused partner-rejected |
/// | telling two | done | returned | settle keep, settle keep, returned, effect shred-recipient |
/// | telling two | refused | open | settle give back, settle give back, refused partner-rejected |
/// | obtained | cancel | cancelling | effect platform-waybill |
/// | cancelling | done | open | cancelled |
/// | cancelling | refused | obtained | refused partner-rejected |
/// | asking for a number, telling, telling two, cancelling | deallocated | same + one waits | |
/// | open, obtained, obtaining, returning, returned, voided | done | same | |
/// | open | cancel | same | refused waybill-not-obtained |
/// | voided | obtain | same | refused not-allocated |
/// | voided | return | same | refused not-allocated |
/// | voided | cancel | same | refused not-allocated |
///
/// The platform's label holds the recipient, so it goes when the recipient changes. A number that was returned to the platform before
/// the parcel is readdressed need not be told to it again.
///
/// The factory's channel at the platform is where the order came from, else any that has a consent in force; without one the command is
/// refused `not-authorized`.
extension ParcelMachine {
    /// The platform's part of a parcel; nil for one of a merchant of ours.
    static func platformPart(_ fact: Allocated) -> PlatformParcel? {
        guard FactoryDropship.isOrder(fact.orderId) else { return nil }
        var part = PlatformParcel()
        part.channelId = fact.channelId
        part.goods = fact.lines.map { PlatformGoods(name: $0.name, count: $0.quantity, goodsNo: $0.sku.isEmpty ? nil : $0.sku) }
        return part
    }

    /// The event that asks the platform; nil: the command is carried out like any other.
    static func askPlatform(_ parcel: Parcel, _ orderId: String, _ pending: PendingCommand, _ context: Context) throws(Refusal) -> Event? {
        guard FactoryDropship.isOrder(orderId) else { return nil }
        switch pending.kind {
        case .obtain where parcel.number == nil || parcel.platform?.label == nil:
            try requireNotReturned(parcel)
            let carrier = try Carrier.required(pending.carrier ?? "")
            try requireSame(carrier, parcel)
            var begun = pending
            begun.carrier = carrier.code
            return call(parcel, orderId, try at(channel(of: parcel, context), begun))
        case .return:
            let begun = try at(channel(of: parcel, context), try checkedReturn(parcel, pending))
            return nextClaim(parcel, orderId, begun) ?? call(parcel, orderId, begun)
        case .cancel where parcel.phase != .returned && parcel.number != nil:
            var begun = pending
            begun.carrier = parcel.carrier
            begun.number = parcel.number
            return call(parcel, orderId, try at(channel(of: parcel, context), begun))
        default: return nil
        }
    }

    private static func at(_ channel: ChannelRow, _ pending: PendingCommand) -> PendingCommand {
        var pending = pending
        pending.channelId = channel.channelId
        return pending
    }

    private static func channel(of parcel: Parcel, _ context: Context) throws(Refusal) -> ChannelRow {
        let channels = context.tables.channels(of: parcel.factoryShopId).filter {
            $0.factoryShopId == parcel.factoryShopId && $0.platform == Platform.pinduoduo.rawValue && $0.state == .active
        }
        guard let channel = channels.first(where: { $0.channelId == parcel.platform?.channelId }) ?? channels.first else {
            throw Refusal(
                .notAuthorized,
                "factory \(parcel.factoryShopId) has no channel at the platform with a consent in force; create one, or give its consent anew",
                restsOnTable: true)
        }
        return channel
    }

    /// What was begun, told to the platform.
    static func call(_ parcel: Parcel, _ orderId: String, _ pending: PendingCommand) -> Event {
        var effect = PlatformCall()
        effect.orderId = orderId
        effect.allocationId = parcel.allocationId
        effect.factoryShopId = parcel.factoryShopId
        effect.channelId = pending.channelId ?? ""
        effect.carrier = pending.carrier ?? ""
        effect.number = pending.number
        effect.extraNumbers = pending.extraNumbers
        switch pending.kind {
        case .return:
            effect.step = .return
            if let number = pending.number, parcel.platform?.accepted == number { effect.hasMain = true }
        case .cancel: effect.step = .cancel
        default: effect.goods = parcel.platform?.goods
        }
        var asked = pending
        asked.claims = pending.claims ?? []
        asked.isAtPlatform = true
        return .called(effect, asked)
    }

    /// The platform's answer.
    static func platformAnswered(_ state: State, _ call: PlatformCall, _ outcome: PlatformCall.Outcome, _ context: Context) -> [Event] {
        guard let parcel = state.parcel(call.allocationId), let pending = parcel.pending?.first, pending.isAtPlatform == true else {
            return []
        }
        var events: [Event]
        switch (pending.kind, outcome) {
        case (.obtain, .obtained(let number, let label)):
            events =
                TextRule.waybillNumber.allows(WaybillNumber.normalized(number))
                ? [ask(for: number, label, parcel, call.orderId, pending)]
                : refused(parcel, pending, PlatformRefusal("the platform's waybill number is none of 1 to 64 bytes"))
        case (.return, .done):
            // Daifa does not ship it and hears no more of it.
            events =
                settled(parcel, pending, keep: true) + [
                    returned(parcel, call.orderId, pending), keepRecipient(call.orderId, call.allocationId, since: context.now, context),
                ]
        case (.cancel, .done): events = [cancelled(parcel, call.orderId, pending)]
        case (_, .refused(let refusal)): events = refused(parcel, pending, refusal)
        default: return []
        }
        resumeNext(parcel, call.orderId, context, &events)
        return events
    }

    /// The platform's number is bound like any other, so that nobody else uses it.
    private static func ask(
        for number: String, _ label: PlatformLabel, _ parcel: Parcel, _ orderId: String, _ pending: PendingCommand
    ) -> Event {
        var claiming = pending
        claiming.number = WaybillNumber.waybill(of: WaybillNumber.normalized(number), carrier: pending.carrier ?? "")
        claiming.label = label.isPrintable ? label : nil
        claiming.claims = [claiming.number ?? ""]
        claiming.granted = 0
        claiming.isAtPlatform = nil
        return .asked(
            NumberClaim(parcel.identity(orderId), carrier: pending.carrier ?? "", number: claiming.number ?? "", kind: .bind), claiming)
    }

    private static func refused(_ parcel: Parcel, _ pending: PendingCommand, _ refusal: PlatformRefusal) -> [Event] {
        var events = settled(parcel, pending, keep: false)
        if refusal.hasMain {
            var updated = parcel
            updated.platform?.accepted = pending.number
            events.insert(.updated(updated), at: 0)
        }
        let message =
            refusal.isUnknown
            ? "the platform may have done it: \(refusal.message)"
            : refusal.hasMain
                ? "the platform has the number and refused the further ones; return it again without them: \(refusal.message)"
                : "the platform refused it: \(refusal.message)"
        var details = refusal.code.map { ["partnerCode": JSONValue.string($0)] } ?? [:]
        if refusal.isUnknown { details["outcome"] = .string(OutboundRejected.outcomeUnknown) }
        return events + [
            .refused(
                allocationId: parcel.allocationId, Refusal(.partnerRejected, message, details: details.isEmpty ? nil : details),
                pending.origin
            )
        ]
    }
}
