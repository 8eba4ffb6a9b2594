import COpenSSL

/// A public key that verifies signatures of JSON Web Tokens (RFC 7518, RFC 8037), prepared once and shared by threads.
public struct VerificationKey: Sendable {
    /// By its name in a token's `alg`.
    public enum Algorithm: String, Sendable, CaseIterable {
        /// RSASSA-PKCS1-v1_5 with SHA-256.
        case rs256 = "RS256"
        /// ECDSA on P-256 with SHA-256.
        case es256 = "ES256"
        /// Ed25519.
        case edDSA = "EdDSA"
    }

    private enum Key: Sendable {
        case ed25519(Ed25519.PublicKey)
        case other(ParsedKey)
    }

    public let algorithm: Algorithm
    private let key: Key

    /// - Parameter bytes: 32.
    /// - Throws: `malformed`.
    public init(ed25519 bytes: [UInt8]) throws(CryptoError) {
        algorithm = .edDSA
        key = .ed25519(try Ed25519.PublicKey(bytes))
    }

    /// - Parameters:
    ///   - modulus: of 2048 to 8192 bits, big-endian.
    ///   - exponent: big-endian.
    /// - Throws: `malformed`.
    public init(rsaModulus modulus: [UInt8], exponent: [UInt8]) throws(CryptoError) {
        let modulus = Array(modulus.drop { $0 == 0 })
        guard (256...1024).contains(modulus.count), (1...8).contains(exponent.count) else {
            throw CryptoError(kind: .malformed, message: "an RSA key has 2048 to 8192 bits, and an exponent of 8 bytes at most")
        }
        // rsaEncryption, 1.2.840.113549.1.1.1 (RFC 8017, appendix A.1)
        let algorithm = DER.sequence([0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01, 0x05, 0x00])
        let numbers = DER.sequence(DER.integer(modulus) + DER.integer(exponent))
        self.algorithm = .rs256
        key = .other(try ParsedKey(DER.sequence(algorithm + DER.bits(numbers))))
    }

    /// - Parameters:
    ///   - x: 32 bytes, as `y`.
    /// - Throws: `malformed`, also for a point that is not on the curve.
    public init(p256 x: [UInt8], _ y: [UInt8]) throws(CryptoError) {
        guard x.count == 32, y.count == 32 else {
            throw CryptoError(kind: .malformed, message: "a point of P-256 has two numbers of 32 bytes")
        }
        // id-ecPublicKey, 1.2.840.10045.2.1, on prime256v1, 1.2.840.10045.3.1.7 (RFC 5480)
        let algorithm = DER.sequence([
            0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01, 0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07,
        ])
        self.algorithm = .es256
        key = .other(try ParsedKey(DER.sequence(algorithm + DER.bits([0x04] + x + y))))
    }

    /// - Parameter signature: as a token has it: of ES256 the two numbers, 32 bytes each.
    public func isValid(_ signature: [UInt8], of message: [UInt8]) -> Bool {
        switch key {
        case .ed25519(let key): return key.isValid(signature, of: message)
        case .other(let key):
            guard algorithm == .es256 else { return key.isValid(signature, of: message) }
            guard signature.count == 64 else { return false }
            return key.isValid(
                DER.sequence(DER.integer(Array(signature[..<32])) + DER.integer(Array(signature[32...]))), of: message)
        }
    }
}

/// An OpenSSL key of any kind. OpenSSL locks what it changes in it, so threads may share it.
private final class ParsedKey: @unchecked Sendable {
    private let handle: OpaquePointer

    /// - Parameter info: a SubjectPublicKeyInfo (RFC 5280).
    init(_ info: [UInt8]) throws(CryptoError) {
        let handle = info.withUnsafeBufferPointer { bytes in
            var start = bytes.baseAddress
            return d2i_PUBKEY(nil, &start, bytes.count)
        }
        ERR_clear_error()
        guard let handle else { throw CryptoError(kind: .malformed, message: "these numbers are no public key") }
        self.handle = handle
    }

    deinit { EVP_PKEY_free(handle) }

    func isValid(_ signature: [UInt8], of message: [UInt8]) -> Bool {
        let context = EVP_MD_CTX_new()
        defer {
            EVP_MD_CTX_free(context)
            ERR_clear_error()
        }
        return EVP_DigestVerifyInit(context, nil, Algorithms.sha256, nil, handle) == 1
            && EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
    }
}

/// The few forms of DER (X.690) that keys and signatures are made of.
private enum DER {
    static func sequence(_ content: [UInt8]) -> [UInt8] { tagged(0x30, content) }
    static func bits(_ content: [UInt8]) -> [UInt8] { tagged(0x03, [0] + content) }

    /// A number that is not negative.
    static func integer(_ bytes: [UInt8]) -> [UInt8] {
        var number = Array(bytes.drop { $0 == 0 })
        if (number.first ?? 0x80) & 0x80 != 0 { number.insert(0, at: 0) }
        return tagged(0x02, number)
    }

    private static func tagged(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
        var length: [UInt8] = []
        if content.count < 0x80 {
            length = [UInt8(content.count)]
        } else {
            var rest = content.count
            while rest > 0 {
                length.insert(UInt8(truncatingIfNeeded: rest), at: 0)
                rest >>= 8
            }
            length.insert(0x80 | UInt8(length.count), at: 0)
        }
        return [tag] + length + content
    }
}
