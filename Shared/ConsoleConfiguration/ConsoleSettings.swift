public import Contracts
import HTTP
public import Identity
public import Runtime

/// How the console treats people and other systems (contract, sections 9 and 10).
public struct ConsoleSettings: SettingGroup {
    /// Requests a second and caller.
    public var apiRate = 100
    /// Seconds after which a session without a request has ended.
    public var sessionIdle = PeopleSettings().sessionIdle
    /// Seconds after which any session has ended.
    public var sessionLifetime = PeopleSettings().sessionLifetime
    /// Whether a person may register by himself.
    public var isSignUpOpen = false
    /// Of the provider with which people may log in; nil: with none.
    public var providerIssuer: String?
    public var providerClient: String?
    /// nil: the client is public.
    public var providerSecretFile: String?
    /// The claim with the actors that a user may act for.
    public var actorsClaim = ProviderSettings.actorsClaim
    /// Whether PKCE is used where the provider does not say that it knows it.
    public var usesPKCE = true
    /// The folder of texts, style sheets and scripts; nil: `web` beside the executable, or that of the checkout it was built in.
    public var webFolder: String?

    public init(defaultsOf service: ServiceName) {}

    public static let table: [Setting<ConsoleSettings>] = [
        Setting(
            "DAIFA_API_RATE", \.apiRate, .number(1...100_000), of: [.console], "requests a second and caller; ten times as many at once"),
        Setting("DAIFA_SESSION_IDLE", \.sessionIdle, .duration(), of: [.console], "a session without a request ends after it"),
        Setting("DAIFA_SESSION_LIFETIME", \.sessionLifetime, .duration(), of: [.console], "any session ends after it"),
        Setting(
            "DAIFA_SIGNUP", \.isSignUpOpen, .choice([("closed", false), ("open", true)]), of: [.console],
            "open: people register by themselves"),
        Setting(
            "DAIFA_OIDC_ISSUER", optional: \.providerIssuer, .issuer, of: [.console],
            "OpenID Connect: the issuer, as it calls itself; people may log in with it"),
        Setting("DAIFA_OIDC_CLIENT_ID", optional: \.providerClient, .text, of: [.console], "the console's id there"),
        Setting(
            "DAIFA_OIDC_CLIENT_SECRET_FILE", optional: \.providerSecretFile, .secretFile, of: [.console],
            "its secret, in a file; none: a public client"),
        Setting(
            "DAIFA_OIDC_ACTORS_CLAIM", \.actorsClaim, .text, of: [.console],
            "the claim with a list of <actor> (owners) and <actor>#clerk, read at each log-in"),
        Setting(
            "DAIFA_OIDC_PKCE", \.usesPKCE, .choice([("on", true), ("off", false)]), of: [.console],
            "off: no PKCE where the issuer does not say that it knows it"),
        Setting(
            "DAIFA_WEB", optional: \.webFolder, .file, of: [.console], standard: "web beside the executable",
            "folder of texts, style sheets and scripts"),
    ]

    public mutating func complete() throws(ConfigurationError) {
        guard providerIssuer != nil, providerClient == nil else { return }
        throw ConfigurationError("DAIFA_OIDC_CLIENT_ID: DAIFA_OIDC_ISSUER is set: say which client the console is there")
    }

    /// - Parameters:
    ///   - publicURL: of the console.
    ///   - secret: what `providerSecretFile` holds.
    /// - Returns: nil where nobody logs in with a provider.
    public func provider(publicURL: String, secret: String?) -> ProviderSettings? {
        guard let issuer = providerIssuer, let client = providerClient else { return nil }
        var settings = ProviderSettings(
            issuer: issuer, clientId: client, clientSecret: secret, redirectURL: publicURL + ProviderSettings.callback)
        settings.actorsClaim = actorsClaim
        settings.usesPKCE = usesPKCE
        return settings
    }

    public func people(publicURL: String) -> PeopleSettings {
        var settings = PeopleSettings()
        settings.sessionIdle = sessionIdle
        settings.sessionLifetime = sessionLifetime
        settings.isSignUpOpen = isSignUpOpen
        settings.publicURL = publicURL
        return settings
    }
}

extension SettingKind<String> {
    /// An issuer's address. It is compared letter by letter with what the issuer says of itself, so a slash at its end stays.
    fileprivate static var issuer: SettingKind {
        SettingKind(text: { $0 }) { (url) throws(SettingFault) in
            do throws(HTTPClientError) { try CallableURL.check(url) } catch { throw SettingFault(error.message) }
            guard !url.contains("?"), !url.contains("#") else { throw SettingFault("expected https://… without a query or fragment") }
            return url
        }
    }
}
