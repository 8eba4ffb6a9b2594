public import Contracts
public import Machines

/// Rows of `daifa.credentials` that are sealed with another key than the newest of their service: it was rotated, or its store is gone.
public struct OutdatedSeals: Sendable {
    public struct Seal: Sendable {
        /// Key of authorization's commands about it.
        public let account: String
        public let seal: OutdatedSeal
        /// Identifies this seal together with the newest key; remembered, so that each rotation is passed on once.
        let id: String
    }

    private struct Seen: Equatable {
        var changes: Int
        var newest: [ServiceName: String]
    }

    private let cache: TableCache
    /// The tables' state at the last look.
    private var seen: Seen?
    /// Those that were given out and are there still.
    private var given: Set<String> = []

    public init(_ cache: TableCache) { self.cache = cache }

    /// Those that have come since the last look.
    public mutating func next() -> [Seal] {
        let newest = Dictionary(
            uniqueKeysWithValues: ServiceName.allCases.compactMap { service in
                cache.newestKey(of: service, .credential).map { (service, $0.keyId) }
            })
        let now = Seen(changes: cache.credentialChanges, newest: newest)
        if now == seen { return [] }
        seen = now
        let all = newest.flatMap { service, keyId in
            cache.credentials(of: service).compactMap { row in row.sealed.keyId == keyId ? nil : Self.seal(row, keyId) }
        }
        defer { given = Set(all.map(\.id)) }
        return all.filter { !given.contains($0.id) }
    }

    /// Gives them out again: they were not passed on.
    public mutating func forget() {
        seen = nil
        given = []
    }

    private static func seal(_ row: CredentialRow, _ keyId: String) -> Seal? {
        guard let account = row.account else { return nil }
        let seal = OutdatedSeal(authorizationId: row.authorizationId, service: row.service, version: row.version, keyId: keyId)
        return Seal(account: account, seal: seal, id: "\(row.key) \(row.version) \(row.sealed.enc) \(keyId)")
    }
}
