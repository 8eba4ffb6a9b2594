import Contracts

/// The topics that an outbox row may name, by a number that is stored: new topics are added at the end, none is ever removed or moved.
enum OutboxTopics {
    static let names: [String] =
        [Topics.orders] + ServiceName.domainServices.flatMap { [$0.commands, $0.events, $0.dead] } + [
            "daifa.participants", "daifa.bindings", "daifa.rules", "daifa.warehouses", "daifa.stock", "daifa.keys", "daifa.credentials",
            "daifa.channels",
        ]

    private static let indices = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, UInt8($0)) })

    /// The names of those whose messages carry a `daifa-mac`, because several write them: commands with internal items, and facts. Events and tables
    /// have one writer each.
    static let signed: [[UInt8]?] = names.map { $0 == Topics.orders || $0.hasSuffix(".commands") ? Array($0.utf8) : nil }

    static func index(of topic: String) -> UInt8 {
        guard let index = indices[topic] else { preconditionFailure("\(topic) is not a topic of the contract") }
        return index
    }
}
