import COpenSSL

/// Why something could not be sealed, opened, signed or kept. No message ever holds a key or a plaintext.
public struct CryptoError: Error, Sendable, CustomStringConvertible {
    public enum Kind: Sendable, Equatable {
        /// Wrong key, or key, info, aad or ciphertext were changed; which of them cannot be told.
        case authentication
        /// Something handed over has not the form it must have: a key's length, a file's line.
        case malformed
        /// Encrypted with a key that this ring does not hold.
        case unknownKey
        /// A key file cannot be read or written.
        case file
        /// The C library failed for a reason of its own.
        case library
    }

    public let kind: Kind
    public let message: String

    public init(kind: Kind, message: String) {
        self.kind = kind
        self.message = message
    }

    public var description: String { message }

    /// OpenSSL's latest error of this thread.
    static func openSSL(_ doing: String) -> CryptoError {
        let code = ERR_get_error()
        ERR_clear_error()
        var text = [CChar](repeating: 0, count: 256)
        ERR_error_string_n(code, &text, text.count)
        let reason = text.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
        return CryptoError(kind: .library, message: "\(doing): OpenSSL: \(code == 0 ? "no reason given" : reason)")
    }
}
