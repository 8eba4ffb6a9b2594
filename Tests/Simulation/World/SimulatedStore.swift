@testable import Stores

/// What a shard's store holds.
final class StoredShard {
    var epoch: Int64 = 0
    var identity: StoreIdentity?
    var positions: [String: Int64] = [:]
    var marks: [String: LogMark] = [:]
    var highest: Int64 = 0
    var published: Int64 = 0
    var outbox: [(sequence: Int64, records: [UInt8])] = []
    var aggregates: [String: AggregateRow] = [:]
    var effects: [String: EffectRow] = [:]

    init() {}

    /// A copy, as a backup is.
    init(_ other: StoredShard) {
        (epoch, identity, positions, marks) = (other.epoch, other.identity, other.positions, other.marks)
        (highest, published, outbox) = (other.highest, other.published, other.outbox)
        (aggregates, effects) = (other.aggregates, other.effects)
    }
}

/// A handle of a process on a shard. What it does may fail, or end its process, as the world decides.
final class SimulatedShard: ShardStore {
    enum Fault { case none, busy, unavailableBefore, unavailableAfter }

    let data: StoredShard
    private let number: Int32
    private unowned let owner: Replica
    private var epoch: Int64?
    private var isClosed = false
    /// What is told of it instead of what is there (`Break`).
    private let first: StoredShard?

    init(_ data: StoredShard, _ number: Int32, _ owner: Replica) {
        self.data = data
        first = owner.world.isBroken(.positionsReadBeforeClaim) ? owner.looked[number] : nil
        self.number = number
        self.owner = owner
    }

    private func error(_ kind: StoreError.Kind, _ text: String) -> StoreError {
        StoreError(kind: kind, message: "shard \(number): \(text)")
    }

    /// A transaction that may be refused, or whose outcome may be open.
    private func transaction(_ body: () throws(StoreError) -> Void) throws(StoreError) {
        guard !owner.isDead, !isClosed else { throw error(.unavailable, "the process is gone") }
        let fault = owner.world.storeFault()
        if fault == .busy { throw error(.busy, "locked elsewhere") }
        if fault == .unavailableBefore { throw error(.unavailable, "not written") }
        try body()
        if fault == .unavailableAfter { throw error(.unavailable, "written, and no answer") }
    }

    private func owned(_ body: () throws(StoreError) -> Void) throws(StoreError) {
        try transaction { () throws(StoreError) in
            guard let epoch, epoch == data.epoch || owner.world.isBroken(.noEpochCheck) else {
                throw error(.fenced, "claimed in epoch \(self.epoch ?? 0), now \(data.epoch)")
            }
            try body()
        }
    }

    func claim() throws(StoreError) -> StoreClaim {
        if owner.dies(at: .beforeEpoch) { throw error(.unavailable, "the process is gone") }
        try transaction { () throws(StoreError) in data.epoch += 1 }
        let known = first ?? data
        epoch = data.epoch
        if owner.dies(at: .epochRaised) { throw error(.unavailable, "the process is gone") }
        return StoreClaim(
            epoch: data.epoch, identity: known.identity, positions: known.positions, marks: known.marks, highestSequence: data.highest,
            publishedThrough: known.published)
    }

    func identify(_ identity: StoreIdentity) throws(StoreError) { try owned { () throws(StoreError) in data.identity = identity } }

    func load(_ keys: [String], _ body: (Int, AggregateRow) -> Void) throws(StoreError) {
        for (index, key) in keys.enumerated() {
            guard var row = data.aggregates[key] else { continue }
            if owner.world.isBroken(.copiesNotRecognised) { row.answered = [] }
            body(index, row)
        }
    }

    func endReading() {}

    func commit(_ batch: StoreBatch) throws(StoreError) {
        if owner.dies(at: .batchDecided) { throw error(.unavailable, "the process is gone") }
        let forgets = data.outbox.contains { $0.sequence <= batch.publishedThrough }
        try owned { () throws(StoreError) in
            if let outbox = batch.outbox, outbox.sequence <= data.highest { throw error(.corrupt, "a sequence comes twice") }
            for key in batch.removed { data.aggregates[key] = nil }
            for row in batch.aggregates { data.aggregates[row.key] = row }
            for id in batch.removedEffects { data.effects[id] = nil }
            for effect in batch.effects { data.effects[effect.id] = effect }
            for position in batch.positions where !owner.world.isBroken(.positionsNotStored) || batch.outbox == nil {
                data.positions[position.topic] = position.next
                if let mark = position.mark { data.marks[position.topic] = mark }
            }
            data.published = max(data.published, batch.publishedThrough)
            let forgotten = owner.world.isBroken(.forgottenTooEarly) ? data.highest : data.published
            data.outbox.removeAll { $0.sequence <= forgotten }
            if let outbox = batch.outbox {
                data.outbox.append((outbox.sequence, outbox.records))
                data.highest = outbox.sequence
            }
        }
        if owner.dies(at: .batchStored) || (forgets && owner.dies(at: .forgotten)) { throw error(.unavailable, "the process is gone") }
    }

    func outbox(after sequence: Int64, _ body: (Int64, UnsafeRawBufferPointer) -> Void) throws(StoreError) {
        for row in data.outbox where row.sequence > sequence { row.records.withUnsafeBytes { body(row.sequence, $0) } }
    }

    func adopt(published: Int64, positions: [String: Int64]) throws(StoreError) {
        throw error(.mistake, "nobody adopts a state here")
    }

    func effects(from: Int64, to: Int64, _ body: (EffectRow) -> Void) throws(StoreError) {
        for row in data.effects.values.sorted(by: { $0.id < $1.id }) where row.due >= from && row.due < to { body(row) }
    }

    func scan(prefix: String, limit: Int, _ body: (AggregateRow) -> Bool) throws(StoreError) {
        for key in data.aggregates.keys.sorted().filter({ $0.hasPrefix(prefix) }).prefix(limit) {
            if let row = data.aggregates[key], !body(row) { return }
        }
    }

    func close() { isClosed = true }
}
