/// How waybill numbers are written, before any carrier's rules (contract, section 4, waybill).
public enum WaybillNumber {
    /// A number as it was typed, scanned or pasted: without blanks and invisible characters around it, full-width digits and letters as plain
    /// ones, in upper case. Hyphens and blanks inside it stay.
    public static func normalized(_ number: String) -> String {
        var number = number
        let plain: String? = number.withUTF8 { bytes in
            guard bytes.allSatisfy({ $0 < 0x80 }) else { return nil }
            var start = 0
            var end = bytes.count
            while start < end, bytes[start] <= 0x20 { start += 1 }
            while end > start, bytes[end - 1] <= 0x20 { end -= 1 }
            return String(unsafeUninitializedCapacity: end - start) { text in
                for index in start..<end { text[index - start] = upperCased(bytes[index]) }
                return end - start
            }
        }
        return plain ?? folded(number)
    }

    private static func folded(_ number: String) -> String {
        var scalars = Substring(number).unicodeScalars
        while let first = scalars.first, isLeftOff(first) { scalars.removeFirst() }
        while let last = scalars.last, isLeftOff(last) { scalars.removeLast() }
        var text = String.UnicodeScalarView()
        for scalar in scalars {
            switch scalar.value {
            // Digits, capital and small letters of full width lie as far from the plain ones as all their block does.
            case 0xFF10...0xFF19, 0xFF21...0xFF3A, 0xFF41...0xFF5A:
                text.append(Unicode.Scalar(upperCased(UInt8(scalar.value - 0xFEE0))))
            case 0..<0x80: text.append(Unicode.Scalar(upperCased(UInt8(scalar.value))))
            default: text.append(scalar)
            }
        }
        return String(text)
    }

    private static func upperCased(_ byte: UInt8) -> UInt8 {
        byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z") ? byte - 0x20 : byte
    }

    /// Blanks and invisible characters that come along when a number is copied from a page, a chat or a table.
    private static func isLeftOff(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0...0x20, 0xA0, 0x200B...0x200F, 0x202A...0x202E, 0x2060, 0x3000, 0xFEFF: true
        default: false
        }
    }

    /// The waybill that a parcel's number belongs to, of a normalized number. JD writes on each parcel which one of how many it is, after
    /// the number of the waybill; other carriers' numbers stand for themselves.
    public static func waybill(of number: String, carrier: String) -> String { carrier == "JD" ? withoutPlace(number) : number }

    /// A number beside a waybill's main one, normalized: JD's keep their parcel's place, but for a hyphen at the end.
    public static func further(_ number: String, carrier: String) -> String {
        carrier == "JD" && number.utf8.last == UInt8(ascii: "-") ? String(number.dropLast()) : number
    }

    /// JD's number without the parcel's place in its shipment: `-1-2` (the first of two), which scanners and interfaces may end with a
    /// hyphen or a further number. Anything else stays as it is.
    public static func withoutPlace(_ number: String) -> String {
        let parts = number.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard parts.count == 3 || parts.count == 4, isPlace(parts[1]), isPlace(parts[2]), parts.count == 3 || parts[3].allSatisfy(isDigit)
        else { return number }
        return String(Substring(parts[0]))
    }

    /// More than 9999 parcels are no shipment.
    private static func isPlace(_ text: Substring.UTF8View) -> Bool { (1...4).contains(text.count) && text.allSatisfy(isDigit) }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }
}
