import HTTP
import JSON

/// Pinduoduo's gateway: `/api/router`, every method by its `type`, signed with MD5. Errors come with status 200.
/// Sources: the official pages of open.pinduoduo.com, github.com/lywzx/pdd-node-sdk, github.com/SchafferJ/open-pdd.
struct PinduoduoGateway: Dialect {
    /// A method: its requirements, and the name under which it answers.
    struct Method: Sendable {
        /// Older methods drop the `pdd_`.
        let response: String
        let needsToken: Bool
        let run: Operation

        init(_ response: String, needsToken: Bool = true, _ run: @escaping Operation) {
            self.response = response
            self.needsToken = needsToken
            self.run = run
        }
    }

    let partner = Partner.pinduoduo
    /// Seconds by which a call's time may be off.
    private static let tolerance = 600
    private static let methods: [String: Method] = PinduoduoAccess.methods
        .merging(PinduoduoFactory.methods) { first, _ in first }
        .merging(PinduoduoWaybills.methods) { first, _ in first }
        .merging(PinduoduoOrders.methods) { first, _ in first }
        .merging(PinduoduoShipping.methods) { first, _ in first }

    func operation(of request: HTTPRequest) -> String { parameters(request)["type"] ?? "pdd.unknown" }

    func answer(_ request: HTTPRequest, _ operation: String, _ world: World) throws -> JSONValue {
        let parameters = parameters(request)
        guard let method = Self.methods[operation] else { throw Refusal(.operation, "type") }
        guard let app = try world.objects.get(App.self, App.id(.pinduoduo, try parameters.required("client_id"))) else {
            throw Refusal(.app, "client_id")
        }
        guard let sent = Int(try parameters.required("timestamp")), abs(sent - world.now / 1000) <= Self.tolerance else {
            throw Refusal(.timestamp, "timestamp")
        }
        if let type = parameters["data_type"], type != "JSON" { throw Refusal(.invalid, "data_type: only JSON is played here") }
        guard try parameters.required("sign") == Signatures.sorted(parameters, secret: app.secret) else {
            throw Refusal(.signature, "sign")
        }
        let grant = method.needsToken ? try world.grant(parameters["access_token"], app, .pinduoduo) : nil
        let call = Call(
            operation: operation, app: app, grant: grant, parameters: Parameters(.object(parameters.map { ($0.name, .string($0.value)) })))
        return .object([(method.response, try method.run(world, call))])
    }

    func document(_ refusal: Refusal) -> JSONValue {
        [
            "error_response": [
                "error_msg": .string(Self.text(refusal)), "sub_msg": .string(refusal.message), "sub_code": nil,
                "error_code": .int(Self.code(refusal.kind)), "request_id": "16000000000000000",
            ]
        ]
    }

    private static func code(_ kind: Refusal.Kind) -> Int {
        switch kind {
        case .operation: 10017
        case .app: 10016
        case .signature: 20004
        case .timestamp: 10001
        case .token: 10019
        case .permission: 20031
        case .missing, .invalid, .notFound: 21001
        case .state, .quota: 21002
        case .throttled: 70031
        case .system: 52001
        }
    }

    private static func text(_ refusal: Refusal) -> String {
        switch refusal.kind {
        case .quota: "解密额度已用完"
        case .token: "access_token已过期"
        case .signature: "签名sign校验失败"
        case .throttled: "调用过于频繁，请调整调用频率"
        case .system: "业务服务错误"
        default: "参数错误：\(refusal.message)"
        }
    }

    /// A form, or a JSON object in the body, whose values may be objects.
    private func parameters(_ request: HTTPRequest) -> [(name: String, value: String)] {
        guard request.header("content-type")?.lowercased().hasPrefix("application/json") == true else { return request.formParameters }
        let members = (try? JSONValue.decode(request.body))?.members ?? []
        return members.map { name, value in (name, value.string ?? String(decoding: value.json, as: UTF8.self)) }
    }
}

extension World {
    /// The mall whose token it is.
    func mall(_ call: Call) throws -> Mall {
        guard let grant = call.grant, let mall = try objects.get(Mall.self, grant.owner) else {
            throw Refusal(.permission, "the mall is unknown")
        }
        return mall
    }
}
