import Contracts

import HTTP
import JSON
public import Threads

/// Consents of JD's users, on both of JD's gateways.
///
/// JOS: `{base}/oauth2/to_login`, `access_token`, `refresh_token` (github.com/lostinfo/jos-open-api). JDL: `{base}/oauth/authorize`, `token`,
/// `refresh` as two public integrations call them (an Odoo delivery module and a Python client); its answers name fields in camel case, with
/// times in Beijing.
public struct JDOAuth: Sendable {
    let api: JDAPI
    let wire: Wire
    let endpoints: JDEndpoints
    let appKey: String
    let appSecret: String
    let clock: @Sendable () -> Timestamp

    /// - Parameter wire: its partner is `jd`.
    public init(
        _ api: JDAPI, wire: Wire, endpoints: JDEndpoints, appKey: String, appSecret: String, clock: @escaping @Sendable () -> Timestamp
    ) {
        self.api = api
        self.wire = wire
        self.endpoints = endpoints
        self.appKey = appKey
        self.appSecret = appSecret
        self.clock = clock
    }

    /// The page where the user logs in and consents.
    public static func authorizeURL(
        _ api: JDAPI, endpoints: JDEndpoints, appKey: String, state: String, redirectURI: String
    ) -> String {
        let page = api == .eclp ? AuthorizePage.jos(endpoints.oauth) : AuthorizePage.isc(endpoints.iscOAuth)
        return page.url(appKey: appKey, state: state, redirectURI: redirectURI)
    }

    /// Tokens for a code, which works once.
    /// - Throws: `rejected` when JD refuses the code; `outcomeOpen` when it may have been used up without an answer.
    public func exchange(code: String) async throws(PartnerError) -> TokenGrant {
        switch api {
        case .eclp:
            try await grant(
                "oauth2.access_token", "\(endpoints.oauth)/oauth2/access_token",
                [
                    ("app_key", appKey), ("app_secret", appSecret), ("grant_type", "authorization_code"), ("code", code),
                ], hiding: [code])
        case .isc:
            try await grant(
                "oauth.token", "\(endpoints.iscOAuth)/oauth/token",
                [
                    ("client_id", appKey), ("client_secret", appSecret), ("grant_type", "authorization_code"), ("code", code),
                ], hiding: [code])
        }
    }

    /// Newer tokens for a refresh token.
    /// - Throws: `rejected` when JD refuses the refresh token; `outcomeOpen`, `unavailable` or `throttled` when it is worth another try.
    public func refresh(_ refreshToken: String) async throws(PartnerError) -> TokenGrant {
        switch api {
        case .eclp:
            return try await grant(
                "oauth2.refresh_token", "\(endpoints.oauth)/oauth2/refresh_token",
                [
                    ("app_key", appKey), ("app_secret", appSecret), ("grant_type", "refresh_token"), ("refresh_token", refreshToken),
                ], hiding: [refreshToken])
        case .isc:
            let timestamp = BeijingTime.format(Int64(clock().milliseconds))
            let sign = ISCSignature.refresh(token: refreshToken, appKey: appKey, appSecret: appSecret, timestamp: timestamp)
            return try await grant(
                "oauth.refresh", "\(endpoints.iscOAuth)/oauth/refresh",
                [
                    ("app_key", appKey), ("refresh_token", refreshToken), ("timestamp", timestamp), ("sign", sign),
                ], hiding: [refreshToken])
        }
    }

    private func grant(
        _ operation: String, _ url: String, _ query: [(name: String, value: String)], hiding: [String]
    ) async throws(PartnerError) -> TokenGrant {
        let asked = clock()
        return try await wire.call(operation, hiding: hiding + [appSecret]) { () async throws(PartnerError) in
            let answer = try await wire.json(operation, HTTPClientRequest(url: "\(url)?\(FormEncoding.encode(query))"))
            return try read(answer, operation, asked: asked)
        }
    }

    /// `code` is 0 (JOS) or 1000 (JDL), as number or text, or missing; JDL puts the tokens of a refresh under `data`.
    private func read(_ answer: JSONValue, _ operation: String, asked: Timestamp) throws(PartnerError) -> TokenGrant {
        if let error = answer.present("error_response") { throw failure(error, operation) }
        if let code = answer["code"]?.wireText, code != "0", code != "1000" { throw failure(answer, operation) }
        // RFC 6749, section 5.2.
        if answer["error"]?.wireText != nil { throw failure(answer, operation) }
        let tokens = if let data = answer["data"], case .object = data { data } else { answer }
        guard let accessToken = tokens["access_token"]?.wireText ?? tokens["accessToken"]?.wireText else {
            throw PartnerError(
                .outcomeOpen, partner: wire.partner, operation: operation, message: "an answer without a token and without an error")
        }
        return TokenGrant(
            accessToken: accessToken,
            refreshToken: tokens["refresh_token"]?.wireText ?? tokens["refreshToken"]?.wireText,
            expiresAt: end(tokens["accessExpire"], tokens["expires_in"], from: asked)
                ?? Timestamp(milliseconds: asked.milliseconds + Self.shortestLife),
            refreshExpiresAt: end(tokens["refreshExpire"], tokens["refresh_token_expires_in"], from: asked),
            ownerId: tokens["uid"]?.wireText ?? tokens["open_id"]?.wireText,
            ownerName: tokens["user_nick"]?.wireText,
            messageSubscription: tokens["message_subscription"]?.wireBool,
            scope: tokens["scope"]?.wireText.map { $0.split { $0 == "," || $0 == " " }.map(String.init) } ?? [])
    }

    /// Milliseconds that a token is taken to live when JD does not say: a day, as seen of JOS.
    static let shortestLife = 86_400_000
    /// Seconds that a token is taken to live at most, whatever JD says.
    static let longestLife = 10 * 366 * 86_400

    private func end(_ time: JSONValue?, _ seconds: JSONValue?, from asked: Timestamp) -> Timestamp? {
        if let time = time.flatMap(JDWire.time) { return time }
        guard let seconds = seconds?.wireInt, seconds > 0 else { return nil }
        return Timestamp(milliseconds: asked.milliseconds + min(seconds, Self.longestLife) * 1000)
    }

    /// A refusal of JD is final (a code that was used, a refresh token that has ended), unless it is the system that failed.
    private func failure(_ error: JSONValue, _ operation: String) -> PartnerError {
        let described = JOSGateway.failure(error, operation, partner: wire.partner)
        let oauth = error["error_description"]?.wireText ?? error["error"]?.wireText
        let kind: PartnerError.Kind =
            switch described.kind {
            case .tokenInvalid: .rejected
            case .outcomeOpen where oauth != nil: .rejected
            default: described.code == "4000" ? .outcomeOpen : described.kind
            }
        return PartnerError(
            kind, partner: wire.partner, operation: operation, code: described.code ?? error["error"]?.wireText,
            message: oauth ?? described.message)
    }
}
