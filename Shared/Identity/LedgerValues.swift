public import JSON
public import Threads

/// A key that a caller has given to a request, so that it is done once.
public struct IdempotencyKey: Sendable, Equatable {
    /// The user's id, or of a token its `sub`.
    public var user: String
    public var actor: String
    /// 1 to 128 bytes.
    public var key: String
    /// Of the request.
    public var path: String
    /// ``RequestDigest``
    public var digest: [UInt8]

    public init(user: String, actor: String, key: String, path: String, digest: [UInt8]) {
        self.user = user
        self.actor = actor
        self.key = key
        self.path = path
        self.digest = digest
    }
}

public enum KeyClaim: Sendable, Equatable {
    case new
    /// The id of the request that came before.
    case known(String)
}

public enum CommandState: String, JSONEnumeration { case pending, accepted, refused }
public enum ImportState: String, JSONEnumeration { case running, done, failed }

/// Why a command was refused.
public struct LedgerRefusal: Sendable, Equatable {
    public var code: String
    public var detail: String
    public var field: String?
    /// A JSON object.
    public var details: [UInt8]?

    public init(code: String, detail: String, field: String? = nil, details: [UInt8]? = nil) {
        self.code = code
        self.detail = detail
        self.field = field
        self.details = details
    }
}

/// A command that a caller sent alone.
public struct SentCommand: Sendable, Equatable {
    public var commandId: String
    public var actor: String
    /// The user's id, or of a token its `sub`.
    public var user: String
    /// `shipping`
    public var service: String
    /// `ship`
    public var command: String
    /// Of the message.
    public var key: String
    public var at: Timestamp
    public var state: CommandState
    /// Each a JSON object, in the order in which they came.
    public var events: [[UInt8]] = []
    public var refusal: LedgerRefusal?
    /// Of its answer; nil: there is none, or nobody has said where it lies.
    public internal(set) var answeredAt: AnswerPlace?

    public init(
        commandId: String, actor: String, user: String, service: String, command: String, key: String, at: Timestamp,
        state: CommandState = .pending
    ) {
        self.commandId = commandId
        self.actor = actor
        self.user = user
        self.service = service
        self.command = command
        self.key = key
        self.at = at
        self.state = state
    }
}

/// Where an event lies in the topics.
public struct AnswerPlace: Sendable, Equatable {
    public var topic: String
    public var partition: Int32
    public var offset: Int64

    public init(topic: String, partition: Int32, offset: Int64) {
        self.topic = topic
        self.partition = partition
        self.offset = offset
    }
}

/// One event that answers a command.
public struct CommandAnswer: Sendable, Equatable {
    public var commandId: String
    public var eventId: String
    /// A JSON object, without anything sealed; nil: nothing is kept of it.
    public var event: [UInt8]?
    /// Nil: accepted.
    public var refusal: LedgerRefusal?
    public var place: AnswerPlace?

    public init(commandId: String, eventId: String, event: [UInt8]?, refusal: LedgerRefusal? = nil, place: AnswerPlace? = nil) {
        self.commandId = commandId
        self.eventId = eventId
        self.event = event
        self.refusal = refusal
        self.place = place
    }
}

public struct SettledIds: Sendable, Equatable {
    public var commands: Set<String> = []
    public var batches: Set<String> = []
}

/// Many commands of one kind, sent at once.
public struct Batch: Sendable, Equatable {
    public var batchId: String
    public var actor: String
    /// The user's id, or of a token its `sub`.
    public var user: String
    public var service: String
    public var command: String
    public var at: Timestamp
    public var retryOf: String?
    public internal(set) var total = 0
    public internal(set) var accepted = 0
    public internal(set) var refused = 0
    public var pending: Int { total - accepted - refused }

    public init(batchId: String, actor: String, user: String, service: String, command: String, at: Timestamp, retryOf: String? = nil) {
        self.batchId = batchId
        self.actor = actor
        self.user = user
        self.service = service
        self.command = command
        self.at = at
        self.retryOf = retryOf
    }
}

/// One command of a batch.
public struct BatchItem: Sendable, Equatable {
    /// From 0.
    public var index: Int
    /// Unique. Derived from batch and index, a batch that is sent again under its idempotency key is sent under the same ids.
    public var commandId: String
    public var orderId: String?
    public var allocationId: String?
    public var state: CommandState
    /// Of a refused one.
    public var code: String?
    public var field: String?
    public var detail: String?

    public init(
        index: Int, commandId: String, orderId: String? = nil, allocationId: String? = nil, state: CommandState = .pending,
        code: String? = nil, field: String? = nil, detail: String? = nil
    ) {
        self.index = index
        self.commandId = commandId
        self.orderId = orderId
        self.allocationId = allocationId
        self.state = state
        self.code = code
        self.field = field
        self.detail = detail
    }
}

/// An import of a file.
public struct ImportRecord: Sendable, Equatable {
    public var importId: String
    /// The merchant's shop id.
    public var merchant: String
    /// The user's id, or of a token its `sub`.
    public var user: String
    public var at: Timestamp
    public var state: ImportState
    /// A JSON object.
    public var counts: [UInt8]
    public internal(set) var badRows = 0

    public init(
        importId: String, merchant: String, user: String, at: Timestamp, state: ImportState = .running, counts: [UInt8] = Array("{}".utf8)
    ) {
        self.importId = importId
        self.merchant = merchant
        self.user = user
        self.at = at
        self.state = state
        self.counts = counts
    }
}

/// A row that could not be taken; never what stood in it.
public struct BadRow: Sendable, Equatable {
    /// Where it begins.
    public var line: Int
    public var orderNumber: String?
    public var column: String?
    public var reason: String
    /// Its code, for other languages; nil: none.
    public var fault: String?

    public init(line: Int, orderNumber: String? = nil, column: String? = nil, reason: String, fault: String? = nil) {
        self.line = line
        self.orderNumber = orderNumber
        self.column = column
        self.reason = reason
        self.fault = fault
    }
}

/// A part of a list.
public struct PageRange: Sendable, Equatable {
    /// At most so many.
    public var limit: Int
    /// ``Page/next`` of the page before; nil: from the newest on.
    public var after: Int?

    public init(limit: Int, after: Int? = nil) {
        self.limit = limit
        self.after = after
    }
}

/// A part of a list, and where the next one begins; nil: this is the end. A page with a next one is full.
public struct Page<Item: Sendable>: Sendable {
    public var items: [Item]
    public var next: Int?
}

extension Page: Equatable where Item: Equatable {}
