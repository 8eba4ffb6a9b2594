import Contracts
import HTTP
import JSON
import ReadModel
import Texts
import Threads

/// What a list of orders is narrowed to: the fields of its form, which are the address. What is wrong or empty narrows nothing.
struct OrdersFilter: Sendable {
    /// States with work in them: what is due first comes first.
    static let work: Set<OrderStateName> = [.held, .open, .partly, .allocated, .ready]

    var states: [OrderStateName] = []
    var hold: Hold?
    var factory = ""
    var text = ""
    /// Days: `2026-11-29`.
    var from = ""
    var to = ""
    var shipBefore = ""
    var order: ListOrder?
    var limit = 50
    var after: String?
    /// The rows come ticked.
    var isTicked = false
    /// Only what is chosen.
    var isChosen = false

    init(_ request: HTTPRequest) {
        let values = request.query.filter { !$0.value.isEmpty }
        func value(_ name: String) -> String { values.first { $0.name == name }?.value.trimmedBlanks ?? "" }
        states = values.filter { $0.name == "state" }.compactMap { OrderStateName(rawValue: $0.value) }
        hold = Hold(rawValue: value("hold"))
        (factory, text) = (value("factory"), value("text"))
        (from, to, shipBefore) = (value("from"), value("to"), value("shipBefore"))
        order = ListOrder(rawValue: value("order"))
        if let number = Int(value("limit")), PageRequest.limits.contains(number) { limit = number }
        after = value("after").isEmpty ? nil : value("after")
        isTicked = value("ticked") == "page"
        isChosen = value("chosen") == "1"
    }

    /// Whether anything but the tab narrows the list.
    var isNarrowed: Bool { count > 0 }
    var count: Int { [hold?.rawValue ?? "", factory, text, from, to, shipBefore].filter { !$0.isEmpty }.count }

    var effectiveOrder: ListOrder {
        order ?? (!states.isEmpty && states.allSatisfy { Self.work.contains($0) } ? .shipBy : .newest)
    }

    /// - Parameter zone: of the user, whose days these are.
    func query(_ shop: String, _ zone: TimeZone?) -> OrderQuery {
        var query = OrderQuery(merchantShopId: shop)
        query.states = states
        query.holds = hold.map { [$0] } ?? []
        query.factory = factory.isEmpty ? nil : factory
        // The model takes up to 200 bytes.
        query.text = text.isEmpty ? nil : String(decoding: text.utf8.prefix(200), as: UTF8.self)
        query.from = zone?.day(from)?.lowerBound
        query.to = zone?.day(to)?.upperBound
        query.shipBefore = zone?.day(shipBefore)?.lowerBound
        query.order = effectiveOrder
        query.page = PageRequest(limit: limit, after: after)
        return query
    }
}
