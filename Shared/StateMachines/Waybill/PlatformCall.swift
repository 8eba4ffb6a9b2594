public import Contracts
public import JSON
public import Machines

/// Has the platform that gave an order to a factory by itself give a number for it, take it as returned, or take it back.
public struct PlatformCall: Effect {
    public enum Step: String, JSONEnumeration { case obtain, `return`, cancel }

    public enum Outcome: Sendable, Equatable {
        case obtained(number: String, PlatformLabel)
        /// Returned, or cancelled.
        case done
        case refused(PlatformRefusal)
    }
    public typealias Answer = Outcome

    public static let kind = "platform-waybill"
    public static let reports: [any Message.Type] = [ReportToken.self]
    public var step = Step.obtain
    public var orderId = ""
    public var allocationId = ""
    public var factoryShopId = ""
    public var channelId = ""
    public var carrier = ""
    public var number: String?
    public var extraNumbers: [String]?
    /// The parcel's goods, to obtain a number.
    public var goods: [PlatformGoods]?
    /// The platform has the number already, only the further ones are missing.
    public var hasMain: Bool?

    public init() {}

    public static let fields = Fields<PlatformCall>(
        Field("step", \.step), Field("orderId", \.orderId), Field("allocationId", \.allocationId), Field("factory", \.factoryShopId),
        Field("channelId", \.channelId), Field("carrier", \.carrier), Field("number", \.number), Field("extra", \.extraNumbers),
        Field("goods", \.goods), Field("hasMain", \.hasMain))

    public var aggregate: String { ParcelMachine.aggregate(orderId) }
    public var discriminator: String { allocationId }
}

/// A platform's final refusal.
public struct PlatformRefusal: Sendable, Equatable {
    public var code: String?
    public var message: String
    /// The number itself was taken as returned, before a further one was refused.
    public var hasMain: Bool
    /// Nobody can tell what came of the call: the platform may have done it.
    public var isUnknown: Bool

    public init(code: String? = nil, _ message: String, hasMain: Bool = false, isUnknown: Bool = false) {
        self.code = code
        self.message = message
        self.hasMain = hasMain
        self.isUnknown = isUnknown
    }
}

/// Goods as a platform wants to know them for a label.
public struct PlatformGoods: DefaultInitializable, Equatable {
    public var name = ""
    public var count = 0
    /// The merchant's code, which the platform shows the factory.
    public var goodsNo: String?
    public init() {}
    public init(name: String, count: Int, goodsNo: String?) {
        self.name = name
        self.count = count
        self.goodsNo = goodsNo
    }
    public static let fields = Fields<PlatformGoods>(Field("name", \.name), Field("count", \.count), Field("goodsNo", \.goodsNo))
}

/// A label that the platform has made: for the printing application, which alone can read it.
public struct PlatformLabel: DefaultInitializable, Equatable {
    public var template = ""
    /// Encrypted; passed on as it came.
    public var data = ""
    public init() {}
    public init(template: String, data: String) {
        self.template = template
        self.data = data
    }
    /// Bytes of the longest data that are kept: platforms give some 4 KB.
    static let longest = 48_000

    /// Whether it holds anything, and not so much that it could not be sealed for a print job.
    var isPrintable: Bool { !data.isEmpty && data.utf8.count <= Self.longest && template.utf8.count <= 4000 }

    public static let fields = Fields<PlatformLabel>(Field("template", \.template), Field("data", \.data))
}

/// The platform's part of a parcel whose order it gave to the factory.
public struct PlatformParcel: DefaultInitializable, Equatable {
    /// Where the order came from.
    public var channelId: String?
    public var goods: [PlatformGoods] = []
    /// The label of the parcel's number.
    public var label: PlatformLabel?
    /// The number that the platform has taken as returned, while the command that returned it was refused for a further one.
    public var accepted: String?
    public init() {}
    public static let fields = Fields<PlatformParcel>(
        Field("channelId", \.channelId), Field("goods", \.goods), Field("label", \.label), Field("accepted", \.accepted))
}
