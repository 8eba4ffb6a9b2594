import Contracts
import HTTP
import Kafka
import Observability
import Runtime
import Synchronization
import Threads

/// Turns partners' requests into commands, on a thread of its own: those that wait are looked up, sent and acknowledged together.
///
/// A request that seems to be unknown or wrongly signed may only be too new: it is looked at once more after the topics were read up to
/// their end as of its arrival. Another thread waits for that, so that nonsense holds up no request that is right.
final class PartnerRequestQueue: Sendable {
    /// One request until it is answered. Its connection waits, so there are never more than the server has connections.
    private struct PendingRequest {
        let request: any PartnerRequest
        let respond: @Sendable (HTTPResponse) -> Void
        /// The topics have been read up to their end as of this request's arrival: the next look is the last.
        var isLast = false
    }

    private struct Queue {
        var requests: [PendingRequest] = []
        var isClosed = false
    }

    /// Requests that wait for a second look at a time; more are told to come again later.
    static let mostDoubtful = 64
    /// Seconds between two barriers: those that came meanwhile share the next one.
    private static let barrierInterval = 0.1

    /// Seconds that Kafka has to take commands. Worst case while Kafka is down: 4 s for sending and 2 s for the barrier of the batch
    /// ahead, then the same for the request's own batch: 12 s.
    private static let sendTimeout = 4.0
    /// Seconds that may pass until the topics are read up to their end as of a request's arrival (contract, section 3).
    private static let barrierTimeout = 2.0

    private let queue = Monitor(Queue())
    private let doubtful = Monitor(Queue())
    private let lookup: any PartnerLookup
    private let kafka: KafkaConfiguration
    private let keyFile: String?
    private let barrier: @Sendable (_ timeout: Double) -> Bool
    private let logger: Logger
    private let threads = Mutex<[NamedThread]>([])

    /// - Parameters:
    ///   - keyFile: of the keys that commands are signed with; nil: they are not.
    ///   - barrier: waits until everything is read that was committed when it is called; false when that takes longer.
    init(
        _ lookup: any PartnerLookup, kafka: KafkaConfiguration, keyFile: String?, logger: Logger,
        barrier: @escaping @Sendable (_ timeout: Double) -> Bool
    ) {
        self.lookup = lookup
        self.kafka = kafka
        self.keyFile = keyFile
        self.logger = logger
        self.barrier = barrier
    }

    func start() throws(ThreadError) {
        let first = try NamedThread("partners") { [self] in run() }
        threads.withLock { $0.append(first) }
        let second = try NamedThread("partners-again") { [self] in lookAgain() }
        threads.withLock { $0.append(second) }
    }

    /// Ends after the requests that it has; later ones are answered 503.
    func stop() {
        doubtful.update { $0.isClosed = true }
        queue.update { $0.isClosed = true }
        threads.withLock { threads in
            for thread in threads { thread.join() }
            threads = []
        }
        // Requests that were handed over while the threads ended.
        for queue in [queue, doubtful] {
            for pending in queue.update({ queue in
                defer { queue.requests = [] }; return queue.requests
            }) { refuse(pending, .unavailable) }
        }
    }

    /// Takes a request, to be answered in its turn.
    func submit(_ request: some PartnerRequest, _ respond: @escaping @Sendable (HTTPResponse) -> Void) {
        let pending = PendingRequest(request: request, respond: respond)
        let isOpen = queue.update { queue in
            if !queue.isClosed { queue.requests.append(pending) }
            return !queue.isClosed
        }
        if !isOpen { refuse(pending, .unavailable) }
    }

    // MARK: The threads

    private func run() {
        var sender = CommandSender(kafka, timeout: Self.sendTimeout, keyFile: keyFile)
        while let requests = Self.next(queue) {
            handle(requests, &sender) { pending, problem in
                if problem.restsOnModel, !pending.isLast { doubt(pending) } else { refuse(pending, problem) }
            }
        }
        sender.close()
    }

    private func doubt(_ pending: PendingRequest) {
        let isTaken = doubtful.update { doubtful in
            guard !doubtful.isClosed, doubtful.requests.count < Self.mostDoubtful else { return false }
            doubtful.requests.append(pending)
            return true
        }
        if !isTaken { refuse(pending, .unavailable) }
    }

    private func lookAgain() {
        while let requests = Self.next(doubtful) {
            guard barrier(Self.barrierTimeout) else {
                for pending in requests { refuse(pending, .unavailable) }
                continue
            }
            let again = requests.map { PendingRequest(request: $0.request, respond: $0.respond, isLast: true) }
            let isOpen = queue.update { queue in
                if !queue.isClosed { queue.requests += again }
                return !queue.isClosed
            }
            if !isOpen { for pending in again { refuse(pending, .unavailable) } }
            _ = doubtful.wait(until: .after(Self.barrierInterval)) { $0.isClosed }
        }
    }

    /// All that wait; nil: there will be no more.
    private static func next(_ queue: Monitor<Queue>) -> [PendingRequest]? {
        queue.wait { queue -> [PendingRequest]?? in
            if queue.requests.isEmpty { return queue.isClosed ? .some(nil) : nil }
            defer { queue.requests = [] }
            return queue.requests
        } ?? nil
    }

    private func handle(_ requests: [PendingRequest], _ sender: inout CommandSender, else refuse: (PendingRequest, Problem) -> Void) {
        var sent: [PendingRequest] = []
        var commands: [OutgoingCommand] = []
        for pending in requests {
            do throws(Problem) {
                commands.append(try pending.request.command(lookup))
                sent.append(pending)
            } catch { refuse(pending, error) }
        }
        guard !sent.isEmpty else { return }
        do {
            try sender.send(commands)
            for pending in sent { answer(pending, pending.request.accepted) }
        } catch {
            logger.warning("commands of partners were not sent", ["commands": "\(commands.count)", "reason": "\(error)"])
            for pending in sent { self.refuse(pending, .unavailable) }
        }
    }

    private func refuse(_ pending: PendingRequest, _ problem: Problem) { answer(pending, problem.response(pending.request.language)) }

    private func answer(_ pending: PendingRequest, _ response: HTTPResponse) { pending.respond(response) }
}
