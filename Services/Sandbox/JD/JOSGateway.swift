import HTTP
import JSON

/// JD's gateway of the older generation: `/routerjson`, methods `jingdong.eclp.…`, parameters in a query or a form, signed with MD5.
/// Sources: github.com/lostinfo/jos-open-api, JD's Java SDK.
struct JOSGateway: Dialect {
    let partner = Partner.jd
    /// Milliseconds by which a call's time may be off.
    static let tolerance = 600_000
    private static let operations: [String: Operation] = ECLPOrders.operations.merging(ECLPInbound.operations) { first, _ in first }
        .merging(ECLPMaster.operations) { first, _ in first }

    func operation(of request: HTTPRequest) -> String { request.formParameters["method"] ?? "jingdong.unknown" }

    func answer(_ request: HTTPRequest, _ operation: String, _ world: World) throws -> JSONValue {
        let parameters = request.formParameters
        guard let run = Self.operations[operation] else { throw Refusal(.operation, "method") }
        guard let app = try world.objects.get(App.self, App.id(.jd, try parameters.required("app_key"))) else {
            throw Refusal(.app, "app_key")
        }
        guard try parameters.required("v") == "2.0" else { throw Refusal(.invalid, "v is not 2.0") }
        guard let sent = BeijingTime.milliseconds(try parameters.required("timestamp")), abs(sent - world.now) <= Self.tolerance else {
            throw Refusal(.timestamp, "timestamp")
        }
        guard try parameters.required("sign") == Signatures.sorted(parameters, secret: app.secret) else {
            throw Refusal(.signature, "sign")
        }
        let grant = try world.grant(parameters["access_token"], app, .jos)
        let call = Call(operation: operation, app: app, grant: grant, parameters: try Self.inner(parameters))
        let inner = try run(world, call)
        return Self.envelope(operation, inner, try world.settings().shapes)
    }

    func document(_ refusal: Refusal) -> JSONValue {
        ["error_response": ["code": "\(Self.code(refusal.kind))", "zh_desc": .string(Self.text(refusal)), "en_desc": "\(refusal.message)"]]
    }

    private static func text(_ refusal: Refusal) -> String {
        refusal.kind == .notFound ? "单据不存在：\(refusal.message)" : "调用失败：\(refusal.message)"
    }

    private static func code(_ kind: Refusal.Kind) -> String {
        switch kind {
        case .throttled, .quota: "2"
        case .timestamp: "8"
        case .signature: "12"
        case .operation: "15"
        case .token: "19"
        case .app: "21"
        case .permission: "71"
        case .system: "43"
        case .missing: "60"
        case .invalid: "61"
        case .notFound: "62"
        case .state: "63"
        }
    }

    private static func inner(_ parameters: [(name: String, value: String)]) throws -> Parameters {
        guard let text = parameters["360buy_param_json"] else { return Parameters([:]) }
        guard let value = try? JSONValue.decode(text), value.members != nil else {
            throw Refusal(.invalid, "360buy_param_json is no JSON object")
        }
        return Parameters(value)
    }

    /// JD writes `responce`; other integrations saw `response`, elements wrapped in `v1` and scalars in arrays.
    private static func envelope(_ operation: String, _ inner: JSONValue, _ shapes: Settings.Shapes) -> JSONValue {
        let name = operation.replacing(".", with: "_")
        let body = JSONValue.object([("code", "0")] + (inner.members ?? []))
        switch shapes {
        case .plain: return .object([("\(name)_responce", body)])
        case .wrapped: return .object([("\(name)_response", wrapped(body, isTop: true))])
        }
    }

    private static func wrapped(_ value: JSONValue, isTop: Bool) -> JSONValue {
        switch value {
        case .object(let members):
            .object(
                members.map { name, value in
                    switch value {
                    case .object, .array, .null: (name, wrapped(value, isTop: false))
                    default: (name, isTop ? value : .array([value]))
                    }
                })
        case .array(let elements): .list(elements) { $0.members == nil ? $0 : ["v1": wrapped($0, isTop: false)] }
        default: value
        }
    }
}

extension World {
    /// The grant of a token that is good for this application and audience now.
    func grant(_ token: String?, _ app: App, _ audience: Audience) throws -> Grant {
        guard let token, let grant = try objects.get(Grant.self, token), grant.appKey == app.key, grant.audience == audience else {
            throw Refusal(.token, "access_token is unknown")
        }
        guard grant.expiresAt > now else { throw Refusal(.token, "access_token has expired") }
        return grant
    }

    /// The department of the PIN that consented.
    func department(_ number: String, _ call: Call) throws -> JDAccount.Department {
        guard let grant = call.grant, let account = try objects.get(JDAccount.self, grant.owner),
            let department = account.departments.first(where: { $0.departmentNo == number })
        else { throw Refusal(.permission, "the department is not one of this PIN's") }
        return department
    }
}

extension JDAccount.Department {
    func warehouse(_ number: String) throws(Refusal) -> JDAccount.Warehouse {
        guard let warehouse = warehouses.first(where: { $0.warehouseNo == number }), warehouse.enabled ?? true else {
            throw Refusal(.invalid, "the warehouse is not one of this department's, or not enabled")
        }
        return warehouse
    }

    func checkShop(_ number: String) throws(Refusal) {
        if let shops, !shops.isEmpty, !shops.contains(number) { throw Refusal(.invalid, "the shop is not one of this department's") }
    }
}
