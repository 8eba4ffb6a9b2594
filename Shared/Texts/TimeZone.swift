public import Threads

/// A zone of tzdata: the offset from UTC at any time (RFC 8536). Read once, then a pure value.
public struct TimeZone: Equatable, Sendable {
    /// Where Debian's package `tzdata` puts its files.
    public static let folder = "/usr/share/zoneinfo"

    /// As tzdata names it: `Asia/Shanghai`.
    public let name: String
    /// Seconds since 1970, ascending, at each of which the offset beside it begins.
    let transitions: [(second: Int, offset: Int)]
    /// Before the first of them.
    let firstOffset: Int
    /// After the last of them.
    let rule: TimeZoneRule?

    /// Reads a zone's file.
    ///
    /// - Throws: `TimeZoneError` for a name that is none of tzdata's, or a file that is no TZif file of version 2 or later.
    public static func load(_ name: String, folder: String = folder) throws(TimeZoneError) -> TimeZone {
        guard isName(name), let bytes = TextFile.bytes("\(folder)/\(name)") else {
            throw TimeZoneError(zone: name, reason: "there is no such time zone; use a name of tzdata such as Asia/Shanghai")
        }
        var reader = TimeZoneFile(zone: name, bytes: bytes)
        return try reader.read()
    }

    /// Area and place, so that no name leads out of the folder.
    private static func isName(_ name: String) -> Bool {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        return name.utf8.count <= 64 && parts.count <= 3
            && parts.allSatisfy { part in
                part.first?.isLetter == true && part.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "_+-".contains($0)) }
            }
    }

    public static func == (left: TimeZone, right: TimeZone) -> Bool {
        left.name == right.name && left.firstOffset == right.firstOffset && left.rule == right.rule
            && left.transitions.elementsEqual(right.transitions) { $0 == $1 }
    }

    /// Seconds east of UTC at this second since 1970.
    func offset(at second: Int) -> Int {
        guard let last = transitions.last else { return rule?.offset(at: second) ?? firstOffset }
        if second >= last.second, let rule { return rule.offset(at: second) }
        var low = 0
        var high = transitions.count
        while low < high {
            let middle = (low + high) / 2
            if transitions[middle].second <= second { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? firstOffset : transitions[low - 1].offset
    }

    // MARK: For pages

    /// `2026-11-29 14:05` in this zone.
    public func text(_ time: Timestamp) -> String { "\(dayText(time)) \(local(time).dropFirst(11).prefix(5))" }

    /// `2026-11-29` in this zone.
    public func dayText(_ time: Timestamp) -> String { String(local(time).prefix(10)) }

    /// RFC 3339 of the local time, but for the zone's letter.
    private func local(_ time: Timestamp) -> String {
        let (seconds, rest) = time.milliseconds.flooredDivision(by: 1000)
        let moved = seconds.addingReportingOverflow(offset(at: seconds)).partialValue.multipliedReportingOverflow(by: 1000)
        return Timestamp(milliseconds: moved.overflow ? time.milliseconds : moved.partialValue + rest).description
    }

    /// The times that belong to a day in this zone, from its first to the next day's first, which does not belong to it any more.
    ///
    /// - Parameter day: `2026-11-29`; nil for anything else.
    public func day(_ day: String) -> Range<Timestamp>? {
        guard day.utf8.count == 10, let midnight = Timestamp("\(day)T00:00:00Z") else { return nil }
        let start = start(midnight.milliseconds / 1000)
        let end = self.start(midnight.milliseconds / 1000 + 86_400)
        guard start <= end else { return nil }
        return Timestamp(milliseconds: start * 1000)..<Timestamp(milliseconds: end * 1000)
    }

    /// The first second of the local day whose midnight, were it UTC, is this second. Where clocks leap over midnight it is the leap.
    private func start(_ midnight: Int) -> Int {
        let before = offset(at: midnight - 86_400)
        let after = offset(at: midnight + 86_400)
        if offset(at: midnight - before) == before { return midnight - before }
        if offset(at: midnight - after) == after { return midnight - after }
        var low = midnight - max(before, after)
        var high = midnight - min(before, after)
        while low < high {
            let middle = (low + high).flooredDivision(by: 2).quotient
            if offset(at: middle) == before { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

/// Why a time zone was not read.
public struct TimeZoneError: Error, Equatable, Sendable, CustomStringConvertible {
    public let zone: String
    public let reason: String

    public var description: String { "time zone \"\(zone)\": \(reason)" }
}

extension Int {
    /// Quotient and remainder where the remainder is never negative.
    func flooredDivision(by divisor: Int) -> (quotient: Int, remainder: Int) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
