import Contracts
import Crypto
import Kafka
import Observability

/// The tables that a process looks things up in, kept up to date, and the keys of what is sealed for it.
struct TableFollower {
    let cache: TableCache
    let vault: Vault
    /// nil: no tables.
    let reader: TableReader?

    /// Begins to read.
    /// - Parameter announces: what its public keys are for.
    init(_ tables: [Table], announces: [KeyPurpose], _ context: ProcessContext) throws(ExitError) {
        let cache = TableCache(logger: context.logger)
        self.cache = cache
        let configuration = context.configuration
        do {
            reader =
                tables.isEmpty
                ? nil
                : try TableReader(configuration.kafka, topics: tables.map(\.topic)) { index, key, value in
                    cache.apply(tables[index], key: key, value: value)
                }
        } catch { throw .configuration("\(error)") }
        do throws(CryptoError) {
            let files = KeyFiles(configuration)
            vault = try Vault(
                sealPath: files.seal.path, ringPath: files.master.path, purposes: announces, tables: cache, logger: context.logger)
        } catch {
            reader?.stop()
            throw .configuration("DAIFA_SEAL_KEY_FILE, DAIFA_MASTER_KEY_FILE: \(error)")
        }
    }

    func stop() { reader?.stop() }

    /// Waits for the first full read; false when told to stop meanwhile.
    func catchUp(_ status: ServiceStatus) -> Bool {
        guard let reader else { return !status.isStopping }
        status.set(waitingFor: "tables")
        while !status.isStopping {
            if reader.waitUntilCaughtUp(timeout: 0.5) { return true }
            status.set(waitingFor: "tables", because: reader.obstacle, level: .notice)
        }
        return false
    }

    /// The rows of `daifa.keys` that tell the process's public keys, and do not stand there yet.
    func unannouncedKeys(of service: ServiceName) -> [KeyRow] {
        KeyRow.unannounced(of: service, vault.sealKeys, in: cache)
    }
}

extension KeyRow {
    /// The rows to announce: of each key that is not in the table yet, oldest first. Each has a higher version than every key of its purpose
    /// that was announced before, also by a store that is gone: senders seal to the highest.
    static func unannounced(of service: ServiceName, _ keys: SealKeys, in cache: TableCache) -> [KeyRow] {
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
