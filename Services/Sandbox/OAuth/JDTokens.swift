import HTTP
import JSON

/// JD's token endpoints, of JOS (`/oauth2/access_token`, `/oauth2/refresh_token`) and of JDL (`/oauth/token`, `/oauth/refresh`:
/// these and their shape are not public, we take that of JOS).
struct JDTokens: Dialect {
    let partner = Partner.jd
    private static let endpoints: [String: (audience: Audience, refresh: Bool?)] = [
        "/oauth2/access_token": (.jos, false), "/oauth2/refresh_token": (.jos, true), "/oauth/token": (.isc, nil),
        "/oauth/refresh": (.isc, true),
    ]

    static func isEndpoint(_ path: String) -> Bool { endpoints[path] != nil }

    /// The path without its first slash.
    func operation(of request: HTTPRequest) -> String { String(request.path.dropFirst()) }

    func answer(_ request: HTTPRequest, _ operation: String, _ world: World) throws -> JSONValue {
        guard let endpoint = Self.endpoints[request.path] else { throw Refusal(.operation, "path") }
        let parameters = request.formParameters
        guard let key = parameters["app_key"] ?? parameters["client_id"] else { throw Refusal(.missing, "app_key") }
        guard let app = try world.objects.get(App.self, App.id(.jd, key)) else { throw Refusal(.app, "app_key") }
        let type = try Self.authenticate(parameters, app, endpoint.audience, world)
        let isRefresh = endpoint.refresh ?? (type == "refresh_token")
        guard type == (isRefresh ? "refresh_token" : "authorization_code") else { throw Refusal(.invalid, "grant_type") }
        let grant =
            isRefresh
            ? try world.refresh(try parameters.required("refresh_token"), app, endpoint.audience)
            : try world.exchange(code: try parameters.required("code"), app, endpoint.audience)
        let answer: JSONValue = [
            "access_token": .string(grant.accessToken), "expires_in": .int((grant.expiresAt - world.now) / 1000),
            "refresh_token": .string(grant.refreshToken), "scope": "snsapi_base", "open_id": .string("open-\(grant.owner)"),
            "uid": .string(grant.owner), "time": .int(world.now), "token_type": "bearer", "code": 0,
            "xid": .string("xid-\(grant.owner)"),
        ]
        guard try world.settings().subscriptionReport == .token else { return answer }
        return answer.with("message_subscription", .bool(grant.subscription))
    }

    /// The application's secret, or for JDL's refresh a signature with it. Returns the kind of grant.
    private static func authenticate(
        _ parameters: [(name: String, value: String)], _ app: App, _ audience: Audience, _ world: World
    ) throws -> String {
        if let secret = parameters["app_secret"] ?? parameters["client_secret"] {
            guard secret == app.secret else { throw Refusal(.signature, "app_secret") }
            return try parameters.required("grant_type")
        }
        guard audience == .isc, let sign = parameters["sign"] else { throw Refusal(.missing, "app_secret") }
        let timestamp = try parameters.required("timestamp")
        guard let sent = BeijingTime.milliseconds(timestamp), abs(sent - world.now) <= JOSGateway.tolerance else {
            throw Refusal(.timestamp, "timestamp")
        }
        let right = Signatures.jdlRefresh(
            secret: app.secret, appKey: app.key, refreshToken: try parameters.required("refresh_token"), timestamp: timestamp)
        guard sign.lowercased() == right else { throw Refusal(.signature, "sign") }
        return "refresh_token"
    }

    func document(_ refusal: Refusal) -> JSONValue {
        let code =
            switch refusal.kind {
            case .throttled, .quota: 2
            case .system: 43
            case .app: 21
            case .signature: 12
            default: 400
            }
        return ["code": .int(code), "msg": .string(refusal.message), "requestId": "sandbox"]
    }
}
