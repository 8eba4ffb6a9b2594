import ConsoleConfiguration
import Contracts
import Credentials
import JSON
import Machines
import OrderImports
import Runtime

/// The console's tables and secrets, and its own settings.
final class ConsoleResources: ServiceResources {
    private let base: TablesAndSecrets
    let health = HealthBoard()

    static var settingGroups: [any SettingGroup.Type] { TablesAndSecrets.settingGroups + [ConsoleSettings.self] }
    static func announced(by service: ServiceName) -> [Table] { TablesAndSecrets.announced(by: service) }

    static func prepare(_ configuration: Configuration, storeWasEmpty: Bool, onlyLooks: Bool) throws(ConfigurationError) {
        try TablesAndSecrets.prepare(configuration, storeWasEmpty: storeWasEmpty, onlyLooks: onlyLooks)
    }

    init(_ environment: ServiceEnvironment, _ configuration: Configuration) throws(ConfigurationError) {
        base = try TablesAndSecrets(environment, configuration)
    }

    var credentials: CredentialReader { base.credentials }
    var tables: any Tables { base.tables }
    /// The public key to seal to.
    func newestKey(of service: ServiceName, _ purpose: KeyPurpose) -> KeyRow? { base.cache.newestKey(of: service, purpose) }
    var secrets: any SecretOpener { base.secrets }
    var settings: Settings { base.settings }
    /// For which recipients are sealed; nil: waybill has announced none yet.
    var recipientKey: RecipientKey? { base.cache.newestKey(of: .waybill, .recipient).flatMap { RecipientKey($0) } }

    func apply(_ table: Table, key: [UInt8], value: [UInt8]?) throws(JSONError) {
        if table == .health { return try health.apply(key: key, value: value) }
        try base.apply(table, key: key, value: value)
    }

    func refresh() { base.refresh() }
    func announcements() -> [Announcement] { base.announcements() }
}
