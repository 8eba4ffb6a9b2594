import COpenSSL

/// Randomness fit for keys.
public enum Random {
    /// - Throws: `library` when the system has no randomness.
    public static func bytes(_ count: Int) throws(CryptoError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        guard RAND_bytes(&bytes, Int32(count)) == 1 else { throw .openSSL("drawing random bytes") }
        return bytes
    }
}

/// Random UUIDs (RFC 4122, version 4).
public enum RandomUUID {
    /// Lowercase, with hyphens.
    public static func v4() -> String {
        var generator = SystemRandomNumberGenerator()
        var bytes = (generator.next() as UInt64, generator.next() as UInt64)
        return withUnsafeMutableBytes(of: &bytes) { bytes in
            UUIDText.mark(bytes, version: 4)
            return String(unsafeUninitializedCapacity: UUIDText.size) { text in
                UUIDText.write(UnsafeRawBufferPointer(bytes), into: UnsafeMutableRawBufferPointer(text))
                return UUIDText.size
            }
        }
    }
}

/// The text form of a UUID.
enum UUIDText {
    static let size = 36

    /// Sets version and variant (RFC 4122, section 4.1).
    static func mark(_ bytes: UnsafeMutableRawBufferPointer, version: UInt8) {
        bytes[6] = bytes[6] & 0x0F | version << 4
        bytes[8] = bytes[8] & 0x3F | 0x80
    }

    static func write(_ bytes: UnsafeRawBufferPointer, into text: UnsafeMutableRawBufferPointer) {
        var at = 0
        for index in 0..<16 {
            if index == 4 || index == 6 || index == 8 || index == 10 {
                text[at] = UInt8(ascii: "-")
                at += 1
            }
            text[at] = Hexadecimal.digit(bytes[index] >> 4)
            text[at + 1] = Hexadecimal.digit(bytes[index] & 0x0F)
            at += 2
        }
    }
}

/// Base 16.
public enum Hexadecimal {
    @inline(__always) static func digit(_ nibble: UInt8, ten: UInt8 = UInt8(ascii: "a")) -> UInt8 {
        nibble < 10 ? UInt8(ascii: "0") + nibble : ten + nibble - 10
    }

    public static func encode(_ bytes: some Sequence<UInt8>, uppercase: Bool = false) -> String {
        let ten = UInt8(ascii: uppercase ? "A" : "a")
        var text: [UInt8] = []
        text.reserveCapacity(bytes.underestimatedCount * 2)
        for byte in bytes {
            text.append(digit(byte >> 4, ten: ten))
            text.append(digit(byte & 0x0F, ten: ten))
        }
        return String(decoding: text, as: UTF8.self)
    }
}
