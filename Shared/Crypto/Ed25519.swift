import COpenSSL

/// Ed25519 signatures (RFC 8032).
public enum Ed25519 {
    public static let signatureSize = 64

    /// A signing key, prepared once and shared by threads.
    public struct PrivateKey: Sendable {
        /// The seed, 32 bytes.
        public let bytes: [UInt8]
        private let key: RawKey

        /// A new key.
        /// - Throws: `library` when there is no randomness.
        public init() throws(CryptoError) { try self.init(Random.bytes(32)) }

        /// - Throws: `malformed` when it is not 32 bytes.
        public init(_ bytes: [UInt8]) throws(CryptoError) {
            self.bytes = bytes
            key = try RawKey(EVP_PKEY_ED25519, privateKey: bytes)
        }

        public func publicKey() throws(CryptoError) -> PublicKey { try PublicKey(key.publicBytes()) }

        /// The signature, 64 bytes.
        /// - Throws: `library`.
        public func sign(_ message: [UInt8]) throws(CryptoError) -> [UInt8] {
            let context = EVP_MD_CTX_new()
            defer { EVP_MD_CTX_free(context) }
            var signature = [UInt8](repeating: 0, count: signatureSize)
            var count = signature.count
            guard EVP_DigestSignInit(context, nil, nil, nil, key.handle) == 1,
                EVP_DigestSign(context, &signature, &count, message, message.count) == 1
            else { throw .openSSL("signing") }
            return signature
        }
    }

    /// A verifying key, prepared once and shared by threads.
    public struct PublicKey: Sendable {
        /// 32 bytes.
        public let bytes: [UInt8]
        private let key: RawKey

        /// - Throws: `malformed` when it is not 32 bytes.
        public init(_ bytes: [UInt8]) throws(CryptoError) {
            self.bytes = bytes
            key = try RawKey(EVP_PKEY_ED25519, publicKey: bytes)
        }

        public func isValid(_ signature: [UInt8], of message: [UInt8]) -> Bool {
            guard signature.count == signatureSize else { return false }
            let context = EVP_MD_CTX_new()
            defer {
                EVP_MD_CTX_free(context)
                ERR_clear_error()
            }
            return EVP_DigestVerifyInit(context, nil, nil, nil, key.handle) == 1
                && EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
        }
    }
}
