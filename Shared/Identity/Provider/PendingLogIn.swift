import Crypto

/// A log-in on its way through the provider. The browser keeps it in a cookie meanwhile, so that it comes back in the same browser, to
/// whichever console; the provider takes its code once.
public struct PendingLogIn: Sendable, Equatable {
    /// Comes back with the code.
    let state: String
    /// Comes back in the ID token.
    let nonce: String
    /// Of PKCE (RFC 7636).
    let verifier: String

    /// Seconds that somebody has for the provider's pages.
    public static let lifetime = 600

    /// - Throws: `unavailable` without randomness.
    init() throws(PeopleError) {
        state = try People.secret()
        nonce = try People.secret()
        verifier = try People.secret()
    }

    /// The cookie's text: visible ASCII without blanks.
    public var cookie: String { "\(state).\(nonce).\(verifier)" }

    /// - Returns: nil for a text that is no such cookie.
    public init?(cookie: String) {
        let parts = cookie.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, parts.allSatisfy({ Base64URL.decode($0)?.count == 32 }) else { return nil }
        (state, nonce, verifier) = (parts[0], parts[1], parts[2])
    }

    /// Whether what came back belongs to it.
    public func isOf(state given: String) -> Bool { Digest.areEqual(Array(state.utf8), Array(given.utf8)) }

    /// `S256`
    var challenge: String { Base64URL.encode(Digest.sha256(Array(verifier.utf8))) }
}
