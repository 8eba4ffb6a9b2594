import Glibc

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
