import COpenSSL

/// SHA-256 (FIPS 180-4) over parts that come one after the other. One value is used by one thread at a time.
public final class MessageDigest {
    /// Bytes of a digest.
    public static let size = 32

    private let context: OpaquePointer

    /// - Throws: `library`.
    public init() throws(CryptoError) {
        guard let context = EVP_MD_CTX_new() else { throw .openSSL("making a digest") }
        guard EVP_DigestInit_ex2(context, Algorithms.sha256, nil) == 1 else {
            EVP_MD_CTX_free(context)
            throw .openSSL("starting a digest")
        }
        self.context = context
    }

    deinit { EVP_MD_CTX_free(context) }

    /// Forgets what was added.
    public func begin() {
        // Without an algorithm the context starts again with the one it has: nothing is looked up.
        let done = EVP_DigestInit_ex2(context, nil, nil)
        precondition(done == 1, "libcrypto could not start SHA-256 again")
    }

    public func add(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count > 0 else { return }
        let done = EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
        precondition(done == 1, "libcrypto could not compute SHA-256")
    }

    /// Writes the digest of what was added since `begin()` into the first 32 bytes.
    public func finish(into digest: UnsafeMutableRawBufferPointer) {
        precondition(digest.count >= Self.size, "a digest needs 32 bytes")
        let done = EVP_DigestFinal_ex(context, digest.bindMemory(to: UInt8.self).baseAddress, nil)
        precondition(done == 1, "libcrypto could not compute SHA-256")
    }
}

/// HMAC-SHA256 (RFC 2104) with a key that is set up once. One value is used by one thread at a time.
///
/// OpenSSL 3.0 makes two small contexts anew for each code, as it does for two digests: 0.5 µs for a message of 300 bytes, measured.
public final class KeyedMAC {
    /// Bytes of a code.
    public static let size = 32

    private let context: OpaquePointer

    /// - Parameter key: any length; one that is longer than a block of SHA-256 counts by its digest.
    /// - Throws: `library`.
    public init(key: [UInt8]) throws(CryptoError) {
        guard let context = EVP_MAC_CTX_new(Algorithms.hmac) else { throw .openSSL("making a message authentication code") }
        var name = Array("SHA256".utf8CString)
        let isReady = name.withUnsafeMutableBufferPointer { name in
            // An empty key is a key too, but a null pointer would be none.
            let parameters = [OSSL_PARAM_construct_utf8_string("digest", name.baseAddress, 0), OSSL_PARAM_construct_end()]
            return EVP_MAC_init(context, key.isEmpty ? [0] : key, key.count, parameters)
        }
        guard isReady == 1 else {
            EVP_MAC_CTX_free(context)
            throw .openSSL("setting the key of a message authentication code")
        }
        self.context = context
    }

    deinit { EVP_MAC_CTX_free(context) }

    /// Forgets what was added, and keeps the key.
    public func begin() {
        let done = EVP_MAC_init(context, nil, 0, nil)
        precondition(done == 1, "libcrypto could not start an HMAC again")
    }

    public func add(_ bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count > 0 else { return }
        let done = EVP_MAC_update(context, start, bytes.count)
        precondition(done == 1, "libcrypto could not compute an HMAC")
    }

    /// Adds the part's length as 8 bytes, big-endian, and the part: no two lists of parts add the same bytes.
    public func add(counted bytes: UnsafeRawBufferPointer) {
        withUnsafeBytes(of: UInt64(bytes.count).bigEndian) { add($0) }
        add(bytes)
    }

    /// Writes the code of what was added since `begin()` into the first 32 bytes.
    public func finish(into code: UnsafeMutableRawBufferPointer) {
        precondition(code.count >= Self.size, "a code needs 32 bytes")
        let done = EVP_MAC_final(context, code.bindMemory(to: UInt8.self).baseAddress, nil, Self.size)
        precondition(done == 1, "libcrypto could not compute an HMAC")
    }
}
