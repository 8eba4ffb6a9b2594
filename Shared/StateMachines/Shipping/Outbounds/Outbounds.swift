import Contracts
public import JSON
import Machines

/// Allocations to a partner's warehouse: sealed at once, then created at the partner once.
///
/// The recipient comes from waybill, on a topic of its own: before or after anything that allocation tells. `creating` has the effect
/// that creates the order; without the recipient it waits and asks the partner for nothing. Three rows below are combinations:
/// `withdrawn` is the stage `sealing` with a cancellation pending, `looking` is `creating` with one, `cancelling` is `created` with one.
/// In `looking` the effect that creates the order is replaced by one that only looks for an order that an earlier attempt may have
/// created. `held` stands for `order-held` and `order-cancelled` of allocation; `out` for a report that the parcel is out of the door,
/// `picking` for one that it is not, `10028` and `10029` for the partner's decision on a cancellation. Columns from `created` to `kept`
/// are answers of effects: closed: the warehouse was closed, and nothing was sent; unknown: it was closed before the partner could be
/// asked what came of an attempt; absent: there is no order, and there will be none; gone, kept: what became of the cancellation. `late`
/// is a poll after `DAIFA_OUTBOUND_PATIENCE` that finds nothing new.
///
/// An outbound in `unknown` keeps its allocation sealed until the merchant has looked at the partner and cancels it. Where the warehouse is
/// open again by then, the partner is asked first.
///
/// | outbound | sealed | seal refused | resealed | unreadable | created | rejected | closed | unknown | absent | gone | kept |
/// |---|---|---|---|---|---|---|---|---|---|---|---|
/// | awaited | – | – | – | – | – | – | – | – | – | – | – |
/// | sealing | create-outbound | – | – | – | – | – | – | – | – | – | – |
/// | withdrawn | cancelled release | cancelled | – | – | – | – | – | – | – | – | – |
/// | waiting | – | – | create-outbound | rejected release | created query-outbound | rejected release | release | rejected | release | – | – |
/// | creating | – | – | – | – | created query-outbound | rejected release | release | rejected | release | – | – |
/// | looking | – | – | – | – | created cancel-outbound query-outbound | rejected cancelled release | cancelled release | rejected | cancelled release | – | – |
/// | created | – | – | – | – | – | – | – | – | – | – | – |
/// | cancelling | – | – | – | – | – | – | – | – | – | cancelled release | cancel-failed |
/// | unknown | – | – | – | – | – | – | – | – | – | – | – |
/// | shipped | – | – | – | – | – | – | – | – | – | – | – |
/// | ended | – | – | – | – | – | – | – | – | – | – | – |
///
/// | outbound | held | cancel-outbound | picking | out | 10028 | 10029 | late | pull-status | ship |
/// |---|---|---|---|---|---|---|---|---|---|
/// | awaited | – | not-found | not-found | not-found | not-found | not-found | – | not-found | not-found |
/// | sealing | – | cancelling | not-found | not-found | not-found | not-found | – | not-found | waybill-not-returned |
/// | withdrawn | – | cancelling | not-found | not-found | not-found | not-found | – | not-found | waybill-not-returned |
/// | waiting | cancelling cancelled release | cancelling cancelled release | not-found | not-found | not-found | not-found | – | not-found | waybill-not-returned |
/// | creating | cancelling create-outbound | cancelling create-outbound | not-found | not-found | not-found | not-found | – | not-found | waybill-not-returned |
/// | looking | – | cancelling | not-found | not-found | not-found | not-found | – | not-found | waybill-not-returned |
/// | created | cancelling cancel-outbound | cancelling cancel-outbound | status | status shipped | status cancelled release | ignored | overdue | query-outbound | waybill-not-returned |
/// | cancelling | – | cancelling | status | status cancel-failed shipped | status cancelled release | status cancel-failed | overdue | query-outbound | waybill-not-returned |
/// | unknown | – | cancelling cancelled release | not-found | not-found | not-found | not-found | – | not-found | waybill-not-returned |
/// | shipped | – | already-shipped | ignored | ignored | ignored | ignored | overdue | query-outbound | already-shipped |
/// | ended | – | not-allocated | ignored | ignored | ignored | ignored | – | not-found | not-allocated |
public struct Outbounds: DefaultInitializable, Equatable {
    /// One for each allocation to a partner's warehouse, by number.
    var list: [Outbound]?
    /// Those that wait for a partner, in the order in which they came.
    var pulls: [PendingPull]?

    public init() {}

    public static let fields = Fields<Outbounds>(Field("list", \.list), Field("pulls", \.pulls))
}

extension Outbounds {
    func outbound(_ orderId: String, _ allocationId: String) -> Outbound? {
        AllocationNumber.parse(allocationId, of: orderId).flatMap { outbound($0) }
    }

    /// Decides about one warehouse allocation.
    func draft(
        _ outbound: Outbound, _ orderId: String, _ order: ShippedOrder, _ context: Context, _ body: (inout OutboundDraft) -> Void
    ) -> [OutboundStep] {
        var draft = OutboundDraft(outbound, orderId, order, pulls, context)
        body(&draft)
        return draft.result
    }

    // MARK: Events of allocation and waybill

    func allocated(_ order: ShippedOrder, _ event: Allocated, _ number: Int, _ context: Context) -> [OutboundStep] {
        let known = outbound(number) ?? Outbound(number)
        guard known.stage == .awaited else { return [] }
        return draft(known, event.orderId, order, context) { draft in
            draft.outbound.stage = .sealing
            draft.outbound.warehouseId = event.target.id
            draft.outbound.correlationId = context.origin.correlationId
            draft.outbound.lines = event.lines.map { CountedLine(sku: $0.sku, quantity: $0.quantity) }
            draft.outbound.newestSource = Self.source(event.recipientSealed)
            let seal = Seal(orderId: event.orderId, allocationId: event.allocationId)
            let request = Request(seal, number: number, attempt: Self.firstSeal, allocationId: event.allocationId)
            draft.outbound.request = request.id
            draft.add(.sealRequested(request))
        }
    }

    /// A warehouse allocation is sealed once.
    static let firstSeal = 1

    /// Tells two sealed recipients apart without opening them: HPKE's encapsulated key is another one each time.
    private static func source(_ sealed: Verbatim<Sealed>?) -> String? { try? sealed?.value.enc }

    /// Only while it is not sealed: the recipient that is resealed from this one is the one to ship to.
    func recipientChanged(_ order: ShippedOrder, _ event: RecipientChanged, _ context: Context) -> [OutboundStep] {
        guard let known = outbound(event.orderId, event.allocationId), known.stage == .sealing else { return [] }
        return draft(known, event.orderId, order, context) { $0.outbound.newestSource = Self.source(event.recipientSealed) }
    }

    func resealed(_ order: ShippedOrder, _ event: RecipientResealed, _ context: Context) -> [OutboundStep] {
        guard let known = awaitingRecipient(event.orderId, event.allocationId) else { return [] }
        return draft(known, event.orderId, order, context) { draft in
            draft.outbound.recipient = Verbatim(event.recipientSealed)
            draft.outbound.recipientSource = event.sealedFrom
            draft.outbound.unreadableReason = nil
            if draft.outbound.stage == .creating, draft.outbound.newestRecipient != nil { draft.create() }
        }
    }

    /// Nobody will ever know where it is to go: it is given up, unless allocation has told of a newer recipient.
    func recipientRefused(_ order: ShippedOrder, _ event: RecipientRefused, _ context: Context) -> [OutboundStep] {
        guard let known = awaitingRecipient(event.orderId, event.allocationId) else { return [] }
        return draft(known, event.orderId, order, context) { draft in
            draft.outbound.recipient = nil
            draft.outbound.recipientSource = event.sealedFrom
            draft.outbound.unreadableReason = event.reason
            if draft.outbound.stage == .creating, let reason = draft.outbound.newestIsUnreadable { draft.giveUp(reason) }
        }
    }

    /// What waybill tells of recipients counts until the partner is asked with one, the newest most; nil: no more.
    private func awaitingRecipient(_ orderId: String, _ allocationId: String) -> Outbound? {
        guard let number = AllocationNumber.parse(allocationId, of: orderId) else { return nil }
        let known = outbound(number) ?? Outbound(number)
        return switch known.stage {
        case .awaited, .sealing: known
        case .creating: known.newestRecipient == nil ? known : nil
        case .created, .unknown, .shipped, .ended: nil
        }
    }

    func sealed(
        _ order: ShippedOrder, _ known: Outbound, _ event: AllocationSealed, _ context: Context
    ) -> [OutboundStep] {
        guard known.stage == .sealing else { return [] }
        return draft(known, event.orderId, order, context) { draft in
            draft.outbound.request = nil
            if let cancel = known.cancel { return draft.cancelled(cancel.cause) }
            draft.outbound.stage = .creating
            draft.outbound.since = context.now
            if let reason = known.newestIsUnreadable { draft.giveUp(reason) } else { draft.create() }
        }
    }

    /// Allocation took it back before it was sealed.
    func takenBack(_ order: ShippedOrder, _ known: Outbound, _ orderId: String, _ context: Context) -> [OutboundStep] {
        guard known.stage == .sealing else { return [] }
        return draft(known, orderId, order, context) { draft in
            if let cancel = known.cancel {
                draft.cancelled(cancel.cause, isAllocated: false)
            } else {
                draft.outbound = known.ended
            }
        }
    }

    // MARK: Outcomes of creating it

    func created(
        _ order: ShippedOrder, _ effect: OutboundCreation, _ outcome: OutboundCreation.Outcome, _ context: Context
    ) -> [OutboundStep] {
        guard let known = outbound(effect.number), known.stage == .creating else { return [] }
        return draft(known, effect.orderId, order, context) { draft in
            switch outcome {
            case .created(let partnerNumber, let carrier):
                draft.outbound.stage = .created
                draft.outbound.partnerNumber = partnerNumber
                draft.outbound.carrier = carrier
                draft.outbound.recipient = nil
                draft.outbound.recipientSource = nil
                draft.outbound.newestSource = nil
                draft.outbound.since = nil
                draft.add(.created(draft.created()))
                draft.askToCancel()
                draft.poll(isNews: true)
            case .rejected(let refusal):
                draft.add(.rejected(draft.rejected(refusal)))
                draft.end(or: .targetRejected)
            case .closed, .absent: draft.end(or: .targetRejected)
            case .unknown:
                draft.add(.rejected(draft.rejected(PartnerRefusal(reason: OutboundRejected.outcomeUnknown))))
                draft.outbound = known.unknown
            }
        }
    }
}

extension OutboundDraft {
    /// The partner was asked for nothing.
    fileprivate mutating func giveUp(_ reason: String) {
        add(.drop(effect: OutboundCreation.id(of: ShipmentMachine.aggregate(orderId), String(outbound.number))))
        add(.rejected(rejected(PartnerRefusal(field: "recipient", reason: reason))))
        end(or: .targetRejected)
    }

    /// There is no order at the partner: what was to be cancelled is, anything else is released with this reason.
    fileprivate mutating func end(or reason: DeallocationReason) {
        if let cancel = outbound.cancel { cancelled(cancel.cause) } else { release(reason) }
    }
}
