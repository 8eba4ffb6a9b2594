import COpenSSL

/// Message digests in one call.
public enum Digest {
    /// 32 bytes (FIPS 180-4).
    public static func sha256(_ message: [UInt8]) -> [UInt8] { digest(message, Algorithms.sha256, 32) }
    /// 20 bytes (FIPS 180-4). For name-based ids and partners' signatures, not for security.
    public static func sha1(_ message: [UInt8]) -> [UInt8] { digest(message, Algorithms.sha1, 20) }
    /// 16 bytes (RFC 1321). For partners' signatures, not for security.
    public static func md5(_ message: [UInt8]) -> [UInt8] { digest(message, Algorithms.md5, 16) }

    /// HMAC-SHA256 (RFC 2104), 32 bytes.
    public static func hmacSHA256(_ message: [UInt8], key: [UInt8]) -> [UInt8] { hmac(message, key, Algorithms.sha256, 32) }
    /// HMAC-SHA512 (RFC 2104), 64 bytes.
    public static func hmacSHA512(_ message: [UInt8], key: [UInt8]) -> [UInt8] { hmac(message, key, Algorithms.sha512, 64) }
    /// HMAC-SHA1 (RFC 2104), 20 bytes. For partners' signatures.
    public static func hmacSHA1(_ message: [UInt8], key: [UInt8]) -> [UInt8] { hmac(message, key, Algorithms.sha1, 20) }
    /// HMAC-MD5 (RFC 2104), 16 bytes. For partners' signatures.
    public static func hmacMD5(_ message: [UInt8], key: [UInt8]) -> [UInt8] { hmac(message, key, Algorithms.md5, 16) }

    /// Compares in a time that depends on the lengths only.
    public static func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        left.count == right.count && CRYPTO_memcmp(left, right, left.count) == 0
    }

    /// Compares in a time that depends on the lengths only.
    public static func areEqual(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
        left.count == right.count && (left.count == 0 || CRYPTO_memcmp(left.baseAddress, right.baseAddress, left.count) == 0)
    }

    private static func hmac(_ message: [UInt8], _ key: [UInt8], _ algorithm: OpaquePointer, _ size: Int) -> [UInt8] {
        var result = [UInt8](repeating: 0, count: size)
        let made = HMAC(algorithm, key, Int32(key.count), message, message.count, &result, nil)
        precondition(made != nil, "libcrypto refused an HMAC")
        return result
    }

    private static func digest(_ message: [UInt8], _ algorithm: OpaquePointer, _ size: Int) -> [UInt8] {
        var result = [UInt8](repeating: 0, count: size)
        let done = EVP_Digest(message, message.count, &result, nil, algorithm, nil)
        precondition(done == 1, "libcrypto could not compute a digest")
        return result
    }
}

/// OpenSSL's algorithms, looked up once: OpenSSL 3 searches its providers at each implicit look-up.
enum Algorithms {
    nonisolated(unsafe) static let sha256 = digest("SHA256")
    nonisolated(unsafe) static let sha512 = digest("SHA512")
    nonisolated(unsafe) static let sha1 = digest("SHA1")
    nonisolated(unsafe) static let md5 = digest("MD5")
    nonisolated(unsafe) static let hmac: OpaquePointer = {
        guard let found = EVP_MAC_fetch(nil, "HMAC", nil) else { preconditionFailure("libcrypto has no HMAC") }
        return found
    }()
    nonisolated(unsafe) static let aes256GCM: OpaquePointer = {
        guard let found = EVP_CIPHER_fetch(nil, "AES-256-GCM", nil) else { preconditionFailure("libcrypto has no AES-256-GCM") }
        return found
    }()

    private static func digest(_ name: String) -> OpaquePointer {
        guard let found = EVP_MD_fetch(nil, name, nil) else {
            preconditionFailure("libcrypto has no \(name); is it restricted to FIPS algorithms?")
        }
        return found
    }
}
