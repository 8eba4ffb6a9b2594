public import Contracts
public import Threads

/// A page of a merchant's orders. Filters that are absent or empty let everything through.
public struct OrderQuery: Sendable, Equatable {
    public var merchantShopId: String
    public var states: [OrderStateName] = []
    /// Orders with at least one of these.
    public var holds: [Hold] = []
    /// Shop id of a factory that has a part of it, or had one that was shipped.
    public var factory: String?
    /// Without case: an exact or leading part of an order id, platform number, allocation id or waybill number; or a part of a sku, a name
    /// or the remark within the merchant's newest 100,000 orders.
    public var text: String?
    /// `from` ≤ placedAt < `to`.
    public var from: Timestamp?
    public var to: Timestamp?
    public var shipBefore: Timestamp?
    /// Whether at least one allocation is `ready`.
    public var shippable: Bool?
    public var order = ListOrder.newest
    public var page = PageRequest()

    public init(merchantShopId: String) { self.merchantShopId = merchantShopId }

    /// - Throws: `invalid` for a parameter that is unknown or out of bounds.
    public init(merchantShopId: String, _ parameters: Parameters) throws(ReadModelError) {
        var parameters = parameters
        self.merchantShopId = merchantShopId
        states = try parameters.choices("state")
        holds = try parameters.choices("hold")
        factory = try parameters.text("factory")
        text = try SearchText.checked(try parameters.text("text"))
        from = try parameters.time("from")
        to = try parameters.time("to")
        shipBefore = try parameters.time("shipBefore")
        shippable = try parameters.flag("shippable")
        order = try parameters.choice("order") ?? .newest
        page = try parameters.pageRequest()
        try parameters.finish()
    }

    /// Another list, or the same with other filters, has another.
    var scope: Int {
        var parts = ["orders", merchantShopId, order.rawValue, factory ?? "-", text ?? "-"]
        parts += [from, to, shipBefore].map { $0.map { "\($0.milliseconds)" } ?? "-" }
        parts += [shippable.map { "\($0)" } ?? "-"] + states.map(\.rawValue) + holds.map(\.rawValue)
        return StableHash.of(parts.joined(separator: "\u{1F}"))
    }
}

/// A page of a factory's parcels.
public struct ParcelQuery: Sendable, Equatable {
    public var factoryShopId: String
    public var states: [ParcelStateName] = []
    /// Shop id of a merchant.
    public var merchant: String?
    public var carrier: String?
    /// A `mergeKey`: parcels that go to one door.
    public var door: String?
    /// Without case: an exact or leading part of an order id, allocation id or waybill number; or a part of a name, a spec or the remark
    /// within the factory's newest 100,000 parcels.
    public var text: String?
    /// `from` ≤ the time when the factory got it < `to`.
    public var from: Timestamp?
    public var to: Timestamp?
    public var order = ListOrder.newest
    public var page = PageRequest()

    public init(factoryShopId: String) { self.factoryShopId = factoryShopId }

    /// - Throws: `invalid` for a parameter that is unknown or out of bounds.
    public init(factoryShopId: String, _ parameters: Parameters) throws(ReadModelError) {
        var parameters = parameters
        self.factoryShopId = factoryShopId
        states = try parameters.choices("state")
        merchant = try parameters.text("merchant")
        carrier = try parameters.text("carrier")
        door = try parameters.text("door")
        text = try SearchText.checked(try parameters.text("text"))
        from = try parameters.time("from")
        to = try parameters.time("to")
        order = try parameters.choice("order") ?? .newest
        page = try parameters.pageRequest()
        try parameters.finish()
    }

    var scope: Int {
        var parts = ["parcels", factoryShopId, order.rawValue, merchant ?? "-", carrier ?? "-", door ?? "-", text ?? "-"]
        parts += [from, to].map { $0.map { "\($0.milliseconds)" } ?? "-" } + states.map(\.rawValue)
        return StableHash.of(parts.joined(separator: "\u{1F}"))
    }
}

/// What a person types or scans into the one search box.
enum SearchText {
    static let limit = 200

    static func checked(_ text: String?) throws(ReadModelError) -> String? {
        guard let text else { return nil }
        guard text.utf8.count <= limit else { throw .invalid(field: "text", message: "expected at most \(limit) bytes") }
        return text
    }

    /// As it is kept and compared: without case.
    static func folded(_ text: String) -> String {
        // Most are folded already, and making another text is what costs.
        text.utf8.allSatisfy { $0 < 0x80 && !(UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) } ? text : text.lowercased()
    }
}
