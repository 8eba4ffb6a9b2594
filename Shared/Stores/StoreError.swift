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
        /// The stored data cannot be read as a store, or contradicts the data to be added.
        case corrupt
        /// What the store is told of itself is wrong or not enough: address, password, rights, certificate, version. A person has to change it.
        case misconfigured
        /// Another live process runs under the same instance name on this store.
        case instanceInUse
        /// The data to be stored is not allowed: a mistake of the program. Nothing was changed.
        case mistake
    }

    public let kind: Kind
    /// One line for a person: the failure, its object, and the remedy.
    public let message: String

    public init(kind: Kind, message: String) {
        self.kind = kind
        self.message = message
    }

    public var description: String { message }
}
