import CRdKafka

@testable import Kafka
@testable import Runtime
@testable import Stores

/// A model of Kafka: logs, transactions with fencing by producer epochs, and groups. Whatever is read is read committed.
final class SimulatedKafka {
    enum Failure: Error {
        /// A newer producer with the same id, or the coordinator, has ended it.
        case producerFenced
        /// The assignment is over.
        case illegalGeneration
        /// Offsets of a transaction whose outcome is open.
        case unstable
    }

    enum Entry {
        case record(RecordMaker.Pointer, Transaction?)
        case marker
    }

    final class Transaction {
        enum State { case open, committed, aborted }
        let producer: String
        let epoch: Int
        let began: Double
        var state = State.open
        /// Where it has begun in each log.
        var places: [TopicPartition: Int] = [:]
        var offsets: [PartitionOffset] = []
        var group: SimulatedGroup?
        /// Its commit has been asked for, and may arrive.
        var commitIsUnderWay = false

        init(_ producer: String, _ epoch: Int, _ began: Double) {
            self.producer = producer
            self.epoch = epoch
            self.began = began
        }
    }

    let maker = RecordMaker()
    let partitions: Int32
    private(set) var logs: [TopicPartition: [Entry]] = [:]
    private(set) var lows: [TopicPartition: Int] = [:]
    private var epochs: [String: Int] = [:]
    private var abandoned: [Transaction] = []
    private(set) var open: [String: Transaction] = [:]
    private var openIn: [TopicPartition: [Transaction]] = [:]
    /// See `Break`.
    var readsUncommitted = false
    var leavesOpen = false

    init(partitions: Int32) { self.partitions = partitions }

    // MARK: Producers

    /// Fences earlier producers with this id, and ends what they left open.
    func initTransactions(_ producer: String) -> Int {
        if let left = open[producer] {
            if leavesOpen {
                open[producer] = nil
                abandoned.append(left)
            } else {
                end(left, commits: false)
            }
        }
        let epoch = (epochs[producer] ?? 0) + 1
        epochs[producer] = epoch
        return epoch
    }

    func begin(_ producer: String, epoch: Int, at now: Double) throws(Failure) -> Transaction {
        guard epochs[producer] == epoch, open[producer] == nil else { throw .producerFenced }
        let transaction = Transaction(producer, epoch, now)
        open[producer] = transaction
        return transaction
    }

    private func check(_ transaction: Transaction) throws(Failure) {
        guard epochs[transaction.producer] == transaction.epoch, transaction.state == .open else { throw .producerFenced }
    }

    func produce(_ packed: [UInt8], topics: [String], in transaction: Transaction) throws(Failure) {
        try check(transaction)
        append(packed, topics: topics, transaction)
    }

    func send(_ offsets: [PartitionOffset], _ membership: SimulatedMembership, in transaction: Transaction) throws(Failure) {
        try check(transaction)
        guard membership.group.accepts(membership) else { throw .illegalGeneration }
        transaction.offsets += offsets
        transaction.group = membership.group
        for offset in offsets { membership.group.unstable[offset.topicPartition, default: 0] += 1 }
    }

    func commit(_ transaction: Transaction) throws(Failure) {
        try check(transaction)
        end(transaction, commits: true)
    }

    func abort(_ transaction: Transaction) { if transaction.state == .open { end(transaction, commits: false) } }

    private func end(_ transaction: Transaction, commits: Bool) {
        transaction.state = commits ? .committed : .aborted
        if open[transaction.producer] === transaction { open[transaction.producer] = nil }
        for place in transaction.places.keys.ordered() {
            logs[place, default: []].append(.marker)
            openIn[place]?.removeAll { $0 === transaction }
        }
        guard let group = transaction.group else { return }
        for offset in transaction.offsets {
            group.unstable[offset.topicPartition, default: 0] -= 1
            if commits { group.committed[offset.topicPartition] = offset }
        }
    }

    /// What time alone brings about: commits that arrive late, and transactions that nobody ends.
    func pass(_ now: Double, _ chance: inout Chance) {
        for transaction in abandoned where transaction.state == .open && chance.isHit(in: 8) {
            end(transaction, commits: transaction.commitIsUnderWay)
        }
        for producer in open.keys.sorted() {
            guard let transaction = open[producer] else { continue }
            if transaction.commitIsUnderWay, chance.isHit(in: 8) {
                end(transaction, commits: true)
            } else if now - transaction.began > 10 {
                end(transaction, commits: false)
                epochs[producer, default: 0] += 1
            }
        }
    }

    // MARK: Logs

    func append(_ packed: [UInt8], topics: [String], _ transaction: Transaction? = nil) {
        var byTopic: [Int: [(key: [UInt8], value: [UInt8]?, headers: [UInt8], partition: Int32)]] = [:]
        packed.withUnsafeBytes { bytes in
            var reader = PackedRecords(bytes)
            while let record = try? reader.next() {
                let key = Array(record.key ?? .init(start: nil, count: 0))
                let partition =
                    record.partition >= 0 ? record.partition : key.withUnsafeBytes { Partitioner.murmur2($0) & 0x7fff_ffff } % partitions
                byTopic[Int(record.topicIndex), default: []].append(
                    (key, record.value.map(Array.init), Array(record.packedHeaders), partition))
            }
        }
        for index in byTopic.keys.sorted() {
            guard let records = byTopic[index] else { continue }
            let made = maker.make(records.map { ($0.key, $0.value, $0.headers) }, topic: topics[index])
            for (pointer, record) in zip(made, records) {
                let place = TopicPartition(topic: topics[index], partition: record.partition)
                let offset = logs[place]?.count ?? 0
                pointer.pointee.partition = record.partition
                pointer.pointee.offset = Int64(offset)
                logs[place, default: []].append(.record(pointer, transaction))
                if let transaction, transaction.places[place] == nil {
                    transaction.places[place] = offset
                    openIn[place, default: []].append(transaction)
                }
            }
        }
    }

    func low(_ place: TopicPartition) -> Int64 { Int64(lows[place] ?? 0) }

    /// The last stable offset: before the first record of an open transaction.
    func stable(_ place: TopicPartition) -> Int64 {
        let first = (openIn[place] ?? []).compactMap { $0.places[place] }.min()
        return Int64(first ?? logs[place]?.count ?? 0)
    }

    /// Committed records from an offset on, and where to read on.
    func read(_ place: TopicPartition, from offset: Int64, maximum: Int) -> (records: [RecordMaker.Pointer], next: Int64) {
        guard let log = logs[place] else { return ([], offset) }
        var records: [RecordMaker.Pointer] = []
        var next = Int(offset)
        let end = readsUncommitted ? log.count : Int(stable(place))
        while next < end, records.count < maximum {
            if case .record(let pointer, let transaction) = log[next], readsUncommitted || transaction?.state != .aborted {
                records.append(pointer)
            }
            next += 1
        }
        return (records, Int64(next))
    }

    /// The first record at or behind an offset, for a mark.
    func mark(_ place: TopicPartition, _ offset: Int64) -> LogMark? {
        let (records, _) = read(place, from: offset, maximum: 1)
        return records.first.map { LogMark(RecordView(record: $0, topicObjects: nil, topicCount: 0)) }
    }

    /// The log loses its last records, as when a leader that lagged behind is elected, and others are written there.
    func cut(_ place: TopicPartition, to count: Int) {
        guard let log = logs[place] else { return }
        logs[place] = Array(log.prefix(count))
    }

    /// The log loses its first records by age.
    func deleteBefore(_ place: TopicPartition, _ offset: Int) { lows[place] = max(lows[place] ?? 0, offset) }
}

extension Sequence<TopicPartition> {
    /// Always the same order, whatever a dictionary's is.
    func ordered() -> [TopicPartition] { sorted { ($0.topic, $0.partition) < ($1.topic, $1.partition) } }
}
