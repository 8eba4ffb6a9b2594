/// A task that runs once for the whole service, where its shard is owned: a connection that a partner allows once, for example.
///
/// It is begun when this replica takes the shard, and cancelled when the shard goes. While the shard moves, two replicas may run it at once
/// for a moment: its work must be idempotent.
public struct SingletonTask: Sendable {
    let name: String
    let shard: Int32
    let run: @Sendable (ItemSender) async -> Void

    /// - Parameters:
    ///   - name: for the log.
    ///   - run: goes on until its task is cancelled, and ends soon then; must not block. Items for the service's own aggregates
    ///     go through the sender.
    public init(_ name: String, shard: Int32 = 0, run: @escaping @Sendable (ItemSender) async -> Void) {
        self.name = name
        self.shard = shard
        self.run = run
    }
}
