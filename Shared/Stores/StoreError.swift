/// Why a store could not do what it was asked.
public struct StoreError: Error, Sendable, CustomStringConvertible {
    public enum Kind: Sendable, Equatable {
        /// Somebody else holds the write lock at this moment. Nothing was changed; try again.
        case busy
        /// The shard has been claimed again since (or never by this handle). Nothing was changed; drop the shard.
        case fenced
        /// The store cannot be reached or written: I/O error, missing folder, disk full. After `commit` the outcome is
        /// open: claim again, which reads what is there and writes over what is not.
        case unavailable
        /// What is stored cannot be read as a store, or contradicts what it was asked to add.
        case corrupt
        /// Another live process runs under the same instance name on this store.
        case instanceInUse
        /// What was to be stored must not be: a mistake of the program. Nothing was changed.
        case mistake
    }

    public let kind: Kind
    /// What happened, to what, and what can be done, in one line.
    public let message: String

    public init(kind: Kind, message: String) {
        self.kind = kind
        self.message = message
    }

    public var description: String { message }
}
