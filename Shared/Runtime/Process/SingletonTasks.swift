import Observability
import Threads

/// The singletons of a service, of which those run whose shards this replica owns. Used from the service's one thread.
final class SingletonTasks {
    private let all: [SingletonTask]
    private let sender: ItemSender
    private let logger: Logger
    /// Tasks of singletons that run or are ending, by index in `all`.
    private var running: [Int: Task<Void, Never>] = [:]
    /// Those whose task has ended.
    private let ended = Monitor<Set<Int>>([])

    init(_ all: [SingletonTask], _ sender: ItemSender, _ logger: Logger) {
        self.all = all
        self.sender = sender
        self.logger = logger
    }

    /// Begins what belongs to these shards, and ends what does not. One that is still ending is begun again only after that: to be called
    /// again and again.
    func update(owned: some Collection<Int32>) {
        guard !all.isEmpty else { return }
        ended.withLock { ended in
            for index in ended { running[index] = nil }
            ended = []
        }
        for (index, singleton) in all.enumerated() {
            let isWanted = owned.contains(singleton.shard)
            if let task = running[index] {
                guard !isWanted, !task.isCancelled else { continue }
                logger.info("a singleton ends", ["singleton": singleton.name])
                task.cancel()
            } else if isWanted {
                logger.info("a singleton begins", ["singleton": singleton.name])
                running[index] = Task.detached { [sender, ended] in
                    await singleton.run(sender)
                    ended.update { _ = $0.insert(index) }
                }
            }
        }
    }

    /// Ends all, and waits for that as long.
    func stop(within seconds: Double) {
        update(owned: [])
        let count = running.count
        _ = ended.wait(until: .after(seconds)) { (ended: inout Set<Int>) -> Bool in ended.count == count }
    }
}
