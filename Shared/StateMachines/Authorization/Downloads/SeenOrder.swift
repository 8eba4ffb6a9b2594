import Contracts
public import JSON
import Threads

/// The facts that were published about one order of a channel's shop.
public struct SeenOrder: DefaultInitializable, Equatable {
    /// When the order had changed on its platform, as last seen; milliseconds since 1970.
    var updatedAt: Int?
    /// When the platform was asked for that.
    var readAt: Int?
    /// `ce_time` of the latest facts.
    var toldAt: Int?
    var isPlaced: Bool?
    /// Mark of the recipient that was published last.
    var recipientMark: String?
    var isUnderRisk: Bool?
    var isCancelled: Bool?
    /// The factory that it came allocated to.
    var allocatedTo: String?
    /// The platform took a factory-dropship order back.
    var isUnallocated: Bool?
    /// The newest of the after-sales that the order itself told of, which it does not name: they are counted.
    var unnamed: UnnamedAfterSale?
    /// After-sales of the platform's list, by id.
    var named: [NamedAfterSale]?

    public init() {}

    public static let fields = Fields<SeenOrder>(
        Field("updatedAt", \.updatedAt), Field("readAt", \.readAt), Field("toldAt", \.toldAt), Field("placed", \.isPlaced),
        Field("recipient", \.recipientMark), Field("risk", \.isUnderRisk), Field("cancelled", \.isCancelled),
        Field("factory", \.allocatedTo),
        Field("unallocated", \.isUnallocated), Field("unnamed", \.unnamed), Field("named", \.named))
}

public struct UnnamedAfterSale: DefaultInitializable, Equatable {
    /// 1 for the first one of the order.
    var number = 0
    var stage = AfterSaleStage.open

    public init() {}

    init(_ number: Int, _ stage: AfterSaleStage) {
        self.number = number
        self.stage = stage
    }

    public static let fields = Fields<UnnamedAfterSale>(Field("number", \.number), Field("stage", \.stage))

    /// The order's own id, and from the second one on with the number: a closed id stays closed.
    func id(of orderId: String) -> String { number == 1 ? orderId : "\(orderId)#\(number)" }
}

public struct NamedAfterSale: DefaultInitializable, Equatable {
    var id = ""
    var stage = AfterSaleStage.open

    public init() {}

    init(_ id: String, _ stage: AfterSaleStage) {
        self.id = id
        self.stage = stage
    }

    public static let fields = Fields<NamedAfterSale>(Field("id", \.id), Field("stage", \.stage))
}

extension SeenOrder {
    /// Whether something newer was seen already: on the platform's clock, and where that does not tell, by when it was asked.
    func isPast(_ seen: OrderSeen) -> Bool {
        let known = updatedAt ?? Int.min
        let updated = seen.updatedAt?.milliseconds ?? known
        if updated != known { return updated < known }
        return seen.readAt.milliseconds < readAt ?? Int.min
    }

    var hasOpenNamed: Bool { named?.contains { $0.stage == .open } ?? false }
    var hasRefundedNamed: Bool { named?.contains { $0.stage == .refunded } ?? false }
}
