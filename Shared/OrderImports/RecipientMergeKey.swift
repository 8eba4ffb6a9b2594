public import Crypto

/// A secret of 32 bytes that makes merge keys opaque: a plain hash of a phone number and a street could be found by trying them all.
///
/// It lives in a file of the one who imports (mode 0600), made on the first use. Merge keys are compared with each other only, so the
/// secret is needed again for nothing but this: orders that were imported with different secrets are never merged. To merge
/// parcels between several machines that import, copy the file.
public struct MergeSecret: Sendable {
    private static let size = 32

    let bytes: [UInt8]

    /// - Parameter bytes: 32, at random.
    public init(bytes: [UInt8]) { self.bytes = bytes }

    /// Reads the file, one line of 64 hexadecimal digits, and makes it when there is none; its folder is there.
    /// - Throws: `file`, and `malformed` when it holds something else.
    public init(file path: String) throws(CryptoError) {
        let text = try KeyMaterial.text(path: path) { () throws(CryptoError) in Hexadecimal.encode(try Random.bytes(Self.size)) }
        guard text.utf8.count == 2 * Self.size, let bytes = Self.decode(Array(text.utf8)[...]) else {
            throw CryptoError(kind: .malformed, message: "\(path) is not a merge secret (64 hexadecimal digits): restore it")
        }
        self.init(bytes: bytes)
    }

    private static func decode(_ digits: ArraySlice<UInt8>) -> [UInt8]? {
        var bytes: [UInt8] = []
        for index in stride(from: digits.startIndex, to: digits.endIndex, by: 2) {
            guard let byte = UInt8(String(decoding: digits[index...(index + 1)], as: UTF8.self), radix: 16) else { return nil }
            bytes.append(byte)
        }
        return bytes
    }
}

/// Where a parcel goes, as far as packing orders together is concerned.
struct RecipientMergeKey {
    let merchantShopId: String
    let name: String
    let phone: String
    /// Province, city, district, town, detail.
    let address: [String]

    /// HMAC-SHA256 of merchant, name, phone and address without blanks, its first 16 bytes as hexadecimal digits: equal for equal doors
    /// of one merchant, and no help to find any of them.
    func mergeKey(_ secret: MergeSecret) -> String {
        var message: [UInt8] = []
        for part in [merchantShopId, name, phone] + address {
            message += part.utf8.filter { $0 > 0x20 }
            message.append(0)
        }
        return Hexadecimal.encode(Digest.hmacSHA256(message, key: secret.bytes).prefix(16))
    }
}
