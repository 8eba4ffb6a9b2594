import COpenSSL

/// An OpenSSL key made from raw bytes (X25519, Ed25519). OpenSSL locks what it changes in it, so threads may share it.
final class RawKey: @unchecked Sendable {
    let handle: OpaquePointer
    private static let size = 32

    init(_ type: Int32, privateKey: [UInt8]) throws(CryptoError) {
        guard privateKey.count == Self.size,
            let handle = EVP_PKEY_new_raw_private_key(type, nil, privateKey, privateKey.count)
        else { throw Self.malformed("private", privateKey.count) }
        self.handle = handle
    }

    init(_ type: Int32, publicKey: [UInt8]) throws(CryptoError) {
        guard publicKey.count == Self.size,
            let handle = EVP_PKEY_new_raw_public_key(type, nil, publicKey, publicKey.count)
        else { throw Self.malformed("public", publicKey.count) }
        self.handle = handle
    }

    deinit { EVP_PKEY_free(handle) }

    func publicBytes() throws(CryptoError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: Self.size)
        var count = bytes.count
        guard EVP_PKEY_get_raw_public_key(handle, &bytes, &count) == 1, count == Self.size else {
            throw .openSSL("deriving a public key")
        }
        return bytes
    }

    private static func malformed(_ what: String, _ count: Int) -> CryptoError {
        CryptoError(kind: .malformed, message: "this is no \(what) key of \(size) bytes; it has \(count)")
    }
}
