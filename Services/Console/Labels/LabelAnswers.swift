import Contracts
import Crypto
import JSON
import ReadModel
import Synchronization

/// The answers of waybill to print jobs that are under way. What they hold is sealed for the job, and is kept here alone, until the job ends.
final class LabelAnswers: Sendable {
    enum Answer: Sendable {
        case opened(SealedLabel)
        case refused(Refusal)
    }

    /// A job's place; it ends with this at the latest.
    final class Place: Sendable {
        let jobId: String
        private let answers: LabelAnswers

        fileprivate init(_ jobId: String, _ answers: LabelAnswers) { (self.jobId, self.answers) = (jobId, answers) }
        deinit { end() }

        var isComplete: Bool { answers.isComplete(jobId) }
        /// What there is by now, by the commands' ids. No more is taken.
        func take() -> [String: Answer] { answers.close(jobId) }
        /// From now on another job may have it.
        func end() { answers.forget(jobId) }
    }

    private struct Job {
        /// Commands without an answer.
        var open: Set<String>
        var answers: [String: Answer] = [:]
    }

    private struct State {
        var jobs: [String: Job] = [:]
        /// Jobs by the ids of their commands.
        var jobOf: [String: String] = [:]
    }

    private let most: Int
    private let state = Mutex(State())
    /// Who sends the commands, as their answers tell it.
    private static let sender = Actor(.service, ServiceName.console.rawValue)

    /// - Parameter most: jobs at a time.
    init(most: Int) { self.most = most }

    /// - Returns: nil when there are as many jobs as there may be.
    func begin(_ jobId: String, commands: some Sequence<String>) -> Place? {
        let isTaken = state.withLock { state in
            guard state.jobs.count < most else { return false }
            let open = Set(commands)
            state.jobs[jobId] = Job(open: open)
            for command in open { state.jobOf[command] = jobId }
            return true
        }
        return isTaken ? Place(jobId, self) : nil
    }

    /// Looks for answers among records.
    /// - Returns: jobs that have all of theirs now.
    func read(_ records: [LogRecord]) -> [String] {
        state.withLock { state in
            guard !state.jobOf.isEmpty else { return [] }
            var complete: [String] = []
            for record in records where record.topic == ServiceName.waybill.events {
                guard let command = record.header(EnvelopeHeader.causationId), let jobId = state.jobOf[command],
                    let answer = Self.answer(record, command, jobId)
                else { continue }
                state.jobOf[command] = nil
                state.jobs[jobId]?.open.remove(command)
                state.jobs[jobId]?.answers[command] = answer
                if state.jobs[jobId]?.open.isEmpty == true { complete.append(jobId) }
            }
            return complete
        }
    }

    /// An id is its sender's choice: an answer is believed when it is to the console, and for this job.
    private static func answer(_ record: LogRecord, _ command: String, _ jobId: String) -> Answer? {
        guard let value = record.value, let type = record.header(EnvelopeHeader.type) else { return nil }
        if type == LabelOpened.type {
            guard record.header(EnvelopeHeader.behalf) == "\(sender)", let opened = try? LabelOpened.decode(value), opened.jobId == jobId
            else { return nil }
            return .opened(opened.labelSealed)
        }
        guard type == Refused.type(of: .waybill), let refused = try? Refused.decode(value), refused.actor == sender,
            refused.commandId == command
        else { return nil }
        return .refused(refused.refusal)
    }

    private func isComplete(_ jobId: String) -> Bool { state.withLock { $0.jobs[jobId]?.open.isEmpty ?? true } }

    private func close(_ jobId: String) -> [String: Answer] {
        state.withLock { state in
            guard let job = state.jobs[jobId] else { return [:] }
            for command in job.open { state.jobOf[command] = nil }
            state.jobs[jobId] = Job(open: [])
            return job.answers
        }
    }

    private func forget(_ jobId: String) {
        state.withLock { state in
            guard let job = state.jobs.removeValue(forKey: jobId) else { return }
            for command in job.open { state.jobOf[command] = nil }
        }
    }
}
