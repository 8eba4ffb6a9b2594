import Contracts

import JSON
public import Threads

/// A JD warehouse by ECLP on JOS (open.jd.com; request and answer classes of JD's Java SDK, package `com.jd.open.api.sdk.domain.ECLP`).
///
/// Lists are sent as texts joined with commas; numbers come as texts, scalars as arrays of one, elements as `{"v1": …}` or bare.
public struct ECLPWarehouse: JDOutbound {
    let gateway: JOSGateway
    let link: JDLink

    public init(gateway: JOSGateway, link: JDLink) {
        self.gateway = gateway
        self.link = link
    }

    public func createOutbound(_ order: OutboundOrder) async throws(PartnerError) -> String {
        let method = "jingdong.eclp.order.addOrder"
        let to = order.recipient
        try order.check(method, address: to.address, link: link)
        var parameters: [(String, JSONValue)] = [
            ("isvUUID", .string(order.key)), ("isvSource", .string(link.isvSource ?? "")), ("shopNo", .string(link.shopNo ?? "")),
            ("departmentNo", .string(link.departmentCode)), ("warehouseNo", .string(link.warehouseCode)),
            ("shipperNo", .string(link.carrierCode)),
            // The fields by which `queryOrderList` finds the order.
            ("salesPlatformOrderNo", .string(order.key)), ("salePlatformSource", .string(String(order.platform.rawValue))),
            ("soType", .string("1")), ("orderMark", .string(order.orderMark)),
            ("consigneeName", .string(to.name)), (to.isMobile ? "consigneeMobile" : "consigneePhone", .string(to.phone)),
            ("consigneeAddress", .string(to.address)), ("addressProvince", .string(to.province)), ("addressCity", .string(to.city)),
            ("addressCounty", .string(to.district)),
        ]
        if let town = to.town, !town.isEmpty { parameters.append(("addressTown", .string(town))) }
        parameters.append(("isvGoodsNo", .string(order.lines.map(\.sku).joined(separator: ","))))
        parameters.append(("quantity", .string(order.lines.map { String($0.quantity) }.joined(separator: ","))))
        let answer = try await gateway.call(method, parameters, hiding: to.secrets)
        guard let number = answer.text("eclpSoNo") ?? answer.present("addorder_result")?.text("eclpSoNo") else {
            throw open(method, "neither a number nor an error")
        }
        return number
    }

    public func findOutbound(key: String, around: Timestamp) async throws(PartnerError) -> FoundOutbound? {
        let method = "jingdong.eclp.order.queryOrderList"
        let key = PartnerKey.of(allocationId: key)
        let start = Int64(around.milliseconds) - Self.halfADay
        var asked: [(String, JSONValue)] = [
            ("deptNo", .string(link.departmentCode)), ("warehouseNo", .string(link.warehouseCode)),
            ("startDate", .string(BeijingTime.format(start))), ("endDate", .string(BeijingTime.format(start + 2 * Self.halfADay))),
            ("salePlatformOrderNo", .string(key)), ("pageSize", .string(String(Self.pageSize))),
        ]
        if let shop = link.shopNo { asked.append(("shopNo", .string(shop))) }
        do throws(PartnerError) {
            return try await pages(method) { (page) throws(PartnerError) in
                let answer = try await gateway.call(method, asked + [("pageNo", .string(String(page)))])
                // Whether JD heeds the number asked for is not relied on: another's order must not be taken for this one.
                let orders = answer["queryordervmi_result"]?.wireList ?? []
                let own = orders.first { $0.text("isvUUID") == key } ?? orders.first { $0.text("salesPlatformOrderNo") == key }
                if let own, let number = own.text("eclpSoNo") {
                    let waybill = JDWire.texts(own["wayBill"]).first.map(JDWaybill.number)
                    return .found(FoundOutbound(number: number, key: key, code: own.text("currentStatus"), waybillNumber: waybill))
                }
                let last = orders.first?["totalPage"]?.wireInt
                return last.map { page >= $0 } ?? (orders.count < Self.pageSize) ? .end : .more
            }
        } catch {
            if JDWire.saysNotFound(error) { return nil }
            throw error
        }
    }

    public func outboundStatus(_ number: String) async throws(PartnerError) -> OutboundReport {
        let method = "jingdong.eclp.order.queryOrder"
        return try await OutboundReport.withChildren(number, method) { (number) throws(PartnerError) in
            let answer = try await gateway.call(method, [("eclpSoNo", .string(number))])
            guard let order = answer["queryorder_result"]?.wireList.first, let found = order.text("eclpSoNo") else {
                throw PartnerError(.rejected, partner: "jd", operation: method, message: "JD knows no order of this number")
            }
            return (try read(order, found, method), JDWire.texts(order["splitEclpSoNos"]))
        }
    }

    private func read(_ order: JSONValue, _ number: String, _ method: String) throws(PartnerError) -> OutboundReport {
        let statuses = (order["orderStatusList"]?.wireList ?? []).compactMap { entry in
            entry.text("soStatusCode").map { OutboundReport.Status(code: $0, at: entry["operateTime"].flatMap(JDWire.time)) }
        }
        guard let code = order.text("currentStatus") ?? statuses.last?.code else { throw open(method, "an order without a status") }
        let packages = (order["orderPackageList"]?.wireList ?? []).flatMap { JDWire.texts($0["packageNo"]) }
        return OutboundReport(
            number: number, key: order.text("isvUUID"), code: code, statuses: statuses,
            carrier: order.text("shipperNo").map(JDCarrier.code), waybills: JDWire.texts(order["wayBill"]) + packages,
            lines: (order["orderDetailList"]?.wireList ?? []).map { line in
                OutboundReport.Line(
                    sku: line.text("isvGoodsNo", "sellerGoodsSign"), goodsNumber: line.text("goodsNo"),
                    orderLine: line["orderLine"]?.wireInt, planned: line["quantity"]?.wireInt, actual: nil)
            })
    }

    public func cancelOutbound(_ number: String) async throws(PartnerError) -> CancelOutcome {
        let method = "jingdong.eclp.order.cancelOrder"
        let answer = try await gateway.call(method, [("eclpSoNo", .string(number))])
        guard let result = answer["cancelorder_result"]?.wireList.first, let code = result.text("code") else {
            throw open(method, "neither a result nor an error")
        }
        return switch code {
        case "1": .cancelled
        case "2": .refused(reason: String((result.text("msg") ?? "JD gave no reason").prefix(300)))
        default: .pending
        }
    }

    // MARK: - What its parts share

    static let halfADay: Int64 = 12 * 3_600_000
    /// As many as JD gives at once.
    static let pageSize = 100
    /// A partner that never comes to an end is not followed further.
    static let lastPage = 1000

    enum Page<Found> {
        case found(Found)
        case more
        case end
    }

    func pages<Found>(
        _ method: String, _ read: (Int) async throws(PartnerError) -> Page<Found>
    ) async throws(PartnerError) -> Found? {
        for page in 1...Self.lastPage {
            switch try await read(page) {
            case .found(let found): return found
            case .more: continue
            case .end: return nil
            }
        }
        throw open(method, "more than \(Self.lastPage) pages")
    }

    func open(_ method: String, _ message: String) -> PartnerError {
        PartnerError(.outcomeOpen, partner: "jd", operation: method, message: message)
    }
}

extension OutboundReport {
    /// - Parameter waybills: as JD writes them, the main one first.
    init(
        number: String, key: String?, code: String, statuses: [Status], carrier: String?, waybills: [String], lines: [Line]
    ) {
        var numbers: [String] = []
        for waybill in waybills.map(JDWaybill.number) where !waybill.isEmpty && !numbers.contains(waybill) { numbers.append(waybill) }
        self.init(
            number: number, key: key, code: code, statuses: statuses, carrier: carrier, waybillNumber: numbers.first,
            extraNumbers: Array(numbers.dropFirst()), lines: lines, children: [])
    }

    /// The order and, when it was split, every part of it, which may be split again.
    /// - Parameter ask: the order of a number, and the numbers of its parts.
    static func withChildren(
        _ number: String, _ operation: String, _ ask: (String) async throws(PartnerError) -> (OutboundReport, [String])
    ) async throws(PartnerError) -> OutboundReport {
        var known: Set<String> = [number]
        return try await withChildren(number, operation, &known, ask)
    }

    /// Parts of one order at most; JD names a few.
    static let mostParts = 200

    private static func withChildren(
        _ number: String, _ operation: String, _ known: inout Set<String>,
        _ ask: (String) async throws(PartnerError) -> (OutboundReport, [String])
    ) async throws(PartnerError) -> OutboundReport {
        var (report, named) = try await ask(number)
        // A part names its siblings or its whole: they belong to whom they were named by first, and none is asked twice. A flag without
        // numbers says nothing: parts carry it too.
        let parts = named.filter { known.insert($0).inserted }
        guard known.count <= mostParts else {
            throw PartnerError(
                .outcomeOpen, partner: "jd", operation: operation, message: "an order split into more than \(mostParts) parts")
        }
        for part in parts { report.children.append(try await withChildren(part, operation, &known, ask)) }
        return report
    }
}
