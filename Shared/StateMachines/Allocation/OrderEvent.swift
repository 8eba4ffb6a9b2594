public import Contracts
import JSON
public import Machines
public import Threads

/// The events of one order. The first group only changes the state.
public enum OrderEvent: Publishable {
    case placed(Placement)
    case recipientKnown(StampedRecipient)
    case riskKnown(StampedHold)
    case afterSaleKnown(AfterSale)
    case cancellationKnown(Cancellation)
    case assignmentKnown(StampedHold)
    case auditEnded
    /// Where the order goes is kept until then.
    case kept(OrderShredding, until: Timestamp)
    /// An allocation of this number was shipped so long ago that nobody asks for its recipient any more.
    case over(Int)
    /// Where the order goes is deleted.
    case shredded

    case registered(OrderRegistered)
    case held(OrderHeld)
    case released(OrderReleased)
    case cancelled(OrderCancellationNoted)
    case allocated(Allocated, StoredAllocation)
    case deallocated(Deallocated, Int)
    case recipientChanged(RecipientChanged)
    case sealed(AllocationSealed, Int)

    public func publish(to outbox: some Outbox) {
        switch self {
        case .placed, .recipientKnown, .riskKnown, .afterSaleKnown, .cancellationKnown, .assignmentKnown, .auditEnded, .over,
            .shredded:
            break
        // Nothing is published when it ends, so its row, one for each order as long as recipients are kept, need not say what began it.
        case .kept(let effect, let end): outbox.schedule(effect, due: end, origin: .absent)
        case .registered(let message): outbox.event(message)
        case .held(let message): outbox.event(message)
        case .released(let message): outbox.event(message)
        case .cancelled(let message): outbox.event(message)
        case .allocated(let message, _): outbox.event(message)
        case .deallocated(let message, _): outbox.event(message)
        case .recipientChanged(let message): outbox.event(message)
        case .sealed(let message, _): outbox.event(message)
        }
    }
}

/// The content of `placed`, in the form in which it is stored.
public struct Placement: Sendable {
    var merchant: String
    var details: Verbatim<OrderDetails>
    var recipient: StampedRecipient
    var awaitsAudit: Bool

    init(_ placed: OrderPlaced, _ details: OrderDetails, at time: Timestamp) {
        merchant = placed.merchantShopId
        self.details = Verbatim(details)
        recipient = StampedRecipient(placed.recipient, at: time, isChange: false)
        awaitsAudit = placed.holds?.contains(.awaitingAudit) ?? false
    }
}
