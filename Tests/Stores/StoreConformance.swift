import Stores
import Testing

/// What every store must do, whatever it is built on. `open` gives a new handle on one and the same fresh store, as
/// another process would have it.
struct StoreConformance {
    let open: () throws -> any Store

    static let behaviours: [(name: String, check: @Sendable (StoreConformance) throws -> Void)] = [
        ("a claim raises the epoch", { try $0.claimRaisesEpoch() }),
        ("a second claim fences the first", { try $0.secondClaimFencesFirst() }),
        ("nothing is written without a claim", { try $0.writingNeedsClaim() }),
        ("a batch is stored whole", { try $0.batchIsStoredWhole() }),
        ("a refused batch leaves nothing", { try $0.refusedBatchLeavesNothing() }),
        ("rows are replaced and removed", { try $0.rowsAreReplacedAndRemoved() }),
        ("identity is kept and changed on purpose", { try $0.identityIsKept() }),
        ("positions move on by topic", { try $0.positionsMoveOn() }),
        ("a topic's mark stays until another one comes, or its position is adopted", { try $0.marks() }),
        ("the outbox forgets what is published, not how far it came", { try $0.outboxForgets() }),
        ("published through never goes back by a batch", { try $0.publishedNeverGoesBack() }),
        ("a state is adopted on purpose", { try $0.adopt() }),
        ("effects are replaced, removed, and stored with their batch or not at all", { try $0.effects() }),
        ("many keys load in one call", { try $0.loadMany() }),
        ("a scan keeps to prefix, order and limit", { try $0.scan() }),
        ("bytes come back as they were", { try $0.bytesRoundTrip() }),
        ("shards are apart, and listed", { try $0.shardsAreApart() }),
        ("an instance name is held once", { try $0.instanceIsHeldOnce() }),
        ("a closed shard says so", { try $0.closedShard() }),
    ]

    private func row(_ key: String, _ version: Int64 = 1, _ state: String = "state") -> AggregateRow {
        AggregateRow(key: key, version: version, state: Array(state.utf8), answered: [1, 2, 3])
    }

    private func all(_ shard: any ShardStore, prefix: String = "") throws -> [AggregateRow] {
        var rows: [AggregateRow] = []
        try shard.scan(prefix: prefix, limit: .max) {
            rows.append($0); return true
        }
        return rows
    }

    private func outbox(_ shard: any ShardStore, after: Int64 = 0) throws -> [Int64: String] {
        var rows: [Int64: String] = [:]
        try shard.outbox(after: after) { rows[$0] = String(decoding: $1, as: UTF8.self) }
        return rows
    }

    private func kind(_ body: () throws -> Void) -> StoreError.Kind? {
        do { try body() } catch { return (error as? StoreError)?.kind }
        return nil
    }

    func claimRaisesEpoch() throws {
        let shard = try open().shard(0)
        let first = try shard.claim()
        #expect(
            first
                == StoreClaim(
                    epoch: first.epoch, identity: nil, positions: [:], highestSequence: 0, publishedThrough: 0))
        #expect(try shard.claim().epoch == first.epoch + 1)
        #expect(try open().shard(0).claim().epoch == first.epoch + 2)
    }

    func secondClaimFencesFirst() throws {
        let (first, second) = (try open().shard(0), try open().shard(0))
        _ = try first.claim()
        try first.commit(StoreBatch(aggregates: [row("a")]))
        _ = try second.claim()
        #expect(kind { try first.commit(StoreBatch(aggregates: [row("b")])) } == .fenced)
        #expect(kind { try first.identify(StoreIdentity(clusterId: "c", group: "g")) } == .fenced)
        #expect(kind { try first.adopt(published: 5, positions: [:]) } == .fenced)
        #expect(try all(second) == [row("a")])
        try second.commit(StoreBatch(aggregates: [row("c")]))
        // The first may come back, and then fences the second.
        let claim = try first.claim()
        #expect(claim.identity == nil && claim.publishedThrough == 0)
        try first.commit(StoreBatch(aggregates: [row("d")]))
        #expect(kind { try second.commit(StoreBatch(aggregates: [row("e")])) } == .fenced)
        #expect(try all(first).map(\.key) == ["a", "c", "d"])
    }

    func writingNeedsClaim() throws {
        let shard = try open().shard(0)
        #expect(kind { try shard.commit(StoreBatch(aggregates: [row("a")])) } == .fenced)
        #expect(try all(shard).isEmpty)
    }

    func batchIsStoredWhole() throws {
        let shard = try open().shard(0)
        _ = try shard.claim()
        try shard.commit(
            StoreBatch(
                aggregates: [row("a"), row("b")], outbox: (1, Array("first".utf8)),
                positions: [.init("orders", 10), .init("commands", 20)]))
        let other = try open().shard(0)
        let claim = try other.claim()
        #expect(claim.positions == ["orders": 10, "commands": 20])
        #expect(claim.highestSequence == 1)
        #expect(claim.publishedThrough == 0)
        #expect(try all(other) == [row("a"), row("b")])
        #expect(try outbox(other) == [1: "first"])
    }

    func refusedBatchLeavesNothing() throws {
        let shard = try open().shard(0)
        _ = try shard.claim()
        try shard.commit(StoreBatch(aggregates: [row("a")], outbox: (7, [7]), positions: [.init("orders", 1)]))
        let again = StoreBatch(
            aggregates: [row("a", 2), row("b")], removed: ["a"], outbox: (7, [8]), positions: [.init("orders", 2)],
            publishedThrough: 7)
        #expect(kind { try shard.commit(again) } == .corrupt)
        let claim = try shard.claim()
        #expect(claim.positions == ["orders": 1])
        #expect(claim.publishedThrough == 0)
        #expect(try all(shard) == [row("a")])
        #expect(try outbox(shard).keys.sorted() == [7])
    }

    func rowsAreReplacedAndRemoved() throws {
        let shard = try open().shard(0)
        _ = try shard.claim()
        try shard.commit(StoreBatch(aggregates: [row("a"), row("b"), row("c")]))
        try shard.commit(StoreBatch(aggregates: [row("b", 2, "changed")], removed: ["a", "never-stored"]))
        #expect(try all(shard) == [row("b", 2, "changed"), row("c")])
        try shard.commit(StoreBatch(aggregates: [row("c", 9)], removed: ["c"]))
        #expect(try all(shard).last == row("c", 9))
    }

    func identityIsKept() throws {
        let shard = try open().shard(0)
        _ = try shard.claim()
        let identity = StoreIdentity(clusterId: "5L6g3nShT-eMCtK--X86sw", group: "daifa-分配")
        try shard.identify(identity)
        #expect(try open().shard(0).claim().identity == identity)
        _ = try shard.claim()
        try shard.identify(StoreIdentity(clusterId: "other", group: "g"))
        #expect(try shard.claim().identity == StoreIdentity(clusterId: "other", group: "g"))
    }

    func positionsMoveOn() throws {
        let shard = try open().shard(0)
        _ = try shard.claim()
        try shard.commit(StoreBatch(positions: [.init("orders", 1), .init("commands", Int64.max)]))
        try shard.commit(StoreBatch(positions: [.init("orders", 2), .init("订单", 3)]))
        #expect(try shard.claim().positions == ["orders": 2, "commands": Int64.max, "订单": 3])
    }

    func marks() throws {
        let shard = try open().shard(0)
        _ = try shard.claim()
        let (one, two) = (LogMark(offset: 0, fingerprint: .min), LogMark(offset: 6, fingerprint: 7))
        try shard.commit(StoreBatch(positions: [.init("orders", 1, mark: one), .init("commands", 1)]))
        #expect(try shard.claim().marks == ["orders": one])
        try shard.commit(StoreBatch(positions: [.init("orders", 5)]))
        #expect(try shard.claim().marks == ["orders": one])
        try shard.commit(StoreBatch(positions: [.init("orders", 7, mark: two), .init("commands", 2, mark: one)]))
        #expect(try shard.claim().marks == ["orders": two, "commands": one])
        try shard.adopt(published: 0, positions: ["orders": 3])
        let claim = try shard.claim()
        #expect(claim.marks == ["commands": one] && claim.positions == ["orders": 3, "commands": 2])
    }

    func outboxForgets() throws {
        let shard = try open().shard(0)
        _ = try shard.claim()
        for sequence in Int64(1)...5 { try shard.commit(StoreBatch(outbox: (sequence, Array("\(sequence)".utf8)))) }
        #expect(try outbox(shard, after: 3) == [4: "4", 5: "5"])
        try shard.commit(StoreBatch(publishedThrough: 4))
        #expect(try outbox(shard) == [5: "5"])
        try shard.commit(StoreBatch(publishedThrough: 5))
        #expect(try outbox(shard).isEmpty)
        shard.close()
        let reopened = try open().shard(0)
        let claim = try reopened.claim()
        #expect(claim.highestSequence == 5)
        #expect(claim.publishedThrough == 5)
        #expect(kind { try reopened.commit(StoreBatch(outbox: (5, [0]))) } == .corrupt)
        try reopened.commit(StoreBatch(outbox: (6, Array("6".utf8)), publishedThrough: 5))
        #expect(try outbox(reopened) == [6: "6"])
    }

    func publishedNeverGoesBack() throws {
        let shard = try open().shard(0)
        _ = try shard.claim()
        try shard.commit(StoreBatch(outbox: (9, [9]), publishedThrough: 8))
        try shard.commit(StoreBatch(aggregates: [row("a")]))
        #expect(try shard.claim().publishedThrough == 8)
    }

    func adopt() throws {
        let shard = try open().shard(0)
        _ = try shard.claim()
        try shard.commit(StoreBatch(outbox: (1, [1]), positions: [.init("orders", 5), .init("commands", 6)]))
        try shard.commit(StoreBatch(outbox: (2, [2])))
        try shard.adopt(published: 1, positions: ["orders": 2])
        #expect(try outbox(shard).keys.sorted() == [2])
        try shard.adopt(published: 40, positions: ["orders": 3])
        var claim = try shard.claim()
        #expect(claim.publishedThrough == 40 && claim.highestSequence == 40)
        #expect(claim.positions == ["orders": 3, "commands": 6])
        #expect(try outbox(shard).isEmpty)
        #expect(kind { try shard.commit(StoreBatch(outbox: (40, [0]))) } == .corrupt)
        try shard.adopt(published: 0, positions: [:])
        claim = try shard.claim()
        #expect(claim.publishedThrough == 0 && claim.highestSequence == 40)
    }

    func effects() throws {
        func effect(_ id: String, due: Int64 = 5, _ body: String = "body") -> EffectRow {
            EffectRow(id: id, due: due, body: Array(body.utf8), origin: [0, 255])
        }
        func all(_ shard: any ShardStore) throws -> [EffectRow] {
            var rows: [EffectRow] = []
            // The last moment of all belongs to no span.
            try shard.effects(from: .min, to: .max) { rows.append($0) }
            return rows.sorted { $0.id < $1.id }
        }
        let shard = try open().shard(0)
        _ = try shard.claim()
        #expect(try all(shard).isEmpty)
        try shard.commit(StoreBatch(effects: [effect("b"), effect("a"), effect("c")]))
        try shard.commit(StoreBatch(removedEffects: ["c", "none"], effects: [effect("a", due: .max - 1, "")]))
        #expect(try all(shard) == [effect("a", due: .max - 1, ""), effect("b")])
        var span: [EffectRow] = []
        try shard.effects(from: 5, to: .max - 1) { span.append($0) }
        #expect(span == [effect("b")])
        try shard.effects(from: 6, to: .max - 1) { Issue.record("\($0.id) is not due in this span") }
        // Removed first: what is scheduled again in the same batch stays.
        try shard.commit(StoreBatch(removedEffects: ["b"], effects: [effect("b", due: 7)]))
        let other = try open().shard(0)
        _ = try other.claim()
        #expect(throws: StoreError.self) { try shard.commit(StoreBatch(removedEffects: ["a"])) }
        #expect(try all(other) == [effect("a", due: .max - 1, ""), effect("b", due: 7)])
    }

    func loadMany() throws {
        let shard = try open().shard(0)
        _ = try shard.claim()
        let rows = (0..<5_000).map { row("order-\($0)", Int64($0)) }
        try shard.commit(StoreBatch(aggregates: rows))
        let wanted = (0..<6_000).reversed().map { "order-\($0)" }
        var seen = 0
        try shard.load(wanted) { index, found in
            seen += 1
            let number = 5_999 - index
            if found != row("order-\(number)", Int64(number)) { Issue.record("\(wanted[index]) came back as \(found)") }
        }
        #expect(seen == 5_000)
        try shard.load([]) { _, _ in Issue.record("a row without a key") }
    }

    func scan() throws {
        let shard = try open().shard(0)
        _ = try shard.claim()
        let keys = ["a/1", "a/2", "a/3", "a0", "订单/1", "订单/2"]
        try shard.commit(StoreBatch(aggregates: keys.shuffled().map { row($0) }))
        #expect(try all(shard).map(\.key) == keys)
        #expect(try all(shard, prefix: "a/").map(\.key) == ["a/1", "a/2", "a/3"])
        #expect(try all(shard, prefix: "订单/").map(\.key) == ["订单/1", "订单/2"])
        #expect(try all(shard, prefix: "b").isEmpty)
        var seen: [String] = []
        try shard.scan(prefix: "a/", limit: 2) {
            seen.append($0.key); return true
        }
        #expect(seen == ["a/1", "a/2"])
        try shard.scan(prefix: "", limit: 9) {
            seen.append($0.key); return false
        }
        #expect(seen == ["a/1", "a/2", "a/1"])
        try shard.scan(prefix: "", limit: 0) { _ in
            Issue.record("a row beyond the limit"); return true
        }
    }

    func bytesRoundTrip() throws {
        let shard = try open().shard(0)
        _ = try shard.claim()
        let every = (0...255).map { UInt8($0) }
        let large = [UInt8](repeating: 0xA5, count: 300_000)
        let rows = [
            AggregateRow(key: "", version: .min, state: [], answered: []),
            AggregateRow(key: "large", version: .max, state: large, answered: large),
            AggregateRow(key: "一个很长的键-long-enough-to-be-on-the-heap", version: 0, state: every, answered: every),
        ]
        try shard.commit(StoreBatch(aggregates: rows, outbox: (1, every)))
        let other = try open().shard(0)
        #expect(try all(other) == rows)
        var records: [UInt8] = []
        try other.outbox(after: 0) { records = Array($1) }
        #expect(records == every)
    }

    func shardsAreApart() throws {
        let store = try open()
        #expect(store.shards().isEmpty)
        for number in [10, 2, 0] {
            let shard = try store.shard(number)
            _ = try shard.claim()
            try shard.commit(StoreBatch(aggregates: [row("in-\(number)")]))
        }
        #expect(try open().shards() == [0, 2, 10])
        #expect(try all(store.shard(2)) == [row("in-2")])
    }

    func instanceIsHeldOnce() throws {
        let name = "allocation/主机 1"
        try open().lockInstance(name)
        #expect(kind { try open().lockInstance(name) } == .instanceInUse)
        try open().lockInstance("allocation/主机 2")
    }

    func closedShard() throws {
        let shard = try open().shard(0)
        _ = try shard.claim()
        shard.close()
        shard.close()
        #expect(kind { _ = try shard.claim() } == .unavailable)
        #expect(kind { try shard.commit(StoreBatch()) } == .unavailable)
    }
}
