public import Contracts
public import JSON
public import Threads

/// Where a parcel stands at its factory.
public enum ParcelStateName: String, JSONEnumeration {
    case open, obtained, printed, returned, shipped, voided
}

/// A parcel as its factory sees it: the closed list of `opened`, and where it stands (contract, section 9).
public struct ParcelView: DefaultInitializable, Equatable {
    public var orderId = ""
    public var allocationId = ""
    public var merchantShopId = ""
    public var shopAlias = ""
    public var factoryShopId = ""
    public var lines: [OpenedLine] = []
    public var remark = ""
    public var area: Area?
    /// Opaque: parcels of one merchant with the same one go to the same door.
    public var mergeKey: String?
    public var sender: RawJSON?
    public var state = ParcelStateName.open
    /// How far a voided parcel had come.
    public var stage: ParcelStage?
    /// The label that was printed bears the old door.
    public var readdressed: Bool?
    public var carrier: String?
    public var waybillNumber: String?
    public var extraNumbers: [String]?
    /// How often its label was printed.
    public var copies = 0
    /// Names of the commands that would be accepted now: `obtain`, `return` …
    public var actions: [String] = []
    /// Grows with each event of the parcel.
    public var version = 0
    /// When the factory got it; not part of the JSON.
    public var openedAt = Timestamp(milliseconds: 0)
    public init() {}
    public static let fields = Fields<ParcelView>(
        Field("orderId", \.orderId), Field("allocationId", \.allocationId), Field("merchantShopId", \.merchantShopId),
        Field("shopAlias", \.shopAlias), Field("factoryShopId", \.factoryShopId), Field("lines", \.lines), Field("remark", \.remark),
        Field("area", \.area), Field("mergeKey", \.mergeKey), Field("sender", \.sender), Field("state", \.state), Field("stage", \.stage),
        Field("readdressed", \.readdressed), Field("carrier", \.carrier), Field("waybillNumber", \.waybillNumber),
        Field("extraNumbers", \.extraNumbers), Field("copies", \.copies), Field("actions", \.actions), Field("version", \.version))
}

/// That a parcel must not be sent as it is: it was voided after its label was printed, or the label bears the old door.
public struct StopMark: Sendable, Equatable {
    static let most = 5_000
    public var allocationId: String
    public var at: Timestamp
    public init(allocationId: String, at: Timestamp) { (self.allocationId, self.at) = (allocationId, at) }
}
