import Contracts
import Foundation
import JSON
import Machines
import Observability
import Stores
import Testing
import Threads

@testable import Runtime

/// Timers that every order has, weeks ahead, share rows of the store.
@Suite struct SharedEffectTests {
    /// The end of a time for which something is kept.
    private struct Keeping: Effect {
        typealias Answer = TimerFired
        static let kind = "keeping"
        static let sharesRow = true
        var target = ""
        var aggregate: String { "machine:\(target)" }
        init() {}
        init(_ target: String) { self.target = target }
        static let fields = Fields<Keeping>(Field("target", \.target))
    }

    /// Counts how often its timer fired.
    private enum Machine: StateMachine {
        struct State: DefaultInitializable, Equatable {
            var fired = 0
            static let fields = Fields<State>(Field("fired", \.fired))
        }
        struct Event: Publishable { func publish(to outbox: some Outbox) {} }
        static func aggregate(_ id: String) -> String { "machine:\(id)" }
        static let emits = Emits()
        static func decide(_ state: State, _ input: Int, _ context: Context) -> Decision<Event> { .accept([Event()]) }
        static func evolve(_ state: inout State, _ event: Event) { state.fired += 1 }
    }

    private static let day = 86_400_000
    private static let now = Timestamp(milliseconds: 1_000 * day)
    private static func after(_ milliseconds: Int) -> Timestamp { Timestamp(milliseconds: now.milliseconds + milliseconds) }
    private static func place(_ offset: Int64) -> EventIds.Place { EventIds.Place(topic: 1, partition: 0, offset: offset) }

    private static func batch(_ effects: [(target: String, due: Timestamp)], origin: Origin = .absent) -> BatchEffects {
        var batch = BatchEffects()
        for (offset, effect) in effects.enumerated() {
            batch.schedule(Keeping(effect.target), due: effect.due, now: now, origin: origin, place(Int64(offset)))
        }
        return batch
    }

    private static func rows(_ batch: BatchEffects) -> [EffectRow] {
        batch.changes(now: Int64(now.milliseconds)).values.compactMap { $0 }.sorted { $0.due < $1.due }
    }

    private static func targets(_ row: EffectRow) throws -> [String] { try SharedEffects<Keeping>.members(of: row).map(\.target) }

    @Test func thoseOfTheSameMinuteAreOneRowThatIsDueAtItsEnd() throws {
        let rows = Self.rows(
            Self.batch([("a", Self.after(Self.day)), ("b", Self.after(Self.day + 59_999)), ("c", Self.after(2 * Self.day))]))
        #expect(try rows.map { try Self.targets($0) } == [["a", "b"], ["c"]])
        #expect(rows.map { Int($0.due) } == [Self.after(Self.day + 60_000).milliseconds, Self.after(2 * Self.day + 60_000).milliseconds])
    }

    @Test func oneThatIsDueSoonOrAnswersSomethingHasARowOfItsOwn() throws {
        let soon = Self.rows(Self.batch([("a", Self.after(3_599_999)), ("b", Self.after(0))]))
        #expect(soon.map(\.id) == [Keeping("b").id, Keeping("a").id])
        let origin = Origin(id: "cause", type: "t", key: "k", correlationId: "cause")
        #expect(Self.rows(Self.batch([("a", Self.after(Self.day))], origin: origin)).map(\.id) == [Keeping("a").id])
        var answered = BatchEffects()
        let place = EventIds.Place(topic: -2, partition: 0, offset: 7)
        answered.schedule(Keeping("a"), due: Self.after(Self.day), now: Self.now, origin: .absent, place)
        #expect(Self.rows(answered).map(\.id) == [Keeping("a").id], "a batch without records gives its number to the next one")
    }

    @Test func aRowHoldsABoundedNumber() throws {
        let rows = Self.rows(Self.batch((0..<600).map { ("\($0)", Self.after(Self.day)) }))
        #expect(try rows.map { try Self.targets($0).count }.sorted() == [88, 256, 256])
        #expect(Set(rows.map(\.id)).count == 3)
    }

    @Test func anotherRecordsRowHasAnotherId() throws {
        func id(_ offset: Int64) -> [String] {
            var batch = BatchEffects()
            batch.schedule(Keeping("a"), due: Self.after(Self.day), now: Self.now, origin: .absent, Self.place(offset))
            return Self.rows(batch).map(\.id)
        }
        #expect(id(1) == id(1))
        #expect(id(1) != id(2))
    }

    @Test func whatADecisionScheduledIsTakenBackWithIt() throws {
        var batch = Self.batch([("a", Self.after(Self.day))])
        let mark = batch.mark
        batch.schedule(Keeping("b"), due: Self.after(Self.day), now: Self.now, origin: .absent, Self.place(9))
        batch.put(Keeping("c"), due: Self.now, origin: .absent)
        batch.rollBack(to: mark)
        #expect(try Self.rows(batch).map { try Self.targets($0) } == [["a"]])
    }

    @Test func allOfARowFireAndOneThatCannotBeReadIsPutOff() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("daifa-shared-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let shard = try SQLiteStore(folder: folder.path).shard(0)
        defer { shard.close() }
        _ = try shard.claim()
        let row = try #require(Self.rows(Self.batch([("a", Self.after(Self.day)), ("b", Self.after(Self.day))])).first)
        let damaged = AggregateRow(key: Machine.aggregate("a"), version: 1, state: Array(#"{"fired":"#.utf8), answered: [])
        try shard.commit(StoreBatch(aggregates: [damaged], effects: [row]))

        let (metrics, logger) = (ServiceMetrics(), Logger(label: "test", level: .critical))
        let work = ShardProcessor(
            number: 0, store: shard, positions: [nil], sequence: 0, published: 0,
            ShardProcessor.Environment(
                tables: TableCache(), partitions: 6, retention: 60, cacheBytes: 1 << 20, maximumBytes: 100_000,
                service: .waybill, metrics: metrics, unreadableStates: UnreadableStates(logger: logger, metrics: metrics.registry),
                barrier: { true }))
        let route = Effects<Machine>.timer(Keeping.self) { _ in 1 }
        let outcome = await (try route.performance(of: row))(EffectAttempt(number: 0, mayHaveRun: false, due: Self.now))
        guard case .answer(let deliver) = outcome else {
            Issue.record("a timer has an answer")
            return
        }
        work.beginBatch()
        #expect(work.conclude(row, deliver))
        _ = try work.commit(topics: ["daifa.waybill.commands"], positionsToo: true)

        var states: [String: [UInt8]] = [:]
        try shard.load([Machine.aggregate("a"), Machine.aggregate("b")]) { _, row in states[row.key] = row.state }
        #expect(states[Machine.aggregate("b")] == Array(#"{"fired":1}"#.utf8))
        #expect(states[Machine.aggregate("a")] == damaged.state)
        var left: [EffectRow] = []
        try shard.effects(from: .min, to: .max) { left.append($0) }
        #expect(left.map(\.id) == [Keeping("a").id], "the row is over, and the one that could not be told has one of its own")
        #expect((left.first?.due ?? 0) > Int64(work.now.milliseconds))
    }
}
