public import Contracts
public import JSON
public import Threads

/// A message that a service could not read or handle; its bytes stay in the log (`id` says where).
public struct DeadLetterView: DefaultInitializable, Equatable {
    /// Where it lies: `daifa.waybill.dead:3:17`.
    public var id = ""
    public var service = ServiceName.allocation
    public var key: String?
    /// `ce_type`.
    public var type: String?
    public var reason = ""
    /// Where it was read from.
    public var topic: String?
    public var partition: Int?
    public var offset: Int?
    public var time = Timestamp(milliseconds: 0)
    /// Bytes of its body, before it was cut if it was.
    public var size = 0
    public var replayedAt: Timestamp?
    public init() {}
    public static let fields = Fields<DeadLetterView>(
        Field("id", \.id), Field("service", \.service), Field("key", \.key), Field("type", \.type), Field("reason", \.reason),
        Field("topic", \.topic), Field("partition", \.partition), Field("offset", \.offset), Field("time", \.time), Field("size", \.size),
        Field("replayedAt", \.replayedAt))
}

/// One message of an order's or a command's conversation, without its contents.
public struct TraceView: DefaultInitializable, Equatable {
    public var topic = ""
    public var id = ""
    public var type = ""
    public var time = Timestamp(milliseconds: 0)
    public var actor: String?
    /// `ce_causationid`.
    public var cause: String?
    public init() {}
    public static let fields = Fields<TraceView>(
        Field("topic", \.topic), Field("id", \.id), Field("type", \.type), Field("time", \.time), Field("actor", \.actor),
        Field("cause", \.cause))
}
