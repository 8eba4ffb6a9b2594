import COpenSSL

/// AES-256-GCM (NIST SP 800-38D) with nonces of 12 bytes and tags of 16.
enum AESGCM {
    static let keySize = 32
    static let nonceSize = 12
    static let tagSize = 16

    /// The ciphertext, and the tag at its end.
    static func encrypt(_ plaintext: [UInt8], key: [UInt8], nonce: [UInt8], aad: [UInt8]) throws(CryptoError) -> [UInt8] {
        let context = EVP_CIPHER_CTX_new()
        defer { EVP_CIPHER_CTX_free(context) }
        var result = [UInt8](repeating: 0, count: plaintext.count + tagSize)
        var count: Int32 = 0
        let done = result.withUnsafeMutableBufferPointer { result in
            EVP_EncryptInit_ex2(context, Algorithms.aes256GCM, key, nonce, nil) == 1
                && EVP_EncryptUpdate(context, nil, &count, aad, Int32(aad.count)) == 1
                && EVP_EncryptUpdate(context, result.baseAddress, &count, plaintext, Int32(plaintext.count)) == 1
                && EVP_EncryptFinal_ex(context, nil, &count) == 1
                && EVP_CIPHER_CTX_ctrl(
                    context, EVP_CTRL_AEAD_GET_TAG, Int32(tagSize), result.baseAddress! + plaintext.count) == 1
        }
        guard done else { throw .openSSL("encrypting") }
        return result
    }

    /// nil when it does not fit together; `ciphertext` has its tag at the end.
    static func decrypt(_ ciphertext: ArraySlice<UInt8>, key: [UInt8], nonce: [UInt8], aad: [UInt8]) -> [UInt8]? {
        guard ciphertext.count >= tagSize else { return nil }
        let context = EVP_CIPHER_CTX_new()
        defer {
            EVP_CIPHER_CTX_free(context)
            ERR_clear_error()
        }
        var tag = Array(ciphertext.suffix(tagSize))
        let body = Array(ciphertext.dropLast(tagSize))
        var result = [UInt8](repeating: 0, count: body.count)
        var count: Int32 = 0
        let done =
            EVP_DecryptInit_ex2(context, Algorithms.aes256GCM, key, nonce, nil) == 1
            && EVP_DecryptUpdate(context, nil, &count, aad, Int32(aad.count)) == 1
            && EVP_DecryptUpdate(context, &result, &count, body, Int32(body.count)) == 1
            && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, Int32(tagSize), &tag) == 1
            && EVP_DecryptFinal_ex(context, nil, &count) == 1
        return done ? result : nil
    }
}
