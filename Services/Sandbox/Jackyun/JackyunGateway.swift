import HTTP
import JSON

/// Jackyun's gateway: `/open/openapi/do`, a form, signed with MD5 of its text in lower case. Code 200 is success, 0 is failure.
/// Source: Jackyun's document of its open platform.
struct JackyunGateway: Dialect {
    let partner = Partner.jackyun
    private static let operations: [String: Operation] = JackyunTrades.operations

    func operation(of request: HTTPRequest) -> String { request.formParameters["method"] ?? "jackyun.unknown" }

    func answer(_ request: HTTPRequest, _ operation: String, _ world: World) throws -> JSONValue {
        let parameters = request.formParameters
        guard request.method == "POST" else { throw Refusal(.operation, "POST is expected") }
        guard let run = Self.operations[operation] else { throw Refusal(.operation, "method") }
        guard let app = try world.objects.get(App.self, App.id(.jackyun, try parameters.required("appkey"))) else {
            throw Refusal(.app, "appkey")
        }
        guard try parameters.required("version") == "v1.0" else { throw Refusal(.invalid, "version is not v1.0") }
        guard try parameters.required("contenttype") == "json" else { throw Refusal(.invalid, "contenttype is not json") }
        guard let sent = BeijingTime.milliseconds(try parameters.required("timestamp")), abs(sent - world.now) <= JOSGateway.tolerance
        else {
            throw Refusal(.timestamp, "timestamp")
        }
        let text = try parameters.required("bizcontent")
        guard try parameters.required("sign") == Signatures.jackyun(parameters, secret: app.secret) else {
            throw Refusal(.signature, "sign")
        }
        guard let content = try? JSONValue.decode(text) else { throw Refusal(.invalid, "bizcontent is no JSON") }
        // Some methods take a list: it is put where they look for it.
        let named = content.members == nil ? ["list": content] : content
        let call = Call(operation: operation, app: app, grant: nil, parameters: Parameters(named))
        return ["code": 200, "msg": "", "subCode": "", "result": ["data": try run(world, call), "contextId": "2229118837749614720"]]
    }

    func document(_ refusal: Refusal) -> JSONValue {
        [
            "code": 0, "msg": .string(Self.text(refusal)), "subCode": .string(Self.code(refusal.kind)),
            "result": ["data": nil, "contextId": "2229118837749614720"],
        ]
    }

    /// Only 0130020001, an unknown error, and 0040139996, a missing field, are public.
    private static func code(_ kind: Refusal.Kind) -> String {
        switch kind {
        case .missing: "0040139996"
        case .system: "0130020001"
        default: ""
        }
    }

    private static func text(_ refusal: Refusal) -> String {
        switch refusal.kind {
        case .missing: "\(refusal.message)不能为空"
        case .signature: "签名错误"
        case .throttled: "调用过于频繁"
        case .token: "token已过期"
        case .system: "未知错误"
        default: refusal.message
        }
    }
}
