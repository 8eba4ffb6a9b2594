import TableFiles

/// Numbers of cells as the file writes them: decimal, of a floating-point number that has fifteen digits one can rely on.
struct CellNumber: Equatable {
    let isNegative: Bool
    /// Significant digits, without zeros in front; empty for zero.
    let digits: [UInt8]
    /// How many of `digits` stand before the point; negative: so many zeros stand between the point and the digits.
    let point: Int
    /// Digits, as written, behind the point.
    let decimals: Int
    let hasExponent: Bool

    /// nil for what is no number.
    init?(_ text: [UInt8]) {
        var rest = text[...]
        isNegative = rest.first == UInt8(ascii: "-")
        if isNegative || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
        var (digits, whole, decimals, seenPoint) = ([UInt8](), 0, 0, false)
        while let byte = rest.first, byte == UInt8(ascii: ".") && !seenPoint || (0x30...0x39).contains(byte) {
            rest.removeFirst()
            if byte == UInt8(ascii: ".") {
                seenPoint = true
            } else {
                digits.append(byte - 0x30)
                if seenPoint { decimals += 1 } else { whole += 1 }
            }
        }
        guard !digits.isEmpty else { return nil }
        var exponent = 0
        hasExponent = rest.first.map { $0 | 0x20 == UInt8(ascii: "e") } ?? false
        if hasExponent {
            rest.removeFirst()
            let isSmall = rest.first == UInt8(ascii: "-")
            if isSmall || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
            guard (1...3).contains(rest.count) else { return nil }
            while let byte = rest.first, (0x30...0x39).contains(byte) {
                rest.removeFirst()
                exponent = exponent * 10 + Int(byte - 0x30)
            }
            if isSmall { exponent = -exponent }
        }
        guard rest.isEmpty else { return nil }
        let zeros = digits.prefix { $0 == 0 }.count
        self.digits = Array(digits.dropFirst(zeros))
        point = whole - zeros + exponent
        self.decimals = decimals
    }

    var isZero: Bool { digits.isEmpty }

    /// The number in plain digits, as a spreadsheet shows it: 1.1000000000000001 is 1.1. nil when digits may be lost: sixteen and more before
    /// the point, or a power of ten (LibreOffice writes 1234567890123456 as 1234567890123460, and 10^21 as `1E+021`).
    var plain: String? {
        guard !isZero else { return decimals > 0 && !hasExponent ? "0." + String(repeating: "0", count: decimals) : "0" }
        guard point <= Self.reliable, !hasExponent || point <= 0, point > -Self.reliable else { return nil }
        if digits.count <= Self.reliable, !hasExponent { return text(digits, point, decimals: decimals) }
        let (rounded, place) = self.rounded
        return text(rounded, place, decimals: max(0, rounded.count - place))
    }

    /// The number of days and the seconds within the last one, rounded; nil for what no calendar of a spreadsheet has.
    var daysAndSeconds: (days: Int, seconds: Int)? {
        guard !isNegative, point <= 7, !isZero else { return nil }
        // Seven digits before the point and eight behind it: a second is 0.0000116 of a day.
        var (days, fraction, scale) = (0, 0, 1)
        let padded = [UInt8](repeating: 0, count: max(0, -point)) + digits
        let whole = max(0, point)
        for index in 0..<whole { days = days * 10 + (index < padded.count ? Int(padded[index]) : 0) }
        for digit in padded.dropFirst(whole).prefix(10) {
            fraction = fraction * 10 + Int(digit)
            scale *= 10
        }
        let seconds = (fraction * 86_400 + scale / 2) / scale
        return seconds < 86_400 ? (days, seconds) : (days + 1, 0)
    }

    /// Digits of an IEEE 754 double that survive being written and read (DBL_DIG).
    private static let reliable = 15

    private var rounded: (digits: [UInt8], point: Int) {
        var (digits, point) = (Array(self.digits.prefix(Self.reliable)), point)
        if self.digits.count > Self.reliable, self.digits[Self.reliable] >= 5 {
            var index = digits.count - 1
            while index >= 0, digits[index] == 9 {
                digits[index] = 0
                index -= 1
            }
            if index >= 0 {
                digits[index] += 1
            } else {
                digits.insert(1, at: 0)
                point += 1
            }
        }
        while digits.last == 0 { digits.removeLast() }
        return (digits, point)
    }

    private func text(_ digits: [UInt8], _ point: Int, decimals: Int) -> String {
        var text: [UInt8] = isNegative ? [UInt8(ascii: "-")] : []
        if point <= 0 { text.append(UInt8(ascii: "0")) }
        for index in 0..<max(0, point) { text.append(0x30 + (index < digits.count ? digits[index] : 0)) }
        if decimals > 0 {
            text.append(UInt8(ascii: "."))
            for place in point..<(point + decimals) {
                text.append(0x30 + (digits.indices.contains(place) ? digits[place] : 0))
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}

extension CellNumber {
    /// Days counted from 1899-12-30, as spreadsheets do from March 1900 on, as `yyyy-MM-dd HH:mm:ss`; nil before that and after 9999.
    func time(countsFrom1904: Bool) -> String? {
        guard let (serial, seconds) = daysAndSeconds else { return nil }
        let days = serial + (countsFrom1904 ? 1462 : 0)
        guard (61...2_958_465).contains(days) else { return nil }
        // Years counted from March, so that the leap day is the last (Hinnant, "chrono-compatible low-level date algorithms").
        let shifted = days - 25_569 + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return "\(year)-\(Self.padded(month))-\(Self.padded(day)) "
            + "\(Self.padded(seconds / 3600)):\(Self.padded(seconds / 60 % 60)):\(Self.padded(seconds % 60))"
    }

    private static func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
