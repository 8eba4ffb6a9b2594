import Glibc

/// SIGTERM, SIGINT and SIGHUP, taken when it suits: for commands that must clean up before they end.
public enum StopSignal {
    private static var signals: sigset_t {
        var signals = sigset_t()
        sigemptyset(&signals)
        for signal in [SIGTERM, SIGINT, SIGHUP] { sigaddset(&signals, signal) }
        return signals
    }

    /// From now on they wait to be asked for. Call first, on the main thread, before any other thread is made.
    public static func hold() {
        var signals = signals
        pthread_sigmask(SIG_BLOCK, &signals, nil)
    }

    /// Waits up to so many seconds for one; false when none came.
    public static func wait(seconds: Double) -> Bool {
        var signals = signals
        var limit = timespec(tv_sec: Int(seconds), tv_nsec: Int((seconds - seconds.rounded(.down)) * 1e9))
        return sigtimedwait(&signals, nil, &limit) > 0
    }

    /// Waits for one.
    public static func wait() {
        var signals = signals
        var signal: Int32 = 0
        while sigwait(&signals, &signal) != 0 {}
    }
}
