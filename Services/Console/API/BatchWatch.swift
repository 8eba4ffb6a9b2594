import HTTP
import Identity
import JSON
import Synchronization
import Web

/// Tells browsers how far batches are, by server-sent events.
final class BatchWatch: Sendable {
    /// A batch that somebody follows.
    private struct Followed {
        var actor: String
        var streams: [UInt64: EventStreams.Stream] = [:]
        /// Items that were pending when it was told last.
        var pending: Int?
    }

    private struct State {
        /// By their ids.
        var batches: [String: Followed] = [:]
        var last: UInt64 = 0
    }

    private let streams: EventStreams
    private let ledger: any RequestLedger
    private let state = Mutex(State())

    init(streams: EventStreams, ledger: any RequestLedger) { (self.streams, self.ledger) = (streams, ledger) }

    /// The answer to a request for a batch's events: `progress` at once, at each change, and a last one when nothing is pending.
    /// - Returns: nil when the key has too many streams.
    func follow(_ batch: Batch, key: String) -> HTTPResponse? {
        let number = state.withLock { state in
            state.last += 1
            return state.last
        }
        let stream = streams.open(key: key) { [weak self] _ in
            self?.state.withLock { state in
                state.batches[batch.batchId]?.streams[number] = nil
                if state.batches[batch.batchId]?.streams.isEmpty ?? false { state.batches[batch.batchId] = nil }
            }
        }
        guard let stream else { return nil }
        state.withLock { $0.batches[batch.batchId, default: Followed(actor: batch.actor)].streams[number] = stream }
        // What changes from here on is told by `changed`; what changed before is in what is read now.
        if let found = read(batch.batchId, batch.actor) { Self.tell(found, [stream]) }
        return stream.response
    }

    /// Items of these batches were answered. Reads the store: not on a thread that must not wait.
    func changed(_ batchIds: some Sequence<String>) { for batchId in batchIds { tell(batchId) { _ in true } } }

    /// For a timer: tells what another console has recorded, which sent the batch and hears the answers.
    func look() {
        for batchId in state.withLock({ Array($0.batches.keys) }) { tell(batchId) { $0.told != $0.now } }
    }

    var isEmpty: Bool { state.withLock { $0.batches.isEmpty } }

    /// - Parameter condition: by the items that were pending when it was told last, and that are now.
    private func tell(_ batchId: String, where condition: ((told: Int?, now: Int)) -> Bool) {
        guard let actor = state.withLock({ $0.batches[batchId]?.actor }), let batch = read(batchId, actor) else { return }
        let streams = state.withLock { state -> [EventStreams.Stream] in
            guard let followed = state.batches[batchId], condition((followed.pending, batch.pending)) else { return [] }
            state.batches[batchId]?.pending = batch.pending
            return Array(followed.streams.values)
        }
        Self.tell(batch, streams)
    }

    private func read(_ batchId: String, _ actor: String) -> Batch? { (try? ledger.batch(batchId, of: actor)).flatMap { $0 } }

    private static func tell(_ batch: Batch, _ streams: [EventStreams.Stream]) {
        let progress = ServerSentEvent(
            event: "progress", data: String(decoding: BatchDocument(batch, refusals: nil).json, as: UTF8.self))
        for stream in streams {
            stream.send(progress)
            if batch.pending == 0 { stream.close() }
        }
    }
}
