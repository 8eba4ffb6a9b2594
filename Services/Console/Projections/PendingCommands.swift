import Contracts
import Identity
import JSON
import ReadModel
import Synchronization
import Threads

/// Commands that were sent from here and may still be answered, by their ids; among many events the few that answer one are found at once.
final class PendingCommands: Sendable {
    private struct Entry {
        /// An id is its sender's choice: another's message may bear it too.
        var sender: String
        /// nil: there is no answer yet.
        var until: Deadline?
    }

    private struct State {
        var entries: [String: Entry] = [:]
        var sweepsAt = PendingCommands.fewEntries
    }

    /// Seconds for which further events are expected after the first one: a command for several allocations has one for each.
    private static let tail = 600.0
    private static let fewEntries = 1024

    private let state = Mutex(State())

    /// - Parameter senders: of commands that an earlier process has sent.
    init(_ senders: [String: String]) { expect(senders) }

    /// - Parameter senders: by the commands' ids.
    func expect(_ senders: [String: String]) {
        state.withLock { state in for (id, sender) in senders { state.entries[id] = Entry(sender: sender) } }
    }

    /// These are answered and recorded.
    func settled(_ ids: some Sequence<String>) {
        state.withLock { state in
            for id in ids where state.entries[id]?.until == nil { state.entries[id]?.until = .after(Self.tail) }
            guard state.entries.count > state.sweepsAt else { return }
            state.entries = state.entries.filter { !($0.value.until?.hasPassed ?? false) }
            state.sweepsAt = max(Self.fewEntries, 2 * state.entries.count)
        }
    }

    /// The answers among records.
    func answers(in records: [LogRecord]) -> [CommandAnswer] {
        state.withLock { state in
            state.entries.isEmpty ? [] : records.compactMap { Self.answer($0, state.entries) }
        }
    }

    private static func answer(_ record: LogRecord, _ entries: [String: Entry]) -> CommandAnswer? {
        guard record.topic.hasSuffix(".events"), let cause = record.header(EnvelopeHeader.causationId), let sender = entries[cause]?.sender,
            let value = record.value, let id = record.header(EnvelopeHeader.id), let type = record.header(EnvelopeHeader.type)
        else { return nil }
        let place = AnswerPlace(topic: record.topic, partition: record.partition, offset: record.offset)
        if type.hasSuffix(".refused.v1") {
            guard let refused = try? Refused.decode(value), refused.actor.map({ "\($0)" }) == sender else { return nil }
            let details = refused.details.map { details in
                JSONValue.object(details.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }).json
            }
            return CommandAnswer(
                commandId: cause, eventId: id, event: nil,
                refusal: LedgerRefusal(code: refused.code.rawValue, detail: refused.message, field: refused.field, details: details),
                place: place)
        }
        guard record.header(EnvelopeHeader.behalf) == sender else { return nil }
        return CommandAnswer(commandId: cause, eventId: id, event: document(record, id, type, value), place: place)
    }

    /// An event as the API tells it, without what is sealed.
    private static func document(_ record: LogRecord, _ id: String, _ type: String, _ value: [UInt8]) -> [UInt8] {
        var writer = JSONWriter()
        writer.raw(#"{"id":"#)
        writer.string(id)
        writer.raw(#","type":"#)
        writer.string(type)
        writer.raw(#","key":"#)
        writer.string(String(decoding: record.key ?? [], as: UTF8.self))
        writer.raw(#","time":"#)
        writer.string(record.header(EnvelopeHeader.time) ?? record.time.description)
        writer.raw(#","data":"#)
        writer.raw(SealedFields.removed(from: value))
        writer.raw("}")
        return writer.bytes
    }
}
