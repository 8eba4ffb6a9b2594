import HTTP
import JSON
import Stores

/// `/sandbox/…` for Pinduoduo's malls and Jackyun's orders.
enum ControlMalls {
    static let actions: [String: ControlAPI.Action] = [
        "GET /sandbox/malls": { _, world in .list(try world.objects.all(Mall.self), ControlAPI.tree) },
        "GET /sandbox/mall-orders": { _, world in .list(try world.objects.all(MallOrder.self), ControlAPI.tree) },
        "GET /sandbox/dropship-orders": { _, world in .list(try world.objects.all(DropshipOrder.self), ControlAPI.tree) },
        "GET /sandbox/refunds": { _, world in .list(try world.objects.all(Refund.self), ControlAPI.tree) },
        "GET /sandbox/messages": { _, world in .list(try world.objects.all(MallMessage.self), ControlAPI.tree) },
        "POST /sandbox/mall-order": { request, world in try change(MallOrder.self, "orderSn", request, world) },
        "GET /sandbox/trades": { _, world in .list(try world.objects.all(Trade.self), ControlAPI.tree) },
        "POST /sandbox/trade": { request, world in try change(Trade.self, "tradeNo", request, world) },
        "POST /sandbox/dropship-order": dropshipOrder,
        "POST /sandbox/refund": refund,
        "POST /sandbox/message": message,
    ]

    /// Changes the members that are named, or makes a new one; it counts as changed now.
    private static func change<Object: StoredObject & Updated>(
        _ type: Object.Type, _ name: String, _ request: HTTPRequest, _ world: World
    ) throws -> JSONValue {
        let body = try ControlAPI.body(request)
        return try change(type, try Parameters(body).required(name), body, world)
    }

    private static func change<Object: StoredObject & Updated>(
        _ type: Object.Type, _ id: String, _ body: JSONValue, _ world: World
    ) throws -> JSONValue {
        let changes = body.members ?? []
        let known = try world.objects.get(type, id).map { ControlAPI.tree($0).members ?? [] } ?? []
        let kept = known.filter { member in !changes.contains { $0.0 == member.0 } }
        var object = try Object.decode(JSONValue.object(kept + changes).json)
        if !changes.contains(where: { $0.0 == "updatedAt" }) { object.updatedAt = world.now }
        object.fill(world.now)
        try world.objects.put(object)
        return ControlAPI.tree(object)
    }

    private static func dropshipOrder(_ request: HTTPRequest, _ world: World) throws -> JSONValue {
        let body = try ControlAPI.body(request)
        let parameters = Parameters(body)
        let id = DropshipOrder.id(try parameters.required("mallMaskId"), try parameters.required("orderMaskSn"))
        return try change(DropshipOrder.self, id, body, world)
    }

    /// An after-sale; its order's states follow it. With a topic permitted, the message goes out.
    private static func refund(_ request: HTTPRequest, _ world: World) throws -> JSONValue {
        let body = try ControlAPI.body(request)
        let answer = try change(Refund.self, try Parameters(body).required("number"), body, world)
        let refund = try Refund.decode(answer.json)
        if var order = try world.objects.get(MallOrder.self, refund.orderSn) {
            order.afterSalesStatus = refund.afterSalesStatus
            // The order API's table: refunded, or withdrawn, refused and overdue.
            order.refundStatus =
                switch refund.afterSalesStatus {
                case 10: 4
                case 0, 9, 11, 12, 13: 1
                default: 2
                }
            order.updatedAt = world.now
            try world.objects.put(order)
        }
        try world.announce(
            refund.mallId, "pdd_refund_RefundCreated",
            [
                "mall_id": .int(Int(refund.mallId) ?? 0), "tid": .string(refund.orderSn), "refund_id": .int(refund.number), "refund_fee": 0,
                "bill_type": 1, "modified": .string(BeijingTime.text(world.now)), "operation": 0,
            ])
        return answer
    }

    /// Any message, of whatever type and content: the names of some are not public.
    private static func message(_ request: HTTPRequest, _ world: World) throws -> JSONValue {
        let body = try ControlAPI.body(request)
        let parameters = Parameters(body)
        let count = try world.announce(
            try parameters.required("mallId"), try parameters.required("type"), body["content"] ?? [:], regardless: true)
        return ["messages": .int(count)]
    }
}

/// Something that is found by when it changed last.
protocol Updated {
    var updatedAt: Int? { get set }
    /// Times that were not given.
    mutating func fill(_ now: Int)
}

extension MallOrder: Updated {
    mutating func fill(_ now: Int) {
        updatedAt = updatedAt ?? now
        confirmedAt = confirmedAt ?? now
        lastShipAt = lastShipAt ?? now + 48 * 3_600_000
    }
}

extension DropshipOrder: Updated {
    mutating func fill(_ now: Int) {
        updatedAt = updatedAt ?? now
        allowTime = allowTime ?? now
    }
}

extension Refund: Updated {
    mutating func fill(_ now: Int) {
        updatedAt = updatedAt ?? now
        createdAt = createdAt ?? now
    }
}

extension World {
    /// The platform's message ids are beyond what a double holds.
    private static var firstMessage: Int { 3_000_000_000_000_000_000 }

    /// A message to every application with a token of the mall, when the mall permits its topic.
    @discardableResult
    func announce(_ mallId: String, _ type: String, _ content: JSONValue, regardless: Bool = false) throws(StoreError) -> Int {
        guard let mall = try objects.get(Mall.self, mallId), let topics = mall.topics else { return 0 }
        guard regardless || topics.isEmpty || topics.contains(type) else { return 0 }
        let apps = Set(try objects.all(Grant.self).filter { $0.audience == .pinduoduo && $0.owner == mallId }.map(\.appKey))
        for app in apps.sorted() {
            var message = MallMessage()
            message.number = Self.firstMessage + (try objects.next("message"))
            message.appKey = app
            message.mallId = mallId
            message.type = type
            message.content = String(decoding: content.json, as: UTF8.self)
            message.createdAt = now
            try objects.put(message)
        }
        return apps.count
    }
}
