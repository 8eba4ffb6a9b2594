import Contracts
import Crypto
import Runtime

/// The two key files of a process: where they are, and when they are made.
///
/// A key that was made anew in place of one that is only away for a moment would be announced, and whatever is sealed for it could not be
/// opened once the old file is back. So files are made beside a store that is empty, under their default names, and nowhere else.
struct KeyFiles: Sendable {
    struct File: Sendable {
        let variable: String
        /// Empty: there is no folder for it, and the setting does not name it.
        let path: String
        /// Whether the setting names it; else it has its default name in the store's folder.
        let isNamed: Bool
    }

    /// Opens what was sealed for the process.
    let seal: File
    /// Decrypts what the process encrypts at rest.
    let master: File
    /// Whether the store has a folder for files.
    private let keepsFiles: Bool

    init(_ configuration: Configuration) {
        let settings = configuration.group(KeySettings.self)
        let folder =
            switch configuration.store {
            case .sqlite(let folder): folder
            case .postgres: String?.none
            }
        keepsFiles = folder != nil
        func file(_ variable: String, _ named: String?, _ name: String) -> File {
            File(variable: variable, path: named ?? folder.map { "\($0)/\(name)" } ?? "", isNamed: named != nil)
        }
        seal = file("DAIFA_SEAL_KEY_FILE", settings.sealFile, "seal.key")
        master = file("DAIFA_MASTER_KEY_FILE", settings.masterFile, "master.key")
    }

    /// Makes what may be made, and reads everything.
    /// - Parameters:
    ///   - storeWasEmpty: as the store was found; asked before the files are looked for, as another replica makes them before its shards.
    ///   - onlyLooks: makes nothing.
    /// - Throws: what is missing or wrong, with its variable and path.
    func prepare(purposes: [KeyPurpose], storeWasEmpty: Bool, onlyLooks: Bool) throws(ConfigurationError) {
        for (file, isNeeded) in [(master, true), (seal, !purposes.isEmpty)] where !keepsFiles && isNeeded && !file.isNamed {
            throw ConfigurationError(
                "\(file.variable): with a store in PostgreSQL it must name a file, the same for all replicas; daifa keys new makes one")
        }
        let purposes = purposes.map(\.rawValue)
        let mayMake = storeWasEmpty && !onlyLooks
        try check(seal, isNeeded: !purposes.isEmpty && !(storeWasEmpty && onlyLooks), mayMake: mayMake) { (path) throws(CryptoError) in
            // A purpose that is new with a version of Daifa gets its key in a file of ours, not in one that is given.
            if seal.isNamed || onlyLooks {
                _ = try SealKeys.read(path: path, purposes: purposes)
            } else if mayMake {
                _ = try SealKeys.loadOrCreate(path: path, purposes: purposes)
            } else {
                _ = try SealKeys.complete(path: path, purposes: purposes)
            }
        }
        try check(master, isNeeded: !(storeWasEmpty && onlyLooks), mayMake: mayMake) { (path) throws(CryptoError) in
            _ = master.isNamed || !mayMake ? try KeyRing.read(path: path) : try KeyRing.loadOrCreate(path: path)
        }
    }

    private func check(
        _ file: File, isNeeded: Bool, mayMake: Bool, _ read: (_ path: String) throws(CryptoError) -> Void
    ) throws(ConfigurationError) {
        guard isNeeded || file.isNamed else { return }
        if !file.isNamed { KeyMaterial.clear(path: file.path) }
        do throws(CryptoError) { try read(file.path) } catch {
            if file.isNamed {
                throw ConfigurationError("\(file.variable): \(error): mount or restore the file, or make one with daifa keys new")
            }
            guard error.kind == .file, !mayMake else { throw ConfigurationError("\(file.variable): \(error)") }
            throw ConfigurationError(
                "\(file.variable): \(error), although this store has been used: restore it from a backup; if it is lost for good, "
                    + "daifa keys new makes another, and what the old one opened is lost")
        }
    }
}
