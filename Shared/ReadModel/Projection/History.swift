import JSON

/// One event or refusal, or a fact or command, which traces tell of.
struct HistoryPart: DefaultInitializable, Equatable {
    var id = ""
    /// `allocation.allocated`.
    var type = ""
    var at = 0
    /// As `Projection` numbers topics: facts and commands have negative numbers.
    var topic = 0
    var offset = 0
    /// nil: of an event, the service.
    var actor: String?
    var user: String?
    var allocationId: String?
    var code: String?
    var reason: String?
    var cause: String?
    /// When a fact or command was sent, the last time: a dead letter may have been replayed.
    var sentAt: Int?
    init() {}
    static let fields = Fields<HistoryPart>(
        Field("i", \.id), Field("y", \.type), Field("t", \.at), Field("w", \.topic), Field("o", \.offset), Field("a", \.actor),
        Field("u", \.user), Field("n", \.allocationId), Field("c", \.code), Field("r", \.reason), Field("b", \.cause),
        Field("s", \.sentAt))

    /// Whether it was told by a service, and is no fact or command.
    var isTold: Bool { topic > 0 }

    /// Oldest first; of one time in the order in which services act.
    static func < (left: HistoryPart, right: HistoryPart) -> Bool {
        if left.at != right.at { return left.at < right.at }
        if left.topic != right.topic { return left.topic < right.topic }
        return left.offset < right.offset
    }
}

extension HistoryPart: Packable {
    func pack(_ packer: inout Packer) {
        packer.add(
            has: sentAt != nil, actor != nil, user != nil, allocationId != nil, code != nil, reason != nil, cause != nil)
        packer.add(at)
        packer.add(topic)
        packer.add(offset)
        if let sentAt { packer.add(sentAt) }
        packer.add(id)
        packer.add(type)
        if let actor { packer.add(actor) }
        if let user { packer.add(user) }
        if let allocationId { packer.add(allocationId) }
        if let code { packer.add(code) }
        if let reason { packer.add(reason) }
        if let cause { packer.add(cause) }
    }

    init(_ unpacker: inout Unpacker) {
        let bits = unpacker.number()
        (at, topic, offset) = (unpacker.number(), unpacker.number(), unpacker.number())
        if bits & 1 != 0 { sentAt = unpacker.number() }
        (id, type) = (unpacker.text(), unpacker.text())
        if bits & 2 != 0 { actor = unpacker.text() }
        if bits & 4 != 0 { user = unpacker.text() }
        if bits & 8 != 0 { allocationId = unpacker.text() }
        if bits & 16 != 0 { code = unpacker.text() }
        if bits & 32 != 0 { reason = unpacker.text() }
        if bits & 64 != 0 { cause = unpacker.text() }
    }
}

/// Parts of a history that are not kept yet, packed one after the other as rows keep them.
struct PackedHistory: Equatable {
    private var packer = Packer()
    private(set) var count = 0
    /// Hashes of the ids of commands that the parts are, or come from.
    private(set) var commands: [Int] = []

    var bytes: [UInt8] { packer.bytes }

    mutating func append(_ part: HistoryPart) {
        if bytes.isEmpty { packer.reserve(512) }
        count += 1
        let command = part.isTold ? (part.actor == nil ? nil : part.cause) : part.topic == Projection.facts ? nil : part.id
        if let command { commands.append(StableHash.of(command)) }
        part.pack(&packer)
    }

    /// Forgets the parts, and keeps the memory.
    mutating func removeAll() {
        packer.removeAll()
        commands.removeAll(keepingCapacity: true)
        count = 0
    }

    static func == (left: PackedHistory, right: PackedHistory) -> Bool { left.bytes == right.bytes }

    /// The parts of a row, as far as they can be read.
    static func parts(_ bytes: UnsafeRawBufferPointer) -> [HistoryPart] {
        var unpacker = Unpacker(bytes)
        var parts: [HistoryPart] = []
        while !unpacker.isAtEnd {
            let part = HistoryPart(&unpacker)
            if unpacker.isBroken { break }
            parts.append(part)
        }
        return parts
    }

    static func packed(_ parts: [HistoryPart]) -> PackedHistory {
        var packed = PackedHistory()
        for part in parts { packed.append(part) }
        return packed
    }
}
