import Stores
import Testing

@testable import Runtime

@Suite struct AggregateCacheTests {
    private static func row(_ key: String, bytes: Int = 100, version: Int64 = 1) -> AggregateRow {
        AggregateRow(key: key, version: version, state: Array(repeating: 0, count: bytes), answered: [])
    }

    @Test func theNewestRowOfAKeyIsGiven() {
        var cache = AggregateCache(limit: 1 << 20)
        #expect(cache["a"] == nil)
        cache.insert(Self.row("a"))
        cache.insert(Self.row("a", version: 2))
        #expect(cache["a"]?.version == 2)
    }

    /// Also when the older one lies in the old generation.
    @Test func aRowThatWasReplacedNeverComesBack() {
        var cache = AggregateCache(limit: 4000)
        cache.insert(Self.row("a", version: 1))
        for index in 0..<10 { cache.insert(Self.row("filler-\(index)")) }
        cache.insert(Self.row("a", version: 2))
        for index in 0..<1000 {
            if let found = cache["a"] { #expect(found.version == 2) }
            cache.insert(Self.row("later-\(index)"))
        }
    }

    @Test func itForgetsTheOldestWhenItIsFull() {
        var cache = AggregateCache(limit: 100_000)
        for index in 0..<1000 { cache.insert(Self.row("\(index)", bytes: 1000)) }
        let kept = (0..<1000).filter { cache["\($0)"] != nil }
        #expect(kept.last == 999)
        #expect(kept.count * 1150 <= 102_000)
        #expect(kept == Array(kept[0]...999), "what is kept is the newest")
    }

    @Test func aRowLargerThanItAllIsKeptForAWhile() {
        var cache = AggregateCache(limit: 1000)
        cache.insert(Self.row("big", bytes: 5000))
        #expect(cache["big"] != nil)
        cache.insert(Self.row("bigger", bytes: 5000))
        #expect(cache["big"] == nil)
    }
}
