public import Contracts
public import JSON
import Synchronization

/// The compacted tables that a service looks things up in, whole and in memory. `Runtime` keeps them up to date.
public final class TableCache: Tables, Sendable {
    private struct Rows {
        var participants: [String: ParticipantRow] = [:]
        var bindings: [String: BindingRow] = [:]
        var warehouses = IndexedRows<WarehouseRow>({ [$0.merchantShopId] })
        var rules: [String: [RuleRow]] = [:]
        var keys = IndexedRows<KeyRow>({ [Rows.seals(of: $0.service, $0.purpose)] })
        var channels = IndexedRows<ChannelRow>({ row in
            [Rows.owned(by: row.owner)] + (row.platformShopId.map { [Rows.shop($0, row.platform)] } ?? [])
        })
        var credentials: [String: CredentialRow] = [:]
        /// Counts the changes of `credentials`.
        var credentialChanges = 0

        // Names under which rows are found beside their keys.
        static func seals(of service: ServiceName, _ purpose: KeyPurpose) -> String { "\(service.rawValue)~\(purpose.rawValue)" }
        static func owned(by shopId: String) -> String { "owner~\(shopId)" }
        static func shop(_ platformShopId: String, _ platform: String) -> String { "shop~\(platform)~\(platformShopId)" }
    }

    private let rows = Mutex(Rows())

    public init() {}

    /// Takes a row, or a tombstone (nil).
    /// - Throws: why the row cannot be read: the last good one stays.
    public func apply(_ table: Table, key: [UInt8], value: [UInt8]?) throws(JSONError) {
        let key = String(decoding: key, as: UTF8.self)
        switch table {
        case .participants: try set(\.participants, key, value)
        case .bindings: try set(\.bindings, key, value)
        case .warehouses: try index(\.warehouses, key, value)
        case .keys: try index(\.keys, key, value)
        case .rules: try setRule(key, value)
        case .channels: try index(\.channels, key, value)
        case .credentials:
            try set(\.credentials, key, value)
            rows.withLock { $0.credentialChanges += 1 }
        case .stock, .health: break
        }
    }

    private func set<Row: TableRow>(_ path: WritableKeyPath<Rows, [String: Row]>, _ key: String, _ value: [UInt8]?) throws(JSONError) {
        let row: Row? = if let value { try Row.decode(value) } else { nil }
        rows.withLock { $0[keyPath: path][key] = row }
    }

    private func index<Row: TableRow>(_ path: WritableKeyPath<Rows, IndexedRows<Row>>, _ key: String, _ value: [UInt8]?) throws(JSONError) {
        let row: Row? = if let value { try Row.decode(value) } else { nil }
        rows.withLock { $0[keyPath: path][key] = row }
    }

    private func setRule(_ key: String, _ value: [UInt8]?) throws(JSONError) {
        let row: RuleRow? = if let value { try RuleRow.decode(value) } else { nil }
        guard let merchant = row?.merchantShopId ?? key.split(separator: "~", maxSplits: 1).first.map(String.init) else { return }
        rows.withLock { rows in
            var rules = rows.rules[merchant, default: []].filter { $0.key != key }
            if let row { rules.append(row) }
            rules.sort { ($0.priority, $0.ruleId) < ($1.priority, $1.ruleId) }
            rows.rules[merchant] = rules.isEmpty ? nil : rules
        }
    }

    public func participant(_ shopId: String) -> ParticipantRow? { rows.withLock { $0.participants[shopId] } }

    public func binding(merchant: String, factory: String) -> BindingRow? {
        let key = "\(merchant)~\(factory)"
        return rows.withLock { $0.bindings[key] }
    }

    public func warehouse(_ warehouseId: String) -> WarehouseRow? { rows.withLock { $0.warehouses[warehouseId] } }
    public func rules(of merchantShopId: String) -> [RuleRow] { rows.withLock { $0.rules[merchantShopId] ?? [] } }
    public func key(_ key: String) -> KeyRow? { rows.withLock { $0.keys[key] } }
    public func credential(_ authorizationId: String, _ service: ServiceName) -> CredentialRow? {
        rows.withLock { $0.credentials[CredentialRow.key(authorizationId, service)] }
    }

    /// How often a credential has changed: what was made of ``credentials(of:)`` is good while this stays the same.
    public var credentialChanges: Int { rows.withLock { $0.credentialChanges } }
    public func credentials(of service: ServiceName) -> [CredentialRow] {
        rows.withLock { $0.credentials.values.filter { $0.service == service } }
    }

    public func channel(_ channelId: String) -> ChannelRow? { rows.withLock { $0.channels[channelId] } }

    public func channels(of shopId: String) -> [ChannelRow] {
        rows.withLock { $0.channels.rows(Rows.owned(by: shopId)) }.sorted { $0.channelId < $1.channelId }
    }

    public func channels(to platformShopId: String, on platform: Platform) -> [ChannelRow] {
        rows.withLock { $0.channels.rows(Rows.shop(platformShopId, platform.rawValue)) }.sorted { $0.channelId < $1.channelId }
    }

    public func warehouses(of merchantShopId: String) -> [WarehouseRow] {
        rows.withLock { $0.warehouses.rows(merchantShopId) }.sorted { $0.warehouseId < $1.warehouseId }
    }

    /// The key that is to be sealed to: the one with the highest version, of those the one with the highest id.
    public func newestKey(of service: ServiceName, _ purpose: KeyPurpose) -> KeyRow? {
        rows.withLock { $0.keys.rows(Rows.seals(of: service, purpose)) }.max { ($0.version, $0.keyId) < ($1.version, $1.keyId) }
    }
}
