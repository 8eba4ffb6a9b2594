public import Partners
public import Runtime

extension EffectRetry {
    /// What a partner's error means for an effect that is tried again.
    /// - Parameters:
    ///   - changes: whether the call changes something at the partner, so that an open outcome has to be asked about first.
    ///   - credential: what the call was made with; authorization is told when the partner refused its token.
    public init(_ error: PartnerError, changes: Bool = false, _ credential: ServiceEnvironment.LoadedCredential? = nil) {
        // The refused token's successor comes within seconds.
        let isToken = error.kind == .tokenInvalid
        self.init(
            error.kind.rawValue, error.description, after: isToken ? Self.tokenPause : nil,
            mayHaveRun: changes && error.kind == .outcomeOpen,
            refusedToken: isToken ? credential : nil)
    }

    /// Seconds until a call is tried with the next token.
    private static let tokenPause = 5.0
}
