/// Why a message goes to dead letters: `x-dead-reason`. The texts are stable; `x-dead-detail` says more.
enum DeadReason: String, Sendable {
    case emptyBody = "empty-body"
    case notJSON = "not-json"
    case notObject = "not-object"
    case unknownType = "unknown-type"
    case missingType = "missing-type"
    case missingId = "missing-id"
    case missingKey = "missing-key"
    /// A fact or another service's event whose key contradicts the id in its data.
    case wrongKey = "wrong-key"
    /// Another service's event that lies in another partition than its key's.
    case wrongPartition = "wrong-partition"
    /// A fact or another service's event with a missing or wrong field.
    case invalid
    /// A fact that its sender must not tell.
    case notAllowed = "not-allowed"
    /// A fact or an internal message whose sender has not shown who he is.
    case unauthorized
    /// A fact whose time is more than a day ahead.
    case fromTheFuture = "from-the-future"
    /// Its aggregate has answered more than it remembers the ids of: a copy could not be told from it.
    case tooManyIds = "too-many-ids"
    /// The records that it would lead to might not fit into a Kafka message.
    case tooLarge = "too-large"
    /// The stored state of its aggregate cannot be read; after a repair the message is replayed.
    case stateUnreadable = "state-unreadable"
}
