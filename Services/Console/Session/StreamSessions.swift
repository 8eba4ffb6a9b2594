import Identity
import Synchronization
import Threads
import Web

/// Ends the streams of sessions that have ended, and of memberships that have changed, without a request of their own: by their time, by
/// somebody else, or by `daifa user` on the same store.
final class StreamSessions: Sendable {
    private struct Listening {
        var userId: String
        /// In whose names its streams were opened.
        var memberships: Set<Membership> = []
    }

    private let people: People
    private let streams: EventStreams
    /// By the sessions' ids.
    private let listening = Mutex<[String: Listening]>([:])

    init(people: People, streams: EventStreams) { (self.people, self.streams) = (people, streams) }

    /// A stream of this caller was opened. A token's ends with its client.
    func opened(by asker: Asker?) {
        guard let open = asker?.open else { return }
        listening.withLock { listening in
            var entry = listening[open.session.sessionId] ?? Listening(userId: open.user.userId)
            if let caller = asker?.caller { entry.memberships.insert(Membership(actor: caller.actor, role: caller.role)) }
            listening[open.session.sessionId] = entry
        }
    }

    /// Ends the streams of a session. A browser whose session goes on opens its own anew, and is asked then for whom.
    func end(key sessionId: String) {
        streams.end(key: sessionId)
        listening.withLock { $0[sessionId] = nil }
    }

    /// For a timer. While the store is away nothing ends.
    func look(now: Timestamp) {
        for userId in Set(listening.withLock { $0.values.map(\.userId) }) { look(at: userId, now: now) }
    }

    /// Something of this user has changed: his password, a membership.
    func look(at userId: String, now: Timestamp) {
        guard let going = try? people.sessions(of: userId, now: now).map(\.sessionId),
            let memberships = try? people.memberships(of: userId)
        else { return }
        let ended = listening.withLock { listening in
            listening.filter { sessionId, entry in
                entry.userId == userId && (!going.contains(sessionId) || !entry.memberships.isSubset(of: memberships))
            }
        }
        for sessionId in ended.keys { end(key: sessionId) }
    }
}
