import Contracts
import HTTP
import JSON
import ReadModel
import Synchronization
import Threads
import Web

/// The events that go out as server-sent events (contract, section 9: `GET /events`), and what they change on pages.
///
/// The last ones are kept in memory, so that a browser that comes back gets what it missed. An id of the stream names, for each partition,
/// the next offset of each topic of events, so that any console that reads the same topics understands it.
final class EventHub: Sendable {
    /// Events that are kept for those who come back.
    private static let kept = 20_000

    struct Entry: Sendable {
        var event: FeedEvent
        var number: UInt64
    }

    /// What a stream tells of an event.
    enum Telling: Sendable {
        /// The event itself (contract, section 9).
        case events
        /// What a page has to show anew: `changed`, with kind, id and version of the row.
        case changes
    }

    private struct Listener {
        var actor: Actor
        var telling: Telling
        var stream: EventStreams.Stream

        func tell(_ event: FeedEvent, _ position: FeedPosition) {
            guard event.isVisible(to: actor) else { return }
            switch telling {
            case .events: stream.send(EventHub.sent(event, to: actor, position))
            case .changes:
                if let change = PageChange(event, for: actor) { stream.send(change.sent(position)) }
            }
        }
    }

    private struct State {
        var entries: ArraySlice<Entry> = []
        var last: UInt64 = 0
        /// Next offsets by topic and partition, of all that was told.
        var ends: [FeedPlace: Int64] = [:]
        /// The first offset of each partition of which everything later is kept.
        var begins: [FeedPlace: Int64] = [:]
        var listeners: [UInt64: Listener] = [:]
    }

    private let streams: EventStreams
    private let state: Mutex<State>
    /// Listeners whose streams are over. Apart from the rest: a stream may end while something is sent into it under the other lock.
    private let gone = Mutex<[UInt64]>([])

    /// - Parameter ends: where the read model stands.
    init(streams: EventStreams, ends: [LogPosition]) {
        self.streams = streams
        var first = State()
        for position in ends {
            let place = FeedPlace(topic: position.topic, partition: position.partition)
            guard place.isOfEvents else { continue }
            first.ends[place] = position.offset
            first.begins[place] = position.offset
        }
        state = Mutex(first)
    }

    // MARK: What happens

    /// Takes the events of records that the read model holds now, and where the topics stand by them.
    func tell(_ events: [FeedEvent]) {
        let gone = gone.withLock { gone in
            defer { gone = [] }
            return gone
        }
        state.withLock { state in
            for number in gone { state.listeners[number] = nil }
            for event in events {
                let place = FeedPlace(topic: event.topic, partition: event.partition)
                state.last += 1
                state.ends[place] = event.offset + 1
                if state.begins[place] == nil { state.begins[place] = 0 }
                let entry = Entry(event: event, number: state.last)
                state.entries.append(entry)
                for listener in state.listeners.values { listener.tell(event, FeedPosition(state.ends)) }
            }
            while state.entries.count > Self.kept, let old = state.entries.popFirst() {
                state.begins[FeedPlace(topic: old.event.topic, partition: old.event.partition)] = old.event.offset + 1
            }
        }
    }

    /// The position as of now: what a page shows that is rendered now or later.
    var position: String { state.withLock { FeedPosition($0.ends).text } }

    // MARK: Who listens

    /// - Parameters:
    ///   - key: of the session: its streams are bounded, and end with it.
    ///   - since: an id of an event, or a page's position; nil: from now on.
    /// - Returns: nil when the session has too many streams.
    func open(for actor: Actor, telling: Telling = .events, key: String, since: String?) -> HTTPResponse? {
        let number = state.withLock { state in
            state.last += 1
            return state.last
        }
        let stream = streams.open(key: key, farewell: ServerSentEvent(event: "reset", data: "{}")) { [weak self] _ in
            self?.gone.withLock { $0.append(number) }
        }
        guard let stream else { return nil }
        state.withLock { state in
            let listener = Listener(actor: actor, telling: telling, stream: stream)
            if let since { Self.replay(since, to: listener, state) }
            state.listeners[number] = listener
        }
        return stream.response
    }

    /// Ends the streams of a session.
    func end(key: String) { streams.end(key: key) }

    private static func replay(_ since: String, to listener: Listener, _ state: State) {
        guard let position = FeedPosition(text: since), position.isWithin(state.begins, state.ends) else {
            listener.stream.send(ServerSentEvent(id: FeedPosition(state.ends).text, event: "reset", data: "{}"))
            return
        }
        var reached = position
        for entry in state.entries where !position.covers(entry.event) {
            reached.advance(entry.event)
            listener.tell(entry.event, reached)
        }
    }

    private static func sent(_ event: FeedEvent, to actor: Actor, _ position: FeedPosition) -> ServerSentEvent {
        var writer = JSONWriter()
        writer.raw(#"{"id":"#)
        writer.string(event.id)
        writer.raw(#","type":"#)
        writer.string(event.type)
        writer.raw(#","key":"#)
        writer.string(event.key)
        writer.raw(#","time":"#)
        writer.string(event.time.description)
        writer.raw(#","data":"#)
        writer.raw(event.data(for: actor))
        writer.raw("}")
        return ServerSentEvent(id: position.text, event: event.type, data: String(decoding: writer.bytes, as: UTF8.self))
    }
}

/// One partition of one topic of events.
struct FeedPlace: Hashable, Sendable {
    var topic: String
    var partition: Int32

    var isOfEvents: Bool { topic.hasSuffix(".events") }
}

/// How far a stream has come: `allocation.0.17,allocation.1.5,waybill.0.9`, the next offset of each partition of each service's events.
struct FeedPosition: Sendable, Equatable {
    private var next: [FeedPlace: Int64]

    init(_ next: [FeedPlace: Int64]) { self.next = next }

    /// nil: it is none.
    init?(text: String) {
        next = [:]
        guard text.utf8.count <= 16_384 else { return nil }
        for part in text.split(separator: ",") {
            let pieces = part.split(separator: ".", omittingEmptySubsequences: false)
            guard pieces.count == 3, let service = ServiceName(rawValue: String(pieces[0])), let partition = Int32(pieces[1]),
                let offset = Int64(pieces[2]), partition >= 0, offset >= 0
            else { return nil }
            next[FeedPlace(topic: service.events, partition: partition)] = offset
        }
    }

    var text: String {
        next.map { place, offset in "\(Self.service(place.topic)).\(place.partition).\(offset)" }.sorted().joined(separator: ",")
    }

    /// Whether all that was told since is kept, and it is not ahead of what was told.
    func isWithin(_ begins: [FeedPlace: Int64], _ ends: [FeedPlace: Int64]) -> Bool {
        ends.allSatisfy { place, end in
            let offset = next[place] ?? 0
            return offset >= begins[place] ?? 0 && offset <= end
        } && next.keys.allSatisfy { ends[$0] != nil || next[$0] == 0 }
    }

    func covers(_ event: FeedEvent) -> Bool {
        event.offset < next[FeedPlace(topic: event.topic, partition: event.partition)] ?? 0
    }

    mutating func advance(_ event: FeedEvent) { next[FeedPlace(topic: event.topic, partition: event.partition)] = event.offset + 1 }

    /// `daifa.allocation.events` → `allocation`
    private static func service(_ topic: String) -> Substring { topic.dropFirst(6).dropLast(7) }
}
