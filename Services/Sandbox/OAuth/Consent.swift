import HTTP
import Stores

/// A browser was sent here to ask for somebody's consent.
struct ConsentRequest {
    /// The paths of the partners' login pages, and the name under which the application gives its key there.
    static let pages: [String: (audience: Audience, key: String)] = [
        "/oauth2/to_login": (.jos, "app_key"), "/oauth/authorize": (.isc, "client_id"), "/service-market/auth": (.pinduoduo, "client_id"),
    ]

    let audience: Audience
    let appKey: String
    let redirectUri: String
    let state: String

    /// - Throws: `Refusal` for what a partner's page shows an error for instead of a form.
    init(path: String, query: [HTTPRequest.Field], _ world: World) throws {
        guard let page = Self.pages[path] else { throw Refusal(.operation, "there is no login page \(path)") }
        let parameters = query.map { (name: $0.name, value: $0.value) }
        audience = page.audience
        appKey = try parameters.required(page.key)
        guard try world.objects.get(App.self, App.id(audience.partner, appKey)) != nil else {
            throw Refusal(.app, "the application \(appKey) is not registered")
        }
        guard try parameters.required("response_type") == "code" else { throw Refusal(.invalid, "response_type is not code") }
        redirectUri = try parameters.required("redirect_uri")
        guard redirectUri.hasPrefix("https://") || redirectUri.hasPrefix("http://") else {
            throw Refusal(.invalid, "redirect_uri is no http(s) address")
        }
        state = parameters["state"] ?? ""
    }
}

extension World {
    /// Seconds for which a code can be exchanged.
    private static var codeSeconds: Int { 600 }

    /// Decides, and gives the address at which the browser ends.
    /// - Parameter account: a PIN, or a mall's id; nil: the first that is known.
    func consent(_ request: ConsentRequest, approve: Bool, subscribe: Bool, account: String?) throws -> String {
        guard approve else {
            return redirect(request, [("error", "access_denied"), ("error_description", "the user denied access")])
        }
        var code = ConsentCode()
        code.owner = try owner(account, request.audience)
        code.code = try secret(bytes: 12)
        code.audience = request.audience
        code.appKey = request.appKey
        code.subscription = subscribe
        code.expiresAt = now + Self.codeSeconds * 1000
        try objects.put(code)
        var answer = [("code", code.code)]
        if request.audience != .pinduoduo, try settings().subscriptionReport == .callback {
            answer.append(("message_subscription", "\(subscribe)"))
        }
        return redirect(request, answer)
    }

    /// Whether the account is known and this is its password.
    func isLogin(_ account: String, _ password: String, _ audience: Audience) throws -> Bool {
        switch audience {
        case .jos, .isc: try objects.get(JDAccount.self, account)?.password == password
        case .pinduoduo: try objects.get(Mall.self, account)?.password == password
        }
    }

    private func owner(_ account: String?, _ audience: Audience) throws -> String {
        let known: [String] =
            switch audience {
            case .jos, .isc: try objects.all(JDAccount.self).map(\.pin)
            case .pinduoduo: try objects.all(Mall.self).map(\.mallId)
            }
        guard let owner = account.map({ account in known.first { $0 == account } }) ?? known.first else {
            throw Refusal(.notFound, "the account is not known")
        }
        return owner
    }

    private func redirect(_ request: ConsentRequest, _ answer: [(String, String)]) -> String {
        let all = request.state.isEmpty ? answer : answer + [("state", request.state)]
        let query = all.map { "\($0.0)=\(FormText.encode($0.1))" }.joined(separator: "&")
        return request.redirectUri + (request.redirectUri.contains("?") ? "&" : "?") + query
    }

    // MARK: Tokens

    /// Exchanges a code; it can be done once.
    func exchange(code: String, _ app: App, _ audience: Audience) throws -> Grant {
        note(FormText.masked(code))
        guard let found = try objects.get(ConsentCode.self, code), found.audience == audience, found.appKey == app.key else {
            throw Refusal(.invalid, "the code is not known, or was used")
        }
        try objects.remove(ConsentCode.self, code)
        guard found.expiresAt > now else { throw Refusal(.invalid, "the code has expired") }
        var grant = Grant()
        grant.audience = audience
        grant.appKey = app.key
        grant.owner = found.owner
        grant.subscription = found.subscription
        grant.refreshToken = try secret()
        return try issue(&grant)
    }

    /// A new access token; the one before ends.
    func refresh(_ refreshToken: String, _ app: App, _ audience: Audience) throws -> Grant {
        guard var grant = try objects.find(Grant.self, alias: refreshToken).first, grant.audience == audience, grant.appKey == app.key
        else {
            throw Refusal(.invalid, "the refresh token is not known")
        }
        guard grant.refreshExpiresAt > now else { throw Refusal(.invalid, "the refresh token has expired") }
        try objects.remove(Grant.self, grant.accessToken)
        return try issue(&grant)
    }

    private func issue(_ grant: inout Grant) throws -> Grant {
        let settings = try settings()
        grant.accessToken = try secret()
        grant.expiresAt = now + settings.accessTokenSeconds * 1000
        // A refresh does not make the refresh token live longer.
        if grant.refreshExpiresAt == 0 { grant.refreshExpiresAt = now + settings.refreshTokenSeconds * 1000 }
        try objects.put(grant)
        note(grant.owner)
        return grant
    }
}
