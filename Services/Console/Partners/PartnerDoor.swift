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
final class PartnerDoor: Sendable {
    /// One request until it is answered. Its connection waits, so there are never more than the server has connections.
    private struct Visit {
        let request: any PartnerRequest
        let responder: HTTPServer.Responder
        /// The topics have been read up to their end as of this request's arrival: the next look is the last.
        var isLast = false
    }

    private struct Queue {
        var visits: [Visit] = []
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
    private let knowledge: any Knowledge
    private let kafka: KafkaConfiguration
    private let keyFile: String?
    private let barrier: @Sendable (_ timeout: Double) -> Bool
    private let logger: Logger
    private let answers: AnswerMetrics
    private let threads = Mutex<[NamedThread]>([])

    /// - Parameters:
    ///   - keyFile: of the keys that commands are signed with; nil: they are not.
    ///   - barrier: waits until everything is read that was committed when it is called; false when that takes longer.
    init(
        _ knowledge: any Knowledge, kafka: KafkaConfiguration, keyFile: String?, logger: Logger, answers: AnswerMetrics,
        barrier: @escaping @Sendable (_ timeout: Double) -> Bool
    ) {
        self.knowledge = knowledge
        self.kafka = kafka
        self.keyFile = keyFile
        self.logger = logger
        self.answers = answers
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
            for visit in queue.update({ queue in
                defer { queue.visits = [] }; return queue.visits
            }) { refuse(visit, .unavailable) }
        }
    }

    /// Takes a request, to be answered in its turn.
    func enter(_ request: some PartnerRequest, _ responder: HTTPServer.Responder) {
        let visit = Visit(request: request, responder: responder)
        let isOpen = queue.update { queue in
            if !queue.isClosed { queue.visits.append(visit) }
            return !queue.isClosed
        }
        if !isOpen { refuse(visit, .unavailable) }
    }

    // MARK: The threads

    private func run() {
        var sender = CommandSender(kafka, timeout: Self.sendTimeout, keyFile: keyFile)
        while let visits = Self.next(queue) {
            handle(visits, &sender) { visit, problem in
                if problem.restsOnModel, !visit.isLast { doubt(visit) } else { refuse(visit, problem) }
            }
        }
        sender.close()
    }

    private func doubt(_ visit: Visit) {
        let isTaken = doubtful.update { doubtful in
            guard !doubtful.isClosed, doubtful.visits.count < Self.mostDoubtful else { return false }
            doubtful.visits.append(visit)
            return true
        }
        if !isTaken { refuse(visit, .unavailable) }
    }

    private func lookAgain() {
        while let visits = Self.next(doubtful) {
            guard barrier(Self.barrierTimeout) else {
                for visit in visits { refuse(visit, .unavailable) }
                continue
            }
            let again = visits.map { Visit(request: $0.request, responder: $0.responder, isLast: true) }
            let isOpen = queue.update { queue in
                if !queue.isClosed { queue.visits += again }
                return !queue.isClosed
            }
            if !isOpen { for visit in again { refuse(visit, .unavailable) } }
            _ = doubtful.wait(until: .after(Self.barrierInterval)) { $0.isClosed }
        }
    }

    /// All that wait; nil: there will be no more.
    private static func next(_ queue: Monitor<Queue>) -> [Visit]? {
        queue.wait { queue -> [Visit]?? in
            if queue.visits.isEmpty { return queue.isClosed ? .some(nil) : nil }
            defer { queue.visits = [] }
            return queue.visits
        } ?? nil
    }

    private func handle(_ visits: [Visit], _ sender: inout CommandSender, else refuse: (Visit, Problem) -> Void) {
        var sent: [Visit] = []
        var commands: [OutgoingCommand] = []
        for visit in visits {
            do throws(Problem) {
                commands.append(try visit.request.command(knowledge))
                sent.append(visit)
            } catch { refuse(visit, error) }
        }
        guard !sent.isEmpty else { return }
        do {
            try sender.send(commands)
            for visit in sent { answer(visit, visit.request.accepted) }
        } catch {
            logger.warning("commands of partners were not sent", ["commands": "\(commands.count)", "reason": "\(error)"])
            for visit in sent { self.refuse(visit, .unavailable) }
        }
    }

    private func refuse(_ visit: Visit, _ problem: Problem) { answer(visit, problem.response(visit.request.language)) }

    private func answer(_ visit: Visit, _ response: HTTPResponse) {
        answers.count(type(of: visit.request).route, response.status)
        visit.responder.send(response)
    }
}

/// Counts what partners were answered.
struct AnswerMetrics: Sendable {
    private let requests: CounterFamily

    init(_ registry: Metrics) {
        requests = CounterFamily(registry, "daifa_partner_requests_total", "Answered requests of partners.", labels: ["route", "status"])
    }

    func count(_ route: String, _ status: Int) { requests[route, "\(status)"].increment() }
}
