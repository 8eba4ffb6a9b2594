import Contracts
import JSON
import Machines
import Threads

/// Steps of one warehouse allocation being decided, and the allocation as they leave it.
struct OutboundDraft {
    private(set) var steps: [OutboundStep] = []
    var outbound: Outbound {
        didSet { isChanged = isChanged || outbound != oldValue }
    }
    private var isChanged = false
    let orderId: String
    let order: ShippedOrder
    /// Those that wait for the order's partners.
    let pulls: [PendingPull]?
    let context: Context

    init(_ outbound: Outbound, _ orderId: String, _ order: ShippedOrder, _ pulls: [PendingPull]?, _ context: Context) {
        self.outbound = outbound
        self.orderId = orderId
        self.order = order
        self.pulls = pulls
        self.context = context
    }

    var allocationId: String { AllocationNumber.id(orderId, outbound.number) }
    private var merchant: String { order.merchant ?? "" }

    /// All that was decided, with the state after it.
    var result: [OutboundStep] { (isChanged ? [.changed(outbound)] : []) + steps }

    mutating func add(_ step: OutboundStep) { steps.append(step) }

    /// What follows from the allocation without being the answer to anything.
    func syntheticOrigin(_ name: String) -> Origin {
        var origin = Origin.step("\(allocationId)/\(name)", key: orderId)
        origin.correlationId = outbound.correlationId ?? origin.id
        return origin
    }

    // MARK: Creating

    /// The effect that creates the order, or looks for one that is not wanted any more.
    mutating func create() {
        var effect = OutboundCreation()
        effect.orderId = orderId
        effect.number = outbound.number
        effect.warehouseId = outbound.warehouseId
        effect.platform = order.platform
        effect.lines = outbound.lines ?? []
        effect.recipientSealed = outbound.newestRecipient
        effect.isWanted = outbound.cancel == nil
        effect.since = outbound.since ?? context.now
        add(.create(effect, syntheticOrigin(effect.isWanted ? "create" : "look")))
    }

    mutating func release(_ reason: DeallocationReason) {
        let message = Release(orderId: orderId, allocationId: allocationId, reason: reason)
        add(.released(message, syntheticOrigin("release")))
        add(.drop(effect: pollId))
        outbound = outbound.ended
    }

    func created() -> OutboundCreated {
        OutboundCreated(
            orderId: orderId, allocationId: allocationId, merchantShopId: merchant, warehouseId: outbound.warehouseId,
            partnerNumber: outbound.partnerNumber ?? "")
    }

    func rejected(_ refusal: PartnerRefusal) -> OutboundRejected {
        OutboundRejected(
            orderId: orderId, allocationId: allocationId, merchantShopId: merchant, warehouseId: outbound.warehouseId,
            partnerCode: refusal.code, reason: refusal.reason)
    }

    // MARK: Cancelling

    func cancelling(_ cause: DeallocationReason) -> OutboundCancelling {
        OutboundCancelling(
            orderId: orderId, allocationId: allocationId, merchantShopId: merchant, warehouseId: outbound.warehouseId,
            partnerNumber: outbound.partnerNumber, cause: cause)
    }

    /// Nothing leaves the warehouse.
    /// - Parameter isAllocated: whether allocation has to release it; it may have taken it back itself.
    mutating func cancelled(_ cause: DeallocationReason, isAllocated: Bool = true) {
        let message = OutboundCancelled(
            orderId: orderId, allocationId: allocationId, merchantShopId: merchant, warehouseId: outbound.warehouseId,
            partnerNumber: outbound.partnerNumber, cause: cause)
        add(.cancelled(message, syntheticOrigin("cancelled")))
        if outbound.cancel != nil, outbound.stage == .created { add(.drop(effect: cancellationId)) }
        if isAllocated { release(cause) } else { outbound = outbound.ended }
    }

    /// It ships.
    mutating func cancelFailed(_ reason: String?) {
        guard let cancel = outbound.cancel else { return }
        let message = OutboundCancelFailed(
            orderId: orderId, allocationId: allocationId, merchantShopId: merchant, warehouseId: outbound.warehouseId,
            partnerNumber: outbound.partnerNumber, cause: cancel.cause, reason: reason)
        add(.cancelFailed(message, syntheticOrigin("cancel-failed/\(cancel.attempt)")))
        add(.drop(effect: cancellationId))
        outbound.cancel = nil
    }

    /// Asks the partner, which has the order.
    mutating func askToCancel() {
        guard let cancel = outbound.cancel else { return }
        var effect = OutboundCancellation()
        effect.orderId = orderId
        effect.number = outbound.number
        effect.warehouseId = outbound.warehouseId
        effect.partnerNumber = outbound.partnerNumber ?? ""
        effect.attempt = cancel.attempt
        add(.cancel(effect, syntheticOrigin("cancel/\(cancel.attempt)")))
    }

    // MARK: Status

    func query(_ purpose: OutboundQuery.Purpose, commandId: String = "") -> OutboundQuery {
        var effect = OutboundQuery()
        effect.orderId = orderId
        effect.number = outbound.number
        effect.warehouseId = outbound.warehouseId
        effect.partnerNumber = outbound.partnerNumber ?? ""
        effect.purpose = purpose
        effect.commandId = commandId
        return effect
    }

    /// For what a push does not say.
    func query(_ push: OutboundStatusReport) -> OutboundQuery {
        var effect = query(.push, commandId: context.origin.id)
        effect.pushed = PushedStatus(push)
        return effect
    }

    private var pollId: String { query(.poll).id }
    private var cancellationId: String {
        OutboundCancellation.id(of: ShipmentMachine.aggregate(orderId), String(outbound.number))
    }

    /// The next reconciling poll, or what ends them.
    /// - Parameter isNews: the last answer has changed something.
    mutating func poll(isNews: Bool) {
        guard outbound.isAtPartner, !outbound.isDone else {
            outbound.polls?.pause = nil
            return
        }
        var polls = outbound.polls ?? StatusPolls(since: context.now)
        let next = polls.next(isNews: isNews, of: outbound.warehouseId, context)
        outbound.polls = polls
        switch next {
        case .poll(let due): add(.query(query(.poll), due: due, syntheticOrigin("poll/\(due.milliseconds)")))
        case .overdue: add(.overdue(overdue(since: polls.since), syntheticOrigin("overdue")))
        case .nothing: break
        }
    }

    /// After a report, pushed or pulled: sets the pause between polls back, begins polls where there are none, and ends them where
    /// nothing more is expected.
    mutating func hasHeard() {
        guard let polls = outbound.polls, outbound.isAtPartner, polls.pause == nil || outbound.isDone || !polls.isSoon(context) else {
            return
        }
        if outbound.isDone, polls.pause != nil { add(.drop(effect: pollId)) }
        poll(isNews: true)
    }

    private func overdue(since: Timestamp) -> OutboundOverdue {
        OutboundOverdue(
            orderId: orderId, allocationId: allocationId, merchantShopId: merchant, warehouseId: outbound.warehouseId,
            partnerNumber: outbound.partnerNumber ?? "", state: outbound.state, since: since)
    }

    /// - Parameter code: the partner's, of the report that is answered; nil: that of the state.
    func status(code: String? = nil, at time: Timestamp? = nil) -> OutboundStatus {
        OutboundStatus(
            orderId: orderId, allocationId: allocationId, merchantShopId: merchant, warehouseId: outbound.warehouseId,
            partnerNumber: outbound.partnerNumber ?? "", partnerCode: code ?? outbound.code ?? "", state: outbound.state ?? .created,
            occurredAt: time ?? outbound.occurredAt ?? context.now, carrier: outbound.waybillNumber == nil ? nil : outbound.carrier,
            waybillNumber: outbound.waybillNumber, lines: outbound.counted)
    }

    func ignored(_ command: ReportStatus, _ reason: ReportIgnored.Reason) -> ReportIgnored {
        ReportIgnored(
            orderId: orderId, allocationId: allocationId, partnerNumber: command.partnerNumber, partnerCode: command.statusCode,
            reason: reason)
    }

    mutating func shipped() {
        outbound.returnAddressId = context.defaultReturnAddress(of: merchant)
        let message = Shipped(
            orderId: orderId, allocationId: allocationId, merchantShopId: merchant, warehouseId: outbound.warehouseId,
            carrier: outbound.carrier ?? "", waybillNumber: outbound.waybillNumber ?? "", extraNumbers: outbound.extraNumbers,
            returnAddressId: outbound.returnAddressId, shippedAt: outbound.occurredAt ?? context.now, platform: order.platform,
            platformOrderNumber: order.platformOrderNumber, channelId: order.channelId)
        add(.shipped(message, syntheticOrigin("shipped")))
        outbound.stage = .shipped
    }
}
