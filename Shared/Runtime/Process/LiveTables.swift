import Contracts
import Crypto
import Kafka

/// The tables that a process looks things up in, kept up to date, and the keys of what is sealed for it.
struct LiveTables {
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
            vault = try Vault(
                sealPath: configuration.sealKeyPath, ringPath: configuration.masterKeyPath, purposes: announces, tables: cache)
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
        }
        return false
    }

    /// The rows of `daifa.keys` that tell the process's public keys, and do not stand there yet.
    func unannouncedKeys(of service: ServiceName) -> [KeyRow] {
        KeyRow.rows(of: service, vault.sealKeys).filter { cache.key($0.key) != $0 }
    }
}

extension KeyRow {
    /// A row for each key of a purpose that the contract knows.
    static func rows(of service: ServiceName, _ keys: SealKeys) -> [KeyRow] {
        keys.keys.compactMap { key in
            guard let purpose = KeyPurpose(rawValue: key.purpose) else { return nil }
            var row = KeyRow()
            row.service = service
            row.keyId = key.keyId
            row.purpose = purpose
            row.publicKey = Base64.encode(key.keyPair.publicKey)
            row.version = key.version
            return row
        }
    }
}
