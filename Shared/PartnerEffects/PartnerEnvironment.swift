public import Contracts
public import Credentials
public import HTTP
public import JSON
public import Machines
public import Observability
public import Runtime
public import Threads

/// The means of effects and singletons that call partners: where partners are, the credentials for them, keys, tables, the time, and a way to
/// speak HTTP.
public final class PartnerEnvironment: ServiceResources {
    private let base: TablesAndSecrets
    /// With the consent pages of the partners' settings.
    public let settings: Settings
    public let partners: PartnerSettings

    public init(_ base: TablesAndSecrets, _ partners: PartnerSettings) {
        self.base = base
        self.partners = partners
        settings = base.environment.settings.with(partners.consents)
    }

    private var environment: ServiceEnvironment { base.environment }
    public var service: ServiceName { environment.service }
    public var http: any HTTPSender { environment.http }
    public var logger: Logger { environment.logger }
    public var metrics: Metrics { environment.metrics }
    public var clock: ServiceClock { environment.clock }
    public var vault: Vault { base.vault }

    /// The rows of `daifa.credentials` that are sealed with an older key than their service's newest.
    public var outdatedSeals: OutdatedSeals { OutdatedSeals(base.cache) }

    /// An object that all of this process share, such as a partner's rate limiter; made when it is first asked for.
    public func shared<Object: Sendable>(_ name: String, _ make: () -> Object) -> Object { environment.shared(name, make) }

    /// The credential with which the service calls the partner for an authorization; nil while there is none, or none that it can open.
    public func credential(_ authorizationId: String) -> LoadedCredential? { base.credentials.credential(authorizationId) }

    // MARK: ServiceResources

    public static var settingGroups: [any SettingGroup.Type] { TablesAndSecrets.settingGroups + [PartnerSettings.self] }
    public static func announced(by service: ServiceName) -> [Table] { TablesAndSecrets.announced(by: service) }

    public static func prepare(
        _ configuration: Configuration, storeWasEmpty: Bool, onlyLooks: Bool
    ) throws(ConfigurationError) {
        try TablesAndSecrets.prepare(configuration, storeWasEmpty: storeWasEmpty, onlyLooks: onlyLooks)
    }

    public convenience init(_ environment: ServiceEnvironment, _ configuration: Configuration) throws(ConfigurationError) {
        self.init(try TablesAndSecrets(environment, configuration), configuration.group(PartnerSettings.self))
    }

    public var tables: any Tables { base.tables }
    public var secrets: any SecretOpener { base.secrets }

    public func apply(_ table: Table, key: [UInt8], value: [UInt8]?) throws(JSONError) {
        try base.apply(table, key: key, value: value)
    }

    public func refresh() { base.refresh() }
    public func announcements() -> [Announcement] { base.announcements() }
}
