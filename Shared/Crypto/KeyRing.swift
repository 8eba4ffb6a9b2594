/// Keys for encryption at rest (AES-256-GCM), several by id, so that they can be rotated: the last one of the file
/// encrypts, all of them decrypt.
///
/// Form of an encrypted value: format (1 byte, 1), length of the key id (1 byte), key id, nonce (12 bytes, random), ciphertext,
/// tag (16 bytes). Nonces are random: rotate a key long before it has encrypted 2^32 values.
public struct KeyRing: Sendable {
    private static let format: UInt8 = 1

    private let path: String?
    private var entries: [KeyFile.Entry]

    /// The key that encrypts.
    public var currentKeyId: String { entries[entries.count - 1].id }
    /// All keys, oldest first.
    public var keyIds: [String] { entries.map(\.id) }

    /// A ring that is not in a file of ours, in the file's form: lines of `keyId base64`.
    /// - Throws: `malformed`.
    public init(text: String) throws(CryptoError) {
        path = nil
        entries = try KeyFile.parse(Array(text.utf8), "the key ring")
    }

    private init(path: String, entries: [KeyFile.Entry]) {
        self.path = path
        self.entries = entries
    }

    /// Reads the ring, and makes it with one key (mode 0600) when there is none. Processes that race get the same one.
    /// - Throws: `file`, `malformed`.
    public static func loadOrCreate(path: String) throws(CryptoError) -> KeyRing {
        let content = try SecretFile.readOrCreate(path) { () throws(CryptoError) in KeyFile.line(try newEntry()) }
        return KeyRing(path: path, entries: try KeyFile.parse(content, path))
    }

    /// Reads the ring.
    /// - Throws: `file` (also when there is none), `malformed`.
    public static func read(path: String) throws(CryptoError) -> KeyRing {
        guard let content = try SecretFile.read(path) else { throw SecretFile.missing(path) }
        return KeyRing(path: path, entries: try KeyFile.parse(content, path))
    }

    /// Makes a ring with one key (mode 0600).
    /// - Throws: `file`, also when there is such a file already.
    public static func create(path: String) throws(CryptoError) { try SecretFile.create(path, KeyFile.line(try newEntry())) }

    /// Adds a new key, in the file too, which encrypts from now on. Other processes have to load the ring again before
    /// they can decrypt what it encrypts.
    /// - Throws: `file` (also for a ring that has none), `malformed`.
    public mutating func rotate() throws(CryptoError) {
        guard let path else {
            throw CryptoError(kind: .file, message: "this key ring was not read from a file: add a key where it comes from")
        }
        var updated: [KeyFile.Entry] = []
        try SecretFile.update(path) { (content) throws(CryptoError) in
            let entry = try Self.newEntry()
            updated = try KeyFile.parse(content, path) + [entry]
            return content + (content.last == UInt8(ascii: "\n") ? [] : [UInt8(ascii: "\n")]) + KeyFile.line(entry)
        }
        entries = updated
    }

    /// - Parameter aad: what the value belongs to; `decrypt` must name the same.
    /// - Throws: `library`.
    public func encrypt(_ plaintext: [UInt8], aad: [UInt8]) throws(CryptoError) -> [UInt8] {
        let entry = entries[entries.count - 1]
        let nonce = try Random.bytes(AESGCM.nonceSize)
        return [Self.format, UInt8(entry.id.utf8.count)] + entry.id.utf8 + nonce
            + (try AESGCM.encrypt(plaintext, key: entry.key, nonce: nonce, aad: aad))
    }

    /// - Throws: `unknownKey` when the ring lacks its key (it may have been rotated by another process: load it again),
    ///   `authentication` when value, key or aad do not fit together, `malformed`.
    public func decrypt(_ value: [UInt8], aad: [UInt8]) throws(CryptoError) -> [UInt8] {
        guard value.count >= 2, value[0] == Self.format, value.count >= 2 + Int(value[1]) + AESGCM.nonceSize + AESGCM.tagSize
        else {
            throw CryptoError(kind: .malformed, message: "decrypting: \(value.count) bytes that no key ring has encrypted")
        }
        let nonceStart = 2 + Int(value[1])
        let bodyStart = nonceStart + AESGCM.nonceSize
        let id = String(decoding: value[2..<nonceStart], as: UTF8.self)
        guard let entry = entries.first(where: { $0.id == id }) else {
            throw CryptoError(
                kind: .unknownKey,
                message: "decrypting: key \"\(id)\" is not in the key ring\(path.map { " \($0)" } ?? ""): load it again, or restore it")
        }
        let nonce = Array(value[nonceStart..<bodyStart])
        guard let plaintext = AESGCM.decrypt(value[bodyStart...], key: entry.key, nonce: nonce, aad: aad) else {
            throw CryptoError(
                kind: .authentication, message: "decrypting with key \"\(id)\": the value was changed or belongs to something else")
        }
        return plaintext
    }

    /// A keyed digest (HMAC-SHA256, 32 bytes) with a key that is derived from the current one: nobody can make it without the ring.
    public func digest(_ message: [UInt8]) -> [UInt8] {
        let key = Digest.hmacSHA256(Array("digest".utf8), key: entries[entries.count - 1].key)
        return Digest.hmacSHA256(message, key: key)
    }

    private static func newEntry() throws(CryptoError) -> KeyFile.Entry {
        KeyFile.Entry(id: Hexadecimal.encode(try Random.bytes(8)), key: try Random.bytes(AESGCM.keySize))
    }
}
