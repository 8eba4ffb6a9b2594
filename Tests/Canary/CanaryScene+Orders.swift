import Contracts
import Crypto
import Foundation
import HTTP
import JSON
import Kafka
import TestSupport
import Testing

/// Orders, from where they are placed to where they end.
extension CanaryScene {
    // MARK: How they come

    /// An order of the mall, downloaded; the platform has encrypted the person.
    func download(_ person: CanaryPerson, from shop: Shop) async throws -> String {
        let item: JSONValue = .object([
            ("goodsId", .int(1)), ("skuId", .int(2)), ("outerId", .string("TEA-500")), ("goodsName", .string("茶")),
            ("goodsSpec", .string("500克")), ("goodsCount", .int(2)), ("goodsPrice", .double(12.5)),
        ])
        try await sandbox.control(
            "mall-order",
            .object([
                ("orderSn", .string(shop.orderSn)), ("mallId", .string(shop.mall)), ("province", .string("浙江省")),
                ("city", .string("杭州市")), ("town", .string("西湖区")), ("address", .string((person.street.text ?? "") + "9号")),
                ("receiverName", .string(person.name.text ?? "")), ("receiverPhone", .string(person.phone.text ?? "")),
                ("items", .array([item])),
            ]))
        try await event(OrderRegistered.self, key: "pdd:\(shop.orderSn)")
        return "pdd:\(shop.orderSn)"
    }

    /// By `daifa import`, which seals the person; what it said.
    func importOrder(_ person: CanaryPerson) async throws -> (orderId: String, said: Place) {
        let orderSn = "251111-\(Cast.digits(15))"
        let columns: KeyValuePairs = [
            "商品": "抽纸", "订单号": orderSn, "订单状态": "待发货", "商品总价(元)": "59.70", "商品数量(件)": "3", "收货人": person.name.text ?? "",
            "手机": person.phone.text ?? "", "是否异常": "否", "省": "浙江省", "市": "杭州市", "区": "余杭区", "街道": person.town?.text ?? "",
            "详细地址": (person.street.text ?? "") + "5号", "订单确认时间": "2025-11-11 08:30:15", "承诺发货时间": "2025-11-13 08:30:15", "商品规格": "20包",
            "商家编码-SKU维度": "CZ-20", "商家备注": "", "售后状态": "无售后或售后取消", "买家留言": "",
        ]
        let export = columns.map(\.key).joined(separator: ",") + "\n" + columns.map(\.value).joined(separator: ",") + "\n"
        let process = Process()
        process.executableURL = ServiceProcess.executables.appendingPathComponent("daifa")
        let secret = try bench.makeFolder().appendingPathComponent("merge.secret").path
        process.arguments = ["import", "--merchant", cast.merchant, "--merge-secret", secret, "-"]
        process.environment = ["KAFKA_BOOTSTRAP_SERVERS": bench.broker.bootstrapServers]
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        process.standardError = output
        try process.run()
        try input.fileHandleForWriting.write(contentsOf: Data(export.utf8))
        try input.fileHandleForWriting.close()
        let said = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "daifa import: \(String(decoding: said, as: UTF8.self))")
        try await event(OrderRegistered.self, key: "pdd:\(orderSn)")
        return ("pdd:\(orderSn)", Place("what daifa import says", Array(said)))
    }

    /// Sealed by whoever placed it.
    func place(_ person: CanaryPerson) async throws -> String {
        let orderId = uniqueName("order")
        var placed = cast.placed(orderId, quantities: [2])
        placed.remark = control.text ?? ""
        placed.recipient = try await recipient(person, for: orderId)
        try await client.send(.fact(placed))
        try await event(OrderRegistered.self, key: orderId)
        return orderId
    }

    func move(_ orderId: String, to person: CanaryPerson) async throws {
        let fact = AddressChanged(orderId: orderId, recipient: try await recipient(person, for: orderId))
        try await client.send(.fact(fact))
        try await event(RecipientChanged.self, key: orderId)
    }

    // MARK: Warehouses

    @discardableResult
    func allocate(_ orderId: String, to login: WarehouseLogin) async throws -> String {
        let command = cast.allocate(orderId, target: Target(.warehouse, login.id))
        return try await accepted(command, as: cast.asMerchant).body(Allocated.self).allocationId
    }

    /// The number of the outbound order that the warehouse has made of it, for this person.
    func outbound(_ orderId: String, _ allocationId: String, for person: CanaryPerson) async throws -> String {
        let created = try await event(OutboundCreated.self, key: orderId) { $0.data["allocationId"]?.string == allocationId }
        let orders = try await sandbox.control("outbound?number=\(created.partnerNumber)").array
        let consignee = try #require(orders?.first?["consignee"])
        #expect(consignee["name"]?.string == person.name.text && consignee["phone"]?.string == person.phone.text)
        #expect(consignee["address"]?.string?.contains(person.street.text ?? "-") == true)
        return created.partnerNumber
    }

    /// JD pushes that it is out of the door.
    func pushShipped(_ orderId: String, _ number: String) async throws {
        let waybill = "JDVA\(Cast.digits(11))"
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(secondsFromGMT: 8 * 3600)
        formatter.dateFormat = "yyyy-MM-dd HH:mm:ss"
        let body: JSONValue = .object([
            ("messageId", .string(uniqueName("message"))), ("orderType", .string("XSCK")), ("orderNo", .string(number)),
            ("statusCode", .string("10020")), ("operateTime", .string(formatter.string(from: Date()))), ("wayBill", .string(waybill)),
            ("carrierNo", .string("CYS0000010")),
        ])
        let timestamp = "\(Int(Date().timeIntervalSince1970 * 1000))"
        let signature = Base64.encode(Digest.hmacSHA256(Array(timestamp.utf8) + body.json, key: secrets.jdPlatform.bytes))
        let answer = try await http.send(
            HTTPClientRequest(
                method: "POST", url: "http://127.0.0.1:\(console.httpPort)/partners/jd-fulfillment/status",
                headers: [
                    ("x-jd-app-key", secrets.jdKey), ("x-jd-timestamp", timestamp), ("x-jd-signature", signature),
                    ("content-type", "application/json"),
                ], body: body.json, timeout: 60))
        #expect(answer.status == 200, "\(String(decoding: answer.body, as: UTF8.self))")
        try await event(Shipped.self, key: orderId)
        try await advance(number, waybill: waybill)
    }

    /// What JD says when it is asked.
    func advance(_ number: String, waybill: String) async throws {
        try await sandbox.control(
            "advance", .object([("number", .string(number)), ("status", .string("10020")), ("waybill", .string(waybill))]))
    }

    /// Asks the warehouse how far it is; with whatever token is in force.
    func pull(_ orderId: String) async throws {
        let command = PullStatus(orderId: orderId, merchantShopId: cast.merchant)
        try await accepted(command, as: cast.asMerchant)
    }

    // MARK: Factories

    func allocateToFactory(_ orderId: String) async throws -> String {
        let answer = try await accepted(cast.allocate(orderId), as: cast.asMerchant)
        let allocationId = try answer.body(Allocated.self).allocationId
        try await event(Opened.self, key: orderId) { $0.data["allocationId"]?.string == allocationId }
        try await event(ERPOrderCreated.self, key: orderId) { $0.data["allocationId"]?.string == allocationId }
        return allocationId
    }

    /// From the number to the merchant's `ship`.
    func carryOut(_ orderId: String, _ allocationId: String) async throws {
        let obtained = try await accepted(cast.obtain(orderId, allocationId), as: cast.asFactory).body(Obtained.self)
        try await accepted(cast.markPrinted(orderId, allocationId), as: cast.asFactory)
        try await accepted(cast.return(orderId, allocationId, number: obtained.waybillNumber), as: cast.asFactory)
        try await event(Ready.self, key: orderId)
        try await accepted(cast.ship(orderId), as: cast.asMerchant)
    }

    /// An order that the platform gave to the factory: its numbers come from there.
    func carryOutDropship(_ shop: Shop) async throws {
        let orderSn = "mask-\(shop.mall)"
        try await sandbox.control(
            "dropship-order",
            .object([
                ("mallMaskId", .string("b0b0")), ("orderMaskSn", .string(orderSn)), ("mallMaskName", .string("某店")),
                ("factoryMallId", .string(shop.mall)), ("goodsName", .string("茶")), ("goodsSpec", .string("500克")),
                ("goodsNumber", .int(3)), ("productSn", .string("TEA")), ("outSkuSn", .string("TEA-500")), ("productPrice", .int(900)),
                ("province", .string("浙江省")), ("city", .string("杭州市")), ("district", .string("西湖区")),
                ("receiverId", .string("r-1")),
            ]))
        let orderId = "pdd-fds:b0b0:\(orderSn)"
        try await event(Opened.self, key: orderId)
        relay.echo("pdd.fds.waybill.return", .breakdown)
        let allocationId = "\(orderId)/1"
        try await accepted(cast.obtain(orderId, allocationId), as: cast.asFactory)
        try await accepted(cast.markPrinted(orderId, allocationId), as: cast.asFactory)
        try await accepted(cast.cancel(orderId, allocationId), as: cast.asFactory)
        try await accepted(cast.return(orderId, allocationId, number: Cast.waybillNumber()), as: cast.asFactory)
    }

    // MARK: What the sandbox holds

    /// The tokens that the sandbox has given to these accounts with our applications, so far.
    func tokens() async throws -> [Canary] {
        let keys = [secrets.jdKey, secrets.jdStandardKey, secrets.pinduoduoKey]
        let grants = (try await sandbox.control("tokens").array ?? []).filter { keys.contains($0["appKey"]?.string ?? "") }
        return grants.flatMap { grant in
            ["accessToken", "refreshToken"].compactMap { name in
                grant[name]?.string.map { Canary("\(name) of \(grant["audience"]?.string ?? "") \(grant["owner"]?.string ?? "")", $0) }
            }
        }
    }
}
