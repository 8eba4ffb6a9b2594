public import Contracts
import JSON
public import Machines
public import Threads

/// What happens to an allocation to a partner's warehouse. `changed` and `pulls` carry the state after it; the rest leaves the service.
public enum OutboundStep: Publishable {
    case changed(Outbound)
    case pulled(PendingPull)
    case pullEnded(originId: String, number: Int, isAnswer: Bool)

    case sealRequested(Request<Seal>)
    case released(Release, Origin)
    case created(OutboundCreated)
    case rejected(OutboundRejected)
    case status(OutboundStatus, Origin)
    case overdue(OutboundOverdue, Origin)
    case ignored(ReportIgnored, Origin)
    case cancelling(OutboundCancelling)
    case cancelled(OutboundCancelled, Origin)
    case cancelFailed(OutboundCancelFailed, Origin)
    case shipped(Shipped, Origin)
    case refused(Refusal, Origin)

    case create(OutboundCreation, Origin)
    case cancel(OutboundCancellation, Origin)
    case query(OutboundQuery, due: Timestamp?, Origin)
    /// An effect that nobody needs any more.
    case drop(effect: String)

    public func publish(to outbox: some Outbox) {
        switch self {
        case .changed, .pulled, .pullEnded: break
        case .sealRequested(let seal): outbox.command(seal.message, id: seal.id)
        case .released(let release, let origin):
            outbox.command(release, id: RequestId.make(Release.type, release.allocationId), origin: origin)
        case .created(let message): outbox.event(message)
        case .rejected(let message): outbox.event(message)
        case .status(let message, let origin): outbox.event(message, origin: origin)
        case .overdue(let message, let origin): outbox.event(message, origin: origin)
        case .ignored(let message, let origin): outbox.event(message, origin: origin)
        case .cancelling(let message): outbox.event(message)
        case .cancelled(let message, let origin): outbox.event(message, origin: origin)
        case .cancelFailed(let message, let origin): outbox.event(message, origin: origin)
        case .shipped(let message, let origin): outbox.event(message, origin: origin)
        case .refused(let refusal, let origin): outbox.refuse(refusal, origin: origin)
        case .create(let effect, let origin): outbox.schedule(effect, due: nil, origin: origin)
        case .cancel(let effect, let origin): outbox.schedule(effect, due: nil, origin: origin)
        case .query(let effect, let due, let origin): outbox.schedule(effect, due: due, origin: origin)
        case .drop(let effect): outbox.cancelEffect(effect)
        }
    }
}

extension Outbounds {
    mutating func apply(_ step: OutboundStep) {
        switch step {
        case .changed(let outbound): put(outbound)
        case .pulled(let pull): pulls = (pulls ?? []) + [pull]
        case .pullEnded(let originId, let number, let isAnswer): endPull(originId, number, isAnswer: isAnswer)
        default: break
        }
    }

    func outbound(_ number: Int) -> Outbound? { list?.first { $0.number == number } }

    mutating func put(_ outbound: Outbound) {
        var all = list ?? []
        let index = all.firstIndex { $0.number >= outbound.number } ?? all.endIndex
        if index < all.endIndex, all[index].number == outbound.number { all[index] = outbound } else { all.insert(outbound, at: index) }
        list = all
    }

    /// This allocation's part of the pull is over.
    mutating func endPull(_ originId: String, _ number: Int, isAnswer: Bool) {
        guard var all = pulls, let index = all.firstIndex(where: { $0.origin.id == originId }) else { return }
        all[index].waits.removeAll { $0 == number }
        if isAnswer { all[index].hasAnswer = true }
        if all[index].waits.isEmpty { all.remove(at: index) }
        pulls = all.isEmpty ? nil : all
    }

    /// The one whose seal was asked for by this command, and is not answered.
    func outbound(sealedBy commandId: String) -> Outbound? { list?.first { RequestId.isSame(commandId, as: $0.request) } }

    /// One that will ship by itself.
    var awaitingShipment: Outbound? { list?.first { [.sealing, .creating, .created, .unknown].contains($0.stage) } }

    var hasShipped: Bool { list?.contains { $0.stage == .shipped } ?? false }
}
