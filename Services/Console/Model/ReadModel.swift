import Contracts
import JSON
import Kafka
import Observability
import Runtime
import Stores
import Synchronization
import Threads

/// Consents and partners' numbers as the console knows them, from the events of authorization and shipping; kept in its store together
/// with how far the events were read, so that a number stays known when its event is gone from the log.
final class ReadModel: Sendable {
    /// The whole store is one shard.
    private static let shardNumber = 0
    /// Days for which a consent is kept past its expiry, so that a late browser still gets authorization's "expired" instead of our 404.
    private static let consentRetention = 7
    private static let pruneBatch = 500
    private static let retryInterval = 0.25

    static let topics = [ServiceName.authorization.events, ServiceName.shipping.events]

    private let shard: Mutex<any ShardStore>
    private let status: ServiceStatus
    private let lastProblem = Mutex<StoreError?>(nil)
    /// Where the events are to be read on.
    let positions: [PartitionOffset]

    /// - Throws: exit 78 when the store belongs to another cluster, or cannot be used.
    init(_ store: sending any Store, clusterId: String, status: ServiceStatus) throws(ExitError) {
        self.status = status
        let identity = StoreIdentity(clusterId: clusterId, group: "daifa-console")
        do throws(StoreError) {
            let shard = try store.shard(Self.shardNumber)
            let claim = try shard.claim()
            if claim.identity == nil { try shard.identify(identity) }
            if let other = claim.identity, other != identity {
                throw StoreError(
                    kind: .corrupt,
                    message:
                        "the store was filled from the Kafka cluster \(other.clusterId), and this is \(clusterId): name the brokers of "
                        + "that one in KAFKA_BOOTSTRAP_SERVERS, or an empty folder, which is filled again")
            }
            positions = claim.positions.compactMap { Self.position($0.key, $0.value) }
            self.shard = Mutex(shard)
        } catch { throw .configuration("DAIFA_STORE: \(error)") }
    }

    // MARK: Look-ups

    /// - Throws: when the store cannot be read at the moment.
    func consent(state: String) throws(StoreError) -> ConsentRow? { try row(Self.consentKey(state)) }
    func number(_ kind: StatusPush.OrderType, _ number: String) throws(StoreError) -> NumberRow? {
        try row(Self.numberKey(kind, number))
    }

    private func row<Row: Declared>(_ key: String) throws(StoreError) -> Row? {
        let state = try shard.withLock { (shard) throws(StoreError) -> [UInt8]? in
            defer { shard.endReading() }
            var state: [UInt8]?
            try shard.load([key]) { _, row in state = row.state }
            return state
        }
        return state.flatMap { try? Row.decode($0) }
    }

    /// Why what is read cannot be kept at the moment; nil: it is kept.
    var problem: StoreError? { lastProblem.withLock { $0 } }

    // MARK: Reading events

    /// Takes events and keeps what follows from them; again and again until the store takes it, or the process is to stop.
    func apply(_ events: [Kafka.Message]) {
        var batch = StoreBatch()
        var rows: [String: AggregateRow] = [:]
        var positions: [TopicPartition: Int64] = [:]
        for event in events {
            if let row = Self.row(of: event) { rows[row.key] = row }
            positions[TopicPartition(topic: event.topic, partition: event.partition)] = event.offset + 1
        }
        batch.aggregates = Array(rows.values)
        batch.positions = positions.map { StorePosition("\($0.key.topic)/\($0.key.partition)", $0.value) }
        while !status.isStopping {
            do throws(StoreError) {
                try shard.withLock { (shard) throws(StoreError) in try shard.commit(batch) }
                lastProblem.withLock { $0 = nil }
                return
            } catch {
                if error.kind == .fenced { status.end(.configuration("DAIFA_STORE: another console has taken the store: \(error)")) }
                lastProblem.withLock { $0 = error }
                status.set(waitingFor: "the store", because: "\(error)")
            }
            status.wait(Self.retryInterval)
        }
    }

    /// Forgets consents that expired long ago.
    func prune(now: Timestamp) throws(StoreError) {
        let limit = now.milliseconds - Self.consentRetention * 86_400_000
        try shard.withLock { (shard) throws(StoreError) in
            var old: [String] = []
            try shard.scan(prefix: Self.consentKey(""), limit: Int.max) { row in
                let expiry = (try? ConsentRow.decode(row.state))?.expiresAt.milliseconds ?? 0
                if expiry < limit { old.append(row.key) }
                return old.count < Self.pruneBatch
            }
            if !old.isEmpty { try shard.commit(StoreBatch(removed: old)) }
        }
    }

    // MARK: Keys and rows

    private static func consentKey(_ state: String) -> String { "consent:\(state)" }
    private static func numberKey(_ kind: StatusPush.OrderType, _ number: String) -> String { "\(kind.rawValue):\(number)" }

    /// The row that an event leads to; nil: none.
    static func row(of event: Kafka.Message) -> AggregateRow? {
        guard let key = event.key.map({ String(decoding: $0, as: UTF8.self) }), let value = event.value else { return nil }
        switch event.header(EnvelopeHeader.type) {
        case ConsentRequested.type:
            guard let consent = try? ConsentRequested.decode(value) else { return nil }
            var row = ConsentRow()
            row.key = key
            row.authorizationId = consent.authorizationId
            row.channelId = consent.channelId
            row.provider = consent.provider
            row.correlationId = event.header(EnvelopeHeader.correlationId)
            row.expiresAt = consent.expiresAt
            return AggregateRow(key: consentKey(consent.state), version: 0, state: row.json, answered: [])
        case OutboundCreated.type:
            guard let outbound = try? OutboundCreated.decode(value) else { return nil }
            var row = NumberRow()
            row.key = key
            row.warehouseId = outbound.warehouseId
            row.orderId = outbound.orderId
            row.allocationId = outbound.allocationId
            return AggregateRow(key: numberKey(.outbound, outbound.partnerNumber), version: 0, state: row.json, answered: [])
        case InboundCreated.type:
            guard let inbound = try? InboundCreated.decode(value) else { return nil }
            var row = NumberRow()
            row.key = key
            row.warehouseId = inbound.warehouseId
            row.inboundId = inbound.inboundId
            return AggregateRow(key: numberKey(.inbound, inbound.partnerNumber), version: 0, state: row.json, answered: [])
        default: return nil
        }
    }

    /// `daifa.shipping.events/3`
    private static func position(_ name: String, _ next: Int64) -> PartitionOffset? {
        guard let slash = name.lastIndex(of: "/"), let partition = Int32(name[name.index(after: slash)...]) else { return nil }
        return PartitionOffset(topic: String(name[..<slash]), partition: partition, offset: next)
    }
}
