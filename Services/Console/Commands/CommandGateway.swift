import Kafka
import Observability
import Synchronization
import Threads

/// The way of commands to the services.
protocol CommandTransport: Sendable {
    /// - Parameter done: told once, on whatever thread: true when Kafka has all; false when it has not, or not in time, and some may arrive
    ///   all the same. It must not block.
    func submit(_ commands: [OutgoingCommand], _ done: @escaping @Sendable (Bool) -> Void)
}

/// Writes what people and other systems ask for to Kafka, on a thread of its own: what waits is sent and acknowledged together.
final class CommandGateway: CommandTransport {
    typealias Done = @Sendable (Bool) -> Void

    private struct Submission {
        var commands: [OutgoingCommand]
        var done: Done
    }

    private struct Queue {
        var submissions: [Submission] = []
        var count = 0
        var isClosed = false
    }

    /// Seconds that Kafka has to take commands.
    private static let sendTimeout = 4.0
    /// Commands that wait at a time; who brings more is told to come again.
    static let mostWaiting = 50_000

    private let queue = Monitor(Queue())
    private let kafka: KafkaConfiguration
    private let keyFile: String?
    private let logger: Logger
    private let thread = Mutex<NamedThread?>(nil)

    /// - Parameter keyFile: of the keys that commands are signed with; nil: they are not.
    init(_ kafka: KafkaConfiguration, keyFile: String?, logger: Logger) {
        (self.kafka, self.keyFile, self.logger) = (kafka, keyFile, logger)
    }

    func start() throws(ThreadError) {
        let started = try NamedThread("commands") { [self] in run() }
        thread.withLock { $0 = started }
    }

    /// Ends after what it has; what comes later is not sent.
    func stop() {
        queue.update { $0.isClosed = true }
        thread.withLock { thread in
            thread?.join()
            thread = nil
        }
    }

    func submit(_ commands: [OutgoingCommand], _ done: @escaping Done) {
        let isTaken = queue.update { queue in
            guard !queue.isClosed, queue.count + commands.count <= Self.mostWaiting else { return false }
            queue.submissions.append(Submission(commands: commands, done: done))
            queue.count += commands.count
            return true
        }
        if !isTaken { done(false) }
    }

    private func run() {
        var sender = CommandSender(kafka, timeout: Self.sendTimeout, keyFile: keyFile)
        while let submissions = next() {
            let commands = submissions.flatMap(\.commands)
            var isSent = false
            do {
                try sender.send(commands)
                isSent = true
            } catch {
                logger.warning("commands were not sent", ["commands": "\(commands.count)", "reason": "\(error)"])
            }
            for submission in submissions { submission.done(isSent) }
        }
        sender.close()
    }

    private func next() -> [Submission]? {
        queue.wait { queue -> [Submission]?? in
            if queue.submissions.isEmpty { return queue.isClosed ? .some(nil) : nil }
            defer { (queue.submissions, queue.count) = ([], 0) }
            return queue.submissions
        } ?? nil
    }
}
