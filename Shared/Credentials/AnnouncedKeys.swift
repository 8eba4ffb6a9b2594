public import Contracts
public import Crypto
public import Machines

extension KeyRow {
    /// The rows to announce: of each key that is not in the table yet, oldest first. Each has a higher version than every key of its purpose
    /// that was announced before, also by a store that is gone: senders seal to the highest.
    public static func unannounced(of service: ServiceName, _ keys: SealKeys, in cache: TableCache) -> [KeyRow] {
        var rows: [KeyRow] = []
        for key in keys.keys {
            guard let purpose = KeyPurpose(rawValue: key.purpose) else { continue }
            var row = KeyRow(
                service: service, keyId: key.keyId, purpose: purpose, publicKey: Base64.encode(key.keyPair.publicKey), version: 0)
            if let known = cache.key(row.key), known.publicKey == row.publicKey, known.purpose == purpose { continue }
            let latest = rows.last { $0.purpose == purpose } ?? cache.newestKey(of: service, purpose)
            row.version = (latest?.version ?? 0) + 1
            rows.append(row)
        }
        return rows
    }
}
