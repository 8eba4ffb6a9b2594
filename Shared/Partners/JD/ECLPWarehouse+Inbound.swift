public import Contracts

import JSON

/// Goods that are announced to JD's warehouse.
public struct InboundOrder: Sendable, Equatable {
    /// Unique in the department (``PartnerKey``).
    public let key: String
    public var lines: [OutboundOrder.Line]

    /// - Parameter key: our id, which `findInbound` is asked with too; what is sent is made of it.
    public init(key: String, lines: [OutboundOrder.Line]) {
        self.key = PartnerKey.of(id: key)
        self.lines = lines
    }

    static let longestKey = 50
}

/// JD's report about an inbound order.
public struct InboundReport: Sendable, Equatable {
    public struct Line: Sendable, Equatable {
        /// The merchant's code of the goods, where JD repeats it.
        public var sku: String?
        /// EMG….
        public var goodsNumber: String?
        /// The line's place in the order that we sent, from 1.
        public var orderLine: Int?
        /// The quantity announced.
        public var planned: Int?
        /// The quantity counted; nil until it is known.
        public var received: Int?
        public var isDamaged: Bool
    }

    public var number: String
    /// Our key, where JD repeats it.
    public var key: String?
    public var code: String
    public var lines: [Line]

    public var state: InboundState? { JDStatus.inbound(code) }
}

extension ECLPWarehouse {
    /// - Returns: JD's number (EPL…).
    /// - Throws: `rejected` with `field` for what cannot be sent. After `outcomeOpen` ask `findInbound` first.
    public func createInbound(_ order: InboundOrder) async throws(PartnerError) -> String {
        let method = "jingdong.eclp.po.addPoOrder"
        try check(order, method)
        let count = order.lines.count
        let answer = try await gateway.call(
            method,
            [
                ("spPoOrderNo", .string(order.key)), ("deptNo", .string(link.departmentCode)), ("whNo", .string(link.warehouseCode)),
                ("supplierNo", .string(link.supplierNo ?? "")),
                // The goods come back, if at all, order by order.
                ("poReturnMode", .string("1")),
                // An ordinary purchase, counted by pieces, received at once (jos-open-api, `src/request/EclpPoAddPoOrder.php`).
                ("poType", .string("1")), ("boxFlag", .string("0")), ("multiReceivingFlag", .string("0")),
                ("isvGoodsNo", .string(order.lines.map(\.sku).joined(separator: ","))),
                ("numApplication", .string(order.lines.map { String($0.quantity) }.joined(separator: ","))),
                ("goodsStatus", .string(Array(repeating: GoodsStatus.good.rawValue, count: count).joined(separator: ","))),
                ("orderLine", .string((1...count).map(String.init).joined(separator: ","))),
            ])
        guard let number = answer.text("poOrderNo") ?? answer.present("addpoorder_result")?.text("poOrderNo") else {
            throw open(method, "neither a number nor an error")
        }
        return number
    }

    /// The order that was made with this id of ours, if JD has it. JD publishes no question by the sender's number; it is asked by the name
    /// that the number has in the answer, and an order of another number is not taken.
    public func findInbound(key: String) async throws(PartnerError) -> InboundReport? {
        let key = PartnerKey.of(id: key)
        return try await inbound(("isvPoOrderNo", .string(key))).first { $0.key == key }
    }

    /// - Parameter number: JD's.
    /// - Throws: `rejected` when JD does not know the number.
    public func inboundStatus(_ number: String) async throws(PartnerError) -> InboundReport {
        guard let report = try await inbound(("poOrderNo", .string(number))).first(where: { $0.number == number }) else {
            throw PartnerError(.rejected, partner: "jd", operation: Self.queryInbound, message: "JD knows no order of this number")
        }
        return report
    }

    private static let queryInbound = "jingdong.eclp.po.queryPoOrder"

    private func inbound(_ asked: (String, JSONValue)) async throws(PartnerError) -> [InboundReport] {
        let answer: JSONValue
        do throws(PartnerError) {
            answer = try await gateway.call(Self.queryInbound, [asked, ("deptNo", .string(link.departmentCode))])
        } catch {
            if JDWire.saysNotFound(error) { return [] }
            throw error
        }
        return (answer["queryPoModelList"]?.wireList ?? []).compactMap { order in
            guard let number = order.text("poOrderNo"), let code = order.text("poOrderStatus") else { return nil }
            let lines = (order["poItemModelList"]?.wireList ?? []).map { line in
                InboundReport.Line(
                    sku: line.text("isvGoodsNo"), goodsNumber: line.text("goodsNo"), orderLine: line["orderLine"]?.wireInt,
                    planned: line["numApplication"]?.wireInt, received: line["realInstoreQty"]?.wireInt,
                    isDamaged: line.text("goodsStatus") == GoodsStatus.damaged.rawValue)
            }
            return InboundReport(number: number, key: order.text("isvPoOrderNo"), code: code, lines: lines)
        }
    }

    private func check(_ order: InboundOrder, _ method: String) throws(PartnerError) {
        func refuse(_ field: String, _ reason: String) -> PartnerError {
            PartnerError(.rejected, partner: "jd", operation: method, field: field, message: "\(field) \(reason)")
        }
        guard link.supplierNo?.isEmpty == false else {
            throw refuse("supplierNo", "is missing: JD's inbound orders need the supplier's number (EMS…); give it in a new consent")
        }
        guard !order.key.isEmpty, order.key.utf16.count <= InboundOrder.longestKey else {
            throw refuse("inboundId", "must have 1 to \(InboundOrder.longestKey) characters, each _ and / counted twice")
        }
        guard !order.lines.isEmpty else { throw refuse("lines", "is empty") }
        for (index, line) in order.lines.enumerated() {
            guard !line.sku.isEmpty, !line.sku.contains(",") else { throw refuse("lines[\(index)].sku", "is empty or has a comma") }
            guard line.quantity > 0 else { throw refuse("lines[\(index)].quantity", "must be 1 or more") }
        }
    }
}
