import CSodium

/// Passwords as strings of argon2id (RFC 9106) in the PHC form that other libraries read and write too:
/// `$argon2id$v=19$m=19456,t=2,p=1$<salt>$<hash>`.
///
/// Cost: 2 rounds over 19 MiB in one lane, as OWASP's "Password Storage Cheat Sheet" asks; about 20 ms of a core and 19 MiB while it runs. The
/// caller limits how many run at once.
public enum PasswordHash {
    private static let prefix = "$argon2id$"
    private static let rounds: UInt64 = 2
    private static let memory = 19 << 20
    /// libsodium's strings, with the zero behind.
    private static let capacity = 128

    /// libsodium is made ready once for the process; a second call does nothing.
    private static let isReady = sodium_init() >= 0

    /// A string of at most 127 ASCII characters with a new salt.
    /// - Throws: `library` when there is no memory or no randomness.
    public static func make(_ password: String) throws(CryptoError) -> String {
        guard isReady else { throw CryptoError(kind: .library, message: "hashing a password: libsodium is not ready") }
        var text = [CChar](repeating: 0, count: capacity)
        var password = password
        let result = password.withUTF8 { bytes in
            withCharacters(bytes) {
                crypto_pwhash_str_alg(&text, $0, UInt64(bytes.count), rounds, memory, crypto_pwhash_alg_argon2id13())
            }
        }
        guard result == 0 else {
            throw CryptoError(kind: .library, message: "hashing a password: libsodium got no \(memory >> 20) MiB of memory")
        }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Whether the string was made of this password. False for a string of another algorithm, and when there is no memory.
    public static func isValid(_ password: String, for hash: String) -> Bool {
        guard isReady, hash.hasPrefix(prefix), hash.utf8.count < capacity, !hash.utf8.contains(0) else { return false }
        var text = [CChar](repeating: 0, count: capacity)
        for (index, byte) in hash.utf8.enumerated() { text[index] = CChar(bitPattern: byte) }
        var password = password
        return password.withUTF8 { bytes in
            withCharacters(bytes) { crypto_pwhash_str_verify(text, $0, UInt64(bytes.count)) == 0 }
        }
    }

    /// Whether the string was made at another cost or by another algorithm, and should be made anew at the next log-in.
    ///
    /// libsodium's own answer looks at rounds and memory alone, and takes a string of argon2i for a good one; so the head is compared here.
    public static func needsRehash(_ hash: String) -> Bool {
        !hash.hasPrefix("\(prefix)v=19$m=\(memory >> 10),t=\(rounds),p=1$")
    }

    private static func withCharacters<Result>(
        _ bytes: UnsafeBufferPointer<UInt8>, _ body: (UnsafePointer<CChar>) -> Result
    ) -> Result {
        guard let start = bytes.baseAddress else { return withUnsafePointer(to: 0 as CChar, body) }
        return start.withMemoryRebound(to: CChar.self, capacity: bytes.count, body)
    }
}
