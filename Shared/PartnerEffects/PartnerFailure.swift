import Contracts
public import Credentials
public import Partners
public import Runtime

extension EffectRetry {
    /// Says when and how an effect is tried again after a partner's error.
    /// - Parameters:
    ///   - changes: whether the call changes something at the partner, so that an open outcome has to be asked about first.
    ///   - credential: the credential of the call; authorization is told when the partner refused its token.
    public init(_ error: PartnerError, changes: Bool = false, _ credential: LoadedCredential? = nil) {
        let isToken = error.kind == .tokenInvalid
        let pause: Double? =
            switch error.kind {
            case .tokenInvalid: Self.tokenPause
            case .quotaExhausted: Self.quotaPause
            case .rejected, .throttled, .unavailable, .outcomeOpen: nil
            }
        self.init(
            error.kind.rawValue, error.description, after: pause,
            mayHaveRun: changes && error.kind == .outcomeOpen,
            report: isToken ? credential.map(EffectReport.init(refused:)) : nil)
    }

    /// Seconds until a call is tried with the next token: the successor of a refused one comes within seconds.
    private static let tokenPause = 5.0
    /// Seconds until a call is tried whose quota is used up: it is counted by the day, and may be raised at any time.
    private static let quotaPause = 600.0
}

extension EffectReport {
    /// Tells authorization that a partner did not accept a token; the same for each version of it, however many effects find it out.
    public init(refused token: LoadedCredential) {
        let report = ReportToken(authorizationId: token.authorizationId, service: token.service, version: token.version)
        self.init(report, key: token.account, id: "\(token.authorizationId)~\(token.service.rawValue)~\(token.version)/refused")
    }
}
