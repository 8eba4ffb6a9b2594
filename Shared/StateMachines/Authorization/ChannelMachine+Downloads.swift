import Contracts

/// The download of a channel's orders.
extension ChannelMachine {
    /// What follows for the download when the channel's policy or its authorization has changed.
    /// - Parameter state: the channel after the change.
    static func downloads(_ state: State, _ context: Context) -> [Event] { [] }
}
