import JSON

/// A merchant's order at Pinduoduo, with the numbers that the platform gives its states.
struct MallOrder: StoredObject {
    struct Item: DefaultInitializable {
        var goodsId = 0
        var skuId = 0
        /// The merchant's own code of the sku.
        var outerId = ""
        var goodsName = ""
        var goodsSpec = ""
        var goodsCount = 1
        /// Yuan.
        var goodsPrice = 0.0
        static let fields = Fields<Item>(
            Field("goodsId", \.goodsId), Field("skuId", \.skuId), Field("outerId", \.outerId), Field("goodsName", \.goodsName),
            Field("goodsSpec", \.goodsSpec), Field("goodsCount", \.goodsCount, 1...1_000_000), Field("goodsPrice", \.goodsPrice))
    }

    struct Parcel: DefaultInitializable {
        var logisticsId = 0
        var trackingNumber = ""
        init() {}
        static let fields = Fields<Parcel>(Field("logisticsId", \.logisticsId), Field("trackingNumber", \.trackingNumber))
    }

    var orderSn = ""
    var mallId = ""
    /// 1 to ship, 2 shipped, 3 received.
    var orderStatus: Int?
    /// 1 none or closed, 2 processing, 3 refunding, 4 refunded.
    var refundStatus: Int?
    /// The order API's table.
    var afterSalesStatus: Int?
    /// 0 normal, 1 under review.
    var riskControlStatus: Int?
    /// 1 confirmed, 2 cancelled.
    var confirmStatus: Int?
    /// Milliseconds; nil: when it was put in.
    var confirmedAt: Int?
    var updatedAt: Int?
    var lastShipAt: Int?
    var province = ""
    var city = ""
    var town = ""
    var address = ""
    var receiverName = ""
    var receiverPhone = ""
    var remark: String?
    var buyerMemo: String?
    var items: [Item] = []
    var trackingNumber: String?
    var logisticsId: Int?
    var refundAddressId: String?
    var extraParcels: [Parcel]?
    static let kind = "mall-order"
    var id: String { orderSn }
    var alias: String? { mallId }
    static let fields = Fields<MallOrder>(
        Field("orderSn", \.orderSn, .filled(64)), Field("mallId", \.mallId, .filled(50)), Field("orderStatus", \.orderStatus, 1...3),
        Field("refundStatus", \.refundStatus, 1...4), Field("afterSalesStatus", \.afterSalesStatus, 0...99),
        Field("riskControlStatus", \.riskControlStatus, 0...1), Field("confirmStatus", \.confirmStatus, 0...2),
        Field("confirmedAt", \.confirmedAt), Field("updatedAt", \.updatedAt), Field("lastShipAt", \.lastShipAt),
        Field("province", \.province), Field("city", \.city), Field("town", \.town), Field("address", \.address),
        Field("receiverName", \.receiverName), Field("receiverPhone", \.receiverPhone), Field("remark", \.remark),
        Field("buyerMemo", \.buyerMemo), Field("items", \.items, count: 1...100), Field("trackingNumber", \.trackingNumber),
        Field("logisticsId", \.logisticsId), Field("refundAddressId", \.refundAddressId), Field("extraParcels", \.extraParcels))

    var isUnderRisk: Bool { (riskControlStatus ?? 0) != 0 }
    var hasAfterSale: Bool { (refundStatus ?? 1) != 1 }
    /// Recipients are given, in ciphertext, only while it waits to be shipped and is not under review.
    var showsRecipient: Bool { (orderStatus ?? 1) == 1 && !isUnderRisk }
}

/// An order that a merchant gave to a factory (代打): masked numbers, no recipient.
struct DropshipOrder: StoredObject {
    var mallMaskId = ""
    var mallMaskName = ""
    var orderMaskSn = ""
    /// The factory's mall.
    var factoryMallId = ""
    var goodsName = ""
    var goodsSpec = ""
    var goodsNumber = 1
    var productSn = ""
    var outSkuSn = ""
    /// Fen.
    var productPrice = 0
    var province = ""
    var city = ""
    var district = ""
    /// Equal when name, phone and address are equal.
    var receiverId = ""
    var remark: String?
    /// Assigned at, milliseconds; nil: when it was put in.
    var allowTime: Int?
    var updatedAt: Int?
    /// 0 not assigned, 1 assigned.
    var status: Int?
    /// 0 not returned, 1 returned.
    var returnStatus: Int?
    var sfOnly: Int?
    /// The factory API's table, which is not that of orders.
    var afterSalesStatus: Int?
    var wpCode: String?
    var waybillCode: String?
    var slaves: [String]?
    static let kind = "dropship-order"
    var id: String { Self.id(mallMaskId, orderMaskSn) }
    static func id(_ mall: String, _ order: String) -> String { "\(mall) \(order)" }
    var alias: String? { factoryMallId }
    static let fields = Fields<DropshipOrder>(
        Field("mallMaskId", \.mallMaskId, .filled(64)), Field("mallMaskName", \.mallMaskName),
        Field("orderMaskSn", \.orderMaskSn, .filled(64)), Field("factoryMallId", \.factoryMallId, .filled(50)),
        Field("goodsName", \.goodsName), Field("goodsSpec", \.goodsSpec), Field("goodsNumber", \.goodsNumber, 1...1_000_000),
        Field("productSn", \.productSn), Field("outSkuSn", \.outSkuSn), Field("productPrice", \.productPrice),
        Field("province", \.province),
        Field("city", \.city), Field("district", \.district), Field("receiverId", \.receiverId), Field("remark", \.remark),
        Field("allowTime", \.allowTime), Field("updatedAt", \.updatedAt), Field("status", \.status, 0...1),
        Field("returnStatus", \.returnStatus, 0...1), Field("sfOnly", \.sfOnly, 0...1),
        Field("afterSalesStatus", \.afterSalesStatus, 0...99), Field("wpCode", \.wpCode), Field("waybillCode", \.waybillCode),
        Field("slaves", \.slaves))
}

/// An after-sale of a merchant's order.
struct Refund: StoredObject {
    var number = 0
    var orderSn = ""
    var mallId = ""
    var afterSalesStatus = 2
    /// 2 refund only, 3 return and refund, 4 exchange, 5 resend, 6 repair.
    var afterSalesType = 2
    /// Yuan.
    var refundAmount: String?
    var createdAt: Int?
    var updatedAt: Int?
    static let kind = "refund"
    var id: String { "\(number)" }
    var alias: String? { mallId }
    static let fields = Fields<Refund>(
        Field("number", \.number, 1...Int.max), Field("orderSn", \.orderSn, .filled(64)), Field("mallId", \.mallId, .filled(50)),
        Field("afterSalesStatus", \.afterSalesStatus, 0...99), Field("afterSalesType", \.afterSalesType, 2...6),
        Field("refundAmount", \.refundAmount), Field("createdAt", \.createdAt), Field("updatedAt", \.updatedAt))
}

/// A message that waits to be acknowledged.
struct MallMessage: StoredObject {
    /// Beyond 2^53, as the platform's are.
    var number = 0
    var appKey = ""
    var mallId = ""
    var type = ""
    /// A JSON document in a text.
    var content = ""
    var createdAt = 0
    /// When it is sent next; nil: now.
    var dueAt: Int?
    var isAcknowledged = false
    var sent = 0
    static let kind = "message"
    var id: String { "\(number)" }
    var alias: String? { isAcknowledged ? nil : Self.waiting(appKey) }
    static func waiting(_ appKey: String) -> String { "waiting \(appKey)" }
    static let fields = Fields<MallMessage>(
        Field("number", \.number), Field("appKey", \.appKey), Field("mallId", \.mallId), Field("type", \.type), Field("content", \.content),
        Field("createdAt", \.createdAt), Field("dueAt", \.dueAt), Field("isAcknowledged", \.isAcknowledged), Field("sent", \.sent))
}
