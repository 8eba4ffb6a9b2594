public import Contracts
import JSON
public import Machines
public import Observability
import Synchronization

/// The partners' tokens that are sealed for a service, opened when they are asked for and kept for as long as their rows are there.
public final class CredentialReader: Sendable {
    private struct ApplicationKey: Hashable {
        let provider: String
        let appKey: String
    }

    private let service: ServiceName
    private let cache: TableCache
    private let vault: Vault
    private let logger: Logger
    /// Rows that were opened, by their key: gone with the row, and when there is another.
    private let opened = Mutex<[String: LoadedCredential]>([:])
    /// Authorizations by the application they were given to and its secret, as of so many changes of the table.
    private let applications = Mutex((changes: -1, byKey: [ApplicationKey: [String: Set<String>]]()))

    public init(of service: ServiceName, in cache: TableCache, vault: Vault, logger: Logger) {
        self.service = service
        self.cache = cache
        self.vault = vault
        self.logger = logger
    }

    /// The credential with which the service calls the partner for an authorization; nil while there is none, or none that it can open.
    public func credential(_ authorizationId: String) -> LoadedCredential? {
        guard let row = cache.credential(authorizationId, service) else { return nil }
        if let known = opened(row) { return known }
        let aad = CredentialRow.aad(authorizationId, service, version: row.version)
        do {
            let loaded = LoadedCredential(
                authorizationId: authorizationId, service: service, provider: row.provider, account: row.account ?? "",
                version: row.version, credential: try Credential.decode(try vault.open(row.sealed, info: SealInfo.credential, aad: aad)))
            keep(loaded, of: row)
            return loaded
        } catch {
            logger.error("a credential cannot be opened", ["authorization": authorizationId, "reason": "\(error)"])
            return nil
        }
    }

    /// The row of this version, if it was opened before.
    func opened(_ row: CredentialRow) -> LoadedCredential? {
        opened.withLock { $0[row.key] }.flatMap { $0.version == row.version ? $0 : nil }
    }

    /// Keeps what was opened for as long as its row is there.
    func keep(_ loaded: LoadedCredential, of row: CredentialRow) {
        opened.withLock { opened in
            if cache.credential(row.authorizationId, service)?.version == row.version { opened[row.key] = loaded }
        }
    }

    /// Drops what was opened of a row that has changed, or is gone.
    public func forget(_ key: [UInt8]) { opened.withLock { $0[String(decoding: key, as: UTF8.self)] = nil } }

    /// The authorizations of a provider that were given to the application with this key, by its secret: those of many, and one secret, if
    /// it is the platform's.
    public func authorizations(of provider: String, appKey: String) -> [String: Set<String>] {
        let changes = cache.credentialChanges
        return applications.withLock { applications in
            if applications.changes != changes {
                applications.changes = changes
                applications.byKey = [:]
                for loaded in cache.credentials(of: service).lazy.compactMap({ self.credential($0.authorizationId) }) {
                    let key = ApplicationKey(provider: loaded.provider, appKey: loaded.credential.appKey)
                    applications.byKey[key, default: [:]][loaded.credential.appSecret, default: []].insert(loaded.authorizationId)
                }
            }
            return applications.byKey[ApplicationKey(provider: provider, appKey: appKey)] ?? [:]
        }
    }
}
