import Threads

internal import Contracts
internal import JSON

/// OAuth. Source: pdd-node-sdk `constant/index.ts`; open-pdd `tools`; Pinduoduo's Java SDK.
extension PinduoduoGateway {
    /// The page on which a merchant or a factory agrees; the browser comes back to `redirectURI` with `code` and `state`.
    public func authorizeURL(state: String, redirectURI: String) -> String {
        AuthorizePage.pinduoduo(endpoints.authorize).url(appKey: application.clientId, state: state, redirectURI: redirectURI)
    }

    /// - Throws: `rejected` for a code that is used, old or foreign; `outcomeOpen` when the code may be spent.
    public func exchange(code: String) async throws(PartnerError) -> TokenGrant {
        let type = "pdd.pop.auth.token.create"
        return try grant(type, try await call(type, [("code", .string(code))], changes: true))
    }

    /// - Throws: `rejected` or `tokenInvalid` when only a new consent helps.
    public func refresh(refreshToken: String) async throws(PartnerError) -> TokenGrant {
        let type = "pdd.pop.auth.token.refresh"
        return try grant(type, try await call(type, [("refresh_token", .string(refreshToken))], changes: true))
    }

    /// Seconds; no token is good for ten years.
    private static let longestLife = 10 * 366 * 86_400

    private func grant(_ type: String, _ answer: JSONValue) throws(PartnerError) -> TokenGrant {
        guard let token = answer["access_token"]?.wireText, let expiry = expiry("", of: answer) else {
            throw failure(.outcomeOpen, type, "an answer without a token or its end")
        }
        // Each level of permissions (r1, w1, r2, w2) ends by itself: the token is good for all of them until the first has ended.
        let levels = ["r1_", "w1_", "r2_", "w2_"].compactMap { self.expiry($0, of: answer) }.filter { $0 > now() }
        return TokenGrant(
            accessToken: token, refreshToken: answer["refresh_token"]?.wireText, expiresAt: levels.reduce(expiry, min),
            refreshExpiresAt: self.expiry("refresh_token_", of: answer), ownerId: answer["owner_id"]?.wireText,
            ownerName: answer["owner_name"]?.wireText, scope: answer["scope"]?.array?.compactMap(\.wireText) ?? [])
    }

    /// `…expires_at` (seconds since 1970), else `…expires_in` (seconds from now).
    private func expiry(_ prefix: String, of answer: JSONValue) -> Timestamp? {
        if let time = answer[prefix + "expires_at"]?.pinduoduoTime { return time }
        guard let seconds = answer[prefix + "expires_in"]?.wireInt, seconds > 0 else { return nil }
        return Timestamp(milliseconds: now().milliseconds + min(seconds, Self.longestLife) * 1000)
    }
}
