import Glibc

/// SIGTERM and SIGINT, taken when the main thread asks for them.
enum StopSignal {
    private static var signals: sigset_t {
        var signals = sigset_t()
        sigemptyset(&signals)
        for signal in [SIGTERM, SIGINT] { sigaddset(&signals, signal) }
        return signals
    }

    /// From now on they wait to be asked for. Call first, on the main thread, before any other thread is made.
    static func hold() {
        var signals = signals
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        // A peer that closes its connection is an error of that call, not the end of the process.
        signal(SIGPIPE, SIG_IGN)
    }

    static func wait() {
        var signals = signals
        var signal: Int32 = 0
        while sigwait(&signals, &signal) != 0 {}
    }
}
