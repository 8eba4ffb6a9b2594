import JSON

extension SchemaDocuments {
    /// The AsyncAPI 3.0.0 document: topics are channels, and the operations are the services'.
    static func asyncAPI() -> JSONValue {
        var definitions = Definitions(at: "#/components/schemas/")
        let payloads = Catalog.entries.map { entry in
            (entry.type, JSONValue.object([("description", .string(entry.summary))] + definitions.root(entry.schema)))
        }
        return .object([
            ("asyncapi", .string("3.0.0")), ("id", .string("urn:daifa")),
            (
                "info",
                .object([
                    ("title", .string("Daifa")), ("version", .string("1.0.0")),
                    (
                        "description",
                        .string(
                            "Order fulfilment between merchants and factories. Five services speak over Kafka: every message is a "
                                + "CloudEvent 1.0 in binary mode (structured mode is accepted on input), every command is answered on its "
                                + "service's events topic under the command's key, and a read_committed reader sees each event exactly once. "
                                + ClientAdvice.reading + " " + ClientAdvice.writing + " " + ClientAdvice.creating
                        )
                    ),
                    (
                        "license",
                        .object([("name", .string("Apache 2.0")), ("url", .string("https://www.apache.org/licenses/LICENSE-2.0"))])
                    ),
                ])
            ),
            ("defaultContentType", .string("application/json")),
            (
                "servers",
                .object([
                    (
                        "local",
                        .object([
                            ("host", .string("127.0.0.1:9092")), ("protocol", .string("kafka")),
                            ("description", .string("A broker on this machine; elsewhere KAFKA_BOOTSTRAP_SERVERS names it.")),
                        ])
                    )
                ])
            ),
            ("channels", .object(Topics.all.map { ($0, channel($0)) })),
            ("operations", .object(operations)),
            (
                "components",
                .object([
                    ("messages", .object(Catalog.entries.map { ($0.type, message($0)) } + [(deadLetter, deadLetterMessage)])),
                    ("schemas", .object(payloads + definitions.found + Headers.schemas)),
                    (
                        "correlationIds",
                        .object([
                            (
                                "conversation",
                                .object([
                                    ("description", .string("The id of the first message of the conversation.")),
                                    ("location", .string("$message.header#/ce_correlationid")),
                                ])
                            )
                        ])
                    ),
                ])
            ),
        ])
    }

    private static let deadLetter = "dead-letter"
    private static let bindingVersion = ("bindingVersion", JSONValue.string("0.5.0"))

    private static func reference(_ pointer: String) -> JSONValue { .object([("$ref", .string("#/" + pointer))]) }

    private static func reference(to type: String, in topic: String) -> JSONValue { reference("channels/\(topic)/messages/\(type)") }

    // MARK: Channels

    private static func channel(_ topic: String) -> JSONValue {
        let isTable = Topics.tables.contains(topic)
        let isDead = ServiceName.domainServices.contains { $0.dead == topic }
        let types = isDead ? [deadLetter] : Catalog.entries.filter { $0.topic == topic }.map(\.type)
        return .object([
            ("address", .string(topic)), ("description", .string(ClientAdvice.channel(topic))),
            ("messages", .object(types.map { ($0, reference("components/messages/\($0)")) })),
            (
                "bindings",
                .object([
                    (
                        "kafka",
                        .object([
                            ("topic", .string(topic)),
                            // All topics have the same count, fixed when they are created: this is the default of DAIFA_PARTITIONS.
                            ("partitions", .int(6)),
                            (
                                "topicConfiguration",
                                .object([("cleanup.policy", .array([.string(isTable ? "compact" : "delete")]))])
                            ), bindingVersion,
                        ])
                    )
                ])
            ),
        ])
    }

    // MARK: Messages

    private static func message(_ entry: CatalogEntry) -> JSONValue {
        var description = [entry.summary, "Key: \(entry.key.text)."]
        description.append("Sent by \(entry.actors.isEmpty ? "anyone" : entry.actors.joined(separator: ", ")).")
        if entry.needsMAC { description.append("Taken with a valid \(EnvelopeHeader.mac) alone, whatever DAIFA_AUTH says.") }
        if entry.kind == .command {
            let codes = (Catalog.commonRefusals + entry.refusals).map(\.rawValue).joined(separator: ", ")
            description.append("May be refused: \(codes).")
        }
        return .object([
            ("name", .string(entry.type)), ("title", .string(title(entry.type))), ("summary", .string(entry.summary)),
            ("description", .string(description.joined(separator: " "))), ("contentType", .string("application/json")),
            (
                "headers",
                .object([
                    (
                        "allOf",
                        .array([
                            reference("components/schemas/\(Headers.name(entry.kind))"),
                            .object([
                                ("type", .string("object")),
                                ("properties", .object([("ce_type", .object([("const", .string(entry.type))]))])),
                            ]),
                        ])
                    )
                ])
            ),
            ("payload", reference("components/schemas/\(entry.type)")),
            ("correlationId", reference("components/correlationIds/conversation")),
            ("tags", .array([.object([("name", .string(entry.kind.rawValue))])])),
            ("bindings", kafka(key: entry.key.text)),
        ])
    }

    private static var deadLetterMessage: JSONValue {
        .object([
            ("name", .string(deadLetter)), ("title", .string("dead letter")),
            ("summary", .string("A message that could not be read or handled: its original bytes, key and headers, and why.")),
            ("headers", reference("components/schemas/\(Headers.dead)")),
            ("payload", .object([("description", .string("The original bytes, which may be anything."))])),
            ("bindings", kafka(key: "the original's key")),
        ])
    }

    private static func kafka(key: String) -> JSONValue {
        .object([
            ("kafka", .object([("key", .object([("type", .string("string")), ("description", .string(key))])), bindingVersion]))
        ])
    }

    /// `daifa.binding.register-merchant.v1` is `register-merchant`.
    private static func title(_ type: String) -> String {
        type.split(separator: ".").dropFirst(2).dropLast().joined(separator: " ")
    }

    // MARK: Operations

    private static var operations: [(String, JSONValue)] {
        ServiceName.allCases.flatMap { service in commands(to: service) + receives(service) + sends(service) }
    }

    /// One operation for each command, with its answers.
    private static func commands(to service: ServiceName) -> [(String, JSONValue)] {
        Catalog.entries.filter { $0.kind == .command && $0.topic == service.commands }.map { entry in
            let answers = entry.answers + [Refused.type(of: service)]
            return (
                "\(service.rawValue).\(title(entry.type))",
                operation(
                    "receive", topic: entry.topic, [entry.type], entry.summary,
                    reply: [
                        ("channel", reference("channels/\(service.events)")),
                        ("messages", .array(answers.map { reference(to: $0, in: service.events) })),
                    ])
            )
        }
    }

    private static func receives(_ service: ServiceName) -> [(String, JSONValue)] {
        Topics.all.compactMap { topic in
            let types = Catalog.entries.filter { $0.topic == topic && $0.kind != .command && $0.readers.contains(service) }.map(\.type)
            guard !types.isEmpty else { return nil }
            return ("\(service.rawValue).receive.\(topic)", operation("receive", topic: topic, types, "What \(service.rawValue) acts on."))
        }
    }

    private static func sends(_ service: ServiceName) -> [(String, JSONValue)] {
        Topics.all.compactMap { topic in
            var types = Catalog.entries.filter { $0.topic == topic && $0.actors.contains(service.actor) }.map(\.type)
            if topic == service.dead { types.append(deadLetter) }
            guard !types.isEmpty else { return nil }
            return ("\(service.rawValue).send.\(topic)", operation("send", topic: topic, types, "What \(service.rawValue) writes."))
        }
    }

    private static func operation(
        _ action: String, topic: String, _ types: [String], _ summary: String, reply: [(String, JSONValue)]? = nil
    ) -> JSONValue {
        .object(
            [
                ("action", .string(action)), ("channel", reference("channels/\(topic)")), ("summary", .string(summary)),
                ("messages", .array(types.map { reference(to: $0, in: topic) })),
            ] + (reply.map { [("reply", .object($0))] } ?? []))
    }
}
