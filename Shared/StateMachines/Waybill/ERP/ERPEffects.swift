public import Contracts
public import JSON
public import Machines
public import Threads

/// Makes an order of a parcel in the factory's ERP: once for each allocation, whatever dies when.
public struct ERPOrderCreation: Effect {
    public enum Outcome: Sendable, Equatable {
        /// The ERP's own number of it.
        case created(String)
        case refused(ERPRefusal)
    }
    public typealias Answer = Outcome

    public static let kind = "create-erp-order"
    public static let reports: [any Message.Type] = [ReportToken.self]
    public var orderId = ""
    public var allocationId = ""
    public var channelId = ""
    /// The parcel's goods, as the factory may see them.
    public var goods: [ERPGoods] = []
    public var remark = ""
    public var area = Area(province: "", city: "", district: "")
    public var allocatedAt = Timestamp(milliseconds: 0)

    public init() {}

    public static let fields = Fields<ERPOrderCreation>(
        Field("orderId", \.orderId), Field("allocationId", \.allocationId), Field("channelId", \.channelId), Field("goods", \.goods),
        Field("remark", \.remark), Field("area", \.area), Field("allocatedAt", \.allocatedAt))

    public var aggregate: String { ParcelMachine.aggregate(orderId) }
    public var discriminator: String { allocationId }
}

/// Cancels the order of a parcel in the factory's ERP.
public struct ERPOrderCancellation: Effect {
    public enum Outcome: Sendable, Equatable {
        case cancelled
        case refused(ERPRefusal)
    }
    public typealias Answer = Outcome

    public static let kind = "cancel-erp-order"
    public static let reports: [any Message.Type] = [ReportToken.self]
    public var orderId = ""
    public var allocationId = ""
    public var channelId = ""
    public var erpNumber = ""

    public init() {}

    public static let fields = Fields<ERPOrderCancellation>(
        Field("orderId", \.orderId), Field("allocationId", \.allocationId), Field("channelId", \.channelId), Field("number", \.erpNumber))

    public var aggregate: String { ParcelMachine.aggregate(orderId) }
    public var discriminator: String { allocationId }
}

/// Asks a factory's ERP, page by page, for the parcels that it has shipped.
public struct NumberFetch: Effect {
    public enum Outcome: Sendable, Equatable {
        /// - Parameters:
        ///   - next: where the next page begins; nil: this was the last.
        ///   - to: the end of what was asked for.
        case page([ERPShipment], next: String?, to: Timestamp)
        case refused(ERPRefusal)
    }
    public typealias Answer = Outcome

    public static let kind = "fetch-numbers"
    public static let reports: [any Message.Type] = [ReportToken.self]
    public var channelId = ""
    /// The time from which changes are asked for.
    public var from = Timestamp(milliseconds: 0)
    /// nil: until now, or as far as the ERP answers at once.
    public var to: Timestamp?
    public var page: String?

    public init() {}

    public static let fields = Fields<NumberFetch>(
        Field("channelId", \.channelId), Field("from", \.from), Field("to", \.to), Field("page", \.page))

    public var aggregate: String { FactoryNumbersMachine.aggregate(channelId) }
}

/// Goods of a parcel as the ERP gets them.
public struct ERPGoods: DefaultInitializable, Equatable {
    /// The number by which the ERP finds the goods.
    public var goodsNo = ""
    public var name = ""
    public var spec = ""
    public var quantity = 0
    public init() {}
    public static let fields = Fields<ERPGoods>(
        Field("goodsNo", \.goodsNo), Field("name", \.name), Field("spec", \.spec), Field("quantity", \.quantity))
}

/// A parcel that an ERP has shipped.
public struct ERPShipment: Sendable, Equatable {
    /// The allocation that the order was made of, as far as the ERP tells.
    public var allocationId: String
    /// The contract's code; what the ERP calls it where that is none.
    public var carrier: String
    public var waybillNumber: String
    public var extraNumbers: [String]

    public init(allocationId: String, carrier: String, waybillNumber: String, extraNumbers: [String] = []) {
        self.allocationId = allocationId
        self.carrier = carrier
        self.waybillNumber = waybillNumber
        self.extraNumbers = extraNumbers
    }
}

/// An ERP's final refusal.
public struct ERPRefusal: Sendable, Equatable {
    public var code: String?
    public var message: String

    public init(code: String? = nil, _ message: String) {
        self.code = code
        self.message = message
    }
}
