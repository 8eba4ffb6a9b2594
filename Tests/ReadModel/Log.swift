import Contracts
import JSON
import Stores
import Threads

@testable import ReadModel

/// Topics as a test fills them: records of each in order.
struct Log {
    private(set) var records: [LogRecord] = []
    private var next: [String: Int64] = [:]
    private var number = 0
    var time = Timestamp(milliseconds: 1_764_000_000_000)

    /// - Parameters:
    ///   - key: also says the partition, as murmur2 would: records of one key lie in one.
    mutating func add(
        _ topic: String, key: String, type: String, id: String? = nil, cause: String? = nil, actor: String? = nil, behalf: String? = nil,
        user: String? = nil, extra: [LogRecord.Header] = [], at: Timestamp? = nil, _ value: [UInt8]?
    ) {
        number += 1
        time.milliseconds += 1
        let partition = Int32(StableHash.of(key).magnitude % 3)
        let offset = next["\(topic):\(partition)"] ?? 0
        next["\(topic):\(partition)"] = offset + 1
        var headers = [
            LogRecord.Header(EnvelopeHeader.id, Array((id ?? "e\(number)").utf8)), LogRecord.Header(EnvelopeHeader.type, Array(type.utf8)),
            LogRecord.Header(EnvelopeHeader.time, Array((at ?? time).description.utf8)),
        ]
        for (name, value) in [
            (EnvelopeHeader.causationId, cause), (EnvelopeHeader.actor, actor), (EnvelopeHeader.behalf, behalf),
            (EnvelopeHeader.user, user),
        ] {
            if let value { headers.append(LogRecord.Header(name, Array(value.utf8))) }
        }
        records.append(
            LogRecord(
                topic: topic, partition: partition, offset: offset, time: time, key: Array(key.utf8), headers: headers + extra, value: value
            ))
    }

    /// An event of the service that its contract names.
    mutating func event<Body: Message>(
        _ body: Body, key: String? = nil, id: String? = nil, cause: String? = nil, behalf: String? = nil, user: String? = nil
    ) {
        let key = key ?? Body.contract.key(of: body) ?? ""
        add(
            Body.contract.topic, key: key, type: Body.type, id: id, cause: cause, actor: Body.contract.service?.actor, behalf: behalf,
            user: user, body.json)
    }

    mutating func row(_ row: some TableRow) { add(type(of: row).table.topic, key: row.key, type: type(of: row).type, row.json) }

    mutating func refuse(_ service: ServiceName, key: String, _ refused: Refused) {
        add(
            service.events, key: key, type: Refused.type(of: service), cause: refused.commandId, actor: service.actor,
            behalf: refused.actor?.description, refused.json)
    }

    // MARK: An order's way

    static let area = Area(province: "浙江省", city: "杭州市", district: "西湖区")
    static let sender = Sender(
        name: "张三", phone: "13800000000",
        address: Address(country: "CN", province: "浙江省", city: "杭州市", district: "西湖区", detail: "文三路 1 号"))

    mutating func placed(
        _ orderId: String, merchant: String = "m1", quantity: Int = 2, at: Timestamp? = nil, shipBy: Timestamp? = nil, remark: String = "",
        name: String = "Mug"
    ) {
        let recipient = PlacedRecipient(
            province: "浙江省", city: "杭州市", district: "西湖区", mergeKey: "door-\(orderId)",
            sealed: Verbatim(Sealed(keyId: "k", enc: "ZZZsecret", ciphertext: "ZZZsecret")))
        let order = OrderPlaced(
            orderId: orderId, merchantShopId: merchant, platform: "pinduoduo", platformOrderNumber: "N-\(orderId)",
            placedAt: at ?? time, shipBy: shipBy, remark: remark,
            lines: [PlacedLine(lineId: "1", sku: "SKU-1", name: name, spec: "red", quantity: quantity)], recipient: recipient)
        event(order, id: "placed-\(orderId)")
        event(
            OrderRegistered(
                orderId: orderId, merchantShopId: merchant, platform: "pinduoduo", platformOrderNumber: "N-\(orderId)", holds: []),
            cause: "placed-\(orderId)")
    }

    mutating func allocated(
        _ orderId: String, _ n: Int = 1, merchant: String = "m1", factory: String = "f1", quantity: Int = 2, command: String = "allocate-1"
    ) {
        let id = "\(orderId)/\(n)"
        event(
            Allocated(
                orderId: orderId, allocationId: id, merchantShopId: merchant, shopAlias: "Alias", target: Target(.factory, factory),
                lines: [Line(lineId: "1", sku: "SKU-1", name: "Mug", spec: "red", quantity: quantity)], remark: "gift", area: Self.area,
                mergeKey: "door", recipientSealed: Verbatim(Sealed(keyId: "k", enc: "ZZZsecret", ciphertext: "ZZZsecret")),
                sender: Verbatim(Self.sender), allocatedAt: time),
            id: "allocated-\(id)", cause: command, behalf: "merchant:\(merchant)", user: "u1")
        event(
            Opened(
                orderId: orderId, allocationId: id, merchantShopId: merchant, shopAlias: "Alias", factoryShopId: factory,
                lines: [OpenedLine(lineId: "1", name: "Mug", spec: "red", quantity: quantity)], remark: "gift", area: Self.area,
                mergeKey: "door", sender: Verbatim(Self.sender)), cause: "allocated-\(id)", behalf: "merchant:\(merchant)")
    }

    mutating func returned(_ orderId: String, _ n: Int = 1, merchant: String = "m1", factory: String = "f1", number: String = "SF100") {
        let id = "\(orderId)/\(n)"
        event(
            Obtained(
                orderId: orderId, allocationId: id, merchantShopId: merchant, factoryShopId: factory, carrier: "SF", waybillNumber: number),
            cause: "obtain-\(id)", behalf: "factory:\(factory)")
        event(
            Printed(orderId: orderId, allocationId: id, merchantShopId: merchant, factoryShopId: factory, copies: 1),
            cause: "print-\(id)", behalf: "factory:\(factory)")
        event(
            Returned(
                orderId: orderId, allocationId: id, merchantShopId: merchant, factoryShopId: factory, carrier: "SF", waybillNumber: number),
            cause: "return-\(id)", behalf: "factory:\(factory)")
        event(
            Ready(
                orderId: orderId, allocationId: id, merchantShopId: merchant, factoryShopId: factory, carrier: "SF", waybillNumber: number))
    }

    mutating func shipped(_ orderId: String, _ n: Int = 1, merchant: String = "m1", factory: String = "f1", number: String = "SF100") {
        let id = "\(orderId)/\(n)"
        event(AllocationSealed(orderId: orderId, allocationId: id), cause: "seal-\(id)", behalf: "merchant:\(merchant)")
        event(
            Shipped(
                orderId: orderId, allocationId: id, merchantShopId: merchant, factoryShopId: factory, carrier: "SF", waybillNumber: number,
                shippedAt: time, platform: "pinduoduo", platformOrderNumber: "N-\(orderId)"),
            cause: "ship-\(id)", behalf: "merchant:\(merchant)")
    }
}

/// A model in a file of its own.
struct Model {
    let folder: Folder
    let model: SQLiteReadModel

    init(_ records: [LogRecord] = [], settings: SQLiteReadModel.Settings = .init()) throws {
        folder = try Folder()
        model = try SQLiteReadModel(path: "\(folder.path)/model.sqlite", clusterId: "c1", settings: settings)
        try model.apply(records)
    }

    init(_ log: Log) throws { try self.init(log.records) }

    func orders(_ parameters: [(name: String, value: String)] = [], merchant: String = "m1") throws -> [String] {
        try model.orders(OrderQuery(merchantShopId: merchant, Parameters(parameters))).items.map(\.orderId)
    }

    func parcels(_ parameters: [(name: String, value: String)] = [], factory: String = "f1") throws -> [String] {
        try model.parcels(ParcelQuery(factoryShopId: factory, Parameters(parameters))).items.map(\.allocationId)
    }

    /// Everything that anybody could be shown, as text.
    func everything() throws -> String {
        var texts: [String] = []
        for merchant in ["m1", "m2"] {
            let orders = try model.orders(OrderQuery(merchantShopId: merchant))
            texts.append(String(decoding: orders.json, as: UTF8.self))
            for order in orders.items {
                texts.append(String(decoding: try model.order(order.orderId, merchant: merchant)?.json ?? [], as: UTF8.self))
                texts.append(String(decoding: try model.trace(order.orderId).json, as: UTF8.self))
            }
            texts.append("\(try model.orderCounts(merchant: merchant).map { "\($0.key)=\($0.value)" }.sorted())")
            texts.append(String(decoding: try model.inbounds(merchant: merchant, PageRequest()).json, as: UTF8.self))
            texts.append(String(decoding: try model.rules(merchant: merchant, PageRequest()).json, as: UTF8.self))
            texts.append(String(decoding: try model.stock(merchant: merchant, PageRequest()).json, as: UTF8.self))
            texts.append(String(decoding: try model.bindings(shop: merchant, PageRequest()).json, as: UTF8.self))
            texts.append(String(decoding: try model.authorizations(shop: merchant, PageRequest()).json, as: UTF8.self))
        }
        for factory in ["f1", "f2"] {
            let parcels = try model.parcels(ParcelQuery(factoryShopId: factory))
            texts.append(String(decoding: parcels.json, as: UTF8.self))
            texts.append("\(try model.parcelCounts(factory: factory).map { "\($0.key)=\($0.value)" }.sorted())")
            texts.append(String(decoding: try model.pools(factory: factory, PageRequest()).json, as: UTF8.self))
        }
        for command in ["c1", "c2", "c6", "create-1", "apply-1"] {
            texts.append(String(decoding: try model.trace(command).json, as: UTF8.self))
        }
        texts.append(String(decoding: try model.deadLetters(service: nil, PageRequest()).json, as: UTF8.self))
        return texts.joined(separator: "\n")
    }
}
