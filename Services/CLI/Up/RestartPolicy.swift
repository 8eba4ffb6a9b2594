import Machines

/// When a child that ended is started again.
struct RestartPolicy: Sendable {
    /// Seconds before the first restart; doubled for each further one.
    var firstDelay = 0.1
    var longestDelay = 30.0
    /// Seconds after which a process that ran begins again with the first delay.
    var steadyAfter = 10.0
    /// Exit codes after which a restart changes nothing: a wrong configuration.
    var finalCodes: Set<Int32> = [78]

    enum Decision: Equatable {
        case restart(after: Double)
        case giveUp
    }

    /// - Parameters:
    ///   - failures: how often it ended in a row before; raised, or begun again.
    ///   - seconds: for how long it ran this time.
    func decide(_ end: ProcessEnd, failures: inout Int, ranFor seconds: Double) -> Decision {
        if case .exited(let code) = end, finalCodes.contains(code) { return .giveUp }
        if seconds >= steadyAfter { failures = 0 }
        var delay = firstDelay
        for _ in 0..<min(failures, 32) { delay *= 2 }
        failures += 1
        return .restart(after: min(delay, longestDelay))
    }
}
