import Contracts
import Stores
import Testing
import Threads

@testable import Runtime

/// Which attempts begin, and which outcomes count.
struct EffectEngineTests {
    private static func row(_ id: String, due: Int64 = 0, body: UInt8 = 0) -> EffectRow {
        EffectRow(id: "call|\(id)", due: due, body: [body], origin: [])
    }

    private static func engine() -> EffectEngine { EffectEngine(["call": .init(partner: "partner", needsSteadyClock: false)]) }

    private static func time(_ milliseconds: Int) -> Timestamp { Timestamp(milliseconds: milliseconds) }

    private static func reference(_ begun: EffectEngine.Begun) -> EffectEngine.Reference {
        .init(shard: begun.shard, id: begun.row.id, generation: begun.generation)
    }

    /// The attempt that begins now.
    private static func next(_ engine: inout EffectEngine, _ now: Timestamp) throws -> EffectEngine.Begun {
        let begun = engine.next(now: now, isClockSteady: true)
        return try #require(begun)
    }

    private static let retry = EffectRetry("busy", "busy")

    /// Seconds before the attempts of an effect that always fails.
    @Test func pausesDoubleUpToAMinute() throws {
        var engine = Self.engine()
        _ = engine.claimed(0, [Self.row("a")], now: Self.time(0), through: .max)
        var now = 0
        for (number, pause) in [1, 2, 4, 8, 16, 32, 60, 60].enumerated() {
            let begun = try Self.next(&engine, Self.time(now))
            #expect(begun.attempt.number == number)
            #expect(engine.next(now: Self.time(now), isClockSteady: true) == nil, "it is under way")
            #expect(engine.arrived(Self.reference(begun), isAnswer: false) == .counts)
            let found = engine.tryAgain(Self.reference(begun), Self.retry, now: Self.time(now), jitter: 1)
            #expect(found?.milliseconds == pause * 1000)
            #expect(engine.next(now: Self.time(now + pause * 1000 - 1), isClockSteady: true) == nil)
            now += pause * 1000
        }
    }

    @Test func jitterMovesAPauseThatNobodyHasNamed() throws {
        for (jitter, after, expected) in [(0.75, nil, 750), (1.25, nil, 1250), (1.25, 3.0, 3000)] as [(Double, Double?, Int)] {
            var engine = Self.engine()
            _ = engine.claimed(0, [Self.row("a")], now: Self.time(0), through: .max)
            let begun = try Self.next(&engine, Self.time(0))
            _ = engine.arrived(Self.reference(begun), isAnswer: false)
            let pause = engine.tryAgain(
                Self.reference(begun), EffectRetry("busy", "busy", after: after), now: Self.time(0), jitter: jitter)
            #expect(pause?.milliseconds == expected && pause?.attempts == 1)
        }
    }

    @Test func whatCannotBeReadIsNotTriedAgainBeforeTheNextClaim() throws {
        var engine = Self.engine()
        _ = engine.claimed(0, [Self.row("a")], now: Self.time(0), through: .max)
        engine.isUnreadable(try Self.next(&engine, Self.time(0)))
        #expect(!engine.isBusy && engine.next(now: Self.time(1_000_000), isClockSteady: true) == nil)
        #expect(engine.count(of: 0) == 1)
        engine.suspended(0)
        _ = engine.claimed(0, [Self.row("a")], now: Self.time(1_000_000), through: .max)
        #expect(engine.next(now: Self.time(1_000_000), isClockSteady: true) != nil)
    }

    @Test func anOutcomeOfAShardThatWasLetGoLetsTheNextAttemptAsk() throws {
        var engine = Self.engine()
        _ = engine.claimed(0, [Self.row("a", due: 100_000)], now: Self.time(0), through: .max)
        let begun = try Self.next(&engine, Self.time(100_000))
        #expect(!begun.attempt.mayHaveRun)
        engine.suspended(0)
        #expect(engine.arrived(Self.reference(begun), isAnswer: true) == .suspended)
        #expect(engine.claimed(0, [Self.row("a", due: 100_000)], now: Self.time(100_000), through: .max).isEmpty)
        let again = try Self.next(&engine, Self.time(100_000))
        #expect(again.attempt.mayHaveRun && again.generation == begun.generation)
    }

    /// In any order of inputs: one attempt of an effect at a time, no more than the bound at a time, and none of an effect that is over; an
    /// outcome counts for the effect that is stored. In the end everything has been carried out.
    @Test(arguments: Array(0..<100) as [UInt64]) func holdsInAnyOrderOfInputs(seed: UInt64) throws {
        var random = Numbers(state: seed)
        var engine = Self.engine()
        var stored: [Int32: [String: EffectRow]] = [0: [:], 1: [:]]
        var owned: Set<Int32> = []
        var underWay: [EffectEngine.Begun] = []
        var now = 0
        func begin() {
            while let begun = engine.next(now: Self.time(now), isClockSteady: true) {
                #expect(stored[begun.shard]?[begun.row.id] == begun.row && owned.contains(begun.shard))
                #expect(!underWay.contains { $0.generation == begun.generation })
                underWay.append(begun)
            }
            #expect(underWay.count <= EffectSchedule.concurrency)
        }
        for _ in 0..<500 {
            let shard = Int32(random.below(2))
            now += random.below(500)
            switch random.below(8) {
            case 0:
                if owned.remove(shard) != nil { engine.suspended(shard) }
            case 1 where !owned.contains(shard):
                owned.insert(shard)
                _ = engine.claimed(shard, Array((stored[shard] ?? [:]).values), now: Self.time(now), through: .max)
            case 2, 3, 4:
                guard owned.contains(shard) else { continue }
                let row = Self.row("\(random.below(40))", due: Int64(now + random.below(3000)), body: UInt8(random.below(250)))
                let isOver = random.below(4) == 0
                stored[shard]?[row.id] = isOver ? nil : row
                _ = engine.stored(shard, [row.id: isOver ? nil : row])
            case 5, 6:
                guard !underWay.isEmpty else { continue }
                end(&engine, underWay.remove(at: random.below(underWay.count)), random.below(2) == 0)
            default: begin()
            }
        }
        for shard in [Int32(0), 1] where !owned.contains(shard) {
            owned.insert(shard)
            _ = engine.claimed(shard, Array((stored[shard] ?? [:]).values), now: Self.time(now), through: .max)
        }
        for _ in 0..<200 {
            now += 120_000
            begin()
            while let last = underWay.popLast() { end(&engine, last, true) }
        }
        #expect(stored.values.allSatisfy(\.isEmpty) && !engine.isBusy && engine.counts.waiting == 0)

        func end(_ engine: inout EffectEngine, _ begun: EffectEngine.Begun, _ isAnswer: Bool) {
            let reference = Self.reference(begun)
            guard engine.arrived(reference, isAnswer: isAnswer) == .counts else { return }
            #expect(stored[begun.shard]?[begun.row.id] == begun.row && engine.row(of: reference) == begun.row)
            if isAnswer {
                stored[begun.shard]?[begun.row.id] = nil
                #expect(engine.stored(begun.shard, [begun.row.id: nil]).isEmpty)
            } else {
                #expect(engine.tryAgain(reference, Self.retry, now: Self.time(now), jitter: 1) != nil)
            }
        }
    }
}

/// Numbers by chance, from a seed.
struct Numbers {
    var state: UInt64

    mutating func below(_ bound: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 33) % bound
    }
}
