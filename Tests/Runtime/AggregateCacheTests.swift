import Stores
import Testing

@testable import Runtime

@Suite struct AggregateCacheTests {
    private static func row(_ key: String, version: Int64 = 1, bytes: Int = 100) -> AggregateRow {
        AggregateRow(key: key, version: version, state: [UInt8](repeating: UInt8(truncatingIfNeeded: version), count: bytes), answered: [])
    }

    private static func insert(_ row: AggregateRow, into cache: inout AggregateCache) {
        cache.insert(Aggregate(key: row.key, version: row.version, answered: AnsweredIds()), row)
    }

    @Test func theNewestOfAKeyIsGiven() {
        var cache = AggregateCache(limit: 1 << 20)
        #expect(cache["a"] == nil && cache.row("a") == nil)
        Self.insert(Self.row("a"), into: &cache)
        Self.insert(Self.row("a", version: 2), into: &cache)
        #expect(cache["a"]?.row().version == 3)
        #expect(cache.row("a") == Self.row("a", version: 2))
    }

    /// Also when the older one lies in the old generation, and among rows that come and go.
    @Test func anAggregateThatWasReplacedNeverComesBack() {
        var cache = AggregateCache(limit: 20_000)
        Self.insert(Self.row("a", version: 1), into: &cache)
        for index in 0..<20 { Self.insert(Self.row("filler-\(index)"), into: &cache) }
        Self.insert(Self.row("a", version: 2), into: &cache)
        for index in 0..<1000 {
            if let found = cache["a"] { #expect(found.row().version == 3) }
            if let found = cache.row("a") { #expect(found == Self.row("a", version: 2)) }
            Self.insert(Self.row("later-\(index)"), into: &cache)
        }
        #expect(cache["a"] == nil)
    }

    @Test func itForgetsTheOldestAggregatesWhenItIsFull() {
        var cache = AggregateCache(limit: 1_000_000)
        for index in 0..<1000 { Self.insert(Self.row("\(index)", bytes: 1000), into: &cache) }
        let kept = (0..<1000).filter { cache["\($0)"] != nil }
        #expect(kept.last == 999)
        #expect(kept.count * 2250 <= 204_000)
        #expect(kept == Array(kept[0]...999), "what is kept is the newest")
    }

    /// Rows of every key are found as they were stored, whichever had to go before.
    @Test func rowsKeepWithinTheirBytes() {
        var cache = AggregateCache(limit: 100_000)
        for version in 1...3 {
            for index in 0..<500 {
                let row = Self.row("\(index)", version: Int64(version), bytes: 100 + index % 7)
                Self.insert(row, into: &cache)
                #expect(cache["\(index)"] != nil)
            }
            let kept = (0..<500).filter { cache.row("\($0)") != nil }
            #expect(kept.count * 350 <= 80_000 && kept.count * 360 > 70_000)
            for index in kept { #expect(cache.row("\(index)") == Self.row("\(index)", version: Int64(version), bytes: 100 + index % 7)) }
        }
    }

    /// Orders that come in the same order again and again, some more than there is room for: most are found all the same.
    @Test func aWaveOverMoreThanItHoldsFindsMany() {
        var cache = AggregateCache(limit: 100_000)
        var found = 0
        for _ in 0..<10 {
            for index in 0..<260 {
                if cache.row("\(index)") != nil { found += 1 }
                Self.insert(Self.row("\(index)"), into: &cache)
            }
        }
        #expect(found > 1000, "\(found) of 2340")
    }

    @Test func anAggregateLargerThanItAllIsKeptForAWhile() {
        var cache = AggregateCache(limit: 1000)
        Self.insert(Self.row("big", bytes: 5000), into: &cache)
        #expect(cache["big"] != nil && cache.row("big") != nil)
        Self.insert(Self.row("bigger", bytes: 5000), into: &cache)
        #expect(cache["big"] == nil)
        #expect((cache.row("big") == nil) != (cache.row("bigger") == nil), "one stays, however large")
    }
}
