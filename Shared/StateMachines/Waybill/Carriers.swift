/// A carrier and what its waybill numbers look like.
///
/// The strict patterns of 2024 that the public project Courier-Validation lists. They overlap between carriers, so a number is
/// checked against the carrier that was named, and none is ever inferred. No check digit of these carriers is public.
struct Carrier: Sendable {
    let code: String
    let forms: [Form]

    /// One shape of a number: bytes of given classes, then digits.
    struct Form: Sendable {
        /// The bytes that each place before the digits accepts.
        let head: [[UInt8]]
        let digits: ClosedRange<Int>

        init(_ head: String..., digits: ClosedRange<Int>) {
            self.head = head.map { Array($0.utf8) }
            self.digits = digits
        }

        init(_ head: String..., digits: Int) {
            self.head = head.map { Array($0.utf8) }
            self.digits = digits...digits
        }

        func matches(_ number: UnsafeBufferPointer<UInt8>) -> Bool {
            guard number.count >= head.count, digits.contains(number.count - head.count) else { return false }
            for index in head.indices where !head[index].contains(number[index]) { return false }
            for index in head.count..<number.count where number[index] < UInt8(ascii: "0") || number[index] > UInt8(ascii: "9") {
                return false
            }
            return true
        }
    }

    private static let letter = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    private static let letterOrDigit = letter + "0123456789"

    static let all = [
        Carrier(code: "SF", forms: [Form("S", "F", letterOrDigit, digits: 12)]),
        Carrier(code: "ZTO", forms: [Form("7", "34568", digits: 12)]),
        Carrier(code: "YTO", forms: [Form("Y", "T", digits: 13)]),
        Carrier(code: "STO", forms: [Form("7", "7", digits: 12...15), Form("4", "3", digits: 12...15)]),
        Carrier(code: "YUNDA", forms: [Form("34", digits: 14), Form("5", digits: 12)]),
        Carrier(code: "JD", forms: [Form("J", "D", letterOrDigit, letterOrDigit, digits: 11)]),
        Carrier(code: "JT", forms: [Form("J", "T", digits: 13)]),
        Carrier(code: "EMS", forms: [Form("981", digits: 12), Form("P", letter, digits: 11)]),
        Carrier(code: "DBL", forms: [Form("D", "P", "K", digits: 12)]),
        Carrier(code: "CAINIAO", forms: [Form("6", "2", "1", digits: 12)]),
    ]

    static func named(_ code: String) -> Carrier? { all.first { $0.code == code } }

    /// The form that this number has; nil: it is none of the carrier's. Expects a number as `WaybillNumber.normalized` gives it.
    func form(of number: String) -> Form? {
        var number = number
        return number.withUTF8 { bytes in forms.first { $0.matches(bytes) } }
    }
}

enum WaybillNumber {
    /// Upper case, without white space around it.
    static func normalized(_ number: String) -> String {
        var number = number
        return number.withUTF8 { bytes in
            var start = 0
            var end = bytes.count
            while start < end, bytes[start] <= 0x20 { start += 1 }
            while end > start, bytes[end - 1] <= 0x20 { end -= 1 }
            return String(unsafeUninitializedCapacity: end - start) { text in
                for index in start..<end {
                    let byte = bytes[index]
                    text[index - start] = byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z") ? byte - 0x20 : byte
                }
                return end - start
            }
        }
    }
}
