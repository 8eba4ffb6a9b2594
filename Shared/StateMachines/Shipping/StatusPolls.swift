import Contracts
public import JSON
import Machines
import Threads

/// The reconciling polls of one order at a partner: none pauses longer than the last change allows, and all of them end.
///
/// The pause begins at `DAIFA_STATUS_POLL_INTERVAL`, doubles with each answer that changes nothing, up to a day, and is set back by a
/// change. `DAIFA_OUTBOUND_PATIENCE` after the partner took the order it is told once that the order is overdue, and polled no more. There
/// are no polls without a message subscription or under a closed warehouse; a push or a `pull-status` under a subscription begins them anew.
public struct StatusPolls: DefaultInitializable, Equatable {
    /// The step after an answer.
    enum Next {
        case poll(at: Timestamp)
        case overdue
        case nothing
    }

    /// Since when the partner has the order.
    var since = Timestamp(milliseconds: 0)
    /// Seconds from the last poll to the one that is scheduled; nil: none is.
    var pause: Int?
    /// It was told that the order is overdue.
    var isOverdue: Bool?

    public init() {}

    init(since: Timestamp) { self.since = since }

    public static let fields = Fields<StatusPolls>(
        Field("since", \.since), Field("pause", \.pause), Field("overdue", \.isOverdue))

    /// Seconds of the longest pause: a push that was lost is found within a day, and an order that never ends costs a question a day.
    static let longestPause = 86_400

    /// - Parameters:
    ///   - isNews: something has changed, so that more is likely to.
    ///   - warehouseId: where the order is.
    mutating func next(isNews: Bool, of warehouseId: String, _ context: Context) -> Next {
        guard isOverdue != true, PartnerWarehouse.isPolled(warehouseId, context) else {
            pause = nil
            return .nothing
        }
        let end = since.milliseconds + context.settings.outboundPatience * 1000
        guard context.now.milliseconds < end || !context.isClockSteady else {
            pause = nil
            isOverdue = true
            return .overdue
        }
        let first = context.settings.statusPollInterval
        let seconds = isNews ? first : pause.map { min($0 * 2, max(first, Self.longestPause)) } ?? first
        pause = seconds
        return .poll(
            at: Timestamp(milliseconds: min(context.now.milliseconds + seconds * 1000, max(end, context.now.milliseconds + first * 1000))))
    }

    /// Whether the poll that is scheduled comes no later than one that is scheduled anew would.
    func isSoon(_ context: Context) -> Bool { pause.map { $0 <= context.settings.statusPollInterval } ?? false }
}
