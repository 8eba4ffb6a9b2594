internal import JSON

/// A sales order to be made in the ERP (`oms.trade.ordercreate`).
///
/// Its fields are those that public clients of the method send; `tradeOrderDetails` stands inside `tradeOrder`, and numbers are texts.
public struct JackyunTrade: Sendable {
    public struct Line: Sendable {
        /// The ERP's number of the goods.
        public var goodsNo: String
        public var name: String
        public var spec: String
        public var quantity: Int
        public var unitPriceFen: Int

        public init(goodsNo: String, name: String, spec: String, quantity: Int, unitPriceFen: Int) {
            self.goodsNo = goodsNo
            self.name = name
            self.spec = spec
            self.quantity = quantity
            self.unitPriceFen = unitPriceFen
        }
    }

    /// Where it goes, as far as the ERP is to know it.
    public struct Recipient: Sendable {
        public var name: String?
        public var phone: String?
        public var province: String
        public var city: String
        public var district: String
        public var town: String?
        public var detail: String?

        public init(
            name: String? = nil, phone: String? = nil, province: String, city: String, district: String, town: String? = nil,
            detail: String? = nil
        ) {
            self.name = name
            self.phone = phone
            self.province = province
            self.city = city
            self.district = district
            self.town = town
            self.detail = detail
        }
    }

    /// The ERP's sales channel.
    public var shopName: String
    /// Our number; an order is found again by it.
    public var onlineTradeNo: String
    /// Milliseconds since 1970.
    public var tradeTime: Int
    /// nil: the ERP gets the goods and not whom they go to.
    public var recipient: Recipient?
    public var lines: [Line]
    public var warehouseCode: String?
    public var logisticName: String?
    public var sellerMemo: String?
    public var buyerMemo: String?

    public init(
        shopName: String, onlineTradeNo: String, tradeTime: Int, recipient: Recipient?, lines: [Line], warehouseCode: String? = nil,
        logisticName: String? = nil, sellerMemo: String? = nil, buyerMemo: String? = nil
    ) {
        self.shopName = shopName
        self.onlineTradeNo = onlineTradeNo
        self.tradeTime = tradeTime
        self.recipient = recipient
        self.lines = lines
        self.warehouseCode = warehouseCode
        self.logisticName = logisticName
        self.sellerMemo = sellerMemo
        self.buyerMemo = buyerMemo
    }

    var json: JSONValue {
        let total = JSONValue.string(Self.yuan(lines.reduce(0) { $0 + $1.quantity * $1.unitPriceFen }))
        let order: [(String, JSONValue?)] = [
            ("shopName", .string(shopName)), ("onlineTradeNo", .string(onlineTradeNo)),
            // 2: for a distributor; 9: paid; 1: secured by the platform. Money is settled there and not in the ERP.
            ("tradeType", .string("2")), ("payStatus", .string("9")), ("chargeType", .string("1")), ("chargeCurrency", .string("人民币")),
            ("totalFee", total), ("payment", total), ("tradeTime", .string(BeijingTime.format(Int64(tradeTime)))),
            ("receiverName", text(recipient?.name)), ("mobile", text(recipient?.phone)), ("phone", text(recipient?.phone)),
            ("state", text(recipient?.province)), ("city", text(recipient?.city)), ("district", text(recipient?.district)),
            ("town", text(recipient?.town)), ("address", text(recipient?.detail)), ("warehouseCode", text(warehouseCode)),
            ("logisticName", text(logisticName)), ("sellerMemo", text(sellerMemo)),
            ("buyerMemo", text(buyerMemo)), ("tradeOrderDetails", .array(lines.map(detail))),
        ]
        return .object([("tradeOrder", .object(order.compactMap { name, value in value.map { (name, $0) } }))])
    }

    private func detail(_ line: Line) -> JSONValue {
        .object([
            ("goodsNo", .string(line.goodsNo)), ("goodsName", .string(line.name)), ("specName", .string(line.spec)),
            ("sellCount", .string(String(line.quantity))), ("sellPrice", .string(Self.yuan(line.unitPriceFen))),
            ("sellTotal", .string(Self.yuan(line.quantity * line.unitPriceFen))),
        ])
    }

    private func text(_ text: String?) -> JSONValue? { text.map { .string($0) } }

    /// "12.50".
    static func yuan(_ fen: Int) -> String {
        let (yuan, rest) = fen.quotientAndRemainder(dividingBy: 100)
        return "\(yuan).\(rest < 10 ? "0" : "")\(rest)"
    }
}

/// A sales order of the ERP, as `oms.trade.fullinfoget` tells it.
public struct JackyunTradeInfo: Sendable, Equatable {
    /// The fields that are asked for; the method requires a list.
    static let fields = [
        "tradeNo", "onlineTradeNo", "sourceTradeNo", "tradeStatus", "mainPostid", "extraLogisticNo", "logisticName", "logisticCode",
        "consignTime", "scrollId",
    ]

    public var tradeNo: String
    /// Numbers of the shop's orders that are in it.
    public var sourceTradeNos: [String]
    public var status: JackyunTradeStatus
    public var waybillNumber: String?
    public var extraWaybillNumbers: [String]
    public var logisticName: String?
    public var logisticCode: String?
    /// Milliseconds since 1970.
    public var consignedAt: Int?

    init?(_ row: JSONValue) {
        guard let tradeNo = row["tradeNo"]?.wireText, let status = row["tradeStatus"]?.wireInt else { return nil }
        self.tradeNo = tradeNo
        self.status = JackyunTradeStatus(code: status)
        var numbers: [String] = []
        for name in ["onlineTradeNo", "sourceTradeNo", "sourceTradeNos"] {
            for number in Self.list(row[name]) where !numbers.contains(number) { numbers.append(number) }
        }
        sourceTradeNos = numbers
        waybillNumber = row["mainPostid"]?.wireText
        extraWaybillNumbers = Self.list(row["extraLogisticNo"])
        logisticName = row["logisticName"]?.wireText
        logisticCode = row["logisticCode"]?.wireText
        consignedAt = row["consignTime"]?.wireText.flatMap(BeijingTime.milliseconds).map { Int($0) }
    }

    /// Joined by commas.
    private static func list(_ value: JSONValue?) -> [String] {
        (value?.wireText ?? "").split(separator: ",").map { part in String(part.filter { !$0.isWhitespace }) }.filter { !$0.isEmpty }
    }

    /// The contract's carrier; nil when what the ERP says is none of them, or not clear.
    public var carrier: CarrierNames? { CarrierNames.of(code: logisticCode, name: logisticName) }
}

/// `tradeStatus`, by the table of Jackyun's page of oms.trade.fullinfoget (2026-05-12).
///
/// | code | stage |
/// |---|---|
/// | 1010 to audit, 1020 auditing, 1030 presale, 1050 to check again | `audit` |
/// | 2000, 2010, 2020, 2030 waiting for goods, 2040 for a purchase | `stocking` |
/// | 3010 shipped without goods | `shipped` |
/// | 4040, 4041 with a supplier; 4110 to 4113 to ship; 4121 to 4123 being called back; 4130 partly shipped | `shipping` |
/// | 5010 cancelled, 5020 merged into another, 5030 split | `ended` |
/// | 6000 on its way, 9090 done | `shipped` |
public struct JackyunTradeStatus: Sendable, Hashable {
    public enum Stage: Sendable {
        case audit, stocking, shipping, shipped, ended, unknown
    }

    public let code: Int

    public init(code: Int) { self.code = code }

    public var stage: Stage {
        switch code {
        case 1010, 1020, 1030, 1050: .audit
        case 2000, 2010, 2020, 2030, 2040: .stocking
        case 3010, 6000, 9090: .shipped
        case 4040, 4041, 4110, 4111, 4112, 4113, 4121, 4122, 4123, 4130: .shipping
        case 5010, 5020, 5030: .ended
        default: .unknown
        }
    }
}
