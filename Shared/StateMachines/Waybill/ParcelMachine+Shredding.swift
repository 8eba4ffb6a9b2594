import Contracts
public import JSON
public import Machines
import Threads

/// The end of the time for which a parcel's recipient is kept: a timer.
public struct RecipientShredding: Effect {
    public typealias Answer = TimerFired

    public static let kind = "shred-recipient"
    public static let sharesRow = true
    public var orderId = ""
    public var allocationId = ""

    public init() {}

    public init(_ orderId: String, _ allocationId: String) {
        self.orderId = orderId
        self.allocationId = allocationId
    }

    public static let fields = Fields<RecipientShredding>(
        Field("orderId", \.orderId), Field("allocationId", \.allocationId))

    public var aggregate: String { ParcelMachine.aggregate(orderId) }
    public var discriminator: String { allocationId }
}

/// How long recipients are kept.
extension ParcelMachine {
    /// Milliseconds that the clock of the host which shipped it is believed to be ahead.
    private static let longestLead = 86_400_000

    /// Another host's clock shreds nothing early, and keeps nothing for years.
    static func trusted(_ time: Timestamp, _ context: Context) -> Timestamp {
        let now = context.now.milliseconds
        return Timestamp(milliseconds: min(max(time.milliseconds, now), now + longestLead))
    }

    static func keepRecipient(_ orderId: String, _ allocationId: String, since start: Timestamp, _ context: Context) -> Event {
        let end = start.milliseconds + context.settings.recipientRetention * 1000
        return .recipientKept(RecipientShredding(orderId, allocationId), until: Timestamp(milliseconds: end))
    }

    static func shreds(_ state: State, _ effect: RecipientShredding) -> [Event] {
        guard let parcel = state.parcel(effect.allocationId), parcel.isShredded != true else { return [] }
        // Nothing is left of one that was taken back.
        if parcel.phase == .voided || parcel.phase == .deallocatedBeforeAllocated { return [] }
        return [.shredded(allocationId: effect.allocationId)]
    }
}
