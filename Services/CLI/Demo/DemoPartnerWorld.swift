import Contracts
import JSON
import Runtime
import Threads

/// The data that a demonstration's partners hold: accounts, goods and a shop of this run alone, so that runs do not meet.
struct DemoPartnerWorld {
    static let isvSource = "ISV0020000000001"
    static let skus = ["TEA-500", "CUP-2"]

    let run: String
    /// Five digits of this run.
    private let digits: String

    init(run: String) {
        self.run = run
        let hash = DemoHash.of("\(run)|partners") % 100_000
        digits = String(repeating: "0", count: 5 - "\(hash)".count) + "\(hash)"
    }

    func pin(_ index: Int) -> String { "\(run)-pin-\(index)" }
    func department(_ index: Int) -> String { "EBU44180465\(digits)\(index)" }
    func warehouse(_ index: Int) -> String { "11\(digits)\(index)" }
    func shop(_ index: Int) -> String { "ESP00200\(digits)\(index)" }
    var mall: String { "9\(digits)1" }
    var orderSn: String { "261127-0000000000\(digits)" }

    /// For the sandbox's `seed`.
    var seed: JSONValue {
        func text(_ members: [(String, String)]) -> [(String, JSONValue)] { members.map { ($0.0, .string($0.1)) } }
        let pins = (0..<2).map { index -> JSONValue in
            let warehouses = JSONValue.array([.object(text([("warehouseNo", warehouse(index)), ("name", "演示仓\(index + 1)")]))])
            let department = JSONValue.object(
                text([("departmentNo", department(index)), ("name", "演示事业部")])
                    + [("shops", .array([.string(shop(index))])), ("suppliers", .array([])), ("warehouses", warehouses)])
            return .object(text([("pin", pin(index)), ("password", "sandbox")]) + [("departments", .array([department]))])
        }
        let stock = (0..<2).flatMap { index in
            Self.skus.enumerated().map { number, sku -> JSONValue in
                .object(
                    text([
                        ("partner", "jd"), ("warehouseNo", warehouse(index)), ("goodsNo", "EMG44\(digits)\(index)\(number)"), ("sku", sku),
                    ]) + [("good", .int(500)), ("damaged", .int(number))])
            }
        }
        let mallSeed = JSONValue.object(text([("mallId", mall), ("name", "演示店"), ("password", "sandbox")]) + [("role", .int(1))])
        let item = JSONValue.object(
            [("goodsId", .int(1)), ("skuId", .int(11))]
                + text([("outerId", Self.skus[0]), ("goodsName", "龙井茶"), ("goodsSpec", "500克")])
                + [("goodsCount", .int(1)), ("goodsPrice", .double(59.9))])
        let order = JSONValue.object(
            text([
                ("orderSn", orderSn), ("mallId", mall), ("province", "浙江省"), ("city", "杭州市"), ("town", "西湖区"), ("address", "文三路1号"),
                ("receiverName", "李四"), ("receiverPhone", "13900000002"), ("remark", ""),
            ]) + [("items", .array([item]))])
        return .object([
            ("pins", .array(pins)), ("stock", .array(stock)), ("malls", .array([mallSeed])), ("mallOrders", .array([order])),
        ])
    }

    /// The platform's message that an order was placed.
    var message: JSONValue {
        .object([
            ("mallId", .string(mall)), ("type", .string("pdd_trade_TradeConfirmed")),
            ("content", .object([("mall_id", .int(Int(mall) ?? 0)), ("tid", .string(orderSn))])),
        ])
    }

    func placed(_ orderId: String, _ merchant: String, _ client: DemoKafkaClient) throws -> OrderPlaced {
        let plain = Recipient(
            name: "王五", phone: "13900000003",
            address: Address(country: "CN", province: "浙江省", city: "杭州市", district: "西湖区", detail: "文二路2号"))
        let line = PlacedLine(lineId: "1", sku: Self.skus[0], name: "龙井茶", spec: "500克", quantity: 1)
        return OrderPlaced(
            orderId: orderId, merchantShopId: merchant, platform: "other", platformOrderNumber: orderId, placedAt: Clock.now, remark: "",
            lines: [line],
            recipient: PlacedRecipient(
                province: plain.address.province, city: plain.address.city, district: plain.address.district,
                sealed: Verbatim(
                    try client.seal(plain.json, for: .waybill, .recipient, info: SealInfo.recipient, aad: orderId))))
    }
}
