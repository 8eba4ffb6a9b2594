public import Contracts
import Crypto
public import JSON
public import Machines
public import Runtime

/// The tables of a service in memory, its keys, and the partners' tokens that are sealed for it.
public final class TablesAndSecrets: ServiceResources {
    public let environment: ServiceEnvironment
    public let cache: TableCache
    public let vault: Vault
    public let credentials: CredentialReader

    public init(_ environment: ServiceEnvironment, cache: TableCache, vault: Vault) {
        self.environment = environment
        self.cache = cache
        self.vault = vault
        credentials = CredentialReader(of: environment.service, in: cache, vault: vault, logger: environment.logger)
    }

    // MARK: ServiceResources

    public static var settingGroups: [any SettingGroup.Type] { [KeySettings.self] }

    /// Where the service's public keys are told.
    public static func announced(by service: ServiceName) -> [Table] { service.keyPurposes.isEmpty ? [] : [.keys] }

    public static func prepare(
        _ configuration: Configuration, storeWasEmpty: Bool, onlyLooks: Bool
    ) throws(ConfigurationError) {
        try KeyFiles(configuration).prepare(
            purposes: configuration.service.keyPurposes, storeWasEmpty: storeWasEmpty, onlyLooks: onlyLooks)
    }

    public convenience init(_ environment: ServiceEnvironment, _ configuration: Configuration) throws(ConfigurationError) {
        let (files, cache) = (KeyFiles(configuration), TableCache())
        let vault: Vault
        do throws(CryptoError) {
            vault = try Vault(
                sealPath: files.seal.path, ringPath: files.master.path, purposes: environment.service.keyPurposes, tables: cache,
                logger: environment.logger)
        } catch { throw ConfigurationError("DAIFA_SEAL_KEY_FILE, DAIFA_MASTER_KEY_FILE: \(error)") }
        self.init(environment, cache: cache, vault: vault)
    }

    public var tables: any Tables { cache }
    public var secrets: any SecretOpener { vault }
    public var settings: Settings { environment.settings }

    public func apply(_ table: Table, key: [UInt8], value: [UInt8]?) throws(JSONError) {
        try cache.apply(table, key: key, value: value)
        if table == .credentials { credentials.forget(key) }
    }

    public func refresh() { vault.reload() }

    public func announcements() -> [Announcement] {
        KeyRow.unannounced(of: environment.service, vault.sealKeys, in: cache).map { Announcement($0, version: $0.version) }
    }
}
