import Glibc

/// A moment on the monotonic clock until which something may take.
public struct Deadline: Hashable, Sendable, Comparable {
    /// Nanoseconds of CLOCK_MONOTONIC.
    public let nanoseconds: UInt64

    public static let never = Deadline(nanoseconds: .max)

    public static var now: Deadline {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Deadline(nanoseconds: UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec))
    }

    /// The moment so many seconds from now; infinity is ``never``, a negative number is now.
    public static func after(_ seconds: Double) -> Deadline {
        guard seconds < 1e9 else { return .never }
        return Deadline(nanoseconds: now.nanoseconds + UInt64(max(0, seconds) * 1e9))
    }

    /// The moment so many seconds after this one; infinity is ``never``, a negative number is this one.
    public func later(by seconds: Double) -> Deadline {
        guard self != .never, seconds < 1e9 else { return .never }
        return Deadline(nanoseconds: nanoseconds + UInt64(max(0, seconds) * 1e9))
    }

    public static func < (left: Deadline, right: Deadline) -> Bool { left.nanoseconds < right.nanoseconds }

    /// Seconds that are left, not negative.
    public var remaining: Double {
        guard self != .never else { return .infinity }
        let now = Deadline.now.nanoseconds
        return now < nanoseconds ? Double(nanoseconds - now) / 1e9 : 0
    }

    public var hasPassed: Bool { self != .never && Deadline.now >= self }
}
