import HTTP
import JSON

/// JD Logistics' open platform (LOP), domain IntegratedSupplyChain: each method is a path, the body an array of one object, the signature in
/// the query. The domain's answer `{code, message, requestId, data}` is wrapped by the gateway's own, each with its code.
/// Source: github.com/rgfan123/zimu docs/research.
struct ISCGateway: Dialect {
    static let prefix = "/integratedsupplychain/"
    let partner = Partner.jd
    private static let domain = "IntegratedSupplyChain"
    private static let operations: [String: Operation] = ISCOperations.operations

    func operation(of request: HTTPRequest) -> String { request.path }

    func answer(_ request: HTTPRequest, _ operation: String, _ world: World) throws -> JSONValue {
        guard let run = Self.operations[operation] else { throw Refusal(.operation, "path") }
        guard request.method == "POST" else { throw Refusal(.operation, "POST is expected") }
        let query = request.query.map { (name: $0.name, value: $0.value) }
        guard try query.required("LOP-DN") == Self.domain else { throw Refusal(.operation, "LOP-DN") }
        guard let app = try world.objects.get(App.self, App.id(.jd, try query.required("app_key"))) else { throw Refusal(.app, "app_key") }
        try Self.check(timestamp: try query.required("timestamp"), zone: request.header("lop-tz"), world)
        let signature = Signatures.jdl(
            secret: app.secret, accessToken: query["access_token"] ?? "", appKey: app.key, path: request.path,
            body: String(decoding: request.body, as: UTF8.self), timestamp: try query.required("timestamp"),
            version: try query.required("v"), algorithm: try query.required("algorithm"))
        guard let signature, Self.areEqual(signature, try query.required("sign"), try query.required("algorithm")) else {
            throw Refusal(.signature, "sign")
        }
        let grant = try world.grant(query["access_token"], app, .isc)
        guard let body = try? JSONValue.decode(request.body), let parameters = body.array?.first, body.array?.count == 1,
            parameters.members != nil
        else { throw Refusal(.invalid, "the body is no array of one object") }
        let call = Call(operation: operation, app: app, grant: grant, parameters: Parameters(parameters))
        if let pin = call.parameters.text("pin"), pin != grant.owner { throw Refusal(.permission, "pin is not the token's") }
        return Self.wrap(["code": "1000", "message": "操作成功", "requestId": "sandbox", "data": try run(world, call)])
    }

    /// The answer for a refusal: one of the gateway has the gateway's code, one of the domain the domain's.
    func document(_ refusal: Refusal) -> JSONValue {
        switch refusal.kind {
        case .operation, .app, .signature, .timestamp, .token, .throttled:
            [
                "code": .string(Self.gatewayCode(refusal.kind)), "msg": .string(refusal.message), "zhDesc": .string(Self.text(refusal)),
                "enDesc": .string(refusal.message),
            ]
        case .missing, .invalid, .permission, .notFound, .state, .quota, .system:
            Self.wrap([
                "code": .string(Self.domainCode(refusal.kind)), "message": .string(refusal.message), "requestId": "sandbox", "data": nil,
            ])
        }
    }

    private static func wrap(_ answer: JSONValue) -> JSONValue { ["code": "1000", "msg": "success", "response": answer] }

    /// `lop-tz` is the hours by which the timestamp is ahead of UTC; 8 when it is not there.
    private static func check(timestamp: String, zone: String?, _ world: World) throws(Refusal) {
        let hours = zone.flatMap { Int($0) } ?? 8
        guard let sent = BeijingTime.milliseconds(timestamp), abs(sent + (8 - hours) * 3_600_000 - world.now) <= JOSGateway.tolerance else {
            throw Refusal(.timestamp, "timestamp")
        }
    }

    /// Hexadecimal digits were seen in capitals and in small letters; base64 is what it is.
    private static func areEqual(_ left: String, _ right: String, _ algorithm: String) -> Bool {
        algorithm == "md5-salt" ? left.lowercased() == right.lowercased() : left == right
    }

    private static func gatewayCode(_ kind: Refusal.Kind) -> String {
        switch kind {
        case .throttled: "2"
        case .timestamp: "8"
        case .signature: "12"
        case .token: "19"
        case .app: "21"
        default: "15"
        }
    }

    private static func text(_ refusal: Refusal) -> String {
        switch refusal.kind {
        case .token: "无效的access_token（令牌已过期或不存在）"
        case .signature: "签名错误"
        case .throttled: "调用过于频繁，已被限流"
        default: "网关校验失败：\(refusal.message)"
        }
    }

    private static func domainCode(_ kind: Refusal.Kind) -> String {
        switch kind {
        case .missing: "2000"
        case .permission: "2001"
        case .invalid: "2002"
        case .notFound: "3010"
        case .state: "3008"
        default: "4000"
        }
    }
}
