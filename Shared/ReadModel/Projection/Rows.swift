import Contracts
import JSON
import Threads

/// The lists whose rows are kept one by one.
enum ItemList: Int, CaseIterable {
    case participants = 1, bindings, rules, pools, warehouses, stock, inbounds, channels, authorizations, consents, numbers

    init?(_ table: Table) {
        switch table {
        case .participants: self = .participants
        case .bindings: self = .bindings
        case .rules: self = .rules
        case .warehouses: self = .warehouses
        case .stock: self = .stock
        case .channels: self = .channels
        case .keys, .credentials, .health: return nil
        }
    }
}

/// A row of a list.
struct ItemKey: Hashable {
    var list: ItemList
    var id: String
}

/// What a row of a list says.
struct Item: Equatable {
    /// The shops that may see it; of stock, the warehouse.
    var owners: [String] = []
    /// By which the list is ordered, in milliseconds since 1970; 0 where nobody knows when the row came to be.
    var at = 0
    var body: [UInt8] = []
    /// Whether lists show it: a part of it may have come before the row itself.
    var isShown = true
}

/// A message that is about no order: of the command that it is, or that caused it.
struct MessageRecord: DefaultInitializable, Equatable {
    var commandId = ""
    var part = HistoryPart()
    init() {}
    static let fields = Fields<MessageRecord>(Field("i", \.commandId), Field("p", \.part))
}

/// A dead letter, and the id of the message in it.
struct DeadRecord: DefaultInitializable, Equatable {
    var view = DeadLetterView()
    var messageId: String?
    init() {}
    static let fields = Fields<DeadRecord>(Field("v", \.view), Field("i", \.messageId))
}

/// The rows that records are projected on: those that exist are there, the others are made.
struct Rows {
    var items: [ItemKey: Item] = [:]
    var deadLetters: [String: DeadRecord] = [:]

    subscript(list: ItemList, id: String) -> Item? {
        get { items[ItemKey(list: list, id: id)] }
        set { items[ItemKey(list: list, id: id)] = newValue }
    }

    /// The row's value, or a new one.
    func item<Body: DefaultInitializable>(_ list: ItemList, _ id: String, as _: Body.Type) -> Body {
        self[list, id].flatMap { try? Body.decodeStored($0.body) } ?? Body()
    }
}
