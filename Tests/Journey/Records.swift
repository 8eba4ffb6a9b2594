import Contracts
import Kafka
import TestSupport
import Testing

/// What the services are started with: `DAIFA_PARTITIONS`' default.
let partitions: Int32 = 6

extension Outgoing {
    /// A partition that is not the one of the key.
    var otherPartition: Int32 {
        (Partitioner.partition(forKey: String(decoding: key ?? [], as: UTF8.self), count: partitions) + 1) % partitions
    }

    var service: String {
        topic == Topics.orders ? ServiceName.allocation.rawValue : topic.split(separator: ".").dropFirst().first.map(String.init) ?? ""
    }
}

extension Scenario {
    /// Any command of a service's: what is wrong with it is that it is empty.
    private static let markers = [
        "binding": Apply.type, "allocation": Allocate.type, "waybill": Obtain.type, "shipping": Ship.type,
    ]

    /// Waits until the service has handled everything that was sent with this record's topic and key before, and all that came of it was read:
    /// the answer to another command stands behind it in the same partition.
    func settle(_ record: Outgoing) async throws {
        if record.topic == Topics.orders {
            var marker = Outgoing.raw("daifa.order.marker.v1", "{}", as: nil)
            marker.key = record.key
            marker.partition = record.partition
            _ = try await dead(marker)
        }
        var marker = Outgoing.raw(Self.markers[record.service] ?? "", "{}", as: cast.asMerchant)
        marker.key = record.key
        marker.partition = record.topic == Topics.orders ? nil : record.partition
        _ = try await client.answer(to: marker)
    }

    /// Sends what must go to dead letters; gives the dead letter.
    func dead(_ record: Outgoing) async throws -> Received {
        try await client.send(record)
        return try await deadLetter(of: record)
    }

    func deadLetter(of record: Outgoing) async throws -> Received {
        let topic = "daifa.\(record.service).dead"
        let (id, key) = (record.id, record.key)
        return try await client.first("a dead letter \(id) in \(topic)") {
            $0.topic == topic && ($0.id ?? "") == id && $0.message.key == key
        }
    }
}
