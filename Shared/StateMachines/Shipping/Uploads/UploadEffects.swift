public import Contracts
public import JSON
public import Machines

/// The upload of one parcel's number to a marketplace or an ERP.
public struct UploadTask: DefaultInitializable, Equatable {
    public enum Mode: String, JSONEnumeration {
        /// The order is not shipped there yet.
        case first
        /// The order may be shipped there already: with this number, with the one before, or not at all.
        case change
        /// The order is shipped there with the number of another parcel, beside which this one goes.
        case further
    }

    public var orderId = ""
    /// The allocation's.
    public var number = 0
    public var channelId = ""
    /// The order's number at the marketplace.
    public var platformOrderNumber = ""
    public var carrier = ""
    public var waybillNumber = ""
    /// Those that were not told yet.
    public var extraNumbers: [String]?
    public var returnAddressId: String?
    public var mode = Mode.first
    /// Where the ERP's task asks for after-sales: the order's marketplace channel.
    public var marketplaceChannelId: String?

    public init() {}

    public static let fields = Fields<UploadTask>(
        Field("orderId", \.orderId), Field("n", \.number), Field("channelId", \.channelId),
        Field("platformOrderNumber", \.platformOrderNumber), Field("carrier", \.carrier), Field("waybillNumber", \.waybillNumber),
        Field("extraNumbers", \.extraNumbers), Field("returnAddressId", \.returnAddressId), Field("mode", \.mode),
        Field("marketplace", \.marketplaceChannelId))

    public var allocationId: String { AllocationNumber.id(orderId, number) }
}

/// The outcome of an upload.
public struct UploadOutcome: Sendable, Equatable {
    public struct Failure: Sendable, Equatable {
        public var reason: UploadFailure
        public var partnerCode: String?
        /// A sentence for a person.
        public var message: String

        public init(_ reason: UploadFailure, _ message: String, partnerCode: String? = nil) {
            self.reason = reason
            self.message = message
            self.partnerCode = partnerCode
        }
    }

    /// nil: the partner has all of it.
    public var failure: Failure?
    /// The partner has the order shipped under the parcel's number, whatever became of further numbers.
    public var isShipped: Bool

    public static let confirmed = UploadOutcome(failure: nil, isShipped: true)

    public static func failed(_ failure: Failure, isShipped: Bool = false) -> UploadOutcome {
        UploadOutcome(failure: failure, isShipped: isShipped)
    }
}

/// Tells the marketplace that the order came from. One at a time for an order.
public struct MarketplaceUpload: Effect {
    public typealias Answer = UploadOutcome
    public static let kind = "upload-marketplace"
    public static let reports: [any Message.Type] = [ReportToken.self]
    public var task = UploadTask()
    public init() {}
    init(_ task: UploadTask) { self.task = task }
    public static let fields = Fields<MarketplaceUpload>(Field("task", \.task))
    public var aggregate: String { ShipmentMachine.aggregate(task.orderId) }
}

/// Tells the merchant's ERP. One at a time for an order.
public struct ERPUpload: Effect {
    public typealias Answer = UploadOutcome
    public static let kind = "upload-erp"
    public static let reports: [any Message.Type] = [ReportToken.self]
    public var task = UploadTask()
    public init() {}
    init(_ task: UploadTask) { self.task = task }
    public static let fields = Fields<ERPUpload>(Field("task", \.task))
    public var aggregate: String { ShipmentMachine.aggregate(task.orderId) }
}
