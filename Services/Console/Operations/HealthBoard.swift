import Contracts
import JSON
import Synchronization
import Threads

/// How the services are, from `daifa.health`: the last row of each replica.
final class HealthBoard: Sendable {
    /// Seconds after which a replica that has told nothing is gone.
    static let patience = 30

    private let rows = Mutex<[String: HealthRow]>([:])

    /// Takes a row, or a tombstone (nil).
    /// - Throws: why the row cannot be read: the last good one stays.
    func apply(key: [UInt8], value: [UInt8]?) throws(JSONError) {
        let key = String(decoding: key, as: UTF8.self)
        let row: HealthRow? = if let value { try HealthRow.decode(value) } else { nil }
        rows.withLock { $0[key] = row }
    }

    /// As the API tells them: each replica; a service without any stands there once, not ready.
    func items(now: Timestamp) -> [JSONValue] {
        let alive = rows.withLock { Array($0.values) }.filter { now.milliseconds - $0.at.milliseconds <= Self.patience * 1000 }
        return ServiceName.allCases.flatMap { service -> [JSONValue] in
            let replicas = alive.filter { $0.service == service }.sorted { $0.instance < $1.instance }
            return replicas.isEmpty ? [Self.missing(service)] : replicas.map(Self.item)
        }
    }

    private static func missing(_ service: ServiceName) -> JSONValue {
        .object([
            ("service", .string(service.rawValue)), ("ready", .bool(false)), ("shards", .array([])), ("outbox", .int(0)),
            ("effects", .object([])),
        ])
    }

    private static func item(_ row: HealthRow) -> JSONValue {
        var members: [(String, JSONValue)] = [
            ("service", .string(row.service.rawValue)), ("instance", .string(row.instance)), ("ready", .bool(row.ready)),
        ]
        if let reason = row.reason { members.append(("reason", .string(reason))) }
        let shards = row.shards.sorted { $0.shard < $1.shard }
        // Numbers of a row that somebody else wrote may not fit together.
        let outbox = shards.reduce(0) { sum, shard in
            let (total, overflows) = sum.addingReportingOverflow(shard.outbox)
            return overflows ? .max : total
        }
        let effects = row.effects
        return .object(
            members + [
                ("shards", .array(shards.map { .object([("shard", .int($0.shard)), ("lag", .int($0.lag))]) })), ("outbox", .int(outbox)),
                (
                    "effects",
                    .object([("waiting", .int(effects.waiting)), ("running", .int(effects.running)), ("retrying", .int(effects.retrying))])
                ), ("at", .string(row.at.description)),
            ])
    }
}
