public import Contracts
public import JSON
public import Machines

/// What one target has learned of an order, and has to learn.
public struct TargetUploads: DefaultInitializable, Equatable {
    var target = UploadTarget.marketplace
    /// The allocation under whose number the order is shipped there.
    var main: Int?
    /// One for each parcel that it is told of. Those that wait are told in this order, one after another.
    var parcels: [Upload] = []

    public init() {}

    init(_ target: UploadTarget) { self.target = target }

    public static let fields = Fields<TargetUploads>(Field("target", \.target), Field("main", \.main), Field("parcels", \.parcels))

    func upload(_ number: Int) -> Upload? { parcels.first { $0.number == number } }
    var underWay: Upload? { parcels.first { $0.stage == .underWay } }
    var nextWaiting: Upload? { parcels.first { $0.stage == .waiting } }
}

/// One parcel's number on its way to one target.
public struct Upload: Declared, Equatable {
    public enum Stage: String, JSONEnumeration {
        /// Waits until the upload that is under way for the order has ended.
        case waiting
        case underWay = "under-way"
        case confirmed, failed
    }

    /// The allocation's.
    var number = 0
    var stage = Stage.waiting
    var channelId = ""
    /// The message that led to it.
    var cause: Origin
    /// How often it was begun.
    var steps: Int?
    /// The parcel's further numbers are there.
    var hasExtras: Bool?
    /// The `retry-upload`s that its outcome answers.
    var retries: [Origin]?

    public init(blank: Blank) { cause = Origin(blank: blank) }

    init(_ number: Int, channelId: String, cause: Origin) {
        self.number = number
        self.channelId = channelId
        self.cause = cause
    }

    public static let fields = Fields<Upload>(
        Field("n", \.number), Field("stage", \.stage), Field("channelId", \.channelId), Field("cause", \.cause),
        Field("steps", \.steps, 0...Int.max), Field("extras", \.hasExtras), Field("retries", \.retries))
}

/// What happens on the way of numbers to a target.
public enum UploadStep: Publishable {
    /// The number has to be told: after those that wait already, or in the place that the same parcel has.
    case wanted(UploadTarget, Upload)
    /// A `retry-upload` waits for the outcome.
    case joined(UploadTarget, Int, Origin)
    case began(UploadTarget, UploadTask, Origin)
    /// The origins are those of what it answers.
    case confirmed(UploadConfirmed, Int, [Origin])
    case failed(UploadFailed, Int, [Origin], isShipped: Bool)

    public func publish(to outbox: some Outbox) {
        switch self {
        case .wanted, .joined: break
        case .began(.marketplace, let task, let origin): outbox.schedule(MarketplaceUpload(task), due: nil, origin: origin)
        case .began(.erp, let task, let origin): outbox.schedule(ERPUpload(task), due: nil, origin: origin)
        case .confirmed(let message, _, let origins):
            for origin in origins { outbox.event(message, origin: origin) }
        case .failed(let message, _, let origins, _):
            for origin in origins { outbox.event(message, origin: origin) }
        }
    }
}
