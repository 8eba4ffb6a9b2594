import Contracts
import HTTP
import Identity
import Web

/// `/events` (contract, section 9): what happens to the caller's own, as server-sent events.
struct EventRoutes: Sendable {
    let hub: EventHub
    let sessions: StreamSessions

    func add(to group: inout ConsoleGroup) {
        group.get("/events", name: "follow-events") { (call) throws(Problem) in
            _ = try call.caller(.merchant, .factory)
            try call.expectNoQuery(but: "since")
            return try call.follow(hub, telling: .events, sessions)
        }
    }
}

extension ConsoleCall {
    /// A stream of what the hub tells a merchant or factory, from the place that the caller names on; it ends with the caller's session.
    func follow(_ hub: EventHub, telling: EventHub.Telling, _ sessions: StreamSessions) throws(Problem) -> HTTPResponse {
        guard let actor = Actor(try caller(.merchant, .factory).actor) else { throw Problem(.forbidden) }
        let since = request.header("last-event-id") ?? request.query("since")
        guard let response = hub.open(for: actor, telling: telling, key: streamKey, since: since) else { throw Problem(.tooMany) }
        sessions.opened(by: context.asker)
        return response
    }

    /// What streams are counted under, and end with: the session, or the token's subject.
    var streamKey: String { context.asker.map { $0.open?.session.sessionId ?? $0.name } ?? context.client.address }
}
