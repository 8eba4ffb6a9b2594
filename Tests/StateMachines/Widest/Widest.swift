import Contracts
import JSON
import Machines

/// Values of declared types at the edge of what their rules accept, made from their schemas: so a rule that becomes wider is tried as wide.
///
/// Fields that tie messages together (ids, carriers, numbers) have the same value wherever they stand.
struct Widest {
    enum Edge: CaseIterable, Sendable {
        /// Longest texts, largest numbers, everything that may be given.
        case most
        /// Everything that may be given, as short and as small as it may be.
        case least
        /// Nothing that may be left out.
        case required
    }

    let edge: Edge
    var orderId = filled(180, "O")
    var carrier = "SF"
    var waybillNumber = "SF1000000000001"
    var platform = "pinduoduo"

    init(_ edge: Edge) { self.edge = edge }

    static let merchant = filled(128, "M")
    static let factory = filled(128, "F")
    static let warehouse = filled(128, "W")
    static let channel = filled(128, "C")
    static let account = filled(128, "A")
    static let inbound = filled(200, "I")

    /// A text of exactly so many bytes, mostly of characters of three.
    static func filled(_ bytes: Int, _ tag: String = "") -> String {
        let rest = max(0, bytes - tag.utf8.count)
        return tag + String(repeating: "宽", count: rest / 3) + String(repeating: "w", count: rest % 3)
    }

    /// - Parameter change: sets what the fields cannot say by themselves.
    func make<Value: Declared>(_: Value.Type, _ change: (inout Value) -> Void = { _ in }) throws -> Value {
        var value = try Value.decode(document(Value.schema, "", 0).json)
        change(&value)
        // What a test sets is to be accepted too.
        return try Value.decode(value.json)
    }

    private func known(_ name: String, _ index: Int) -> String? {
        switch name {
        case "orderId": orderId
        case "allocationId": "\(orderId)/1"
        case "merchantShopId", "shopId": Self.merchant
        case "factoryShopId", "id": Self.factory
        case "warehouseId": Self.warehouse
        case "channelId": Self.channel
        case "authorizationId": Self.account
        case "inboundId": Self.inbound
        case "lineId": Self.filled(200, "L\(index)")
        case "carrier": carrier
        case "waybillNumber", "number", "first", "last": waybillNumber
        case "publicKey": String(repeating: "A", count: 43) + "="
        case "currency": "CNY"
        case "platform": platform
        case "country": "CN"
        default: nil
        }
    }

    private func document(_ schema: Schema, _ name: String, _ index: Int) -> JSONValue {
        if let properties = schema.properties {
            return .object(
                properties.compactMap { property in
                    // Never accepted, whatever it is.
                    if property.schema.pattern == "(?!)" || (edge == .required && !property.isRequired) { return nil }
                    return (property.name, document(property.schema, property.name, index))
                })
        }
        if let values = schema.values, let first = values.first { return .string(first) }
        switch schema.type {
        case "string": return .string(text(schema, name, index))
        case "integer": return .int(number(schema.range))
        case "number": return .int(1)
        case "boolean": return .bool(edge == .most)
        case "array":
            guard let items = schema.items else { return .array([]) }
            // Few of many: a state with hundreds of the widest lines would only take longer.
            let counts = schema.counts ?? 0...3
            let count = edge == .most ? min(3, counts.upperBound) : counts.lowerBound
            return .array((0..<max(count, counts.lowerBound)).map { document(items, name, $0) })
        case "object": return .object([])
        default: return .object([("any", .string(Self.filled(300)))])
        }
    }

    private func text(_ schema: Schema, _ name: String, _ index: Int) -> String {
        if schema.format == "date-time" { return edge == .most ? "9999-12-31T23:59:59.999Z" : "1970-01-01T00:00:00.000Z" }
        if let known = known(name, index) { return known }
        if schema.pattern == Actor.schema.pattern { return "\(edge == .most ? Actor(.merchant, Self.merchant) : Actor(.partner, "p"))" }
        guard let lengths = schema.lengths else { return edge == .most ? Self.filled(300) : "" }
        let bytes = edge == .most ? lengths.upperBound : lengths.lowerBound
        return bytes == 0 ? "" : Self.filled(bytes, name == "sku" ? "S\(index)" : "")
    }

    private func number(_ range: ClosedRange<Int>?) -> Int {
        guard let range else { return edge == .most ? 1_000_000 : 0 }
        // Counters of our own have no end; no message comes so far.
        return edge == .most ? min(range.upperBound, 1 << 50) : range.lowerBound
    }
}
