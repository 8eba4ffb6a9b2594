public import Contracts
public import JSON

/// A call to a partner, or a timer: stored with the decision that asked for it, carried out after that was committed, and again after a
/// crash, until there is an answer (design, section 4).
///
/// The answer is an input of the same aggregate's machine: the transaction that stores what it leads to removes the effect, so that an
/// answer counts once, whatever dies when.
public protocol Effect: DefaultInitializable, Equatable {
    /// The outcome of the call. A time-out is no answer: the performer asks the partner, or tries again.
    associatedtype Answer: Sendable

    /// Names the kind in the store and in metrics: `create-outbound`.
    static var kind: String { get }
    /// Key of the aggregate that the answer goes to; one that lives in the shard of the effect.
    var aggregate: String { get }
    /// Tells effects of one kind and aggregate apart: an allocationId, an attempt. Empty where there is one at a time.
    var discriminator: String { get }
    /// Commands that carrying it out may send beside its answer: a token that a partner does not accept any more is reported.
    static var reports: [any Message.Type] { get }
    /// Whether effects of this kind that are scheduled together, and are due an hour or more ahead, are stored together: for timers that every
    /// order has. Such a timer fires up to a minute late, and is neither replaced nor dropped: its machine does nothing when it is out of date.
    static var sharesRow: Bool { get }
}

extension Effect {
    public var discriminator: String { "" }
    public static var reports: [any Message.Type] { [] }
    public static var sharesRow: Bool { false }

    /// One effect has this id in a shard; scheduling it again replaces what was scheduled.
    public var id: String { Self.id(of: aggregate, discriminator) }

    public static func id(of aggregate: String, _ discriminator: String = "") -> String { "\(kind)|\(aggregate)|\(discriminator)" }
}

/// The answer of a timer.
public struct TimerFired: Sendable, Equatable {
    public init() {}
}
