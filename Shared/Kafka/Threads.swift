import CRdKafka
import Glibc

/// A moment on the monotonic clock until which something may take.
public struct Deadline: Hashable, Sendable, Comparable {
    /// Nanoseconds of CLOCK_MONOTONIC.
    let nanoseconds: UInt64

    public static let never = Deadline(nanoseconds: .max)

    public static var now: Deadline {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Deadline(nanoseconds: UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec))
    }

    /// That many seconds from now; infinity is ``never``, a negative number is now.
    public static func after(_ seconds: Double) -> Deadline {
        guard seconds < 1e9 else { return .never }
        return Deadline(nanoseconds: now.nanoseconds + UInt64(max(0, seconds) * 1e9))
    }

    public static func < (left: Deadline, right: Deadline) -> Bool { left.nanoseconds < right.nanoseconds }

    /// Seconds that are left, not negative.
    public var remaining: Double {
        guard self != .never else { return .infinity }
        let now = Deadline.now.nanoseconds
        return now < nanoseconds ? Double(nanoseconds - now) / 1e9 : 0
    }

    public var hasPassed: Bool { self != .never && Deadline.now >= self }

    /// What is left, for a C call that counts milliseconds; -1 for ``never``.
    var remainingMilliseconds: Int32 { milliseconds(remaining) }
}

/// Seconds as C calls want them: whole milliseconds rounded up, -1 for "without limit".
func milliseconds(_ seconds: Double) -> Int32 {
    guard seconds < 2_000_000 else { return -1 }
    return Int32((max(0, seconds) * 1000).rounded(.up))
}

/// A value behind a mutex, with a condition to wait for it to change. For threads of our own: waiting blocks the thread.
public final class Monitor<Value>: @unchecked Sendable {
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>
    private var value: Value

    public init(_ value: sending Value) {
        self.value = value
        mutex = .allocate(capacity: 1)
        condition = .allocate(capacity: 1)
        pthread_mutex_init(mutex, nil)
        // the real-time clock may be set while somebody waits
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(condition, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    /// The value, alone with it. Wakes nobody: ``notify()`` does.
    public func withLock<Result, Failure: Error>(_ body: (inout Value) throws(Failure) -> Result) throws(Failure) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body(&value)
    }

    /// Changes the value and wakes everybody who waits.
    public func update<Result, Failure: Error>(_ body: (inout Value) throws(Failure) -> Result) throws(Failure) -> Result {
        pthread_mutex_lock(mutex)
        defer {
            pthread_cond_broadcast(condition)
            pthread_mutex_unlock(mutex)
        }
        return try body(&value)
    }

    /// Waits until `body` gives something; nil when the deadline has passed before that. It is asked at once and after each ``notify()``.
    public func wait<Result>(until deadline: Deadline = .never, _ body: (inout Value) -> Result?) -> Result? {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while true {
            if let result = body(&value) { return result }
            if deadline == .never {
                pthread_cond_wait(condition, mutex)
                continue
            }
            if deadline.hasPassed { return nil }
            var time = timespec(
                tv_sec: Int(deadline.nanoseconds / 1_000_000_000), tv_nsec: Int(deadline.nanoseconds % 1_000_000_000))
            pthread_cond_timedwait(condition, mutex, &time)
        }
    }

    /// Waits until the condition holds; false when the deadline has passed before that.
    public func wait(until deadline: Deadline = .never, _ holds: (inout Value) -> Bool) -> Bool {
        wait(until: deadline) { (value: inout Value) -> Void? in holds(&value) ? () : nil } != nil
    }

    /// Wakes everybody who waits, so that they look again.
    public func notify() {
        pthread_cond_broadcast(condition)
    }
}

/// The system gave no thread: its limit of threads or of memory is reached.
public struct ThreadError: Error, Sendable, CustomStringConvertible {
    public let thread: String
    public let errno: Int32

    public var description: String { "cannot start the thread \(thread): \(String(cString: strerror(errno)))" }
}

/// A thread of our own with a name that `top -H` and a debugger show. Must be joined once, or detached.
public final class NamedThread: @unchecked Sendable {
    private final class Start {
        let name: String
        let body: @Sendable () -> Void

        init(name: String, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }

    public let name: String
    private let thread: pthread_t

    /// Starts the thread at once.
    /// - Parameters:
    ///   - name: Linux keeps the first 15 bytes of it.
    ///   - stackSize: bytes; only touched pages cost memory.
    public init(_ name: String, stackSize: Int = 1 << 20, _ body: @escaping @Sendable () -> Void) throws(ThreadError) {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setstacksize(&attributes, stackSize)
        let start = Unmanaged.passRetained(Start(name: name, body: body))
        var thread = pthread_t()
        let result = pthread_create(
            &thread, &attributes,
            { argument in
                let start = Unmanaged<Start>.fromOpaque(argument!).takeRetainedValue()
                crdkafka_name_thread(start.name)
                start.body()
                return nil
            }, start.toOpaque())
        guard result == 0 else {
            start.release()
            throw ThreadError(thread: name, errno: result)
        }
        self.name = name
        self.thread = thread
    }

    /// Waits for the thread's end.
    public func join() {
        pthread_join(thread, nil)
    }

    /// Lets it run on by itself.
    public func detach() {
        pthread_detach(thread)
    }
}

/// Catches, in debug builds, a handle that is used from more than one thread. The first use decides which thread that is.
struct ThreadConfinement {
    #if DEBUG
        private var owner: pthread_t?
    #endif

    mutating func check() {
        #if DEBUG
            let current = pthread_self()
            if let owner {
                assert(pthread_equal(owner, current) != 0, "a Kafka handle is used from a second thread")
            } else {
                owner = current
            }
        #endif
    }
}
