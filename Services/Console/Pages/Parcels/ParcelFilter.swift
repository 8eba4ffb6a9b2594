import Contracts
import ReadModel
import Texts
import Threads
import Web

/// What a list of parcels is asked for, as its address says it: the address is the state, and may be sent to a colleague.
struct ParcelFilter: Sendable {
    var state: ParcelStateName?
    var text = ""
    var merchant = ""
    var carrier = ""
    var door = ""
    /// Days in the user's zone, the last one included.
    var from = ""
    var to = ""
    var order: ListOrder
    var limit = 50
    var after: String?
    /// Only what is chosen.
    var isChosen = false

    static let limits = [25, 50, 100, 200]

    init(_ query: (String) -> String?) {
        state = query("state").flatMap { ParcelStateName(rawValue: $0) }
        text = (query("text") ?? "").trimmedBlanks
        (merchant, carrier, door) = (query("merchant") ?? "", query("carrier") ?? "", query("door") ?? "")
        (from, to) = (query("from") ?? "", query("to") ?? "")
        // What is to be done begins with what is due first; what is over with the newest.
        let isWork = [.open, .obtained, .printed].contains(state)
        order = query("order").flatMap { ListOrder(rawValue: $0) } ?? (isWork ? .shipBy : .newest)
        limit = query("limit").flatMap { Int($0) }.flatMap { Self.limits.contains($0) ? $0 : nil } ?? 50
        after = query("after")
        isChosen = query("chosen") == "1"
    }

    var isFiltered: Bool { ![text, merchant, carrier, door, from, to].allSatisfy(\.isEmpty) }

    /// - Parameter errors: gets what is wrong with it.
    func query(of factory: String, _ frame: PageFrame, _ errors: inout FormErrors) -> ParcelQuery {
        var query = ParcelQuery(factoryShopId: factory)
        query.states = state.map { [$0] } ?? []
        if !text.isEmpty { query.text = text }
        if !merchant.isEmpty { query.merchant = merchant }
        if !carrier.isEmpty { query.carrier = carrier }
        if !door.isEmpty { query.door = door }
        query.from = day("from", from, frame, &errors)?.lowerBound
        query.to = day("to", to, frame, &errors)?.upperBound
        query.order = order
        query.page = PageRequest(limit: limit, after: after)
        return query
    }

    private func day(_ name: String, _ text: String, _ frame: PageFrame, _ errors: inout FormErrors) -> Range<Timestamp>? {
        guard !text.isEmpty else { return nil }
        guard let day = frame.zone?.day(text) else {
            errors.add(name, frame.say("error.date", ["field": frame.say("filter.\(name)")]))
            return nil
        }
        return day
    }
}
