import Contracts
import JSON
import Threads

/// The fields of the events about an order, as far as they are shown; what is sealed is not among them and is skipped unread.
struct OrderEvent: DefaultInitializable {
    var orderId: String?
    var allocationId: String?
    var merchantShopId: String?
    var factoryShopId: String?
    var warehouseId: String?
    var shopAlias: String?
    var target: Target?
    var lines: [EventLine]?
    var remark: String?
    var area: Area?
    var mergeKey: String?
    var sender: RawJSON?
    var shipBy: Timestamp?
    var platform: String?
    var platformOrderNumber: String?
    var holds: [Hold]?
    var reason: String?
    var carrier: String?
    var waybillNumber: String?
    var extraNumbers: [String]?
    var copies: Int?
    var stage: ParcelStage?
    var partnerNumber: String?
    var partnerCode: String?
    var state: String?
    var occurredAt: Timestamp?
    init() {}
    static let fields = Fields<OrderEvent>(
        Field("orderId", \.orderId), Field("allocationId", \.allocationId), Field("merchantShopId", \.merchantShopId),
        Field("factoryShopId", \.factoryShopId), Field("warehouseId", \.warehouseId), Field("shopAlias", \.shopAlias),
        Field("target", \.target), Field("lines", \.lines), Field("remark", \.remark), Field("area", \.area),
        Field("mergeKey", \.mergeKey), Field("sender", \.sender), Field("shipBy", \.shipBy), Field("platform", \.platform),
        Field("platformOrderNumber", \.platformOrderNumber), Field("holds", \.holds), Field("reason", \.reason),
        Field("carrier", \.carrier), Field("waybillNumber", \.waybillNumber), Field("extraNumbers", \.extraNumbers),
        Field("copies", \.copies), Field("stage", \.stage), Field("partnerNumber", \.partnerNumber), Field("partnerCode", \.partnerCode),
        Field("state", \.state), Field("occurredAt", \.occurredAt))
}

struct EventLine: DefaultInitializable {
    var lineId: String?
    var sku: String?
    var name: String?
    var spec: String?
    var quantity = 0
    init() {}
    static let fields = Fields<EventLine>(
        Field("lineId", \.lineId), Field("sku", \.sku), Field("name", \.name), Field("spec", \.spec), Field("quantity", \.quantity))

    var line: OrderedLine {
        var line = OrderedLine()
        line.lineId = lineId ?? ""
        line.sku = sku
        line.name = name ?? ""
        line.spec = spec ?? ""
        line.quantity = quantity
        return line
    }
}

/// `upload-confirmed` and `upload-failed`, whose target is no factory.
struct UploadEvent: DefaultInitializable {
    var orderId: String?
    var allocationId: String?
    var merchantShopId: String?
    var target = UploadTarget.marketplace
    var reason: String?
    init() {}
    static let fields = Fields<UploadEvent>(
        Field("orderId", \.orderId), Field("allocationId", \.allocationId), Field("merchantShopId", \.merchantShopId),
        Field("target", \.target), Field("reason", \.reason))
}

/// The fields of facts that are shown.
struct FactEvent: DefaultInitializable {
    var orderId = ""
    var placedAt: Timestamp?
    var shipBy: Timestamp?
    var remark: String?
    var lines: [EventLine]?
    var recipient: Area?
    init() {}
    static let fields = Fields<FactEvent>(
        Field("orderId", \.orderId), Field("placedAt", \.placedAt), Field("shipBy", \.shipBy), Field("remark", \.remark),
        Field("lines", \.lines), Field("recipient", \.recipient))
}
