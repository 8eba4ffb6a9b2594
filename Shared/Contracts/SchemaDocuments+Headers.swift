import JSON

extension SchemaDocuments {
    /// The Kafka headers of contract section 2 as schemas. Values are UTF-8 text.
    enum Headers {
        static let dead = "dead-letter-headers"

        static func name(_ kind: CatalogEntry.Kind) -> String {
            switch kind {
            case .command: "command-headers"
            case .fact: "fact-headers"
            case .event, .refusal: "event-headers"
            case .row: "row-headers"
            case .internal: "internal-headers"
            }
        }

        static var schemas: [(String, JSONValue)] {
            let input = [EnvelopeHeader.specversion, EnvelopeHeader.id, EnvelopeHeader.source, EnvelopeHeader.type]
            let conversation = input + [EnvelopeHeader.time, EnvelopeHeader.actor, EnvelopeHeader.contentType]
            let output = conversation + [EnvelopeHeader.subject]
            let answer = output + [EnvelopeHeader.correlationId, EnvelopeHeader.causationId]
            return [
                (
                    name(.command),
                    schema("A command needs ce_actor; where services ask for proof, authorization or daifa-mac.", required: input)
                ),
                (
                    name(.fact),
                    schema("Facts may come from anyone; where services ask for proof, with authorization or daifa-mac.", required: input)
                ),
                (name(.event), schema("An event names the message that caused it.", required: answer)),
                (
                    name(.row),
                    schema("A row that no message caused has no ce_causationid; a tombstone has no content-type.", required: output)
                ),
                (
                    name(.internal),
                    schema("For several aggregates: no ce_subject, and each item within carries its own causation.", required: conversation)
                ),
                (dead, deadLetters),
            ]
        }

        private static func schema(_ description: String, required: [String]) -> JSONValue {
            .object([
                ("type", .string("object")), ("description", .string(description)), ("properties", .object(attributes)),
                ("required", .array(required.map { .string($0) })),
            ])
        }

        private static func text(_ description: String, _ more: (String, JSONValue)...) -> JSONValue {
            .object([("type", .string("string"))] + more + [("description", .string(description))])
        }

        private static var attributes: [(String, JSONValue)] {
            [
                (EnvelopeHeader.specversion, text("The version of CloudEvents.", ("const", .string("1.0")))),
                (
                    EnvelopeHeader.id,
                    text(
                        "Unique; chosen by the sender of a command or fact, and used again when he sends it again: a copy changes nothing.",
                        ("minLength", .int(1)))
                ),
                (EnvelopeHeader.source, text("/daifa/<service>, or the sender's own URI.", ("format", .string("uri-reference")))),
                (EnvelopeHeader.type, text("The message's type, with its version.")),
                (EnvelopeHeader.subject, text("The id of the aggregate.")),
                (EnvelopeHeader.time, text("RFC 3339; written in UTC with milliseconds.", ("format", .string("date-time")))),
                (EnvelopeHeader.correlationId, text("The id of the first message of the conversation; absent on input: ce_id.")),
                (EnvelopeHeader.causationId, text("The id of the message that caused this one: of a command, in its answer.")),
                (
                    EnvelopeHeader.actor,
                    text("Who acts; a connector writes facts only.", ("pattern", .string(Actor.pattern)))
                ),
                (
                    EnvelopeHeader.behalf,
                    text(
                        "On events and refusals: the actor of the command that caused them, through all steps.",
                        ("pattern", .string(Actor.pattern)))
                ),
                (EnvelopeHeader.user, text("The opaque id of the person behind that actor, where one is known.")),
                (EnvelopeHeader.batchId, text("Commands that a person sent as one batch.")),
                (EnvelopeHeader.traceparent, text("W3C trace context, passed on.")),
                (EnvelopeHeader.authorization, text("Bearer and a JWT; the actor is then the token's. It is copied to no other message.")),
                (
                    EnvelopeHeader.mac,
                    text(
                        "<keyId>:<base64>, HMAC-SHA256 with the deployment's key over topic, key, ce_id, ce_type, ce_actor and body, "
                            + "each with its length (8 bytes, big-endian) before it. For Daifa's own processes.",
                        ("pattern", .string("^[A-Za-z0-9._-]{1,64}:[A-Za-z0-9+/]{43}=$")))
                ),
                (EnvelopeHeader.contentType, text("application/json; on input also application/cloudevents+json (structured mode).")),
            ]
        }

        private static var deadLetters: JSONValue {
            .object([
                ("type", .string("object")), ("description", .string("The original's headers but authorization, and these.")),
                (
                    "properties",
                    .object([
                        ("x-dead-reason", text("Why, as a stable code.")), ("x-dead-detail", text("Why, for a person.")),
                        ("x-dead-topic", text("The topic that the message was read from.")),
                        ("x-dead-partition", text("Its partition.", ("pattern", .string("^[0-9]+$")))),
                        ("x-dead-offset", text("Its offset.", ("pattern", .string("^[0-9]+$")))),
                        (
                            "x-dead-truncated",
                            text("The original length in bytes, when the value was cut.", ("pattern", .string("^[0-9]+$")))
                        ),
                        (
                            "x-dead-actor",
                            text(
                                "Who has shown that he sent it, where services require that; the original's token is not kept.",
                                ("pattern", .string(Actor.pattern)))
                        ),
                    ])
                ),
                (
                    "required",
                    .array(["x-dead-reason", "x-dead-topic", "x-dead-partition", "x-dead-offset"].map { .string($0) })
                ),
            ])
        }
    }
}
