import Threads

internal import Contracts
internal import JSON

/// Pinduoduo's ways of writing values.
extension JSONValue {
    /// Yuan (a number with decimals, or its text) as fen. The order interface has yuan, the factories' interface fen.
    var fenOfYuan: Int? {
        switch self {
        case .int(let yuan): yuan.multipliedReportingOverflow(by: 100).overflow ? nil : yuan * 100
        case .double(let yuan): Int(exactly: (yuan * 100).rounded())
        case .string(let text): OrderExport.Value.minorUnits(yuan: text).map { Int($0) }
        default: nil
        }
    }

    /// `2024-01-02 03:04:05` (Beijing), seconds since 1970, or milliseconds since 1970, as number or text: all three are seen. nil for 0,
    /// and for what is no time of these centuries.
    var pinduoduoTime: Timestamp? {
        if let number = wireInt {
            guard (1..<10_000_000_000_000).contains(number) else { return nil }
            return Timestamp(milliseconds: number < 100_000_000_000 ? number * 1000 : number)
        }
        return wireText.flatMap(BeijingTime.milliseconds).map { Timestamp(milliseconds: Int($0)) }
    }

    /// `Y` or `N`, or a truth value.
    var pinduoduoFlag: Bool? {
        switch wireText {
        case "Y", "y": true
        case "N", "n": false
        default: wireBool
        }
    }

    /// Members whose value is known, in order.
    static func members(_ members: (String, JSONValue?)...) -> JSONValue {
        .object(members.compactMap { name, value in value.map { (name, $0) } })
    }
}
