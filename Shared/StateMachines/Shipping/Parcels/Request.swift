public import Contracts

/// A command to another service about one parcel. The state keeps its id until it is answered: a refusal of any other id is none of it.
public struct Request<Command: Message>: Sendable {
    var message: Command
    var number: Int
    var attempt: Int
    var id: String

    /// - Parameter attempt: counts the requests of this kind about the allocation.
    init(_ message: Command, number: Int, attempt: Int, allocationId: String) {
        self.message = message
        self.number = number
        self.attempt = attempt
        id = RequestId.make(Command.type, allocationId, "\(attempt)")
    }
}
