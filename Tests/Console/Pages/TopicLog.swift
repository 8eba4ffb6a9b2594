import Contracts
import JSON
import ReadModel
import Threads

/// Topics as the console reads them, as far as a factory's pages show them.
struct TopicLog {
    private(set) var records: [LogRecord] = []
    private var number = 0
    private var time = Timestamp(milliseconds: 1_764_000_000_000)

    static let sender = Sender(
        name: "张三", phone: "13800000000",
        address: Address(country: "CN", province: "浙江省", city: "杭州市", district: "西湖区", detail: "文三路 1 号"))

    private mutating func add(_ topic: String, key: String, type: String, actor: String?, cause: String? = nil, _ value: [UInt8]) {
        number += 1
        time.milliseconds += 1000
        var headers = [
            LogRecord.Header(EnvelopeHeader.id, Array("e\(number)".utf8)), LogRecord.Header(EnvelopeHeader.type, Array(type.utf8)),
            LogRecord.Header(EnvelopeHeader.time, Array(time.description.utf8)),
        ]
        if let actor { headers.append(LogRecord.Header(EnvelopeHeader.actor, Array(actor.utf8))) }
        if let cause { headers.append(LogRecord.Header(EnvelopeHeader.causationId, Array(cause.utf8))) }
        records.append(
            LogRecord(
                topic: topic, partition: 0, offset: Int64(number), time: time, key: Array(key.utf8), headers: headers, value: value))
    }

    /// - Parameter cause: id of what it answers.
    /// - Returns: its id.
    @discardableResult
    mutating func event<Body: Contracts.Message>(_ body: Body, cause: String? = nil) -> String {
        add(
            Body.contract.topic, key: Body.contract.key(of: body) ?? "", type: Body.type, actor: Body.contract.service?.actor, cause: cause,
            body.json)
        return "e\(number)"
    }

    mutating func row(_ row: some TableRow) {
        add(type(of: row).table.topic, key: row.key, type: type(of: row).type, actor: nil, row.json)
    }

    // MARK: Partners

    mutating func binding(_ merchant: String, _ state: PairState, alias: String = "Alias", message: String? = nil) {
        if let message {
            event(Applied(merchantShopId: merchant, factoryShopId: "f1", shopAlias: alias, sender: Self.sender, message: message))
        }
        row(
            BindingRow(
                merchantShopId: merchant, factoryShopId: "f1", state: state, shopAlias: alias, sender: Verbatim(Self.sender), version: 1,
                updatedAt: time))
    }

    mutating func registered(name: String = "Works") {
        row(
            ParticipantRow(
                shopId: "f1", role: .factory, name: name, contact: Contact(name: "Li", phone: "13900000000"), address: Self.sender.address,
                addresses: [], version: 3))
    }

    // MARK: Parcels

    mutating func opened(
        _ orderId: String, factory: String = "f1", alias: String = "Alias", goods: String = "Mug", spec: String = "red",
        remark: String = "gift",
        door: String? = nil
    ) {
        event(
            Opened(
                orderId: orderId, allocationId: "\(orderId)/1", merchantShopId: "m1", shopAlias: alias, factoryShopId: factory,
                lines: [OpenedLine(lineId: "1", name: goods, spec: spec, quantity: 2)], remark: remark,
                area: Area(province: "浙江省", city: "杭州市", district: "西湖区"), mergeKey: door, sender: Verbatim(Self.sender)))
    }

    mutating func obtained(_ orderId: String, _ waybill: String, carrier: String = "ZTO") {
        event(
            Obtained(
                orderId: orderId, allocationId: "\(orderId)/1", merchantShopId: "m1", factoryShopId: "f1", carrier: carrier,
                waybillNumber: waybill))
    }

    mutating func printed(_ orderId: String) {
        event(Printed(orderId: orderId, allocationId: "\(orderId)/1", merchantShopId: "m1", factoryShopId: "f1", copies: 1))
    }

    mutating func returned(_ orderId: String, _ waybill: String, carrier: String = "ZTO") {
        event(
            Returned(
                orderId: orderId, allocationId: "\(orderId)/1", merchantShopId: "m1", factoryShopId: "f1", carrier: carrier,
                waybillNumber: waybill))
    }

    mutating func voided(_ orderId: String, _ stage: ParcelStage, _ waybill: String? = nil) {
        event(
            Voided(
                orderId: orderId, allocationId: "\(orderId)/1", merchantShopId: "m1", factoryShopId: "f1", stage: stage,
                carrier: waybill.map { _ in "ZTO" }, waybillNumber: waybill))
    }

    mutating func readdressed(_ orderId: String, _ waybill: String) {
        event(
            Readdressed(
                orderId: orderId, allocationId: "\(orderId)/1", merchantShopId: "m1", factoryShopId: "f1", stage: .printed, carrier: "ZTO",
                waybillNumber: waybill))
    }
}
