import Threads

extension Deadline {
    /// The time left, for a C call that counts milliseconds; -1 for ``never``.
    var remainingMilliseconds: Int32 { milliseconds(remaining) }
}

/// Seconds as C calls want them: whole milliseconds rounded up, -1 for "without limit".
func milliseconds(_ seconds: Double) -> Int32 {
    guard seconds < 2_000_000 else { return -1 }
    return Int32((max(0, seconds) * 1000).rounded(.up))
}
