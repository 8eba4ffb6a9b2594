public import JSON

/// The five services, and the console, which tables name and which tells events of its own.
public enum ServiceName: String, JSONEnumeration {
    case authorization, binding, allocation, waybill, shipping, console

    /// Those that answer commands.
    public static let domainServices: [ServiceName] = [.authorization, .binding, .allocation, .waybill, .shipping]

    public var commands: String { "daifa.\(rawValue).commands" }
    public var events: String { "daifa.\(rawValue).events" }
    public var dead: String { "daifa.\(rawValue).dead" }
}

/// The topics of the contract, section 1.
public enum Topics {
    public static let orders = "daifa.orders"
    public static let tables = Table.allCases.map(\.topic)
    /// Every topic; tables are compacted, the others deleted by age.
    public static let all =
        [orders] + ServiceName.domainServices.flatMap { [$0.commands, $0.events, $0.dead] } + [ServiceName.console.events] + tables

    /// `cleanup.policy`: the rows of a table stand until they are replaced, everything else goes by age.
    public static func cleanupPolicy(of topic: String) -> String { tables.contains(topic) ? "compact" : "delete" }
}

/// The compacted topics.
public enum Table: String, CaseIterable, Sendable {
    case participants, bindings, rules, warehouses, stock, keys, credentials, channels, health

    public var topic: String { "daifa.\(rawValue)" }
    /// The `ce_type` of its rows.
    public var rowType: String { "daifa.\(rawValue).row.v1" }
}
