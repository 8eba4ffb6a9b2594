import Contracts

/// The topics that an outbox row may name, by a number that is stored: new topics are added at the end, none is ever removed or moved.
enum OutboxTopics {
    static let names: [String] =
        [Topics.orders] + ServiceName.five.flatMap { [$0.commands, $0.events, $0.dead] } + [
            "daifa.participants", "daifa.bindings", "daifa.rules", "daifa.warehouses", "daifa.stock", "daifa.keys", "daifa.credentials",
            "daifa.channels",
        ]

    private static let indices = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, UInt8($0)) })

    static func index(of topic: String) -> UInt8 {
        guard let index = indices[topic] else { preconditionFailure("\(topic) is not a topic of the contract") }
        return index
    }
}
