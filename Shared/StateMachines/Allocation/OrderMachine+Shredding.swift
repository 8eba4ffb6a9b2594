import Contracts
public import JSON
public import Machines
import Threads

/// The end of the time for which allocation keeps where an order goes: a timer.
public struct OrderShredding: Effect {
    public typealias Answer = TimerFired

    public static let kind = "shred-order"
    public static let sharesRow = true
    public var orderId = ""
    /// Number of the allocation that is shipped by then; nil: the order is cancelled.
    public var number: Int?

    public init() {}

    public init(_ orderId: String, number: Int?) {
        self.orderId = orderId
        self.number = number
    }

    public static let fields = Fields<OrderShredding>(Field("orderId", \.orderId), Field("number", \.number))

    public var aggregate: String { "order:\(orderId)" }
    public var discriminator: String { number.map { "\($0)" } ?? "cancelled" }
}

/// How long recipients are kept (contract, section 6).
///
/// Allocation does not read what shipping tells. A factory's allocation is sealed when it ships; a warehouse's long before, and an order
/// that its partner has not shipped by the end of the patience is overdue. So the time runs from the seal, longer by that patience for a
/// warehouse. A recipient is needed as long as anything of the order may still be allocated.
extension OrderMachine {
    static func keeps(_ state: OrderState, _ orderId: String, _ allocation: StoredAllocation, _ context: Context) -> [OrderEvent] {
        let patience = allocation.target.kind == .warehouse ? context.settings.outboundPatience : 0
        return keeps(state, orderId, number: allocation.number, seconds: context.settings.recipientRetention + patience, context)
    }

    /// The retention of the recipient of an order that is cancelled, or of which nothing may be allocated any more.
    static func keepsCancelled(_ state: OrderState, _ orderId: String, _ context: Context) -> [OrderEvent] {
        keeps(state, orderId, number: nil, seconds: context.settings.recipientRetention, context)
    }

    private static func keeps(
        _ state: OrderState, _ orderId: String, number: Int?, seconds: Int, _ context: Context
    ) -> [OrderEvent] {
        guard state.recipient?.sealed != nil else { return [] }
        let end = Timestamp(milliseconds: context.now.milliseconds + seconds * 1000)
        return [.kept(OrderShredding(orderId, number: number), until: end)]
    }

    static func shreds(_ state: OrderState, _ effect: OrderShredding) -> [OrderEvent] {
        var ended = state
        var events: [OrderEvent] = []
        if let number = effect.number {
            // One that was taken back meanwhile may be allocated again.
            guard let allocation = state.allocation(number), allocation.isSealed else { return [] }
            if allocation.isOver != true { events.append(.over(number)) }
            for event in events { evolve(&ended, event) }
        }
        guard ended.needsNoRecipient, ended.recipient?.isShredded != true, ended.recipient != nil else { return events }
        return events + [.shredded]
    }
}

extension OrderState {
    /// Whether nothing of it may be allocated any more.
    var needsNoRecipient: Bool {
        if cancellation != nil { return true }
        guard merchant != nil, let allocations, allocations.allSatisfy({ $0.isOver == true }) else { return false }
        return left(of: order).allSatisfy { $0 == 0 }
    }
}

extension StampedRecipient {
    /// The area alone, without the sealed part and without the merge key.
    var shredded: StampedRecipient {
        var rest = self
        rest.sealed = nil
        rest.mergeKey = nil
        rest.isShredded = true
        return rest
    }
}
