import CCurl
import Synchronization

/// Carries transfers out on one thread: `run`. The other methods may be called from anywhere and do not block.
final class TransferLoop: Sendable {
    private struct Inbox {
        var arrived: [Transfer] = []
        var cancelled: [Transfer] = []
        var isClosed = false
    }

    /// The thread's own.
    private struct Work {
        /// In the order in which they came.
        var waiting: [Transfer] = []
        var running: [UnsafeMutableRawPointer: Transfer] = [:]
    }

    /// How long the thread sleeps when nothing wakes it: nothing depends on it.
    private static let longestSleep = Duration.seconds(60)
    /// Once in a process, before the first handle.
    private static let initialised = curl_global_init(Int(CURL_GLOBAL_DEFAULT))

    private let limits: HTTPClient.Limits
    private let inbox = Mutex(Inbox())
    /// Used by the thread, but for waking it.
    private nonisolated(unsafe) let multi: UnsafeMutableRawPointer

    init(limits: HTTPClient.Limits) throws(HTTPError) {
        guard Self.initialised == CURLE_OK, let multi = curl_multi_init() else {
            throw HTTPError(kind: .unavailable, message: "the HTTP client did not start: libcurl has no memory or no descriptors left")
        }
        self.limits = limits
        self.multi = multi
        // 0 would let libcurl choose.
        daifa_curl_multi_set_number(multi, CURLMOPT_MAXCONNECTS, max(1, limits.idleConnections))
    }

    /// The thread holds on to the loop: by now it has ended, or never began.
    deinit { curl_multi_cleanup(multi) }

    func start(_ transfer: Transfer) {
        let isClosed = inbox.withLock { inbox in
            if !inbox.isClosed { inbox.arrived.append(transfer) }
            return inbox.isClosed
        }
        if isClosed { transfer.fail(.cancelled, "the HTTP client is closed") } else { curl_multi_wakeup(multi) }
    }

    /// May come before `start`.
    func cancel(_ transfer: Transfer) {
        transfer.isCancelled.store(true, ordering: .relaxed)
        inbox.withLock { $0.cancelled.append(transfer) }
        curl_multi_wakeup(multi)
    }

    func close() {
        inbox.withLock { $0.isClosed = true }
        curl_multi_wakeup(multi)
    }

    /// Returns after `close`, when no transfer is left.
    func run() {
        var work = Work()
        while true {
            let news = inbox.withLock { inbox in
                defer { inbox = Inbox(isClosed: inbox.isClosed) }
                return inbox
            }
            work.waiting += news.arrived
            if news.isClosed { return end(&work) }
            drop(news.cancelled, from: &work)
            admit(&work)
            var active: Int32 = 0
            curl_multi_perform(multi, &active)
            // A transfer that ended has made room for others.
            if finish(&work), !work.waiting.isEmpty { continue }
            curl_multi_poll(multi, nil, 0, sleep(work), nil)
        }
    }

    private func admit(_ work: inout Work) {
        let now = ContinuousClock.now
        work.waiting.removeAll { transfer in
            if transfer.isCancelled.load(ordering: .relaxed) {
                transfer.fail(.cancelled, "the task was cancelled")
            } else if transfer.deadline <= now {
                transfer.fail(.connection, "no turn in time: \(limits.concurrentTransfers) other transfers are under way")
            } else if work.running.count < max(1, limits.concurrentTransfers) {
                begin(transfer, now, &work.running)
            } else {
                return false
            }
            return true
        }
    }

    private func begin(_ transfer: Transfer, _ now: ContinuousClock.Instant, _ running: inout [UnsafeMutableRawPointer: Transfer]) {
        guard let easy = transfer.prepare(limits, now: now) else {
            return transfer.fail(.connection, "libcurl cannot prepare the transfer: free memory")
        }
        guard curl_multi_add_handle(multi, easy) == CURLM_OK else {
            return transfer.fail(.connection, "libcurl did not take the transfer")
        }
        running[easy] = transfer
    }

    /// Whether any transfer ended.
    private func finish(_ work: inout Work) -> Bool {
        var left: Int32 = 0
        var any = false
        while let message = curl_multi_info_read(multi, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle else { continue }
            let code = message.pointee.data.result
            curl_multi_remove_handle(multi, easy)
            work.running.removeValue(forKey: easy)?.finish(code)
            any = true
        }
        return any
    }

    private func drop(_ cancelled: [Transfer], from work: inout Work) {
        for transfer in cancelled {
            guard let easy = transfer.easy, work.running.removeValue(forKey: easy) != nil else { continue }
            curl_multi_remove_handle(multi, easy)
            transfer.fail(.cancelled, "the task was cancelled")
        }
    }

    private func end(_ work: inout Work) {
        for (easy, transfer) in work.running {
            curl_multi_remove_handle(multi, easy)
            transfer.fail(.cancelled, "the HTTP client was closed")
        }
        for transfer in work.waiting { transfer.fail(.cancelled, "the HTTP client was closed") }
    }

    /// Milliseconds until the first that waits gives up. libcurl wakes up by itself for those that are under way.
    private func sleep(_ work: Work) -> Int32 {
        let now = ContinuousClock.now
        let next = work.waiting.map { now.duration(to: $0.deadline) }.min() ?? Self.longestSleep
        return Int32(clamping: min(next, Self.longestSleep).milliseconds)
    }
}

extension Duration {
    /// Rounded up, at least 1: for C calls, where 0 often is "at once" or "never".
    var milliseconds: Int { max(1, Int((self / .milliseconds(1)).rounded(.up))) }
}
