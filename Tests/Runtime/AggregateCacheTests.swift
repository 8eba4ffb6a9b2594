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

    @Test func itForgetsTheOldestWhenItIsFull() {
        var cache = AggregateCache(limit: 100_000)
        for index in 0..<1000 { cache.insert(Self.aggregate("\(index)"), bytes: 1000) }
        let kept = (0..<1000).filter { cache["\($0)"] != nil }
        #expect(kept.last == 999)
        #expect(kept.count * 1250 <= 102_000)
        #expect(kept == Array(kept[0]...999), "what is kept is the newest")
    }

    @Test func anAggregateLargerThanItAllIsKeptForAWhile() {
        var cache = AggregateCache(limit: 1000)
        cache.insert(Self.aggregate("big"), bytes: 5000)
        #expect(cache["big"] != nil)
        cache.insert(Self.aggregate("bigger"), bytes: 5000)
        #expect(cache["big"] == nil)
    }
}
