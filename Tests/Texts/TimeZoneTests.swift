import Testing
import Threads

@testable import Texts

@Suite struct TimeZoneTests {
    private func time(_ text: String) throws -> Timestamp { try #require(Timestamp(text)) }

    @Test(arguments: [
        ("Asia/Shanghai", "2026-11-29T06:05:59.999Z", "2026-11-29 14:05"), ("Asia/Ho_Chi_Minh", "2026-11-29T17:00:00Z", "2026-11-30 00:00"),
        ("Asia/Shanghai", "1988-07-01T00:00:00Z", "1988-07-01 09:00"), ("America/New_York", "2026-03-08T06:59:59Z", "2026-03-08 01:59"),
        ("America/New_York", "2026-03-08T07:00:00Z", "2026-03-08 03:00"), ("America/New_York", "2050-07-01T12:00:00Z", "2050-07-01 08:00"),
        ("America/New_York", "2050-12-01T12:00:00Z", "2050-12-01 07:00"), ("Australia/Sydney", "2060-01-01T00:00:00Z", "2060-01-01 11:00"),
        ("Asia/Kathmandu", "2026-01-01T00:00:00Z", "2026-01-01 05:45"), ("Etc/UTC", "1969-12-31T23:59:59.500Z", "1969-12-31 23:59"),
    ])
    func aTimeIsShownInTheZone(zone: String, time text: String, shown: String) throws {
        #expect(try TimeZone.load(zone).text(time(text)) == shown)
    }

    /// Every full hour of a few years, against the rules as they were published.
    @Test func offsetsFollowTheRuleAfterTheLastTransition() throws {
        let rule = try #require(TimeZoneRule("EST5EDT,M3.2.0,M11.1.0"))
        #expect(try rule.offset(at: time("2040-03-11T06:59:59Z").milliseconds / 1000) == -5 * 3600)
        #expect(try rule.offset(at: time("2040-03-11T07:00:00Z").milliseconds / 1000) == -4 * 3600)
        #expect(try rule.offset(at: time("2040-11-04T05:59:59Z").milliseconds / 1000) == -4 * 3600)
        #expect(try rule.offset(at: time("2040-11-04T06:00:00Z").milliseconds / 1000) == -5 * 3600)
        let south = try #require(TimeZoneRule("<+1030>-10:30<+11>-11,M10.1.0,M4.1.0"))
        #expect(try south.offset(at: time("2041-01-01T00:00:00Z").milliseconds / 1000) == 11 * 3600)
        #expect(try south.offset(at: time("2041-07-01T00:00:00Z").milliseconds / 1000) == 10 * 3600 + 1800)
        let last = try #require(TimeZoneRule("CET-1CEST,M3.5.0,M10.5.0/3"))
        #expect(try last.offset(at: time("2043-03-29T00:59:59Z").milliseconds / 1000) == 3600)
        #expect(try last.offset(at: time("2043-03-29T01:00:00Z").milliseconds / 1000) == 7200)
        let julian = try #require(TimeZoneRule("AAA0BBB,J60/0,300/0"))
        #expect(try julian.offset(at: time("2044-02-29T23:59:59Z").milliseconds / 1000) == 0)
        #expect(try julian.offset(at: time("2044-03-01T00:00:00Z").milliseconds / 1000) == 3600)
        #expect(try julian.offset(at: time("2044-10-26T23:00:00Z").milliseconds / 1000) == 0)
    }

    @Test(arguments: [
        "", "CST", "CST-8x", "<+07-7", "A5B,M13.1.0,M1.1.0", "A5B,M3.6.0,M4.1.0", "A5B,M3.1.7,M4.1.0", "A5B,M3.1.0", "A5B,J0,J9",
        "A5B,366,1",
    ])
    func aRuleThatIsNoneIsNotRead(text: String) { #expect(TimeZoneRule(text) == nil) }

    @Test(arguments: [
        "", "Asia/Nowhere", "../../etc/passwd", "/etc/localtime", "Asia/../Asia/Shanghai", "Asia//Shanghai", "Asia", "tzdata.zi", "Á",
    ])
    func aBadZoneIsAnErrorThatNamesIt(name: String) throws {
        let error = #expect(throws: TimeZoneError.self) { try TimeZone.load(name) }
        #expect(try #require(error).zone == name)
    }

    @Test func aFileThatIsNoZoneIsAnError() throws {
        let good = try #require(TextFile.bytes("\(TimeZone.folder)/Asia/Shanghai"))
        func read(_ bytes: [UInt8]) throws(TimeZoneError) -> TimeZone {
            var file = TimeZoneFile(zone: "x", bytes: bytes)
            return try file.read()
        }
        #expect(try read(good).offset(at: 0) == 8 * 3600)
        for length in 0..<good.count { #expect(throws: TimeZoneError.self) { try read(Array(good[..<length])) } }
        // Counts and indices that lead out of the file.
        for place in good.indices {
            var broken = good
            broken[place] ^= 0xFF
            _ = try? read(broken)
        }
    }

    @Test func aDayIsHalfOpenInItsZone() throws {
        let shanghai = try TimeZone.load("Asia/Shanghai")
        let day = try #require(shanghai.day("2026-11-29"))
        #expect(try day.lowerBound == time("2026-11-28T16:00:00Z") && day.upperBound == time("2026-11-29T16:00:00Z"))
        #expect(try day.contains(time("2026-11-29T15:59:59.999Z")) && !day.contains(time("2026-11-29T16:00:00Z")))
        let saigon = try #require(try TimeZone.load("Asia/Ho_Chi_Minh").day("2026-11-29"))
        #expect(try saigon.lowerBound == time("2026-11-28T17:00:00Z"))
    }

    @Test func aDayOfTheClockChangeIsShorterOrLonger() throws {
        let zone = try TimeZone.load("America/New_York")
        let short = try #require(zone.day("2026-03-08"))
        let long = try #require(zone.day("2026-11-01"))
        #expect(short.upperBound.milliseconds - short.lowerBound.milliseconds == 23 * 3_600_000)
        #expect(long.upperBound.milliseconds - long.lowerBound.milliseconds == 25 * 3_600_000)
    }

    /// Clocks in Beirut leap from midnight to one, so that the day begins at one; in Havana they fall back from one to midnight.
    @Test func aMidnightThatDoesNotExistOrComesTwiceStillBeginsADay() throws {
        let beirut = try TimeZone.load("Asia/Beirut")
        let leap = try #require(beirut.day("2022-03-27"))
        #expect(beirut.text(leap.lowerBound) == "2022-03-27 01:00")
        #expect(try leap.lowerBound == time("2022-03-26T22:00:00Z"))
        let twice = try #require(try TimeZone.load("America/Havana").day("2022-11-06"))
        #expect(try twice.lowerBound == time("2022-11-06T04:00:00Z"))
    }

    @Test func daysFollowEachOtherWithoutGap() throws {
        for name in ["Asia/Shanghai", "America/New_York", "Asia/Beirut", "America/Havana", "Pacific/Apia", "Australia/Lord_Howe"] {
            let zone = try TimeZone.load(name)
            var end: Timestamp?
            for month in 1...12 {
                for day in 1...28 {
                    let text = "2011-\(month < 10 ? "0" : "")\(month)-\(day < 10 ? "0" : "")\(day)"
                    let range = try #require(zone.day(text))
                    if day > 1 { #expect(range.lowerBound == end) }
                    if !range.isEmpty { #expect(zone.dayText(range.lowerBound) == text) }
                    end = range.upperBound
                }
            }
        }
    }

    @Test(arguments: ["2026-02-29", "2026-13-01", "29.11.2026", "2026-1-1", "2026-11-29T00:00", ""])
    func whatIsNoDayIsNone(text: String) throws { #expect(try TimeZone.load("Asia/Shanghai").day(text) == nil) }
}
