/// A point in time: milliseconds since 1970 UTC.
public struct Timestamp: Hashable, Comparable, Sendable {
    public var milliseconds: Int

    public init(milliseconds: Int) { self.milliseconds = milliseconds }

    public static func < (left: Timestamp, right: Timestamp) -> Bool { left.milliseconds < right.milliseconds }
}

extension Timestamp: CustomStringConvertible {
    /// RFC 3339: any offset, any number of fractional digits (digits beyond milliseconds are dropped).
    public init?(_ text: String) {
        var text = text
        guard let value = text.withUTF8({ Self.parse($0) }) else { return nil }
        milliseconds = value
    }

    /// The same, from a header's bytes.
    public init?(utf8 bytes: UnsafeRawBufferPointer) {
        guard let value = bytes.withMemoryRebound(to: UInt8.self, { Self.parse($0) }) else { return nil }
        milliseconds = value
    }

    static func parse(_ bytes: UnsafeBufferPointer<UInt8>) -> Int? {
        func number(_ start: Int, _ count: Int) -> Int? {
            var value = 0
            for index in start..<start + count {
                guard index < bytes.count, bytes[index] >= 0x30, bytes[index] <= 0x39 else { return nil }
                value = value * 10 + Int(bytes[index] - 0x30)
            }
            return value
        }
        func has(_ byte: UInt8, at index: Int) -> Bool { index < bytes.count && bytes[index] == byte }
        guard bytes.count >= 20, let year = number(0, 4), has(0x2D, at: 4), let month = number(5, 2), has(0x2D, at: 7),
            let day = number(8, 2),
            has(0x54, at: 10) || has(0x74, at: 10) || has(0x20, at: 10), let hour = number(11, 2), has(0x3A, at: 13),
            let minute = number(14, 2),
            has(0x3A, at: 16), let second = number(17, 2)
        else { return nil }
        guard (1...12).contains(month), (1...daysIn(month, of: year)).contains(day), hour < 24, minute < 60, second <= 60 else {
            return nil
        }
        var index = 19
        var fraction = 0
        if has(0x2E, at: index) {
            index += 1
            let start = index
            var scale = 100
            while index < bytes.count, let digit = number(index, 1) {
                fraction += digit * scale
                scale /= 10
                index += 1
            }
            if index == start { return nil }
        }
        var offset = 0
        if has(0x5A, at: index) || has(0x7A, at: index) {
            index += 1
        } else if has(0x2B, at: index) || has(0x2D, at: index) {
            guard let hours = number(index + 1, 2), has(0x3A, at: index + 3), let minutes = number(index + 4, 2), hours < 24, minutes < 60
            else { return nil }
            offset = (hours * 60 + minutes) * (has(0x2D, at: index) ? -1 : 1)
            index += 6
        } else {
            return nil
        }
        guard index == bytes.count else { return nil }
        let seconds = days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - offset * 60
        // An offset may lead out of the years that four digits can write.
        guard (earliest...latest).contains(seconds) else { return nil }
        return seconds * 1000 + fraction
    }

    /// Seconds of 0000-01-01T00:00:00Z and 9999-12-31T23:59:59Z.
    private static let earliest = days(0, 1, 1) * 86_400
    private static let latest = days(9999, 12, 31) * 86_400 + 86_399

    private static func daysIn(_ month: Int, of year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Days since 1970-01-01 in the proleptic Gregorian calendar (Howard Hinnant, "chrono-compatible low-level date algorithms").
    private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let y = month <= 2 ? year - 1 : year
        let era = (y >= 0 ? y : y - 399) / 400
        let yearOfEra = y - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    /// `2026-11-24T08:00:00.000Z`; a time outside the years 0000 to 9999, which RFC 3339 cannot write, as the first or last that it can.
    public var description: String {
        String(unsafeUninitializedCapacity: 24) { buffer in
            let milliseconds = min(max(milliseconds, Self.earliest * 1000), Self.latest * 1000 + 999)
            let seconds = Int((Double(milliseconds) / 1000).rounded(.down))
            let dayNumber = Int((Double(seconds) / 86_400).rounded(.down))
            let z = dayNumber + 719_468
            let era = (z >= 0 ? z : z - 146_096) / 146_097
            let dayOfEra = z - era * 146_097
            let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
            let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
            let shifted = (5 * dayOfYear + 2) / 153
            let month = shifted < 10 ? shifted + 3 : shifted - 9
            let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
            let inDay = seconds - dayNumber * 86_400
            var position = 0
            func put(_ value: Int, _ width: Int, then separator: Character) {
                var rest = value
                for index in stride(from: position + width - 1, through: position, by: -1) {
                    buffer[index] = 0x30 + UInt8(rest % 10)
                    rest /= 10
                }
                position += width
                buffer[position] = separator.asciiValue ?? 0
                position += 1
            }
            put(year, 4, then: "-")
            put(month, 2, then: "-")
            put(dayOfYear - (153 * shifted + 2) / 5 + 1, 2, then: "T")
            put(inDay / 3600, 2, then: ":")
            put(inDay / 60 % 60, 2, then: ":")
            put(inDay % 60, 2, then: ".")
            put(milliseconds - seconds * 1000, 3, then: "Z")
            return position
        }
    }
}
