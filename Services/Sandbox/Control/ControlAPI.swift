import HTTP
import JSON
import Stores

/// `/sandbox/…`: what tests and people drive the partners with. JSON in, JSON out; an error is 400 with `{"error": …}`.
enum ControlAPI {
    typealias Action = @Sendable (HTTPRequest, World) throws -> JSONValue

    private static let actions: [String: Action] = ControlOrders.actions.merging(ControlMalls.actions) { first, _ in first }.merging(
        [
            "GET /sandbox/settings": { _, world in try tree(world.settings()) },
            "POST /sandbox/settings": settings,
            "POST /sandbox/seed": seed,
            "POST /sandbox/reset": { _, world in
                try world.objects.clear()
                try world.seedOnce()
                return ["ok": true]
            },
            "GET /sandbox/creates": creates,
            "GET /sandbox/calls": calls,
            "POST /sandbox/faults": fault,
            "GET /sandbox/faults": { _, world in .list(try world.objects.all(Fault.self), tree) },
            "POST /sandbox/faults/clear": { _, world in
                for fault in try world.objects.all(Fault.self) { try world.objects.remove(Fault.self, fault.id) }
                return ["ok": true]
            },
            "GET /sandbox/tokens": { _, world in .list(try world.objects.all(Grant.self), tree) },
            "POST /sandbox/tokens/expire": expire,
            "POST /sandbox/consent": consent,
            "GET /sandbox/pushes": { _, world in .list(try world.objects.all(StatusPush.self), tree) },
            "GET /sandbox/stock": { _, world in .list(try world.objects.all(StockLevel.self), tree) },
        ]
    ) { first, _ in first }

    static func answer(_ request: HTTPRequest, _ world: World) throws(StoreError) -> SandboxAnswer {
        guard let action = actions["\(request.method) \(request.path)"] else {
            let names = actions.keys.sorted().joined(separator: ", ")
            return SandboxAnswer(["error": "there is no \(request.method) \(request.path); there are: \(names)"], status: 404)
        }
        do { return SandboxAnswer(try action(request, world)) } catch let error as StoreError { throw error } catch let error as Refusal {
            return SandboxAnswer(["error": .string("\(error.kind.rawValue): \(error.message)")], status: 400)
        } catch { return SandboxAnswer(["error": .string("\(error)")], status: 400) }
    }

    /// An object, as it is stored.
    static func tree(_ object: some StoredObject) -> JSONValue { (try? JSONValue.decode(object.json)) ?? .null }

    /// The body; without one, an empty object.
    static func body(_ request: HTTPRequest) throws -> JSONValue {
        guard !request.body.isEmpty else { return [:] }
        let value = try JSONValue.decode(request.body)
        guard value.members != nil else { throw Refusal(.invalid, "the body is no JSON object") }
        return value
    }

    /// Members that are there are set, null takes one away, the others stay.
    private static func settings(_ request: HTTPRequest, _ world: World) throws -> JSONValue {
        let changes = try body(request).members ?? []
        let kept = (tree(try world.settings()).members ?? []).filter { member in !changes.contains { $0.0 == member.0 } }
        let settings = try Settings.decode(JSONValue.object(kept + changes).json)
        try world.objects.put(settings)
        return tree(settings)
    }

    private static func seed(_ request: HTTPRequest, _ world: World) throws -> JSONValue {
        try world.put(try Seed.decode(request.body))
        return ["ok": true]
    }

    private static func creates(_ request: HTTPRequest, _ world: World) throws -> JSONValue {
        .list(try world.objects.creates(key: request.query("key"))) {
            [
                "partner": .string($0.partner), "operation": .string($0.operation), "key": .string($0.key), "number": .string($0.number),
                "at": .int($0.at),
            ]
        }
    }

    private static func calls(_ request: HTTPRequest, _ world: World) throws -> JSONValue {
        let limit = request.query("limit").flatMap { Int($0) } ?? 1000
        return .list(try world.objects.calls(operation: request.query("operation"), limit: limit)) {
            [
                "partner": .string($0.partner), "operation": .string($0.operation), "key": .string($0.key), "outcome": .string($0.outcome),
                "at": .int($0.at),
            ]
        }
    }

    private static func fault(_ request: HTTPRequest, _ world: World) throws -> JSONValue {
        let number = try world.objects.next("fault")
        let members = (try body(request).members ?? []).filter { $0.0 != "number" }
        let fault = try Fault.decode(JSONValue.object([("number", .int(number))] + members).json)
        try world.objects.put(fault)
        return tree(fault)
    }

    /// Ends access tokens, or with `refresh` refresh tokens too, of an owner or all.
    private static func expire(_ request: HTTPRequest, _ world: World) throws -> JSONValue {
        let parameters = Parameters(try body(request))
        var count = 0
        for var grant in try world.objects.all(Grant.self) {
            if let owner = parameters.text("owner"), owner != grant.owner { continue }
            if let token = parameters.text("accessToken"), token != grant.accessToken { continue }
            grant.expiresAt = min(grant.expiresAt, world.now)
            if parameters.bool("refresh") == true { grant.refreshExpiresAt = min(grant.refreshExpiresAt, world.now) }
            try world.objects.put(grant)
            count += 1
        }
        return ["expired": .int(count)]
    }

    private static func consent(_ request: HTTPRequest, _ world: World) throws -> JSONValue {
        let parameters = Parameters(try body(request))
        let (path, query) = FormText.split(url: try parameters.required("authorizeUrl"))
        let consent = try ConsentRequest(path: path, query: query, world)
        let url = try world.consent(
            consent, approve: parameters.bool("approve") ?? true, subscribe: parameters.bool("subscribe") ?? false,
            account: parameters.text("account"))
        return ["redirectUrl": .string(url)]
    }
}
