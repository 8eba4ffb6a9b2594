import Contracts
import JSON
import ReadModel
import Web

/// What an event changes on the pages of a shop: the row's kind and id, its version, and whether it is new. What it says by now the page
/// asks for itself.
struct PageChange: Equatable {
    /// `order` (a merchant's), `parcel` (a factory's); of what is neither, the service that tells it.
    var kind: String
    var id: String
    /// nil: not known; the page asks in any case.
    var version: Int?
    var isNew = false

    /// nil: nothing that this actor's pages show.
    init?(_ event: FeedEvent, for actor: Actor) {
        switch (actor.kind, event.orderId, event.allocationId) {
        case (.merchant, let orderId?, _):
            (kind, id, version) = ("order", orderId, event.orderVersion)
            isNew = event.type == OrderRegistered.type
        case (.factory, _?, let allocationId?):
            (kind, id, version) = ("parcel", allocationId, event.parcelVersion)
            isNew = event.type == Opened.type
        case (.factory, _?, nil): return nil
        default:
            guard let service = event.topic.split(separator: ".").dropFirst().first else { return nil }
            (kind, id) = (String(service), event.key)
        }
    }

    func sent(_ position: FeedPosition) -> ServerSentEvent {
        var members: [(String, JSONValue)] = [("kind", .string(kind)), ("id", .string(id))]
        if let version { members.append(("version", .int(version))) }
        if isNew { members.append(("created", .bool(true))) }
        return ServerSentEvent(
            id: position.text, event: "changed", data: String(decoding: JSONValue.object(members).json, as: UTF8.self))
    }
}
