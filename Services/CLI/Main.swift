import CommandLine
import Runtime

/// `daifa`: the edge for people and scripts on a terminal.
@main
struct Daifa: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "daifa", abstract: "Order fulfilment between merchants and factories, over Kafka.",
        discussion: """
            Kafka is where KAFKA_BOOTSTRAP_SERVERS says (default 127.0.0.1:9092); KAFKA_<PROPERTY> sets any librdkafka property.
            """,
        examples: [
            .init("daifa up", "everything on this machine"), .init("daifa orders", "in another terminal: states at a glance"),
            .init("daifa help send"),
        ], version: ProductVersion.current,
        subcommands: [
            Up.self, Import.self, Send.self, Watch.self, Orders.self, Dead.self, Adopt.self, StoreCommand.self, Keys.self, UserCommand.self,
            Demo.self,
            Bench.self, Health.self,
            Schemas.self, SettingsCommand.self, MetricsCommand.self, TopicsCommand.self, ACLsCommand.self,
            Completion.self,
        ])
}
