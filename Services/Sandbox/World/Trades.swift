import JSON

/// A sales order of the ERP.
struct Trade: StoredObject {
    var tradeNo = ""
    var appKey = ""
    /// The shop's number.
    var onlineTradeNo = ""
    /// 1010 to audit … 6000 on its way, 9090 done.
    var tradeStatus: Int?
    /// 1 retail, 2 for a distributor.
    var tradeType: Int?
    var shopId: String?
    var warehouseCode: String?
    var logisticName: String?
    /// The waybill number.
    var mainPostid: String?
    var receiverName: String?
    var goods: [Goods]?
    var createdAt: Int?
    var updatedAt: Int?
    var consignedAt: Int?

    struct Goods: DefaultInitializable {
        var goodsNo = ""
        var goodsName = ""
        var sellCount = "1"
        static let fields = Fields<Goods>(Field("goodsNo", \.goodsNo), Field("goodsName", \.goodsName), Field("sellCount", \.sellCount))
    }

    static let kind = "trade"
    static let onItsWay = 6000
    static let cancelled = 5010
    var id: String { tradeNo }
    var alias: String? { Self.alias(appKey, onlineTradeNo) }
    static func alias(_ appKey: String, _ online: String) -> String { "\(appKey) \(online)" }
    static let fields = Fields<Trade>(
        Field("tradeNo", \.tradeNo, .filled(64)), Field("appKey", \.appKey, .filled(200)), Field("onlineTradeNo", \.onlineTradeNo),
        Field("tradeStatus", \.tradeStatus), Field("tradeType", \.tradeType), Field("shopId", \.shopId),
        Field("warehouseCode", \.warehouseCode), Field("logisticName", \.logisticName), Field("mainPostid", \.mainPostid),
        Field("receiverName", \.receiverName), Field("goods", \.goods), Field("createdAt", \.createdAt), Field("updatedAt", \.updatedAt),
        Field("consignedAt", \.consignedAt))
}

extension Trade: Updated {
    mutating func fill(_ now: Int) {
        updatedAt = updatedAt ?? now
        createdAt = createdAt ?? now
        if tradeStatus == Self.onItsWay { consignedAt = consignedAt ?? now }
    }
}
