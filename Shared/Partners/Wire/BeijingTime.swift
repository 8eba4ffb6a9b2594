/// Beijing time, in which partners write their times without saying so: eight hours ahead of UTC, without summer time.
public enum BeijingTime {
    private static let offset: Int64 = 8 * 3_600_000

    /// "yyyy-MM-dd HH:mm:ss", or "yyyy/M/d H:mm" as spreadsheets write it after saving; also either sign, with or without seconds.
    /// - Returns: milliseconds since 1970.
    public static func milliseconds(_ text: String) -> Int64? {
        var rest = text.utf8[...]
        guard let year = number(&rest, digits: 4...4), let sign = rest.popFirst() else { return nil }
        guard sign == UInt8(ascii: "-") || sign == UInt8(ascii: "/") else { return nil }
        guard let month = number(&rest, digits: 1...2), rest.popFirst() == sign, let day = number(&rest, digits: 1...2) else {
            return nil
        }
        guard rest.popFirst() == UInt8(ascii: " "), let hour = number(&rest, digits: 1...2) else { return nil }
        guard rest.popFirst() == UInt8(ascii: ":"), let minute = number(&rest, digits: 2...2) else { return nil }
        var second = 0
        if !rest.isEmpty {
            guard rest.popFirst() == UInt8(ascii: ":"), let read = number(&rest, digits: 2...2), rest.isEmpty else { return nil }
            second = read
        }
        guard (2000...2199).contains(year), (1...12).contains(month), (1...days(in: month, of: year)).contains(day) else { return nil }
        guard hour < 24, minute < 60, second < 60 else { return nil }
        let seconds = ((daysSince1970(year, month, day) * 24 + hour) * 60 + minute) * 60 + second
        return Int64(seconds) * 1000 - offset
    }

    /// "yyyy-MM-dd HH:mm:ss"; milliseconds are cut off.
    /// - Parameter milliseconds: since 1970.
    public static func format(_ milliseconds: Int64) -> String {
        let time = components(milliseconds)
        return "\(time.year)-\(padded(time.month))-\(padded(time.day)) \(padded(time.hour)):\(padded(time.minute)):\(padded(time.second))"
    }

    /// The calendar's numbers of a time; milliseconds are cut off.
    public static func components(_ milliseconds: Int64) -> (year: Int, month: Int, day: Int, hour: Int, minute: Int, second: Int) {
        let seconds = Int((milliseconds + offset) / 1000)
        let (days, second) = seconds.quotientAndRemainder(dividingBy: 86_400)
        // Years counted from March, so that the leap day is the last (Hinnant, "chrono-compatible low-level date algorithms").
        let shifted = days + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (
            yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1,
            second / 3600, second / 60 % 60, second % 60
        )
    }

    private static func daysSince1970(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func days(in month: Int, of year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    private static func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

    private static func number(_ rest: inout Substring.UTF8View, digits: ClosedRange<Int>) -> Int? {
        var (value, count) = (0, 0)
        while count < digits.upperBound, let digit = rest.first.map({ $0 &- UInt8(ascii: "0") }), digit < 10 {
            value = value * 10 + Int(digit)
            count += 1
            rest.removeFirst()
        }
        return digits.contains(count) ? value : nil
    }
}
