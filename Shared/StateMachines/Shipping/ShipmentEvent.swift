public import Contracts
import JSON
public import Machines

/// The events of an order's parcels.
public enum ShipmentEvent: Publishable {
    case allocated(KnownAllocation)
    case ended(EndedAllocation)
    case ready(Ready, Int)
    /// Its recipient has changed while it is being sealed.
    case readdressed(Int)
    case unready(Unready, Int)

    /// A `ship` has to wait; allocation is asked for these seals (none: an earlier `ship` asked).
    case shipPending(PendingShip, [Request<Seal>])
    case shipped(Shipped, Int, Origin)
    /// The seal was refused; the allocation was taken back, or can be tried again.
    case sealRefused(Int, wasTakenBack: Bool)
    case shipRefused(Refusal, Origin)

    case amendPending(PendingAmend)
    case claimRequested(Request<Claim>, Origin)
    case amended(Amended, Int, Origin)
    case amendRefused(Refusal, Int, Origin)

    /// About what the marketplace and the ERP are told.
    case upload(UploadEvent)

    /// About an allocation to a partner's warehouse.
    case outbound(OutboundEvent)

    public func publish(to outbox: some Outbox) {
        switch self {
        case .allocated, .ended, .readdressed, .sealRefused, .amendPending: break
        case .ready(let message, _): outbox.event(message)
        case .unready(let message, _): outbox.event(message)
        case .shipPending(let ship, let seals):
            for seal in seals { outbox.command(seal.message, id: seal.id, origin: ship.origin) }
        case .shipped(let message, _, let origin): outbox.event(message, origin: origin)
        case .shipRefused(let refusal, let origin): outbox.refuse(refusal, origin: origin)
        case .claimRequested(let claim, let origin):
            outbox.command(claim.message, id: claim.id, origin: origin)
        case .amended(let message, _, let origin): outbox.event(message, origin: origin)
        case .amendRefused(let refusal, _, let origin): outbox.refuse(refusal, origin: origin)
        case .upload(let event): event.publish(to: outbox)
        case .outbound(let event): event.publish(to: outbox)
        }
    }
}

/// The part of `allocated` that shipping keeps.
public struct KnownAllocation: Sendable {
    /// nil: of a warehouse, which has no parcel here.
    var number: Int?
    var merchant: String
    var platform: String?
    var platformOrderNumber: String?
    var channelId: String?
}

/// The part of `deallocated` and `voided` that shipping uses.
public struct EndedAllocation: Sendable {
    var number: Int
    var merchant: String
}

/// A command to another service about one parcel. The state keeps its id until it is answered: a refusal of any other id is none of it.
public struct Request<Command: Message>: Sendable {
    var message: Command
    var number: Int
    var attempt: Int
    var id: String

    /// - Parameter attempt: counts the requests of this kind about the allocation.
    init(_ message: Command, number: Int, attempt: Int, allocationId: String) {
        self.message = message
        self.number = number
        self.attempt = attempt
        id = RequestId.make(Command.type, allocationId, "\(attempt)")
    }
}
