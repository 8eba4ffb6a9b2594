import JSON
import Stores

/// Statuses on their way to the console: `POST /partners/jd-fulfillment/status`.
extension World {
    /// Only for who subscribed to messages.
    func pushStatus(of order: Outbound, at time: Int) throws(StoreError) {
        guard try isSubscribed(order.appKey, order.pin, order.api == .eclp ? .jos : .isc) else { return }
        var members: [(String, JSONValue)] = [("orderType", "XSCK"), ("orderNo", .string(order.number))]
        members += [("statusCode", .string(order.status)), ("operateTime", .string(BeijingTime.text(time)))]
        if let waybill = order.waybill { members += [("wayBill", .string(waybill)), ("carrierNo", .string(order.carrierNo))] }
        members.append(("lines", lines(order.lines)))
        try push(members, order.number, order.appKey)
    }

    func pushStatus(of order: Inbound, at time: Int) throws(StoreError) {
        guard try isSubscribed(order.appKey, order.pin, .jos) else { return }
        try push(
            [
                ("orderType", "CGRK"), ("orderNo", .string(order.number)), ("statusCode", .string(order.status)),
                ("operateTime", .string(BeijingTime.text(time))), ("lines", lines(order.lines)),
            ], order.number, order.appKey)
    }

    private func lines(_ lines: [GoodsLine]) -> JSONValue {
        .list(lines) { line in
            var members: [(String, JSONValue)] = []
            if !line.goodsNo.isEmpty { members.append(("goodsNo", .string(line.goodsNo))) }
            if !line.isvGoodsNo.isEmpty { members.append(("isvGoodsNo", .string(line.isvGoodsNo))) }
            return .object(members + [("quantity", .int(line.realQuantity ?? line.quantity))])
        }
    }

    private func isSubscribed(_ appKey: String, _ pin: String, _ audience: Audience) throws(StoreError) -> Bool {
        guard try settings().pushUrl != nil else { return false }
        return try objects.all(Grant.self).contains {
            $0.subscription && $0.appKey == appKey && $0.owner == pin && $0.audience == audience && $0.refreshExpiresAt > now
        }
    }

    private func push(_ members: [(String, JSONValue)], _ orderNo: String, _ appKey: String) throws(StoreError) {
        var push = StatusPush()
        push.number = try objects.next("push")
        push.appKey = appKey
        push.orderNo = orderNo
        push.dueAt = now
        push.body = String(
            decoding: JSONValue.object([("messageId", .string("push-\(push.number)-\(try secret(bytes: 4))"))] + members).json,
            as: UTF8.self)
        if let fault = try takeFault(for: "push", [push.body]) {
            switch fault.kind {
            case .duplicate: push.copies = 1
            case .reorder, .slow: push.dueAt += Int((fault.seconds ?? Self.heldSeconds) * 1000)
            default: break
            }
        }
        try objects.put(push)
    }

    /// Long enough for a later status to overtake one that is held back.
    private static var heldSeconds: Double { 2 }
}
