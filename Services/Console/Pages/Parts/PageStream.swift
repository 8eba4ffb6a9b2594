import Contracts
import HTTP
import Identity
import Web

/// `…/stream`: what changes on a shop's pages while somebody looks at them, as server-sent events.
struct PageStream: Sendable {
    let hub: EventHub
    let sessions: StreamSessions

    /// - Parameter group: of a shop.
    func add(to group: inout ConsoleGroup) {
        group.get("/stream", name: "page-stream") { (call) throws(Problem) in
            try call.follow(hub, telling: .changes, sessions)
        }
    }
}
