import Contracts
import JSON
import Threads

/// A message's body as an operator may see it (contract, section 9): JSON in which texts that may stand for people or secrets, and all that the
/// type does not declare, are `***`; of anything else the length.
///
/// Shown are numbers, truth values, members of enumerations, times, and ids and numbers by the names of their fields. What is not known to be
/// harmless is hidden.
enum RedactedBody {
    private static let hidden = JSONValue.string("***")

    /// Fields whose texts stand for nobody.
    private static let shownFields: Set<String> = [
        "orderId", "allocationId", "allocationIds", "merchantShopId", "factoryShopId", "shopId", "channelId", "authorizationId",
        "warehouseId", "ruleId", "addressId", "senderAddressId", "returnAddressId", "afterSaleId", "inboundId", "lineId", "jobId",
        "commandId", "commandType", "messageId", "keyId", "sku", "skus", "skuPrefix", "carrier", "previousCarrier", "waybillNumber",
        "previousWaybillNumber", "extraNumbers", "partnerNumber", "platformOrderNumber", "platformShopId", "platform", "provider",
        "currency", "statusCode", "partnerCode", "province", "city", "district", "first", "last",
    ]

    /// Attributes of CloudEvents in structured mode that are shown.
    private static let shownAttributes: Set<String> = ["specversion", "id", "type", "time", "datacontenttype"]

    /// - Parameters:
    ///   - body: nil: a tombstone.
    ///   - type: `ce_type`; nil: the message has none in its headers.
    static func json(_ body: [UInt8]?, type: String?) -> JSONValue {
        guard let body, let value = try? JSONValue.decode(body) else { return .int(body?.count ?? 0) }
        if type == nil, case .object(let members) = value, value["specversion"]?.string != nil {
            let inner = value["type"]?.string.flatMap { Catalog.entry($0) }?.schema
            return .object(
                members.map { name, value in
                    if name == "data" { return (name, redacted(value, inner, field: "")) }
                    return (shown(name), shownAttributes.contains(name) && value.string != nil ? value : hidden)
                })
        }
        return redacted(value, type.flatMap { Catalog.entry($0) }?.schema, field: "")
    }

    /// - Parameter schema: of the value; nil: it is not declared.
    private static func redacted(_ value: JSONValue, _ schema: JSONValue?, field: String) -> JSONValue {
        guard let schema else { return undeclared(value) }
        switch value {
        case .object(let members):
            guard let properties = schema["properties"] else { return undeclared(value) }
            return .object(
                members.map { name, value in
                    guard let declared = properties[name] else { return (shown(name), undeclared(value)) }
                    return (name, redacted(value, declared, field: name))
                })
        case .array(let elements):
            guard let items = schema["items"] else { return undeclared(value) }
            return .array(elements.map { redacted($0, items, field: field) })
        case .string(let text): return isHarmless(text, schema, field) ? value : hidden
        default: return schema["type"] == nil ? hidden : value
        }
    }

    private static func isHarmless(_ text: String, _ schema: JSONValue, _ field: String) -> Bool {
        if let values = schema["enum"]?.array { return values.contains { $0.string.map { $0.utf8.elementsEqual(text.utf8) } ?? false } }
        if schema["format"]?.string == "date-time" { return Timestamp(text) != nil }
        return shownFields.contains(field)
    }

    /// The shape stays at the top, so that it can be told what lies there.
    private static func undeclared(_ value: JSONValue) -> JSONValue {
        switch value {
        case .object(let members): .object(members.map { (shown($0.0), undeclared($0.1)) })
        case .array(let elements): .array(elements.map(undeclared))
        default: hidden
        }
    }

    /// A member's name; one that is no name of a field may be a text itself.
    private static func shown(_ name: String) -> String {
        let isName =
            (1...64).contains(name.utf8.count)
            && name.utf8.enumerated().allSatisfy { index, byte in
                let isLetter = (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == UInt8(ascii: "_")
                return isLetter || index > 0 && ((0x30...0x39).contains(byte) || byte == UInt8(ascii: "-"))
            }
        return isName ? name : "***"
    }
}
