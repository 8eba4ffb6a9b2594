import Contracts
import JSON

/// A carrier and the known forms of its waybill numbers.
///
/// The forms are the strict patterns of 2024 that the public project Courier-Validation lists, widened by what was met in public in 2025
/// and 2026 (ZTO's 79…, JD's JDAWX…, Deppon's DPL…, S10 numbers of EMS). Carriers' forms overlap, so a number is checked against the
/// carrier that was named, and none is ever inferred. No check digit of these carriers is public, and no list is complete: a number of
/// another form is *unusual*, and taken when it is said to be meant.
struct Carrier: Sendable {
    let code: String
    let forms: [Form]

    /// One shape of a number: bytes of given classes, then digits, then an end.
    struct Form: Sendable {
        /// The bytes that each place before the digits accepts.
        let head: [[UInt8]]
        let digits: ClosedRange<Int>
        let end: [UInt8]

        init(_ head: String..., digits: ClosedRange<Int>, end: String = "") {
            self.head = head.map { Array($0.utf8) }
            self.digits = digits
            self.end = Array(end.utf8)
        }

        init(_ head: String..., digits: Int, end: String = "") {
            self.head = head.map { Array($0.utf8) }
            self.digits = digits...digits
            self.end = Array(end.utf8)
        }

        func matches(_ number: UnsafeBufferPointer<UInt8>) -> Bool {
            let end = number.count - self.end.count
            guard end >= head.count, digits.contains(end - head.count) else { return false }
            for index in head.indices where !head[index].contains(number[index]) { return false }
            for index in head.count..<end where number[index] < UInt8(ascii: "0") || number[index] > UInt8(ascii: "9") { return false }
            for index in self.end.indices where number[end + index] != self.end[index] { return false }
            return true
        }
    }

    private static let letter = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    private static let digit = "0123456789"
    private static let letterOrDigit = letter + digit

    static let all = [
        Carrier(code: "SF", forms: [Form("S", "F", letterOrDigit, digits: 12), Form("S", "F", digits: 12...14)]),
        Carrier(code: "ZTO", forms: [Form("7", digits: 13)]),
        Carrier(code: "YTO", forms: [Form("Y", "T", digits: 12...18)]),
        Carrier(code: "STO", forms: [Form("7", "7", digits: 12...15), Form("4", "3", digits: 12...15)]),
        Carrier(code: "YUNDA", forms: [Form("34", digits: 14), Form("5", digits: 12)]),
        Carrier(
            code: "JD",
            forms: [
                Form("J", "D", letterOrDigit, letterOrDigit, digits: 11...12),
                Form("J", "D", letterOrDigit, letterOrDigit, letterOrDigit, digits: 11...12),
            ]),
        Carrier(code: "JT", forms: [Form("J", "T", digits: 12...14)]),
        // 98 and 11 digits are China Post's parcels; E? and 9 digits its international express.
        Carrier(
            code: "EMS",
            forms: [Form("981", digits: 12), Form("P", letter, digits: 11), Form(letter, letter, digits: 9, end: "CN")]),
        Carrier(code: "DBL", forms: [Form("D", "P", letter, digits: 12...13)]),
        Carrier(code: "CAINIAO", forms: [Form("6", "2", "1", digits: 12)]),
    ]

    static func named(_ code: String) -> Carrier? { all.first { $0.code == code } }

    /// The carrier with this code, or `carrier-unknown`.
    static func required(_ code: String) throws(Refusal) -> Carrier {
        guard let carrier = named(code) else {
            throw Refusal(
                .carrierUnknown, "there is no such carrier; give one of \(all.map(\.code).joined(separator: ", "))", field: "carrier")
        }
        return carrier
    }

    /// The form that this number has; nil: it is none of the carrier's. Expects a number as `WaybillNumber.normalized` gives it.
    func form(of number: String) -> Form? {
        var number = number
        return number.withUTF8 { bytes in forms.first { $0.matches(bytes) } }
    }

    /// Checks a number, or throws `waybill-number-invalid`.
    /// - Returns: whether it has a known form; without one it is unusual, and was allowed to be.
    func check(_ number: String, allowsUnusual: Bool, field: String) throws(Refusal) -> Bool {
        if form(of: number) != nil { return true }
        guard Self.isUnusual(number) else {
            throw Refusal(
                .waybillNumberInvalid,
                "this is no waybill number: it has 8 to 30 of A to Z, 0 to 9 and hyphens; check the number and the carrier \(code)",
                field: field)
        }
        guard allowsUnusual else {
            throw Refusal(
                .waybillNumberInvalid,
                "\(code) is not known to give numbers of this form; check the number and the carrier, and if both are right send it with unusual: true",
                field: field, details: ["unusual": .bool(true)])
        }
        return false
    }

    /// Whether a number of no known form can be one at all: 8 to 30 of `[A-Z0-9-]`.
    static func isUnusual(_ number: String) -> Bool {
        (8...30).contains(number.utf8.count)
            && number.utf8.allSatisfy { byte in
                (byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z")) || (byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9"))
                    || byte == UInt8(ascii: "-")
            }
    }
}
