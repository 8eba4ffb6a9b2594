import COpenSSL

/// Name-based UUIDs (RFC 4122, version 5, SHA-1), without a look-up. One value is used by one thread at a time.
public struct NameBasedUUID: ~Copyable {
    /// Length of the text form.
    public static let textSize = 36

    private let context: OpaquePointer
    private let namespace: (UInt64, UInt64)

    /// - Parameter namespace: the namespace's UUID, 16 bytes.
    /// - Throws: `malformed` when it is not 16 bytes, `library`.
    public init(namespace: [UInt8]) throws(CryptoError) {
        guard namespace.count == 16 else {
            throw CryptoError(kind: .malformed, message: "a UUID namespace has 16 bytes, not \(namespace.count)")
        }
        let words = namespace.withUnsafeBytes {
            ($0.loadUnaligned(as: UInt64.self), $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        }
        let context = try Self.startedContext()
        self.namespace = words
        self.context = context
    }

    private static func startedContext() throws(CryptoError) -> OpaquePointer {
        guard let context = EVP_MD_CTX_new() else { throw .openSSL("making a digest") }
        guard EVP_DigestInit_ex2(context, Algorithms.sha1, nil) == 1 else {
            EVP_MD_CTX_free(context)
            throw .openSSL("starting a digest")
        }
        return context
    }

    deinit { EVP_MD_CTX_free(context) }

    /// The id of the name that the parts make together, as lowercase text with hyphens.
    /// - Parameter into: at least 36 bytes; the first 36 are written.
    public func make(
        _ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer = UnsafeRawBufferPointer(start: nil, count: 0),
        _ third: UnsafeRawBufferPointer = UnsafeRawBufferPointer(start: nil, count: 0),
        _ fourth: UnsafeRawBufferPointer = UnsafeRawBufferPointer(start: nil, count: 0),
        into text: UnsafeMutableRawBufferPointer
    ) {
        precondition(text.count >= Self.textSize, "a UUID's text needs 36 bytes")
        // Without an algorithm the context starts again with the one it has: nothing is looked up.
        var done = EVP_DigestInit_ex2(context, nil, nil)
        withUnsafeBytes(of: namespace) { done &= EVP_DigestUpdate(context, $0.baseAddress, $0.count) }
        done &= EVP_DigestUpdate(context, first.baseAddress, first.count)
        if second.count > 0 { done &= EVP_DigestUpdate(context, second.baseAddress, second.count) }
        if third.count > 0 { done &= EVP_DigestUpdate(context, third.baseAddress, third.count) }
        if fourth.count > 0 { done &= EVP_DigestUpdate(context, fourth.baseAddress, fourth.count) }
        var digest: (UInt64, UInt64, UInt64) = (0, 0, 0)
        withUnsafeMutableBytes(of: &digest) { digest in
            done &= EVP_DigestFinal_ex(context, digest.bindMemory(to: UInt8.self).baseAddress, nil)
            UUIDText.mark(digest, version: 5)
            UUIDText.write(UnsafeRawBufferPointer(digest), into: text)
        }
        precondition(done == 1, "libcrypto could not compute SHA-1")
    }
}
