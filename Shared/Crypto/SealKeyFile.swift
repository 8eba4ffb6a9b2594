/// The HPKE key pair of a service, in a file of one line, `keyId base64-of-the-private-key`.
public struct SealKeyFile: Sendable {
    private static let keyIdBytes = 8

    /// 16 hexadecimal digits: the beginning of the public key's SHA-256.
    public let keyId: String
    public let keyPair: HPKE.KeyPair

    /// Reads the file, and makes it (mode 0600) when there is none. Processes that race get the same one.
    /// - Throws: `file`, `malformed` (also when the id is not the key's), `library`.
    public static func loadOrCreate(path: String) throws(CryptoError) -> SealKeyFile {
        let content = try SecretFile.readOrCreate(path) { () throws(CryptoError) in
            let pair = try HPKE.generateKeyPair()
            return KeyFile.line(KeyFile.Entry(id: keyId(of: pair.publicKey), key: pair.privateKey))
        }
        let entries = try KeyFile.parse(content, path)
        guard entries.count == 1, let entry = entries.first else {
            throw CryptoError(kind: .malformed, message: "\(path): one private key is expected, not \(entries.count)")
        }
        let pair = try HPKE.KeyPair(privateKey: entry.key)
        let id = keyId(of: pair.publicKey)
        guard entry.id == id else {
            throw CryptoError(
                kind: .malformed, message: "\(path): the key's id is \(id), not \(entry.id): the file was changed; restore it")
        }
        return SealKeyFile(keyId: id, keyPair: pair)
    }

    /// The id of any public key.
    public static func keyId(of publicKey: [UInt8]) -> String {
        Hexadecimal.encode(Digest.sha256(publicKey).prefix(keyIdBytes))
    }
}
