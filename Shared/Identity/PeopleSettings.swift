/// What a deployment may set about people. Seconds, unless a name says otherwise.
public struct PeopleSettings: Sendable, Equatable {
    /// `DAIFA_SESSION_IDLE`: without a request for so long a session ends.
    public var sessionIdle = 12 * 3600
    /// `DAIFA_SESSION_LIFETIME`: after so long it ends anyhow.
    public var sessionLifetime = 7 * 86_400
    /// A session of a provider's log-in ends after so long: memberships are read at each log-in.
    public var providerLifetime = 12 * 3600
    /// After so long what concerns people and secrets asks for the password again.
    public var proofLifetime = 900
    /// `DAIFA_SIGNUP=open`.
    public var isSignUpOpen = false
    /// An invitation's code.
    public var invitationLifetime = 7 * 86_400
    /// A reset's code.
    public var resetLifetime = 3600
    /// The code of the first operator.
    public var operatorLifetime = 3600
    /// `DAIFA_PUBLIC_URL`, without a slash at its end: links begin with it.
    public var publicURL = "http://127.0.0.1:8080"

    public init() {}

    /// The last use of a session is written when the one that is written is older than this: once a minute, and often enough that a short
    /// idle time is kept to a twentieth.
    var touchInterval: Int { min(60_000, sessionIdle * 1000 / 20) }

    func link(_ code: String) -> String {
        var base = publicURL[...]
        while base.last == "/" { base.removeLast() }
        return "\(base)/join/\(code)"
    }
}
