import Stores
import Testing

@testable import Runtime

@Suite struct AggregateCacheTests {
    private static func aggregate(_ key: String, version: Int64 = 1) -> Aggregate {
        Aggregate(key: key, version: version, answered: AnsweredIds())
    }

    @Test func theNewestOfAKeyIsGiven() {
        var cache = AggregateCache(limit: 1 << 20)
        #expect(cache["a"] == nil)
        cache.insert(Self.aggregate("a"), bytes: 100)
        cache.insert(Self.aggregate("a", version: 2), bytes: 100)
        #expect(cache["a"]?.row().version == 3)
    }

    /// Also when the older one lies in the old generation.
    @Test func anAggregateThatWasReplacedNeverComesBack() {
        var cache = AggregateCache(limit: 4000)
        cache.insert(Self.aggregate("a", version: 1), bytes: 100)
        for index in 0..<10 { cache.insert(Self.aggregate("filler-\(index)"), bytes: 100) }
        cache.insert(Self.aggregate("a", version: 2), bytes: 100)
        for index in 0..<1000 {
            if let found = cache["a"] { #expect(found.row().version == 3) }
            cache.insert(Self.aggregate("later-\(index)"), bytes: 100)
        }
    }

    @Test func itHoldsNoMoreThanItsLimitAndAlwaysTheNewest() {
        var cache = AggregateCache(limit: 100_000)
        for index in 0..<1000 {
            cache.insert(Self.aggregate("\(index)"), bytes: 400)
            #expect(cache["\(index)"] != nil)
        }
        let kept = (0..<1000).filter { cache["\($0)"] != nil }
        #expect((80...105).contains(kept.count), "\(kept.count) of a thousand bytes each")
    }

    /// As the waves of a day: all orders are placed, then all are allocated, then all ship.
    @Test func ofAWaveThatIsLongerThanItselfItFindsAPart() {
        var cache = AggregateCache(limit: 1_000_000)
        for index in 0..<2000 { cache.insert(Self.aggregate("\(index)"), bytes: 400) }
        var found = 0
        for index in 0..<2000 {
            if cache["\(index)"] != nil { found += 1 }
            cache.insert(Self.aggregate("\(index)"), bytes: 400)
        }
        #expect((500...1000).contains(found), "half of a wave would fit")
    }

    @Test func aRowThatIsWrittenAgainAndAgainIsCountedOnce() {
        var cache = AggregateCache(limit: 100_000)
        for _ in 0..<100 {
            for index in 0..<60 { cache.insert(Self.aggregate("\(index)"), bytes: 400) }
        }
        for index in 60..<85 { cache.insert(Self.aggregate("\(index)"), bytes: 400) }
        #expect((0..<85).allSatisfy { cache["\($0)"] != nil }, "85 of a thousand bytes each fit")
    }

    @Test func anAggregateLargerThanItAllIsKeptForAWhile() {
        var cache = AggregateCache(limit: 1000)
        cache.insert(Self.aggregate("big"), bytes: 5000)
        #expect(cache["big"] != nil)
        for index in 0..<3 { cache.insert(Self.aggregate("bigger-\(index)"), bytes: 5000) }
        #expect(cache["big"] == nil)
    }
}
