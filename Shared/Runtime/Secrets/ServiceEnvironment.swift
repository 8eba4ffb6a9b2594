public import Contracts
public import HTTP
import JSON
public import Machines
public import Observability
import Synchronization
public import Threads

/// The means of a service's effects and singletons: partners' addresses and credentials, keys, tables, and a way to speak HTTP.
public final class ServiceEnvironment: Sendable {
    /// A row of `daifa.credentials`, opened.
    public struct LoadedCredential: Sendable {
        public let authorizationId: String
        public let provider: String
        /// Key of authorization's commands about it.
        public let account: String
        public let version: Int
        public let credential: Credential

        public init(authorizationId: String, provider: String, account: String, version: Int, credential: Credential) {
            self.authorizationId = authorizationId
            self.provider = provider
            self.account = account
            self.version = version
            self.credential = credential
        }
    }

    public let service: ServiceName
    public let settings: Settings
    public let partners: PartnerSettings
    public let tables: any Tables
    public let vault: Vault
    public let http: any HTTPSender
    public let logger: Logger
    public let metrics: Metrics
    public let clock: ServiceClock
    let cache: TableCache
    private let shared = Mutex<[String: any Sendable]>([:])
    private struct ApplicationKey: Hashable {
        let provider: String
        let appKey: String
    }
    /// Authorizations by the application they were given to and its secret, as of so many changes of the table.
    private let applications = Mutex((changes: -1, byKey: [ApplicationKey: [String: Set<String>]]()))

    init(
        service: ServiceName, settings: Settings, partners: PartnerSettings, tables: TableCache, vault: Vault, http: any HTTPSender,
        logger: Logger, metrics: Metrics, clock: ServiceClock = ServiceClock()
    ) {
        self.service = service
        self.settings = settings
        self.partners = partners
        self.tables = tables
        cache = tables
        self.vault = vault
        self.http = http
        self.logger = logger
        self.metrics = metrics
        self.clock = clock
    }

    /// An object that all of this process share, such as a partner's rate limiter; made when it is first asked for.
    public func shared<Object: Sendable>(_ name: String, _ make: () -> Object) -> Object {
        shared.withLock { shared in
            if let known = shared[name] as? Object { return known }
            let made = make()
            shared[name] = made
            return made
        }
    }

    /// The credential with which this service calls the partner for an authorization; nil while there is none, or none that it can open.
    public func credential(_ authorizationId: String) -> LoadedCredential? {
        guard let row = cache.credential(authorizationId, service) else { return nil }
        if let known = cache.opened(row) { return known }
        let aad = CredentialRow.aad(authorizationId, service, version: row.version)
        do {
            let loaded = LoadedCredential(
                authorizationId: authorizationId, provider: row.provider, account: row.account ?? "", version: row.version,
                credential: try Credential.decode(try vault.open(row.sealed, info: SealInfo.credential, aad: aad)))
            cache.keep(loaded, of: row)
            return loaded
        } catch {
            logger.error("a credential cannot be opened", ["authorization": authorizationId, "reason": "\(error)"])
            return nil
        }
    }

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
