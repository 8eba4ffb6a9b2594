import Crypto
import Foundation
import HTTP
import Identity
import Synchronization
import TestSupport
import Threads

@testable import Console

/// A provider of OpenID Connect without a socket: it says what it is, gives each code's token once, and has a key that can be changed.
final class PlayedProvider: HTTPSender {
    static let issuer = "https://login.example"
    static let settings = ProviderSettings(
        issuer: issuer, clientId: "daifa", clientSecret: "s3cret", redirectURL: ConsoleScene.publicURL + ProviderSettings.callback)

    private struct State {
        var key: TokenIssuer
        /// The claims by codes.
        var codes: [String: String] = [:]
        var isAway = false
        var asked: [String] = []
    }

    private let state: Mutex<State>

    init() throws { state = Mutex(State(key: try TokenIssuer())) }

    /// - Parameter claims: the inside of a JSON object.
    func give(_ claims: String, for code: String) { state.withLock { $0.codes[code] = claims } }
    func change(_ key: TokenIssuer) { state.withLock { $0.key = key } }
    func go(away: Bool) { state.withLock { $0.isAway = away } }
    var asked: [String] { state.withLock { $0.asked } }

    func send(_ request: HTTPClientRequest) async throws(HTTPClientError) -> HTTPClientResponse {
        let answer = state.withLock { state in
            state.asked.append(request.url)
            return state.isAway ? nil : Self.answer(request, &state)
        }
        guard let answer else { throw HTTPClientError(.connection, "refused") }
        return answer
    }

    private static func answer(_ request: HTTPClientRequest, _ state: inout State) -> HTTPClientResponse {
        switch request.url {
        case "\(issuer)/.well-known/openid-configuration":
            return json(
                #"{"issuer":"\#(issuer)","authorization_endpoint":"\#(issuer)/auth","token_endpoint":"\#(issuer)/token","jwks_uri":"\#(issuer)/keys","code_challenge_methods_supported":["S256"]}"#
            )
        case "\(issuer)/keys": return json((try? TokenIssuer.keySet(state.key)) ?? "")
        case "\(issuer)/token":
            let fields = RequestTarget("/?\(String(decoding: request.body, as: UTF8.self))").query
            func field(_ name: String) -> String { fields.first { $0.name == name }?.value ?? "" }
            guard let claims = state.codes.removeValue(forKey: field("code")), !field("code_verifier").isEmpty,
                request.headers.contains(where: { $0.name == "Authorization" && $0.value.hasPrefix("Basic ") }),
                let bearer = try? state.key.bearer(claims)
            else { return json(#"{"error":"invalid_grant"}"#, status: 400) }
            return json(#"{"access_token":"a","token_type":"Bearer","id_token":"\#(bearer.dropFirst(7))"}"#)
        default: return json("{}", status: 404)
        }
    }

    private static func json(_ text: String, status: Int = 200) -> HTTPClientResponse {
        HTTPClientResponse(status: status, headers: [("Content-Type", "application/json")], body: Array(text.utf8))
    }
}
