import Contracts
import JSON
import ReadModel
import Threads

/// The records of orders on their way, as the topics have them.
struct Journey {
    enum Stage: CaseIterable { case placed, allocated, returned, shipped }

    private var offsets: [String: Int64] = [:]
    private static let start = 1_764_000_000_000

    /// Of 100 orders 3 stay open, 3 allocated, 4 ready, 90 are shipped; the oldest first.
    private func reaches(_ stage: Stage, _ n: Int) -> Bool {
        switch stage {
        case .placed: true
        case .allocated: n % 100 >= 3
        case .returned: n % 100 >= 6
        case .shipped: n % 100 >= 10
        }
    }

    mutating func records(_ stage: Stage, _ orders: Range<Int>, of _: Int) -> [LogRecord] {
        var records: [LogRecord] = []
        for n in orders where reaches(stage, n) { add(stage, n, &records) }
        return records
    }

    private mutating func add(_ stage: Stage, _ n: Int, _ records: inout [LogRecord]) {
        let (id, factory) = ("pdd:\(n)", "f\(n % 3)")
        let allocation = "\(id)/1"
        let time = Timestamp(milliseconds: Self.start + n * 1000)
        let merchant = "merchant:m1"
        let area = Area(province: "浙江省", city: "杭州市", district: "西湖区")
        let sealed = Verbatim(Sealed(keyId: "k", enc: String(repeating: "A", count: 44), ciphertext: String(repeating: "B", count: 300)))
        let address = Address(country: "CN", province: "浙江省", city: "杭州市", district: "西湖区", detail: "文三路 1 号")
        let sender = Verbatim(Sender(name: "张三", phone: "13800000000", address: address))
        let name = n % 50 == 0 ? "Becher" : "Tasse"
        let number = "SF\(1_000_000_000 + n)"
        switch stage {
        case .placed:
            let recipient = PlacedRecipient(province: "浙江省", city: "杭州市", district: "西湖区", mergeKey: "door-\(n % 1000)", sealed: sealed)
            let placed = OrderPlaced(
                orderId: id, merchantShopId: "m1", platform: "pinduoduo", platformOrderNumber: "N-\(n)", placedAt: time,
                shipBy: Timestamp(milliseconds: time.milliseconds + 172_800_000), remark: n % 10 == 0 ? "please quick" : "",
                lines: [PlacedLine(lineId: "1", sku: "SKU-\(n % 100)", name: name, spec: "red", quantity: 2)], recipient: recipient)
            add(placed, time, &records, id: "placed-\(n)", actor: "connector:pinduoduo")
            let holds: [Hold] = n % 1000 == 1 ? [.riskControl] : []
            add(
                OrderRegistered(orderId: id, merchantShopId: "m1", platform: "pinduoduo", platformOrderNumber: "N-\(n)", holds: holds),
                time,
                &records, cause: "placed-\(n)")
        case .allocated:
            let line = Line(lineId: "1", sku: "SKU-\(n % 100)", name: name, spec: "red", quantity: 2)
            add(
                Allocate(orderId: id, merchantShopId: "m1", target: Target(.factory, factory)), time, &records, id: "allocate-\(n)",
                actor: merchant)
            let allocated = Allocated(
                orderId: id, allocationId: allocation, merchantShopId: "m1", shopAlias: "Alias", target: Target(.factory, factory),
                lines: [line], remark: "", area: area, mergeKey: "door-\(n % 1000)", recipientSealed: sealed, sender: sender,
                allocatedAt: time)
            add(allocated, time, &records, id: "allocated-\(n)", cause: "allocate-\(n)", behalf: merchant)
            let opened = Opened(
                orderId: id, allocationId: allocation, merchantShopId: "m1", shopAlias: "Alias", factoryShopId: factory,
                lines: [OpenedLine(lineId: "1", name: name, spec: "red", quantity: 2)], remark: "", area: area,
                mergeKey: "door-\(n % 1000)", sender: sender)
            add(opened, time, &records, cause: "allocated-\(n)", behalf: merchant)
        case .returned:
            let command = Return(orderId: id, allocationId: allocation, factoryShopId: factory, carrier: "SF", waybillNumber: number)
            add(command, time, &records, id: "return-\(n)", actor: "factory:\(factory)")
            let returned = Returned(
                orderId: id, allocationId: allocation, merchantShopId: "m1", factoryShopId: factory, carrier: "SF", waybillNumber: number)
            add(returned, time, &records, id: "returned-\(n)", cause: "return-\(n)", behalf: "factory:\(factory)")
            let ready = Ready(
                orderId: id, allocationId: allocation, merchantShopId: "m1", factoryShopId: factory, carrier: "SF", waybillNumber: number)
            add(ready, time, &records, cause: "returned-\(n)", behalf: "factory:\(factory)")
        case .shipped:
            add(Ship(orderId: id, allocationId: allocation, merchantShopId: "m1"), time, &records, id: "ship-\(n)", actor: merchant)
            add(AllocationSealed(orderId: id, allocationId: allocation), time, &records, cause: "seal-\(n)", behalf: merchant)
            let shipped = Shipped(
                orderId: id, allocationId: allocation, merchantShopId: "m1", factoryShopId: factory, carrier: "SF", waybillNumber: number,
                shippedAt: time, platform: "pinduoduo", platformOrderNumber: "N-\(n)")
            add(shipped, time, &records, cause: "ship-\(n)", behalf: merchant)
        }
    }

    private mutating func add<Body: Message>(
        _ body: Body, _ time: Timestamp, _ records: inout [LogRecord], id: String? = nil, actor: String? = nil, cause: String? = nil,
        behalf: String? = nil
    ) {
        let topic = Body.contract.topic
        let offset = offsets[topic] ?? 0
        offsets[topic] = offset + 1
        var headers = [
            LogRecord.Header(EnvelopeHeader.specversion, Array("1.0".utf8)),
            LogRecord.Header(EnvelopeHeader.id, Array((id ?? "00000000-0000-5000-8000-\(offset)").utf8)),
            LogRecord.Header(EnvelopeHeader.type, Array(Body.type.utf8)),
            LogRecord.Header(EnvelopeHeader.time, Array(time.description.utf8)),
        ]
        if let cause { headers.append(LogRecord.Header(EnvelopeHeader.causationId, Array(cause.utf8))) }
        if let actor = actor ?? Body.contract.service?.actor { headers.append(LogRecord.Header(EnvelopeHeader.actor, Array(actor.utf8))) }
        if let behalf { headers.append(LogRecord.Header(EnvelopeHeader.behalf, Array(behalf.utf8))) }
        let key = Body.contract.key(of: body).map { Array($0.utf8) }
        records.append(
            LogRecord(topic: topic, partition: 0, offset: offset, time: time, key: key, headers: headers, value: body.json))
    }
}
