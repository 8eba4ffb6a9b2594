import JSON

/// What is sealed is kept nowhere: fields whose names end with `Sealed` or are `sealed` are cut out.
public enum SealedFields {
    public static func removed(from data: [UInt8]) -> [UInt8] {
        guard find(ending, in: data, from: 0) != nil else { return data }
        if let cut = cut(data), find(ending, in: cut, from: 0) == nil, cut.withUnsafeBytes({ JSONReader.isJSON($0) }) { return cut }
        guard let value = try? JSONValue.decodeStored(data) else { return Array("{}".utf8) }
        return without(value).json
    }

    private static let ending = Array("ealed\":".utf8)
    private static let recipient = Array(",\"recipientSealed\":{".utf8)

    /// The one such field of most events, as services write it: an object of texts in base64. In a text its quotes would be escaped.
    private static func cut(_ data: [UInt8]) -> [UInt8]? {
        guard let start = find(recipient, in: data, from: 0), let end = data[start...].firstIndex(of: UInt8(ascii: "}")) else { return nil }
        return Array(data[..<start] + data[(end + 1)...])
    }

    private static func find(_ needle: [UInt8], in data: [UInt8], from start: Int) -> Int? {
        guard data.count >= needle.count else { return nil }
        return data.withUnsafeBufferPointer { data in
            needle.withUnsafeBufferPointer { needle in
                var place = start
                while place + needle.count <= data.count {
                    var length = 0
                    while length < needle.count, data[place + length] == needle[length] { length += 1 }
                    if length == needle.count { return place }
                    place += 1
                }
                return nil
            }
        }
    }

    private static func without(_ value: JSONValue) -> JSONValue {
        switch value {
        case .object(let members):
            .object(members.filter { !$0.0.hasSuffix("Sealed") && $0.0 != "sealed" }.map { ($0.0, without($0.1)) })
        case .array(let elements): .array(elements.map(without))
        default: value
        }
    }
}
