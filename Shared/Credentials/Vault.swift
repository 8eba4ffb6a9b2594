public import Contracts
public import Crypto
public import Machines
public import Observability
import Synchronization

/// The secrets of a service: what was sealed for it, what it seals for others, and what it encrypts at rest (contract, section 6).
///
/// Its key files are read again when a key is asked for that is not known yet: they may have been rotated by `daifa keys rotate`. It makes
/// none: while they cannot be read the last good keys count, and the log says so once.
public final class Vault: SecretOpener, Sendable {
    /// The receiving service has not announced a public key yet; retry later.
    public struct NoKey: Error, Sendable, CustomStringConvertible {
        public let description: String
    }

    private struct Keys {
        var seal: SealKeys
        var ring: KeyRing
    }

    private let keys: Mutex<Keys>
    /// Whether the log knows already that the files cannot be read.
    private let hasComplained = Mutex(false)
    private let sealPath: String
    private let ringPath: String
    private let purposes: [String]
    private let tables: TableCache
    private let logger: Logger

    /// Reads the key files.
    /// - Parameters:
    ///   - sealPath: of the private keys of what is sealed for the service.
    ///   - ringPath: of the keys of what it encrypts at rest.
    ///   - purposes: what its public keys are for.
    ///   - tables: of which it uses `daifa.keys`.
    /// - Throws: `file`, `malformed`, `library`.
    public init(sealPath: String, ringPath: String, purposes: [KeyPurpose], tables: TableCache, logger: Logger) throws(CryptoError) {
        self.sealPath = sealPath
        self.ringPath = ringPath
        self.purposes = purposes.map(\.rawValue)
        self.tables = tables
        self.logger = logger
        keys = Mutex(
            Keys(seal: try SealKeys.read(path: sealPath, purposes: self.purposes), ring: try KeyRing.read(path: ringPath)))
    }

    /// The public keys to announce, oldest first.
    public var sealKeys: SealKeys { keys.withLock { $0.seal } }

    /// Reads the key files again.
    public func reload() {
        do throws(CryptoError) {
            let seal = try SealKeys.read(path: sealPath, purposes: purposes)
            let ring = try KeyRing.read(path: ringPath)
            keys.withLock { $0 = Keys(seal: seal, ring: ring) }
            if hasComplained.withLock({ told in
                defer { told = false }; return told
            }) {
                logger.notice("the key files can be read again")
            }
        } catch {
            let isNew = hasComplained.withLock { told in
                defer { told = true }; return !told
            }
            if isNew {
                logger.error("the key files cannot be read again: the keys read before count, restore the files", ["reason": "\(error)"])
            }
        }
    }

    // MARK: Sealed for this service

    public func opens(_ sealed: Contracts.Sealed, info: String, aad: String) -> Bool { (try? open(sealed, info: info, aad: aad)) != nil }

    /// - Throws: `unknownKey`, `authentication`, `malformed`.
    public func open(_ sealed: Contracts.Sealed, info: String, aad: String) throws(CryptoError) -> [UInt8] {
        guard let enc = Base64.decode(Array(sealed.enc.utf8)), let ciphertext = Base64.decode(Array(sealed.ciphertext.utf8)) else {
            throw CryptoError(kind: .malformed, message: "what is sealed is not base64")
        }
        var key = keys.withLock { $0.seal.key(sealed.keyId) }
        if key == nil {
            reload()
            key = keys.withLock { $0.seal.key(sealed.keyId) }
        }
        guard let key else {
            throw CryptoError(kind: .unknownKey, message: "it is sealed with key \(sealed.keyId), which is none of this service's")
        }
        return try HPKE.open(HPKE.Sealed(enc: enc, ciphertext: ciphertext), with: key.keyPair, info: Array(info.utf8), aad: Array(aad.utf8))
    }

    // MARK: Sealed for others

    /// Whether the service has announced a key for this.
    public func hasKey(of service: ServiceName, _ purpose: KeyPurpose) -> Bool { tables.newestKey(of: service, purpose) != nil }

    /// Seals with the newest key that the service has announced for this purpose.
    /// - Throws: ``NoKey`` while there is none, `CryptoError`.
    public func seal(_ plaintext: [UInt8], for service: ServiceName, _ purpose: KeyPurpose, info: String, aad: String) throws
        -> Contracts.Sealed
    {
        guard let row = tables.newestKey(of: service, purpose), let publicKey = Base64.decode(Array(row.publicKey.utf8)) else {
            throw NoKey(description: "\(service.rawValue) has announced no key for \(purpose.rawValue) yet; start it")
        }
        let sealed = try HPKE.seal(plaintext, to: publicKey, info: Array(info.utf8), aad: Array(aad.utf8))
        return Contracts.Sealed(keyId: row.keyId, enc: Base64.encode(sealed.enc), ciphertext: Base64.encode(sealed.ciphertext))
    }

    // MARK: Tokens

    public func token(for purpose: String) -> String {
        let ring = keys.withLock { $0.ring }
        return Base64URL.encode(ring.digest(Array(purpose.utf8)))
    }

    // MARK: At rest

    /// Encrypts for this service's own store (AES-256-GCM, with the id of its key); base64.
    /// - Parameter aad: what the text belongs to; `reveal` must name the same.
    public func protect(_ text: String, aad: String) throws(CryptoError) -> String {
        let ring = keys.withLock { $0.ring }
        return Base64.encode(try ring.encrypt(Array(text.utf8), aad: Array(aad.utf8)))
    }

    /// - Throws: `unknownKey`, `authentication`, `malformed`.
    public func reveal(_ protected: String, aad: String) throws(CryptoError) -> String {
        guard let bytes = Base64.decode(Array(protected.utf8)) else {
            throw CryptoError(kind: .malformed, message: "what is encrypted is not base64")
        }
        let ring = keys.withLock { $0.ring }
        let plaintext: [UInt8]
        do throws(CryptoError) { plaintext = try ring.decrypt(bytes, aad: Array(aad.utf8)) } catch {
            guard error.kind == .unknownKey else { throw error }
            reload()
            plaintext = try keys.withLock { $0.ring }.decrypt(bytes, aad: Array(aad.utf8))
        }
        return String(decoding: plaintext, as: UTF8.self)
    }
}
