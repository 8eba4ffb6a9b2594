import Contracts

import JSON
public import Threads

/// A JD warehouse by the integrated supply chain of JDL's platform (JD Logistics' documents of unit 367: 1596 addSoOrder, 1632 querySoOrder,
/// 1552 cancelOrder, 1612 queryStock, 1602 queryWarehouseInfo).
public struct ISCWarehouse: JDOutbound {
    let gateway: ISCGateway
    let link: JDLink

    public init(gateway: ISCGateway, link: JDLink) {
        self.gateway = gateway
        self.link = link
    }

    public func createOutbound(_ order: OutboundOrder) async throws(PartnerError) -> String {
        let path = "/integratedsupplychain/order/delivery/create/v1"
        let to = order.recipient
        try order.check(path, address: to.detail, link: link, longestKey: OutboundOrder.longestISCKey)
        var receiver: [(String, JSONValue)] = [
            ("name", .string(to.name)), (to.isMobile ? "mobile" : "phone", .string(to.phone)), ("province", .string(to.province)),
            ("city", .string(to.city)), ("county", .string(to.district)),
        ]
        if let town = to.town, !town.isEmpty { receiver.append(("town", .string(town))) }
        receiver.append(("detailAddress", .string(to.detail)))
        let cargo = order.lines.enumerated().map { index, line in
            JSONValue.object([
                ("erpGoodsNo", .string(line.sku)), ("planQuantity", .int(line.quantity)), ("goodsLevel", .string("100")),
                ("orderLine", .string(String(index + 1))),
            ])
        }
        let answer = try await gateway.call(
            path,
            [
                ("sourceNo", .string(link.isvSource ?? "")), ("erpDeliveryNo", .string(order.key)), ("orderType", .string("1")),
                ("warehouseNo", .string(link.warehouseCode)), ("orderMark", .string(order.orderMark)), ("pin", .string(link.pin)),
                ("channelInfo", .object([("salesPlatformSource", .string(String(order.platform.rawValue)))])),
                ("customerInfo", .object([("ownerNo", .string(link.departmentCode)), ("shopNo", .string(link.shopNo ?? ""))])),
                ("receiverInfo", .object(receiver)), ("carrierInfo", .object([("carrierNo", .string(link.carrierCode))])),
                ("cargoInfos", .array(cargo)),
            ], hiding: to.secrets)
        guard let number = answer.text("deliveryNo") else { throw open(path, "neither a number nor an error") }
        return number
    }

    public func findOutbound(key: String, around: Timestamp) async throws(PartnerError) -> FoundOutbound? {
        let key = PartnerKey.of(allocationId: key)
        let answer: JSONValue
        do throws(PartnerError) {
            answer = try await query([("erpDeliveryNo", .string(key)), ("ownerNo", .string(link.departmentCode))])
        } catch {
            if JDWire.saysNotFound(error) { return nil }
            throw error
        }
        // For a number that does not exist JD was seen to give null, and an object of nulls.
        guard let number = answer.text("deliveryNo"), (answer.text("erpDeliveryNo") ?? key) == key else { return nil }
        let waybill = JDWire.texts(answer["carrierInfo"]?["waybillNo"]).first.map(JDWaybill.number)
        return FoundOutbound(number: number, key: key, code: answer.text("status"), waybillNumber: waybill)
    }

    public func outboundStatus(_ number: String) async throws(PartnerError) -> OutboundReport {
        try await OutboundReport.withChildren(number, Self.queryPath) { (number) throws(PartnerError) in
            let order = try await query([("deliveryNo", .string(number))])
            guard let found = order.text("deliveryNo") else {
                throw PartnerError(.rejected, partner: "jd", operation: Self.queryPath, message: "JD knows no order of this number")
            }
            return (try read(order, found), JDWire.texts(order["splitDeliveryNos"]))
        }
    }

    private static let queryPath = "/integratedsupplychain/order/delivery/query/v1"

    private func query(_ asked: [(String, JSONValue)]) async throws(PartnerError) -> JSONValue {
        try await gateway.call(
            Self.queryPath,
            asked + [
                ("pin", .string(link.pin)), ("deliveryItemFlag", .int(1)), ("deliveryPackageFlag", .int(1)),
                ("deliveryStatusFlag", .int(1)),
            ])
    }

    private func read(_ order: JSONValue, _ number: String) throws(PartnerError) -> OutboundReport {
        let statuses = (order["deliveryStatusList"]?.wireList ?? []).compactMap { entry in
            entry.text("statusCode").map { OutboundReport.Status(code: $0, at: entry["operateTime"].flatMap(JDWire.time)) }
        }
        guard let code = order.text("status") ?? statuses.last?.code else { throw open(Self.queryPath, "an order without a status") }
        let carrier = order["carrierInfo"] ?? .null
        let packages = (order["deliveryPackageList"]?.wireList ?? []).flatMap { JDWire.texts($0["packageNo"]) }
        return OutboundReport(
            number: number, key: order.text("erpDeliveryNo"), code: code, statuses: statuses,
            carrier: carrier.text("carrierNo").map(JDCarrier.code), waybills: JDWire.texts(carrier["waybillNo"]) + packages,
            lines: (order["deliveryItemList"]?.wireList ?? []).map { line in
                OutboundReport.Line(
                    sku: line.text("erpGoodsNo"), goodsNumber: line.text("goodsNo"), orderLine: line["orderLine"]?.wireInt,
                    planned: line["planQuantity"]?.wireInt, actual: line["realQuantity"]?.wireInt,
                    isCounted: true)
            })
    }

    public func cancelOutbound(_ number: String) async throws(PartnerError) -> CancelOutcome {
        let path = "/integratedsupplychain/order/cancel/v1"
        let answer = try await gateway.call(
            path, [("orderType", .string("XSCK")), ("orderNo", .string(number)), ("pin", .string(link.pin))])
        switch answer["resultType"]?.wireText {
        case "0": return .cancelled
        case "2": return .refused(reason: answer.text("message", "msg") ?? "JD gave no reason")
        case nil: throw open(path, "neither a result nor an error")
        default: return .pending
        }
    }

    /// Sellable stock of the warehouse (`stockIndexes` 1), all pages: levels 100 to 199 are good, 200 to 299 damaged.
    public func stock(skus: [String]?) async throws(PartnerError) -> [StockLevel] {
        let path = "/integratedsupplychain/stock/query/v1"
        var levels = StockLevels(asked: skus)
        var seen = 0
        for page in 1...ECLPWarehouse.lastPage {
            let answer = try await gateway.call(
                path,
                [
                    ("ownerNo", .string(link.departmentCode)), ("warehouseNo", .string(link.warehouseCode)), ("stockIndexes", .string("1")),
                    ("stockType", .string("1")), ("pin", .string(link.pin)), ("currentPage", .string(String(page))),
                    ("pageSize", .string(String(ECLPWarehouse.pageSize))),
                ])
            // Stock that is not reported must not look like none.
            guard let rows = answer["resultList"]?.wireList else { throw open(path, "an answer without the list") }
            for row in rows {
                guard let sku = row.text("erpGoodsNo", "goodsNo"), let quantity = row.present("usableNum", "stockNum")?.wireInt else {
                    throw open(path, "a row without goods or without a quantity")
                }
                switch row["goodsLevel"]?.wireInt ?? 100 {
                case 100..<200: levels.add(sku, quantity, isDamaged: false)
                case 200..<300: levels.add(sku, quantity, isDamaged: true)
                // Not yet judged: neither.
                default: continue
                }
            }
            seen += rows.count
            let isLast = answer["totalNum"]?.wireInt.map { seen >= $0 } ?? (rows.count < ECLPWarehouse.pageSize)
            if rows.isEmpty || isLast { return levels.sorted }
        }
        throw open(path, "more than \(ECLPWarehouse.lastPage) pages")
    }

    /// A department without any warehouse is one that JD does not know; one that is not the account's may be a refusal too (2001).
    public func checkCodes() async throws(PartnerError) -> JDCodes {
        let found = try await warehouses([("warehouseNo", .string(link.warehouseCode))])
        // Status 2: enabled.
        if found.contains(where: { $0.text("warehouseNo") == link.warehouseCode && ($0.text("status") ?? "2") == "2" }) { return .known }
        if !found.isEmpty { return .warehouseUnknown }
        return try await warehouses([]).isEmpty ? .departmentUnknown : .warehouseUnknown
    }

    private func warehouses(_ filter: [(String, JSONValue)]) async throws(PartnerError) -> [JSONValue] {
        try await gateway.call(
            "/integratedsupplychain/basicinfo/warehouse/query/v1",
            [("ownerNo", .string(link.departmentCode))] + filter + [("pin", .string(link.pin))]
        ).wireList
    }

    private func open(_ path: String, _ message: String) -> PartnerError {
        PartnerError(.outcomeOpen, partner: "jd", operation: path, message: message)
    }
}
