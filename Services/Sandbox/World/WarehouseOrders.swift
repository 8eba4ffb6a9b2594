import JSON

/// A status and when it came.
struct StatusEntry: DefaultInitializable {
    var code = ""
    var at = 0
    init() {}
    init(_ code: String, _ at: Int) {
        self.code = code
        self.at = at
    }
    static let fields = Fields<StatusEntry>(Field("code", \.code), Field("at", \.at))
}

/// A line of goods of an outbound or inbound order.
struct GoodsLine: DefaultInitializable {
    /// JD's number, `EMG…`.
    var goodsNo = ""
    /// The seller's sku.
    var isvGoodsNo = ""
    var quantity = 0
    /// Picked, or received; nil until then.
    var realQuantity: Int?
    /// 1 good, 2 damaged, 3 sample (inbound).
    var goodsStatus: String?
    init() {}
    static let fields = Fields<GoodsLine>(
        Field("goodsNo", \.goodsNo), Field("isvGoodsNo", \.isvGoodsNo), Field("quantity", \.quantity),
        Field("realQuantity", \.realQuantity), Field("goodsStatus", \.goodsStatus))
}

struct Consignee: DefaultInitializable {
    var name = ""
    var phone = ""
    var address = ""
    init() {}
    static let fields = Fields<Consignee>(Field("name", \.name), Field("phone", \.phone), Field("address", \.address))
}

/// A sales outbound order (XSCK).
struct Outbound: StoredObject {
    enum API: String, JSONEnumeration { case eclp, isc }

    /// `ESL…`
    var number = ""
    /// isvUUID or erpDeliveryNo.
    var key = ""
    var api = API.eclp
    var appKey = ""
    var pin = ""
    var departmentNo = ""
    var warehouseNo = ""
    var shopNo = ""
    var carrierNo = ""
    var platformOrderNo = ""
    var consignee = Consignee()
    var lines: [GoodsLine] = []
    var status = "10010"
    var history: [StatusEntry] = []
    var waybill: String?
    /// Of a split order: the orders it was split into.
    var children: [String] = []
    var parent: String?
    /// For the next cancel of this order; nil: as the settings say.
    var cancelOutcome: Int?
    var createdAt = 0
    static let kind = "outbound"
    var id: String { number }
    var alias: String? { Self.alias(departmentNo, key) }
    static func alias(_ department: String, _ key: String) -> String { "\(department) \(key)" }
    static let fields = Fields<Outbound>(
        Field("number", \.number), Field("key", \.key), Field("api", \.api), Field("appKey", \.appKey), Field("pin", \.pin),
        Field("departmentNo", \.departmentNo), Field("warehouseNo", \.warehouseNo), Field("shopNo", \.shopNo),
        Field("carrierNo", \.carrierNo), Field("platformOrderNo", \.platformOrderNo), Field("consignee", \.consignee),
        Field("lines", \.lines), Field("status", \.status), Field("history", \.history), Field("waybill", \.waybill),
        Field("children", \.children), Field("parent", \.parent), Field("cancelOutcome", \.cancelOutcome, 0...2),
        Field("createdAt", \.createdAt))
}

/// A purchase inbound order (CGRK).
struct Inbound: StoredObject {
    /// `EPL…`
    var number = ""
    /// spPoOrderNo.
    var key = ""
    var appKey = ""
    var pin = ""
    var departmentNo = ""
    var warehouseNo = ""
    var supplierNo = ""
    var lines: [GoodsLine] = []
    var status = "10"
    var history: [StatusEntry] = []
    var createdAt = 0
    static let kind = "inbound"
    var id: String { number }
    var alias: String? { Outbound.alias(departmentNo, key) }
    static let fields = Fields<Inbound>(
        Field("number", \.number), Field("key", \.key), Field("appKey", \.appKey), Field("pin", \.pin),
        Field("departmentNo", \.departmentNo), Field("warehouseNo", \.warehouseNo), Field("supplierNo", \.supplierNo),
        Field("lines", \.lines), Field("status", \.status), Field("history", \.history), Field("createdAt", \.createdAt))
}

/// The stock of one sku in a warehouse; of JD, or of Jackyun.
struct StockLevel: StoredObject {
    var partner = Partner.jd
    var warehouseNo = ""
    /// `EMG…`; empty: none given yet.
    var goodsNo = ""
    /// The seller's.
    var sku = ""
    var good = 0
    var damaged = 0
    static let kind = "stock"
    var id: String { Self.id(partner, warehouseNo, sku) }
    static func id(_ partner: Partner, _ warehouse: String, _ sku: String) -> String { "\(partner.rawValue) \(warehouse) \(sku)" }
    var alias: String? { Self.alias(partner, warehouseNo) }
    static func alias(_ partner: Partner, _ warehouse: String) -> String { "\(partner.rawValue) \(warehouse)" }
    static let fields = Fields<StockLevel>(
        Field("partner", \.partner), Field("warehouseNo", \.warehouseNo, .filled(50)), Field("goodsNo", \.goodsNo),
        Field("sku", \.sku, .filled(200)), Field("good", \.good, 0...1_000_000_000), Field("damaged", \.damaged, 0...1_000_000_000))
}

/// A status that waits to be pushed to the console, or was.
struct StatusPush: StoredObject {
    var number = 0
    var appKey = ""
    var orderNo = ""
    var body = ""
    var dueAt = 0
    var attempts = 0
    /// 200 was answered.
    var isDelivered = false
    /// Sent so often more after it was taken: a duplicate.
    var copies = 0
    static let kind = "push"
    var id: String { "\(number)" }
    /// Those that are still to be sent are found without reading the others, in the order in which they are due.
    var alias: String? { isDelivered && copies == 0 ? nil : Self.waiting(until: dueAt) }
    /// Up to this moment, in milliseconds since 1970.
    static func waiting(until time: Int) -> String {
        let digits = "\(time)"
        return waiting + String(repeating: "0", count: max(0, 16 - digits.count)) + digits
    }
    static let waiting = "waiting"
    static let fields = Fields<StatusPush>(
        Field("number", \.number), Field("appKey", \.appKey), Field("orderNo", \.orderNo), Field("body", \.body), Field("dueAt", \.dueAt),
        Field("attempts", \.attempts), Field("isDelivered", \.isDelivered), Field("copies", \.copies))
}
