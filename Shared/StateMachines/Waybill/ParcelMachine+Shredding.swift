import Contracts
public import JSON
public import Machines

/// The end of the time for which a parcel's recipient is kept: a timer.
public struct RecipientShredding: Effect {
    public typealias Answer = TimerFired

    public static let kind = "shred-recipient"
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
    static func kept(_ orderId: String, _ allocationId: String, since start: Timestamp, _ context: Context) -> Event {
        let end = start.milliseconds + context.settings.recipientRetention * 1000
        return .kept(RecipientShredding(orderId, allocationId), until: Timestamp(milliseconds: end))
    }

    static func shreds(_ state: State, _ effect: RecipientShredding) -> [Event] {
        guard let parcel = state.parcel(effect.allocationId), parcel.isShredded != true else { return [] }
        // Nothing is left of one that was taken back.
        if parcel.phase == .voided || parcel.phase == .forgone { return [] }
        return [.shredded(allocationId: effect.allocationId)]
    }
}
