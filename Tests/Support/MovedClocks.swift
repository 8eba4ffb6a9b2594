import Synchronization
public import Threads

/// A machine whose clocks a test moves, in seconds.
public final class MovedClocks: Sendable {
    /// Where the wall clock begins.
    public static let start = Timestamp(milliseconds: 1_700_000_000_000)

    private let clocks = Mutex((wall: 1_700_000_000.0, steady: 1000.0))

    public init() {}

    /// Time passes: both clocks go on.
    public func pass(_ seconds: Double) { clocks.withLock { $0 = ($0.wall + seconds, $0.steady + seconds) } }
    /// Somebody sets the wall clock.
    public func set(by seconds: Double) { clocks.withLock { $0.wall += seconds } }
    public var now: Timestamp { Timestamp(milliseconds: Int(clocks.withLock { $0.wall } * 1000)) }

    public var clock: ServiceClock { ServiceClock(wall: { self.now }, seconds: { self.clocks.withLock { $0.steady } }) }
}
