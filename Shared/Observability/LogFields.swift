/// The fields of log lines: a line is one JSON object on standard error, with `time`, `level`, `service` and `message` first.
public enum LogFields {
    /// Those of every line, then what a line adds to them.
    public static let all: [(name: String, meaning: String)] = always + added

    static let always = [
        ("time", "when, RFC 3339 in UTC with milliseconds"), ("level", LogLevel.allCases.map(\.rawValue).joined(separator: ", ")),
        ("service", "the process: authorization, binding, allocation, waybill, shipping, console"),
        ("message", "a sentence that is the same each time: search for it"),
    ]

    static let added = [
        ("after", "pause until it is tried again, with its unit"), ("aggregate", "key of a stored aggregate"),
        ("allocationId", "an allocation"), ("attempt", "number of the attempt"), ("authorization", "id of an authorization"),
        ("channel", "id of a channel"), ("commands", "commands that wait"), ("count", "how many"), ("detail", "the reason in a sentence"),
        ("effect", "id of an effect: its kind and its aggregate"), ("epoch", "number of the shard's claim"),
        ("error", "what went wrong, in words"), ("facility", "librdkafka's name for its part"), ("file", "a path"),
        ("files", "settings and the files that they name, with their modes"), ("folder", "a path"), ("font", "a font that is missing"),
        ("host", "address that HTTP is bound to"), ("importId", "an import of orders"), ("issuer", "an issuer of OpenID Connect"),
        ("job", "a print job"), ("key", "key of a record or a row"), ("list", "which list of a platform"),
        ("lost", "true: the group has given the shards to others already"), ("mode", "a file's mode, octal"),
        ("names", "names, by blanks"), ("notice", "what Kafka has told"), ("package", "a package to install"),
        ("port", "where HTTP listens"),
        ("published", "sequence up to which the outbox is published"), ("reason", "why"),
        ("recovered", "stored batches that an earlier owner had not published"), ("rows", "rows that were announced"),
        ("seconds", "for how long"), ("setting", "a variable of deploy/SETTINGS.md"), ("shard", "a shard's number"),
        ("signal", "number of the signal"), ("singleton", "what one replica does for all"),
        ("store", "where a service keeps its state: a folder, or a server and database"), ("table", "topic of a table"),
        ("text", "librdkafka's own words"), ("topics", "topics, by commas"), ("type", "type of a message"),
        ("unfit", "up to five rows that break a rule, with the rule"), ("unreadable", "rows that could not be read"),
        ("user", "opaque id of a person"),
    ]
}
