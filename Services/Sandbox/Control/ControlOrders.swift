import HTTP
import JSON

/// `/sandbox/…` for JD's orders.
enum ControlOrders {
    static let actions: [String: ControlAPI.Action] = [
        "GET /sandbox/outbound": { request, world in
            .list(try world.objects.all(Outbound.self).filter { matches(request, $0.key, $0.number) }, ControlAPI.tree)
        },
        "GET /sandbox/inbound": { request, world in
            .list(try world.objects.all(Inbound.self).filter { matches(request, $0.key, $0.number) }, ControlAPI.tree)
        },
        "POST /sandbox/advance": advance,
        "POST /sandbox/split": split,
        "POST /sandbox/step": { _, world in
            try world.step()
            return ["ok": true]
        },
        "POST /sandbox/cancel-outcome": cancelOutcome,
    ]

    private static func matches(_ request: HTTPRequest, _ key: String, _ number: String) -> Bool {
        (request.query("key").map { $0 == key } ?? true) && (request.query("number").map { $0 == number } ?? true)
    }

    private static func outbound(_ parameters: Parameters, _ world: World) throws -> Outbound? {
        if let number = parameters.text("number") { return try world.objects.get(Outbound.self, number) }
        let key = try parameters.required("key")
        return try world.objects.all(Outbound.self).first { $0.key == key && $0.parent == nil }
    }

    private static func inbound(_ parameters: Parameters, _ world: World) throws -> Inbound? {
        if let number = parameters.text("number") { return try world.objects.get(Inbound.self, number) }
        let key = try parameters.required("key")
        return try world.objects.all(Inbound.self).first { $0.key == key }
    }

    private static func advance(_ request: HTTPRequest, _ world: World) throws -> JSONValue {
        let parameters = Parameters(try ControlAPI.body(request))
        let status = try parameters.required("status")
        var time: Int?
        if let text = parameters.text("operateTime") {
            time = BeijingTime.milliseconds(text)
            if time == nil { throw parameters.invalid("operateTime", "is not yyyy-MM-dd HH:mm:ss") }
        }
        let lines = try parameters.objects("lines")?.map(line)
        if var order = try outbound(parameters, world) {
            guard OutboundStatus.isKnown(status) else { throw parameters.invalid("status", "is no status of an outbound order") }
            if let waybill = parameters.text("waybill") { order.waybill = waybill }
            if let carrier = parameters.text("carrier") { order.carrierNo = carrier }
            try world.advance(&order, to: status, at: time, lines: lines)
            return ControlAPI.tree(order)
        }
        guard var order = try inbound(parameters, world) else { throw Refusal(.notFound, "there is no such outbound or inbound order") }
        guard InboundStatus.isKnown(status) else { throw parameters.invalid("status", "is no status of an inbound order") }
        try world.advance(&order, to: status, at: time, lines: lines)
        return ControlAPI.tree(order)
    }

    private static func split(_ request: HTTPRequest, _ world: World) throws -> JSONValue {
        let value = try ControlAPI.body(request)
        guard var order = try outbound(Parameters(value), world) else { throw Refusal(.notFound, "there is no such outbound order") }
        guard let parts = value["parts"]?.array, parts.count >= 2 else { throw Refusal(.missing, "parts, two or more") }
        let children = try world.split(
            &order, parts.map { part in try (part.array ?? []).map { try line(Parameters($0)) } })
        return ["children": .list(children) { .string($0) }]
    }

    private static func cancelOutcome(_ request: HTTPRequest, _ world: World) throws -> JSONValue {
        let parameters = Parameters(try ControlAPI.body(request))
        guard var order = try outbound(parameters, world) else { throw Refusal(.notFound, "there is no such outbound order") }
        let outcome = try parameters.requiredInt("outcome")
        guard (0...2).contains(outcome) else { throw parameters.invalid("outcome", "is not 0, 1 or 2") }
        order.cancelOutcome = outcome
        try world.objects.put(order)
        return ControlAPI.tree(order)
    }

    @Sendable private static func line(_ parameters: Parameters) throws(Refusal) -> GoodsLine {
        var line = GoodsLine()
        line.isvGoodsNo = try parameters.required("sku")
        line.quantity = try parameters.requiredInt("quantity")
        return line
    }
}
