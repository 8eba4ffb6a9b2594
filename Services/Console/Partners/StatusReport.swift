import Contracts
import JSON
import Partners
import ReadModel
import Threads

/// The body of a pushed status.
struct StatusReport: DefaultInitializable, Equatable {
    /// A quantity of goods, by JD's number or ours.
    struct Line: DefaultInitializable, Equatable {
        var goodsNo: String?
        var isvGoodsNo: String?
        var quantity = 0
        init() {}
        static let fields = Fields<Line>(
            Field("goodsNo", \.goodsNo, .id), Field("isvGoodsNo", \.isvGoodsNo, .id), Field("quantity", \.quantity, 0...1_000_000))
    }

    var messageId = ""
    var orderType = StatusPush.OrderType.outbound
    var orderNo = ""
    var statusCode = ""
    var operateTime = ""
    var wayBill: String?
    var carrierNo: String?
    var lines: [Line]?
    init() {}
    static let fields = Fields<StatusReport>(
        Field("messageId", \.messageId, .id), Field("orderType", \.orderType), Field("orderNo", \.orderNo, .id),
        Field("statusCode", \.statusCode, .filled(64)), Field("operateTime", \.operateTime, .operateTime),
        Field("wayBill", \.wayBill, .waybillNumber), Field("carrierNo", \.carrierNo, .carrier), Field("lines", \.lines, count: 0...500))

    /// Checks the rules that single fields cannot express.
    func check() throws(JSONError) {
        if let wayBill, JDWaybill.number(wayBill).isEmpty { throw .invalid("expected a waybill number", path: "wayBill") }
        for (index, line) in (lines ?? []).enumerated() where line.goodsNo == nil && line.isvGoodsNo == nil {
            throw .invalid("one of goodsNo and isvGoodsNo is needed", path: "lines[\(index)].goodsNo")
        }
    }

    /// The command's data. Our own number of goods (`isvGoodsNo`) goes before JD's.
    func status(_ number: PartnerNumberRow) -> ReportStatus {
        ReportStatus(
            orderId: number.orderId, inboundId: number.inboundId, partner: StatusPush.provider.rawValue, partnerNumber: orderNo,
            allocationId: number.allocationId, statusCode: statusCode,
            occurredAt: Timestamp(milliseconds: BeijingTime.milliseconds(operateTime).map { Int($0) } ?? 0),
            waybillNumber: wayBill.map { JDWaybill.number($0) }, carrier: carrierNo,
            lines: lines?.map { CountedLine(sku: $0.isvGoodsNo ?? $0.goodsNo ?? "", quantity: $0.quantity) })
    }
}

extension TextRule {
    fileprivate static let operateTime = TextRule(
        19...19, expectation: "expected a time in Beijing, yyyy-MM-dd HH:mm:ss", pattern: #"^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$"#
    ) { bytes in
        bytes[4] == UInt8(ascii: "-") && BeijingTime.milliseconds(String(decoding: bytes, as: UTF8.self)) != nil
    }
}
