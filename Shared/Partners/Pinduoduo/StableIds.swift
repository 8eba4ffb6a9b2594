public import Crypto

/// Ids that follow from what they stand for: the same parts give the same id, so a copy is recognised wherever it comes from.
public final class StableIds {
    /// UUID namespace of ids that imports derive; drawn once at random.
    private static let namespace: [UInt8] = [
        0x5B, 0x0E, 0x1C, 0x9D, 0x7A, 0x42, 0x4E, 0x6F, 0x93, 0x21, 0xD8, 0x6C, 0x0F, 0xB5, 0x77, 0x3A,
    ]

    private let uuid: NameBasedUUID

    public init() throws(CryptoError) { uuid = try NameBasedUUID(namespace: Self.namespace) }

    /// A name-based UUID of the parts. They must not hold a zero byte; ids of the contract never do.
    public func id(_ parts: String...) -> String {
        var name: [UInt8] = []
        for part in parts {
            name += part.utf8
            name.append(0)
        }
        return String(unsafeUninitializedCapacity: NameBasedUUID.textSize) { text in
            name.withUnsafeBytes { uuid.make($0, into: UnsafeMutableRawBufferPointer(text)) }
            return NameBasedUUID.textSize
        }
    }
}
