import COpenSSL

/// SHA-256 (FIPS 180-4) over parts that come one after the other, made without allocation. One value is used by one thread at a time.
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
        // Without an algorithm the context starts again with the one it has: no look-up, no allocation.
        let done = EVP_DigestInit_ex2(context, nil, nil)
        precondition(done == 1, "libcrypto could not start SHA-256 again")
    }

    public func add(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count > 0 else { return }
        let done = EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
        precondition(done == 1, "libcrypto could not compute SHA-256")
    }

    /// Adds the part's length as 8 bytes, big-endian, and the part: no two lists of parts add the same bytes.
    public func add(counted bytes: UnsafeRawBufferPointer) {
        withUnsafeBytes(of: UInt64(bytes.count).bigEndian) { add($0) }
        add(bytes)
    }

    /// Writes the digest of what was added since `begin()` into the first 32 bytes.
    public func finish(into digest: UnsafeMutableRawBufferPointer) {
        precondition(digest.count >= Self.size, "a digest needs 32 bytes")
        let done = EVP_DigestFinal_ex(context, digest.bindMemory(to: UInt8.self).baseAddress, nil)
        precondition(done == 1, "libcrypto could not compute SHA-256")
    }
}

/// HMAC-SHA256 (RFC 2104) with a key that is kept, made without allocation: OpenSSL's own HMAC copies contexts for each message, which
/// allocates four times. One value is used by one thread at a time.
public final class KeyedMAC {
    /// Bytes of a code.
    public static let size = MessageDigest.size
    /// Bytes of one block of SHA-256.
    private static let blockSize = 64

    private let digest: MessageDigest
    /// The key with RFC 2104's inner and outer padding.
    private let inner: [UInt8]
    private let outer: [UInt8]

    /// - Parameter key: any length; one that is longer than a block counts by its digest.
    /// - Throws: `library`.
    public init(key: [UInt8]) throws(CryptoError) {
        digest = try MessageDigest()
        let short = key.count > Self.blockSize ? Digest.sha256(key) : key
        let block = short + [UInt8](repeating: 0, count: Self.blockSize - short.count)
        inner = block.map { $0 ^ 0x36 }
        outer = block.map { $0 ^ 0x5C }
    }

    /// Forgets what was added.
    public func begin() {
        digest.begin()
        inner.withUnsafeBytes { digest.add($0) }
    }

    public func add(_ bytes: UnsafeRawBufferPointer) { digest.add(bytes) }

    /// Adds the part's length as 8 bytes, big-endian, and the part.
    public func add(counted bytes: UnsafeRawBufferPointer) { digest.add(counted: bytes) }

    /// Writes the code of what was added since `begin()` into the first 32 bytes.
    public func finish(into code: UnsafeMutableRawBufferPointer) {
        digest.finish(into: code)
        digest.begin()
        outer.withUnsafeBytes { digest.add($0) }
        digest.add(UnsafeRawBufferPointer(rebasing: code[..<Self.size]))
        digest.finish(into: code)
    }
}
