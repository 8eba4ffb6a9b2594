public import Contracts
import HTTP
public import Threads

/// Tokens of merchants, factories and operators for a process that takes them over HTTP, whatever `DAIFA_AUTH` says (contract, section 9).
public struct CallerTokens: Sendable {
    private let verifier: TokenVerifier

    init(_ verifier: TokenVerifier) { self.verifier = verifier }

    /// The keys are those of `DAIFA_AUTH_KEYS`; those of a URL that is away are read as soon as it is there.
    /// - Returns: nil when no keys are configured: no token is good.
    /// - Throws: a file that holds no keys, or a URL that must not be called.
    public init?(_ context: ProcessContext) throws(ConfigurationError) {
        let configuration = context.configuration
        guard let place = configuration.authKeys else { return nil }
        let keys = try TokenKeys(at: place, http: LazyHTTPClient(), logger: context.logger)
        verifier = TokenVerifier(keys, audience: configuration.authAudience, issuer: configuration.authIssuer)
    }

    /// The actor of a header `Authorization: Bearer <JWT>`; nil: the token is not good, or speaks for somebody whom people do not act for.
    /// May wait for half a second for keys that are new.
    public func caller(of header: String, now: Timestamp) -> Actor? {
        guard let actor = try? verifier.actor(of: header, now: now) else { return nil }
        return [.merchant, .factory, .operator].contains(actor.kind) ? actor : nil
    }
}
