/// The HPKE key pairs of a service: for each purpose the newest seals, all of them open. In a file of lines `keyId
/// base64-of-the-private-key purpose`, oldest first; a line without a purpose is of the first purpose that is asked for.
public struct SealKeys: Sendable {
    public struct Key: Sendable {
        /// 16 hexadecimal digits: the beginning of the public key's SHA-256.
        public let keyId: String
        public let keyPair: HPKE.KeyPair
        public let purpose: String
        /// 1 for the first key of its purpose, and so on.
        public let version: Int
    }

    private static let keyIdBytes = 8

    /// Oldest first.
    public let keys: [Key]

    public func key(_ keyId: String) -> Key? { keys.first { $0.keyId == keyId } }
    /// The key that is to be sealed to.
    public func newest(_ purpose: String) -> Key? { keys.last { $0.purpose == purpose } }

    /// Reads the file, and makes it (mode 0600), or adds to it, so that there is a key for every purpose. Processes that race get the same.
    /// Without a purpose there is no key, and no file.
    /// - Throws: `file`, `malformed` (also when an id is not its key's), `library`.
    public static func loadOrCreate(path: String, purposes: [String]) throws(CryptoError) -> SealKeys {
        if purposes.isEmpty { return SealKeys(keys: []) }
        _ = try SecretFile.readOrCreate(path) { () throws(CryptoError) in try lines(for: purposes) }
        return try complete(path: path, purposes: purposes)
    }

    /// Reads the file, and adds to it so that there is a key for every purpose. Without a purpose no file is read.
    /// - Throws: `file` (also when there is none), `malformed`, `library`.
    public static func complete(path: String, purposes: [String]) throws(CryptoError) -> SealKeys {
        guard let first = purposes.first else { return SealKeys(keys: []) }
        let found = try read(path: path, unlabelled: first)
        let missing = purposes.filter { found.newest($0) == nil }
        if missing.isEmpty { return found }
        return try add(missing, path: path, purposes: purposes)
    }

    /// The keys of a file that is there.
    /// - Parameter purpose: of a line without one.
    /// - Throws: `file` (also when there is none), `malformed`.
    public static func read(path: String, unlabelled purpose: String) throws(CryptoError) -> SealKeys {
        guard let content = try SecretFile.read(path) else { throw SecretFile.missing(path) }
        return try parse(content, path, [purpose])
    }

    /// The keys of a file that is there and has one for every purpose. Without a purpose no file is read.
    /// - Parameter purposes: a line without a purpose is of the first.
    /// - Throws: `file` (also when there is none), `malformed` (also when a purpose has no key).
    public static func read(path: String, purposes: [String]) throws(CryptoError) -> SealKeys {
        guard let first = purposes.first else { return SealKeys(keys: []) }
        let found = try read(path: path, unlabelled: first)
        if let missing = purposes.first(where: { found.newest($0) == nil }) {
            throw CryptoError(kind: .malformed, message: "\(path): holds no key for the purpose \(missing)")
        }
        return found
    }

    /// Makes a file (mode 0600) with a key for each purpose.
    /// - Throws: `file`, also when there is such a file already; `library`.
    public static func create(path: String, purposes: [String]) throws(CryptoError) {
        try SecretFile.create(path, try lines(for: purposes))
    }

    private static func lines(for purposes: [String]) throws(CryptoError) -> [UInt8] {
        var lines: [UInt8] = []
        for purpose in purposes { lines += try newLine(purpose) }
        return lines
    }

    /// Adds a new key for every purpose of the file, which is sealed to from now on. Running services read the file again by themselves.
    /// - Throws: `file`, `malformed`, `library`.
    public static func rotate(path: String, unlabelled purpose: String) throws(CryptoError) -> SealKeys {
        var present: [String] = []
        for key in try read(path: path, unlabelled: purpose).keys where !present.contains(key.purpose) { present.append(key.purpose) }
        return try add(present, path: path, purposes: [purpose], even: true)
    }

    private static func add(
        _ wanted: [String], path: String, purposes: [String], even exists: Bool = false
    ) throws(CryptoError) -> SealKeys {
        var updated: [UInt8] = []
        try SecretFile.update(path) { (content) throws(CryptoError) in
            let found = try parse(content, path, purposes)
            updated = content + (content.last == UInt8(ascii: "\n") ? [] : [UInt8(ascii: "\n")])
            for purpose in wanted where exists || found.newest(purpose) == nil { updated += try newLine(purpose) }
            return updated
        }
        return try parse(updated, path, purposes)
    }

    private static func newLine(_ purpose: String) throws(CryptoError) -> [UInt8] {
        let pair = try HPKE.generateKeyPair()
        return KeyFile.line(KeyFile.Entry(id: keyId(of: pair.publicKey), key: pair.privateKey, label: purpose))
    }

    private static func parse(_ content: [UInt8], _ path: String, _ purposes: [String]) throws(CryptoError) -> SealKeys {
        var keys: [Key] = []
        for entry in try KeyFile.parse(content, path, labels: true) {
            let pair = try HPKE.KeyPair(privateKey: entry.key)
            let id = keyId(of: pair.publicKey)
            guard entry.id == id else {
                throw CryptoError(
                    kind: .malformed, message: "\(path): the key's id is \(id), not \(entry.id): the file was changed; restore it")
            }
            let purpose = entry.label ?? purposes.first ?? ""
            keys.append(Key(keyId: id, keyPair: pair, purpose: purpose, version: keys.count { $0.purpose == purpose } + 1))
        }
        return SealKeys(keys: keys)
    }

    /// The id of any public key.
    public static func keyId(of publicKey: [UInt8]) -> String {
        Hexadecimal.encode(Digest.sha256(publicKey).prefix(keyIdBytes))
    }
}
