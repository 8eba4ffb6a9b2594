/// Our ids as partners take them: without slashes, and so that two ids never meet.
///
/// The order's `_` is sent as `__` and its `/` as `_-`; an allocation's number follows as `_<n>`. After an `_` of the order there is always
/// an `_` or a `-`, never a digit: what stands before is found again in one way only.
public enum PartnerKey {
    /// Of an allocation's id, `<orderId>/<n>`: `pdd:1_2/3` is `pdd:1__2_3`.
    public static func of(allocationId: String) -> String {
        guard let slash = allocationId.utf8.lastIndex(of: UInt8(ascii: "/")) else { return escaped(allocationId[...]) }
        let number = allocationId[allocationId.utf8.index(after: slash)...]
        // Only a number may follow a lone `_`.
        guard !number.isEmpty, number.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return escaped(allocationId[...]) }
        return escaped(allocationId[..<slash]) + "_" + number
    }

    /// Of any other id, such as an inbound order's.
    public static func of(id: String) -> String { escaped(id[...]) }

    private static func escaped(_ id: Substring) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(id.utf8.count + 8)
        for byte in id.utf8 {
            switch byte {
            case UInt8(ascii: "_"): bytes += [byte, byte]
            case UInt8(ascii: "/"): bytes += [UInt8(ascii: "_"), UInt8(ascii: "-")]
            default: bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
