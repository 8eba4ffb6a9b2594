import Synchronization
import Threads

/// Orders that were placed from here a moment ago, and that allocation may not have registered yet.
final class RecentOrders: Sendable {
    /// Seconds after which one that allocation has not registered may be placed again: its fact may have become a dead letter.
    private static let seconds = 600.0
    private static let fewOrders = 10_000

    private struct State {
        var until: [String: Deadline] = [:]
        var sweepsAt = RecentOrders.fewOrders
    }

    private let state = Mutex(State())

    func add(_ orderIds: [String], of merchant: String) {
        state.withLock { state in
            let end = Deadline.after(Self.seconds)
            for orderId in orderIds { state.until[Self.key(orderId, merchant)] = end }
            guard state.until.count > state.sweepsAt else { return }
            state.until = state.until.filter { !$0.value.hasPassed }
            state.sweepsAt = max(Self.fewOrders, 2 * state.until.count)
        }
    }

    func contains(_ orderId: String, of merchant: String) -> Bool {
        state.withLock { $0.until[Self.key(orderId, merchant)].map { !$0.hasPassed } ?? false }
    }

    private static func key(_ orderId: String, _ merchant: String) -> String { "\(merchant)\u{0}\(orderId)" }
}
