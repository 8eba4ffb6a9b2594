import Threads

/// What holds after a zone's last known change: `CST-8`, `EST5EDT,M3.2.0,M11.1.0` (POSIX `TZ`, with RFC 8536's longer hours).
struct TimeZoneRule: Equatable, Sendable {
    /// When a year's change happens.
    enum Day: Equatable, Sendable {
        /// `Mm.w.d`: of a month the week (5: the last) and the day of the week (0: Sunday).
        case week(month: Int, week: Int, weekday: Int)
        /// `Jn`: 1 to 365, the 29th of February is not counted.
        case withoutLeapDay(Int)
        /// `n`: 0 to 365.
        case ofYear(Int)
    }

    struct Change: Equatable, Sendable {
        var day: Day
        /// Seconds after local midnight.
        var time: Int
    }

    private var standard: Int
    private var summer: (offset: Int, start: Change, end: Change)?

    static func == (left: TimeZoneRule, right: TimeZoneRule) -> Bool {
        left.standard == right.standard && left.summer?.offset == right.summer?.offset && left.summer?.start == right.summer?.start
            && left.summer?.end == right.summer?.end
    }

    /// Seconds east of UTC at this second since 1970.
    func offset(at second: Int) -> Int {
        guard let summer else { return standard }
        // A year that RFC 3339 cannot write has no summer.
        let local = Timestamp(
            milliseconds: second.addingReportingOverflow(standard).partialValue.multipliedReportingOverflow(by: 1000).partialValue)
        guard let year = Int(local.description.prefix(4)), let start = Self.second(summer.start, year),
            let end = Self.second(summer.end, year)
        else { return standard }
        let begins = start - standard
        let ends = end - summer.offset
        let inside = begins < ends ? second >= begins && second < ends : second >= begins || second < ends
        return inside ? summer.offset : standard
    }

    /// The local second of a change in a year, counted as if it were UTC.
    private static func second(_ change: Change, _ year: Int) -> Int? {
        guard let newYear = midnight(year, 1) else { return nil }
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        switch change.day {
        case .ofYear(let day): return newYear + day * 86_400 + change.time
        case .withoutLeapDay(let day): return newYear + (leap && day > 59 ? day : day - 1) * 86_400 + change.time
        case .week(let month, let week, let weekday):
            guard let first = midnight(year, month), let next = month == 12 ? midnight(year + 1, 1) : midnight(year, month + 1) else {
                return nil
            }
            // 1970 began on a Thursday.
            let firstWeekday = (first.flooredDivision(by: 86_400).quotient + 4).flooredDivision(by: 7).remainder
            var day = first + ((weekday - firstWeekday + 7) % 7 + (week - 1) * 7) * 86_400
            if day >= next { day -= 7 * 86_400 }
            return day + change.time
        }
    }

    private static func midnight(_ year: Int, _ month: Int) -> Int? {
        let digits = String(10_000 + year).dropFirst()
        return Timestamp("\(digits)-\(month < 10 ? "0" : "")\(month)-01T00:00:00Z").map { $0.milliseconds / 1000 }
    }
}

extension TimeZoneRule {
    /// Nil for a text that is no such rule.
    init?(_ text: String) {
        var rest = text[...]
        guard Self.takeName(&rest), let west = Self.takeTime(&rest) else { return nil }
        standard = -west
        guard !rest.isEmpty else { return }
        guard Self.takeName(&rest) else { return nil }
        var offset = standard + 3600
        if let first = rest.first, first != "," {
            guard let west = Self.takeTime(&rest) else { return nil }
            offset = -west
        }
        guard let start = Self.takeChange(&rest), let end = Self.takeChange(&rest), rest.isEmpty else { return nil }
        summer = (offset, start, end)
    }

    /// `CST`, `<+07>`.
    private static func takeName(_ rest: inout Substring) -> Bool {
        if rest.first == "<" {
            guard let close = rest.firstIndex(of: ">") else { return false }
            rest = rest[rest.index(after: close)...]
            return true
        }
        let name = rest.prefix { $0.isLetter && $0.isASCII }
        rest = rest[name.endIndex...]
        return !name.isEmpty
    }

    private static func takeNumber(_ rest: inout Substring) -> Int? {
        let digits = rest.prefix { $0.isASCII && $0.isNumber }
        rest = rest[digits.endIndex...]
        return digits.count <= 3 ? Int(digits) : nil
    }

    /// `[+-]hh[:mm[:ss]]` in seconds.
    private static func takeTime(_ rest: inout Substring) -> Int? {
        let negative = rest.first == "-"
        if negative || rest.first == "+" { rest.removeFirst() }
        guard let hours = takeNumber(&rest) else { return nil }
        var seconds = hours * 3600
        for unit in [60, 1] where rest.first == ":" {
            rest.removeFirst()
            guard let value = takeNumber(&rest), value < 60 else { return nil }
            seconds += value * unit
        }
        return negative ? -seconds : seconds
    }

    /// `,M3.2.0/2`; two in the morning when no time is said.
    private static func takeChange(_ rest: inout Substring) -> Change? {
        guard rest.first == "," else { return nil }
        rest.removeFirst()
        guard let day = takeDay(&rest) else { return nil }
        guard rest.first == "/" else { return Change(day: day, time: 7200) }
        rest.removeFirst()
        return takeTime(&rest).map { Change(day: day, time: $0) }
    }

    private static func takeDay(_ rest: inout Substring) -> Day? {
        switch rest.first {
        case "M":
            rest.removeFirst()
            var numbers: [Int] = []
            for index in 0..<3 {
                if index > 0 {
                    guard rest.first == "." else { return nil }
                    rest.removeFirst()
                }
                guard let number = takeNumber(&rest) else { return nil }
                numbers.append(number)
            }
            guard (1...12).contains(numbers[0]), (1...5).contains(numbers[1]), numbers[2] < 7 else { return nil }
            return .week(month: numbers[0], week: numbers[1], weekday: numbers[2])
        case "J":
            rest.removeFirst()
            guard let day = takeNumber(&rest), (1...365).contains(day) else { return nil }
            return .withoutLeapDay(day)
        default:
            guard let day = takeNumber(&rest), day <= 365 else { return nil }
            return .ofYear(day)
        }
    }
}
