import CNSS
import COpenSSL

/// Hybrid public key encryption (RFC 9180), base mode, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM, on NSS.
/// Single shot: each message has its own encapsulated key. Safe to use from any thread.
public enum HPKE {
    static let keySize = daifa_hpke_key_size
    static let tagSize = daifa_hpke_tag_size

    /// A sealed message.
    public struct Sealed: Sendable, Equatable {
        /// The encapsulated key, 32 bytes.
        public var enc: [UInt8]
        /// The ciphertext with its tag of 16 bytes at the end.
        public var ciphertext: [UInt8]

        public init(enc: [UInt8], ciphertext: [UInt8]) {
            self.enc = enc
            self.ciphertext = ciphertext
        }
    }

    /// An X25519 key pair, 32 raw bytes each (RFC 7748).
    public struct KeyPair: Sendable, Equatable {
        public let publicKey: [UInt8]
        public let privateKey: [UInt8]

        public init(publicKey: [UInt8], privateKey: [UInt8]) {
            self.publicKey = publicKey
            self.privateKey = privateKey
        }

        /// The pair of a private key.
        /// - Throws: `malformed` when it is not 32 bytes.
        public init(privateKey: [UInt8]) throws(CryptoError) {
            self.init(publicKey: try RawKey(EVP_PKEY_X25519, privateKey: privateKey).publicBytes(), privateKey: privateKey)
        }
    }

    /// - Throws: `library` when there is no randomness.
    public static func generateKeyPair() throws(CryptoError) -> KeyPair {
        try KeyPair(privateKey: Random.bytes(keySize))
    }

    /// - Parameter info: what the message is for; the receiver must name the same.
    /// - Parameter aad: what it belongs to; the receiver must name the same.
    /// - Throws: `malformed` for a public key that is none, `library`.
    public static func seal(_ plaintext: [UInt8], to publicKey: [UInt8], info: [UInt8], aad: [UInt8])
        throws(CryptoError) -> Sealed
    {
        guard publicKey.count == keySize else { throw wrongSize("public key", publicKey.count) }
        var enc = [UInt8](repeating: 0, count: keySize)
        var ciphertext = [UInt8](repeating: 0, count: plaintext.count + tagSize)
        let error = daifa_hpke_seal(
            publicKey, info, info.count, aad, aad.count, plaintext, plaintext.count, &enc, &ciphertext)
        guard error == 0 else {
            let name = String(cString: daifa_nss_error_name(error))
            throw CryptoError(kind: name == noPoint ? .malformed : .library, message: "sealing: NSS: \(name)")
        }
        return Sealed(enc: enc, ciphertext: ciphertext)
    }

    /// - Throws: `authentication` when key, info, aad or message do not fit together, `malformed` for wrong lengths.
    public static func open(_ sealed: Sealed, with keyPair: KeyPair, info: [UInt8], aad: [UInt8])
        throws(CryptoError) -> [UInt8]
    {
        guard keyPair.publicKey.count == keySize else { throw wrongSize("public key", keyPair.publicKey.count) }
        guard keyPair.privateKey.count == keySize else { throw wrongSize("private key", keyPair.privateKey.count) }
        guard sealed.enc.count == keySize else { throw wrongSize("encapsulated key", sealed.enc.count) }
        guard sealed.ciphertext.count >= tagSize else {
            throw CryptoError(
                kind: .malformed, message: "opening: a ciphertext of \(sealed.ciphertext.count) bytes is shorter than its tag")
        }
        var plaintext = [UInt8](repeating: 0, count: sealed.ciphertext.count - tagSize)
        let error = daifa_hpke_open(
            keyPair.publicKey, keyPair.privateKey, sealed.enc, info, info.count, aad, aad.count, sealed.ciphertext,
            sealed.ciphertext.count, &plaintext)
        guard error == 0 else {
            throw CryptoError(
                kind: .authentication,
                message: "opening: the message was sealed for another key, info or aad, or was changed "
                    + "(NSS: \(String(cString: daifa_nss_error_name(error))))")
        }
        return plaintext
    }

    /// What NSS says of a point that gives no secret (RFC 9180, section 7.1.4).
    private static let noPoint = "SEC_ERROR_INVALID_KEY"

    private static func wrongSize(_ what: String, _ count: Int) -> CryptoError {
        CryptoError(kind: .malformed, message: "HPKE: the \(what) has \(count) bytes, not \(keySize)")
    }
}
