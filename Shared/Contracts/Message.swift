public import JSON

/// A message of the contract: its fields are declared once, and its type is its name on the wire.
///
/// It is built by an initialiser whose parameters are its fields in the declared order: required ones have no default, so that one which is
/// forgotten does not compile; a test compares them with the schema's `required`.
public protocol Message: Declared, Equatable {
    /// `ce_type`: `daifa.allocation.allocate.v1`.
    static var type: String { get }
    /// Where it travels, under which key, who may send it, what answers it: everything else about it is derived from this.
    static var contract: Contract<Self> { get }
    /// `ce_subject`, the id of the aggregate: by default the key.
    var subject: String? { get }
}

extension Message {
    public var subject: String? { nil }
}

/// A row of a compacted topic.
public protocol TableRow: Message {
    static var table: Table { get }
}

extension TableRow {
    public static var type: String { table.rowType }
    /// The row's key in its topic.
    public var key: String { Self.contract.key(of: self) ?? "" }
}

/// One item of a conversation between shards of one service (contract, section 3: internal messages).
///
/// Items for the same shard are coalesced into one message per batch, type `daifa.<service>.internal.<name>.v1`.
public protocol InternalItem: Declared, Equatable {
    static var service: ServiceName { get }
    static var name: String { get }
    /// One sentence for the documents.
    static var summary: String { get }
    /// The key of the aggregate that the item is for, within its shard.
    var aggregate: String { get }
}

extension InternalItem {
    public static var type: String { "daifa.\(service.rawValue).internal.\(name).v1" }
}

/// The message that caused others: what their answers must carry, however many steps lie between.
public struct Origin: Declared, Equatable {
    /// `ce_id` of the first command or fact: the `ce_causationid` of the answers.
    public var id = ""
    /// `ce_type` of it: `commandType` of a refusal.
    public var type = ""
    /// Its Kafka key: a refusal goes there.
    public var key = ""
    public var correlationId = ""
    public var traceparent: String?
    /// The sender of a command, as far as it was proven; it stands in the command's refusal.
    public var actor: Actor?
    /// The actor of the command that began it all, where a service sent this one; nil: `actor`.
    public var behalf: Actor?
    /// The person behind that actor, as an opaque id.
    public var user: String?

    public init(blank: Blank) {}

    public init(
        id: String, type: String, key: String, correlationId: String, traceparent: String? = nil, actor: Actor? = nil,
        behalf: Actor? = nil, user: String? = nil
    ) {
        self.id = id
        self.type = type
        self.key = key
        self.correlationId = correlationId
        self.traceparent = traceparent
        self.actor = actor
        self.behalf = behalf
        self.user = user
    }

    /// The origin of what answers nothing and belongs to no conversation: of a row, of a message between shards.
    public static let absent = Origin(id: "", type: "", key: "", correlationId: "")

    /// The origin of a step that no message caused: of a timer, or of a step that follows an answer without being one.
    /// - Parameter id: unique, and the same when the same step is taken again.
    public static func step(_ id: String, key: String) -> Origin { Origin(id: id, type: "", key: key, correlationId: id) }

    public static let fields = Fields<Origin>(
        Field("id", \.id), Field("type", \.type), Field("key", \.key), Field("correlationId", \.correlationId),
        Field("traceparent", \.traceparent), Field("actor", \.actor), Field("behalf", \.behalf), Field("user", \.user))
}
