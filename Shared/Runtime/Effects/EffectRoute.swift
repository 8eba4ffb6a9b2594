public import Contracts
import JSON
public import Machines
import Stores
public import Threads

/// The outcome of one attempt to carry out an effect.
public enum Performed<Answer: Sendable>: Sendable {
    /// It ended, well or not: the machine hears it, and the effect is over.
    case answer(Answer)
    /// It has to be tried again.
    case again(EffectRetry)
}

/// Why an effect is tried again, and when.
public struct EffectRetry: Error, Sendable {
    /// A label of metrics: one of few words, such as `throttled`.
    public var reason: String
    /// The reason in a sentence, for the log. Never a secret.
    public var detail: String
    /// Seconds until then; nil: exponential backoff with jitter.
    public var after: Double?
    /// The partner may have done what was asked: the next attempt asks first.
    public var mayHaveRun: Bool
    /// How often the partner was asked what came of it, for the next attempt to know; not kept across processes.
    public var asked: Int
    /// A command that is sent at once: of something that another service has to mend.
    public var report: EffectReport?

    public init(
        _ reason: String, _ detail: String, after: Double? = nil, mayHaveRun: Bool = false, asked: Int = 0,
        report: EffectReport? = nil
    ) {
        self.reason = reason
        self.detail = detail
        self.after = after
        self.mayHaveRun = mayHaveRun
        self.asked = asked
        self.report = report
    }
}

/// A command that is sent while its effect goes on; the effect declares its type in `reports`.
public struct EffectReport: Sendable {
    public let command: any Contracts.Message
    public let key: String
    /// Tells it from others of its type. The same report, whoever makes it, has the same id: its receiver takes it once.
    public let id: String

    public init(_ command: any Contracts.Message, key: String, id: String) {
        self.command = command
        self.key = key
        self.id = id
    }
}

/// One attempt to carry out an effect.
public struct EffectAttempt: Sendable {
    /// 0 for the first one of this process.
    public var number: Int
    /// An earlier attempt, maybe of a process that died, may have done it: ask first, where that matters.
    public var mayHaveRun: Bool
    /// `EffectRetry.asked` of the last attempt; 0 for the first one of this process.
    public var asked = 0
    /// When the effect was to be carried out first.
    public var due: Timestamp

    public init(number: Int, mayHaveRun: Bool, asked: Int = 0, due: Timestamp) {
        self.number = number
        self.mayHaveRun = mayHaveRun
        self.asked = asked
        self.due = due
    }
}

/// Declares how effects are carried out: `Effects<ShipmentMachine>.route(CreateOutbound.self, partner: "jd", perform: …) { … }`.
public enum Effects<Machine: StateMachine> {
    /// - Parameters:
    ///   - partner: effects of one partner share a bound on concurrency; its name is a label of metrics.
    ///   - perform: must not block: it runs on Swift's cooperative pool. It is cancelled when the shard goes.
    ///   - input: what the machine of the effect's aggregate is told.
    public static func route<Kind: Effect>(
        _: Kind.Type, partner: String, perform: @escaping @Sendable (Kind, EffectAttempt) async -> Performed<Kind.Answer>,
        _ input: @escaping @Sendable (Kind, Kind.Answer) -> Machine.Input
    ) -> EffectRoute { MachineEffectRoute<Kind, Machine>(partner: partner, perform: perform, input: input) }

    /// A timer: nothing is done but waiting until it is due.
    /// - Parameter needsSteadyClock: what it brings about cannot be undone: after a leap of the clock it waits (``ServiceClock``).
    public static func timer<Kind: Effect>(
        _: Kind.Type, needsSteadyClock: Bool = false, _ input: @escaping @Sendable (Kind) -> Machine.Input
    ) -> EffectRoute
    where Kind.Answer == TimerFired {
        MachineEffectRoute<Kind, Machine>(
            partner: EffectRoute.timer, needsSteadyClock: needsSteadyClock, perform: { _, _ in .answer(TimerFired()) },
            input: { kind, _ in input(kind) })
    }
}

/// One kind of effect, and how it is carried out.
public class EffectRoute {
    /// The partner of what only waits.
    static let timer = "timer"

    let kind: String
    let partner: String
    /// Whether it waits after a leap of the clock.
    let needsSteadyClock: Bool
    /// Commands that carrying it out may send.
    let reports: Emits

    init(kind: String, partner: String, needsSteadyClock: Bool = false, reports: [any Contracts.Message.Type]) {
        self.kind = kind
        self.partner = partner
        self.needsSteadyClock = needsSteadyClock
        self.reports = Emits(commands: reports)
    }

    /// Reads a stored effect and gives the work that carries it out.
    /// - Throws: the reason for which it cannot be read (a newer version wrote it, or its row is damaged).
    func performance(of row: EffectRow) throws(JSONError) -> EffectPerformance {
        preconditionFailure("\(kind) is carried out by what is declared with Effects")
    }
}

typealias EffectPerformance = @Sendable (EffectAttempt) async -> ErasedOutcome

enum ErasedOutcome: Sendable {
    /// Tells the machine, within a batch of the shard; false when its aggregate cannot be read.
    case answer(@Sendable (ShardProcessor, Origin) -> Bool)
    case again(EffectRetry)
}

final class MachineEffectRoute<Kind: Effect, Machine: StateMachine>: EffectRoute {
    private let perform: @Sendable (Kind, EffectAttempt) async -> Performed<Kind.Answer>
    private let input: @Sendable (Kind, Kind.Answer) -> Machine.Input

    init(
        partner: String, needsSteadyClock: Bool = false,
        perform: @escaping @Sendable (Kind, EffectAttempt) async -> Performed<Kind.Answer>,
        input: @escaping @Sendable (Kind, Kind.Answer) -> Machine.Input
    ) {
        self.perform = perform
        self.input = input
        super.init(kind: Kind.kind, partner: partner, needsSteadyClock: needsSteadyClock, reports: Kind.reports)
    }

    override func performance(of row: EffectRow) throws(JSONError) -> EffectPerformance {
        let effects = try SharedEffects<Kind>.members(of: row)
        // Its answer needs it: not to be found out only when the call was made.
        _ = try Origin.decodeStored(row.origin)
        let isShared = SharedEffectRows.isShared(row.id)
        return { [perform, input] attempt in
            var answers: [(Kind, Kind.Answer)] = []
            for effect in effects {
                switch await perform(effect, attempt) {
                case .again(let retry): return .again(retry)
                case .answer(let answer): answers.append((effect, answer))
                }
            }
            let ended = answers
            return .answer { work, origin in
                for (effect, answer) in ended where !work.answer(effect.aggregate, Machine.self, input(effect, answer), origin) {
                    guard isShared else { return false }
                    // The others are not held up: this one gets a row of its own.
                    work.postpone(effect, origin)
                }
                return true
            }
        }
    }
}
