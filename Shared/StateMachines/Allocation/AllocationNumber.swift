import JSON

/// `allocationId` = `<orderId>/<n>`: machines keep the number, messages carry the id.
enum AllocationNumber {
    static func id(_ orderId: String, _ number: Int) -> String { orderId + "/" + String(number) }

    /// The number in an allocation's id; nil when the id is not one of this order's.
    static func parse(_ allocationId: String, of orderId: String) -> Int? {
        var (allocationId, orderId) = (allocationId, orderId)
        return allocationId.withUTF8 { id in
            orderId.withUTF8 { order in
                guard id.count > order.count, id[order.count] == UInt8(ascii: "/"),
                    UnsafeRawBufferPointer(id).begins(with: UnsafeRawBufferPointer(order))
                else { return nil }
                return positive(id[(order.count + 1)...])
            }
        }
    }

    /// The order whose allocation an id names, where it came back from outside without its order; nil when it is no id of an allocation.
    static func orderId(of allocationId: String) -> String? {
        let bytes = allocationId.utf8
        guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")), slash > bytes.startIndex,
            positive(bytes[bytes.index(after: slash)...]) != nil
        else { return nil }
        return String(allocationId[..<slash])
    }

    /// A number from 1 up, written without leading zeros, as `String(number)` writes it.
    static func positive(_ digits: some Collection<UInt8>) -> Int? {
        guard let first = digits.first, first != UInt8(ascii: "0"), digits.count <= 9 else { return nil }
        var value = 0
        for digit in digits {
            guard digit >= UInt8(ascii: "0"), digit <= UInt8(ascii: "9") else { return nil }
            value = value * 10 + Int(digit - UInt8(ascii: "0"))
        }
        return value
    }
}
