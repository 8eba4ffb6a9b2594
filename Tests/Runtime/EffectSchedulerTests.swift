import Contracts
import JSON
import Kafka
import Machines
import Observability
import Stores
import Synchronization
import TestSupport
import Testing
import Threads

@testable import Runtime

@Suite struct EffectSchedulerTests {
    /// A call that the test answers by hand.
    struct Call: Effect {
        var target = ""
        var number = 0
        typealias Answer = Int
        static let kind = "call"
        var aggregate: String { target }
        var discriminator: String { "\(number)" }
        init() {}
        init(_ target: String, _ number: Int = 0) {
            self.target = target
            self.number = number
        }
        static let fields = Fields<Call>(Field("target", \.target), Field("number", \.number))

        var row: EffectRow { row(due: 0) }
        func row(due: Int64) -> EffectRow { EffectRow(id: id, due: due, body: json, origin: Origin.absent.json) }
    }

    enum Machine: StateMachine {
        struct Event: Publishable { func publish(to outbox: some Outbox) {} }
        static func aggregate(_ id: String) -> String { id }
        static let emits = Emits()
        static func decide(_ state: NoState, _ input: Int, _ context: Context) -> Decision<Event> { .ignore }
        static func evolve(_ state: inout NoState, _ event: Event) {}
    }

    /// Attempts that have begun and wait for the test.
    final class ScriptedPerformer: Sendable {
        struct Begun: Sendable {
            var call: Call
            var attempt: EffectAttempt
            var end: @Sendable (Performed<Int>) -> Void
        }
        let begun = Monitor<[Begun]>([])
        let cancelled = Monitor(0)

        func perform(_ call: Call, _ attempt: EffectAttempt) async -> Performed<Int> {
            await withTaskCancellationHandler {
                await withCheckedContinuation { continuation in
                    begun.update { $0.append(Begun(call: call, attempt: attempt, end: { continuation.resume(returning: $0) })) }
                }
            } onCancel: {
                cancelled.update { $0 += 1 }
            }
        }

        /// The attempt that began next. Every one that is taken must be ended.
        func next() throws -> Begun {
            try #require(begun.wait(until: .after(60)) { $0.isEmpty ? nil : $0.removeFirst() })
        }
        var count: Int { begun.withLock { $0.count } }
    }

    /// A scheduler, and the performer where its calls end.
    final class Bench {
        let performer = ScriptedPerformer()
        let scheduler: EffectScheduler
        let metrics = Metrics()
        /// Outcomes that were given out together with one that was asked for.
        private var rest: [EffectScheduler.Outcome] = []

        init() {
            let (performer, metrics) = (performer, metrics)
            scheduler = EffectScheduler(
                [Effects<Machine>.route(Call.self, partner: "test", perform: { await performer.perform($0, $1) }) { $1 }],
                logger: Logger(label: "test", level: .critical), metrics: EffectMetrics(metrics),
                unreadableStates: UnreadableStates(logger: Logger(label: "test", level: .critical), metrics: metrics))
        }

        /// Shard 0 is claimed, and these are stored and due.
        convenience init(holding calls: [Call]) {
            self.init()
            scheduler.claimed(0, [], now: time(0), through: .max)
            scheduler.stored(0, Dictionary(uniqueKeysWithValues: calls.map { ($0.id, $0.row) }))
        }

        func time(_ milliseconds: Int) -> Timestamp { Timestamp(milliseconds: milliseconds) }

        /// Takes outcomes until one counts; nil when none does within the time.
        func outcome(within seconds: Double = 10) -> EffectScheduler.Outcome? {
            let deadline = Deadline.after(seconds)
            while !deadline.hasPassed {
                rest += scheduler.takeOutcomes()
                if !rest.isEmpty { return rest.removeFirst() }
                _ = performer.begun.wait(until: .after(0.001)) { (_: inout [ScriptedPerformer.Begun]) in false }
            }
            return nil
        }
    }

    @Test func whatIsDueIsBegunTheEarliestFirstTheRestWaits() async throws {
        try await onThread {
            let bench = Bench()
            bench.scheduler.claimed(0, [], now: bench.time(0), through: .max)
            let rows = [Call("a").row(due: 30), Call("b").row(due: 10), Call("c").row(due: 20)]
            bench.scheduler.stored(0, Dictionary(uniqueKeysWithValues: rows.map { ($0.id, $0) }))
            bench.scheduler.startDue(now: bench.time(9))
            #expect(!bench.scheduler.isBusy)
            bench.scheduler.startDue(now: bench.time(20))
            var begun = [try bench.performer.next(), try bench.performer.next()]
            #expect(Set(begun.map(\.call.target)) == ["b", "c"])
            bench.scheduler.startDue(now: bench.time(30))
            begun.append(try bench.performer.next())
            #expect(begun[2].call.target == "a")
            #expect(begun.allSatisfy { !$0.attempt.mayHaveRun && $0.attempt.number == 0 })
            for attempt in begun { attempt.end(.answer(1)) }
            for _ in begun { #expect(bench.outcome() != nil) }
            #expect(!bench.scheduler.isBusy)
        }
    }

    @Test func anAnswerComesWithTheStoredEffectAndTheEffectIsOverOnceThatIsStored() async throws {
        try await onThread {
            let bench = Bench(holding: [Call("a")])
            bench.scheduler.startDue(now: bench.time(1))
            try bench.performer.next().end(.answer(7))
            let found = try #require(bench.outcome())
            #expect(bench.scheduler.row(of: found) == Call("a").row)
            guard case .answer = found.outcome else {
                Issue.record("expected an answer")
                return
            }
            bench.scheduler.stored(0, [Call("a").id: nil])
            #expect(bench.scheduler.row(of: found) == nil)
            bench.scheduler.startDue(now: bench.time(1_000_000))
            #expect(!bench.scheduler.isBusy)
        }
    }

    @Test(arguments: [true, false])
    func theAnswerOfAnEffectThatWasReplacedOrCancelledMeanwhileIsDropped(cancels: Bool) async throws {
        try await onThread {
            let bench = Bench(holding: [Call("a")])
            bench.scheduler.startDue(now: bench.time(1))
            let first = try bench.performer.next()
            bench.scheduler.stored(0, [Call("a").id: cancels ? nil : Call("a").row(due: 5)])
            #expect(bench.performer.cancelled.wait(until: .after(10)) { $0 == 1 })
            first.end(.answer(1))
            // Only what counts is given out: the first answer is met, and dropped, on the way to the second.
            bench.scheduler.startDue(now: bench.time(5))
            if cancels {
                let other = Call("b")
                bench.scheduler.stored(0, [other.id: other.row])
                bench.scheduler.startDue(now: bench.time(5))
            }
            try bench.performer.next().end(.answer(2))
            let found = try #require(bench.outcome())
            #expect(found.id == (cancels ? Call("b").id : Call("a").id))
            #expect(bench.scheduler.takeOutcomes().isEmpty)
        }
    }

    @Test func aRetryIsNumberedAndAsksFirstWhenTheLastAttemptMayHaveDoneIt() async throws {
        try await onThread {
            let bench = Bench(holding: [Call("a")])
            bench.scheduler.startDue(now: Clock.now)
            try bench.performer.next().end(.again(EffectRetry("throttled", "busy", after: 0)))
            #expect(bench.outcome(within: 0.2) == nil)
            bench.scheduler.startDue(now: Clock.now)
            let second = try bench.performer.next()
            #expect(second.attempt.number == 1 && !second.attempt.mayHaveRun)
            second.end(.again(EffectRetry("outcome-open", "no answer", after: 0, mayHaveRun: true)))
            #expect(bench.outcome(within: 0.2) == nil)
            bench.scheduler.startDue(now: Clock.now)
            let third = try bench.performer.next()
            #expect(third.attempt.number == 2 && third.attempt.mayHaveRun && third.attempt.asked == 0)
            third.end(.again(EffectRetry("asking", "a question", after: 0, mayHaveRun: true, asked: 2)))
            #expect(bench.outcome(within: 0.2) == nil)
            bench.scheduler.startDue(now: Clock.now)
            let fourth = try bench.performer.next()
            #expect(fourth.attempt.mayHaveRun && fourth.attempt.asked == 2)
            fourth.end(.answer(1))
            #expect(bench.outcome() != nil)
        }
    }

    @Test func aFurtherQuestionIsToldToTheNextAttemptAndIsNoFailedOne() async throws {
        try await onThread {
            let bench = Bench(holding: [Call("a")])
            for (step, failed) in [(0, 0), (1, 0), (2, 0), (2, 1), (0, 2)] {
                bench.scheduler.startDue(now: Clock.now)
                let begun = try bench.performer.next()
                #expect(begun.attempt.asked == step && begun.attempt.number == failed)
                let next = [0: 1, 1: 2, 2: failed == 0 ? 2 : 0][step] ?? 0
                begun.end(.again(EffectRetry("asking", "it is asked", after: 0, asked: next)))
                #expect(bench.outcome(within: 0.2) == nil)
            }
            bench.scheduler.startDue(now: Clock.now)
            try bench.performer.next().end(.answer(1))
            #expect(bench.outcome() != nil)
        }
    }

    @Test func aReportIsGivenOutAndTheEffectGoesOn() async throws {
        try await onThread {
            let bench = Bench(holding: [Call("a")])
            bench.scheduler.startDue(now: Clock.now)
            let report = EffectReport(
                ReportToken(authorizationId: "a1", service: .shipping, version: 3), key: "jd-fulfillment:p", id: "a1~3/refused")
            try bench.performer.next().end(.again(EffectRetry("token-invalid", "expired", after: 0, report: report)))
            guard case .again(let retry) = try #require(bench.outcome()).outcome else {
                Issue.record("expected a retry")
                return
            }
            #expect(retry.report?.id == "a1~3/refused")
            bench.scheduler.startDue(now: Clock.now)
            try bench.performer.next().end(.answer(1))
            #expect(bench.outcome() != nil)
        }
    }

    @Test func atMostSixteenCallsToAPartnerAreUnderWay() async throws {
        try await onThread {
            let bench = Bench()
            bench.scheduler.claimed(0, [], now: bench.time(0), through: .max)
            let calls = (0..<40).map { Call("a", $0) }
            bench.scheduler.stored(0, Dictionary(uniqueKeysWithValues: calls.map { ($0.id, $0.row) }))
            var begun: [ScriptedPerformer.Begun] = []
            var answered = 0
            while answered < 40 {
                bench.scheduler.startDue(now: bench.time(1))
                for _ in 0..<min(16, 40 - answered) { begun.append(try bench.performer.next()) }
                #expect(bench.performer.count == 0)
                for attempt in begun { attempt.end(.answer(0)) }
                for _ in begun {
                    let found = try #require(bench.outcome())
                    bench.scheduler.stored(0, [found.id: nil])
                }
                answered += begun.count
                begun = []
            }
            #expect(!bench.scheduler.isBusy)
        }
    }

    /// The earlier owner's clock may have been ahead: what was due there is not due here yet.
    @Test func whatAnotherHostMayHaveBegunAsksFirstThoughItsClockWasAhead() async throws {
        try await onThread {
            let bench = Bench()
            bench.scheduler.claimed(3, [Call("a").row(due: 60_500), Call("b").row(due: 60_501)], now: bench.time(500), through: .max)
            bench.scheduler.startDue(now: bench.time(60_501))
            let begun = [try bench.performer.next(), try bench.performer.next()]
            #expect(begun.first { $0.call.target == "a" }?.attempt.mayHaveRun == true)
            #expect(begun.first { $0.call.target == "b" }?.attempt.mayHaveRun == false)
            for attempt in begun { attempt.end(.answer(0)) }
            for _ in begun { #expect(bench.outcome()?.shard == 3) }
        }
    }

    @Test func whatCannotBeUndoneWaitsForASteadyClock() async throws {
        try await onThread {
            struct Shredding: Effect {
                typealias Answer = TimerFired
                static let kind = "shredding"
                var target = "a"
                var aggregate: String { target }
                static let fields = Fields<Shredding>(Field("target", \.target))
                var row: EffectRow { EffectRow(id: id, due: 0, body: json, origin: Origin.absent.json) }
            }
            let scheduler = EffectScheduler(
                [Effects<Machine>.timer(Shredding.self, needsSteadyClock: true) { _ in 1 }],
                logger: Logger(label: "test", level: .critical), metrics: EffectMetrics(Metrics()),
                unreadableStates: UnreadableStates(logger: Logger(label: "test", level: .critical), metrics: Metrics()))
            scheduler.claimed(0, [Shredding().row], now: Timestamp(milliseconds: 0), through: .max)
            for minute in 1...60 {
                scheduler.startDue(now: Timestamp(milliseconds: minute * 60_000), isClockSteady: false)
                #expect(!scheduler.isBusy)
            }
            scheduler.startDue(now: Timestamp(milliseconds: 61 * 60_000), isClockSteady: true)
            #expect(scheduler.isBusy)
        }
    }

    @Test func whatIsDueLaterStaysInTheStoreUntilItHasComeNear() async throws {
        try await onThread {
            let bench = Bench()
            let hour: Int64 = 3_600_000
            let through = EffectEngine.horizon(now: bench.time(0))
            #expect(through == hour)
            bench.scheduler.claimed(0, [Call("a").row(due: hour - 1)], now: bench.time(0), through: through)
            // Scheduled while the shard is ours: the store has it. One that was near is not begun where it is far now.
            bench.scheduler.stored(0, [Call("b").id: Call("b").row(due: hour), Call("a").id: Call("a").row(due: 2 * hour)])
            #expect(bench.scheduler.missing(of: 0, now: bench.time(0)) == nil)
            #expect(bench.scheduler.missing(of: 1, now: bench.time(0)) == nil)
            let half = bench.time(Int(hour) / 2 + 1)
            let span = try #require(bench.scheduler.missing(of: 0, now: half))
            #expect(span == hour..<hour + hour / 2 + 1)
            bench.scheduler.loaded(0, [Call("b").row(due: hour)], now: half, through: span.upperBound)
            #expect(bench.scheduler.missing(of: 0, now: half) == nil)
            bench.scheduler.startDue(now: bench.time(3 * Int(hour)))
            let begun = try bench.performer.next()
            #expect(begun.call.target == "b" && !begun.attempt.mayHaveRun && bench.performer.count == 0)
            begun.end(.answer(0))
            #expect(bench.outcome()?.id == Call("b").id)
        }
    }

    @Test func aShardThatIsClaimedAgainAtOnceKeepsWhatIsUnderWay()
        async throws
    {
        try await onThread {
            let bench = Bench(holding: [Call("a"), Call("b")])
            bench.scheduler.startDue(now: bench.time(1))
            let begun = [try bench.performer.next(), try bench.performer.next()]
            bench.scheduler.suspended(0)
            // b was removed by the batch whose outcome was open.
            bench.scheduler.claimed(0, [Call("a").row], now: bench.time(2), through: .max)
            #expect(bench.performer.cancelled.wait(until: .after(10)) { $0 == 1 })
            for attempt in begun { attempt.end(.answer(0)) }
            #expect(bench.outcome()?.id == Call("a").id)
            #expect(bench.scheduler.takeOutcomes().isEmpty)

            bench.scheduler.stored(0, [Call("a").id: nil, Call("c").id: Call("c").row])
            bench.scheduler.startDue(now: bench.time(3))
            let last = try bench.performer.next()
            bench.scheduler.dropAll()
            #expect(bench.performer.cancelled.wait(until: .after(10)) { $0 == 2 })
            last.end(.answer(0))
            #expect(bench.outcome(within: 2) == nil)
            #expect(!bench.scheduler.isBusy)
        }
    }

    @Test func aPauseGoesOnWhenTheShardIsClaimedAgainAtOnce() async throws {
        try await onThread {
            let bench = Bench(holding: [Call("a")])
            bench.scheduler.startDue(now: Clock.now)
            try bench.performer.next().end(.again(EffectRetry("asking", "a question", after: 3600, mayHaveRun: true, asked: 1)))
            #expect(bench.outcome(within: 0.2) == nil)
            bench.scheduler.suspended(0)
            bench.scheduler.claimed(0, [Call("a").row], now: Clock.now, through: .max)
            bench.scheduler.startDue(now: Clock.now)
            #expect(!bench.scheduler.isBusy)
            bench.scheduler.startDue(now: Timestamp(milliseconds: Clock.now.milliseconds + 3_601_000))
            let second = try bench.performer.next()
            #expect(second.attempt.asked == 1 && second.attempt.mayHaveRun)
            second.end(.answer(1))
            #expect(bench.outcome() != nil)
            // Begun once, though the agenda has it twice.
            bench.scheduler.startDue(now: Timestamp(milliseconds: Clock.now.milliseconds + 7_200_000))
            #expect(bench.performer.count == 0)
        }
    }

    @Test func whatBecameDueWhileTheShardWasLetGoIsBegunWhenItIsClaimedAgain() async throws {
        try await onThread {
            let bench = Bench(holding: [Call("a")])
            bench.scheduler.startDue(now: Clock.now)
            try bench.performer.next().end(.again(EffectRetry("asking", "a question", after: 3600, mayHaveRun: true, asked: 1)))
            #expect(bench.outcome(within: 0.2) == nil)
            bench.scheduler.suspended(0)
            let later = Timestamp(milliseconds: Clock.now.milliseconds + 3_601_000)
            bench.scheduler.startDue(now: later)
            #expect(!bench.scheduler.isBusy)
            bench.scheduler.claimed(0, [Call("a").row], now: later, through: .max)
            bench.scheduler.startDue(now: later)
            let second = try bench.performer.next()
            #expect(second.attempt.asked == 1 && second.attempt.mayHaveRun)
            second.end(.answer(1))
            #expect(bench.outcome() != nil)
        }
    }

    @Test func anAgendaGivesItemsInTheOrderInWhichTheyAreDue() {
        var agenda = Agenda()
        var seed = SystemRandomNumberGenerator()
        let dues = (0..<500).map { _ in Int64.random(in: 0..<100, using: &seed) }
        for (index, due) in dues.enumerated() { agenda.add(Agenda.Item(due: due, shard: 0, id: "", generation: index)) }
        var taken: [Int64] = []
        while let item = agenda.next(before: 49) { taken.append(item.due) }
        #expect(taken == dues.filter { $0 <= 49 }.sorted())
        while let item = agenda.next(before: 100) { taken.append(item.due) }
        #expect(taken == dues.sorted())
    }
}
