/// Which traces are told: the samplers of OpenTelemetry's `OTEL_TRACES_SAMPLER`, by their names.
public struct TraceSampler: Sendable, Equatable {
    public enum Name: String, CaseIterable, Sendable {
        case alwaysOn = "always_on"
        case alwaysOff = "always_off"
        case ratio = "traceidratio"
        case parentAlwaysOn = "parentbased_always_on"
        case parentAlwaysOff = "parentbased_always_off"
        case parentRatio = "parentbased_traceidratio"
    }

    private let followsParent: Bool
    /// A trace is told whose lower 63 bits lie below.
    private let bound: UInt64

    /// - Parameter ratio: of 0 to 1, for the names that have one.
    public init(_ name: Name, ratio: Double) {
        followsParent = [.parentAlwaysOn, .parentAlwaysOff, .parentRatio].contains(name)
        switch name {
        case .alwaysOn, .parentAlwaysOn: bound = 1 << 63
        case .alwaysOff, .parentAlwaysOff: bound = 0
        case .ratio, .parentRatio: bound = UInt64(min(1, max(0, ratio)) * Double(UInt64(1) << 63))
        }
    }

    /// - Parameters:
    ///   - low: the lower half of the trace's id: every process judges it alike.
    ///   - parent: whether who sent it tells it; nil: the trace begins here.
    func tells(low: UInt64, parent: Bool?) -> Bool {
        if followsParent, let parent { return parent }
        return low & (1 << 63 - 1) < bound
    }
}
