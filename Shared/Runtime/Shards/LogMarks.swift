public import Kafka
import Observability
import Threads
public import Stores

extension LogMark {
    /// The mark of a record: its offset and FNV-1a (64 bits) of its time, key and length, which another record at the same offset does not
    /// share by chance.
    init(_ record: RecordView) {
        self.init(offset: record.offset, timestamp: record.timestamp, key: record.key, size: record.value?.count)
    }

    private init(_ message: Message) {
        self = (message.key ?? []).withUnsafeBytes { key in
            LogMark(offset: message.offset, timestamp: message.timestamp, key: message.key.map { _ in key }, size: message.value?.count)
        }
    }

    private init(offset: Int64, timestamp: Int64, key: UnsafeRawBufferPointer?, size: Int?) {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        func add(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        func add(_ number: Int64) { for shift in stride(from: 0, to: 64, by: 8) { add(UInt8(truncatingIfNeeded: number >> shift)) } }
        add(timestamp)
        add(Int64(size ?? -1))
        add(Int64(key?.count ?? -1))
        for byte in key ?? .init(start: nil, count: 0) { add(byte) }
        self.init(offset: offset, fingerprint: Int64(bitPattern: hash))
    }

    /// Reads what lies where marks are: by partition, the first record from the mark's offset on, or `.some(nil)` where there is none.
    /// - Parameter seconds: for all of them together.
    /// - Throws: `timedOut` when a log did not answer in time; what cannot pass by itself.
    public static func read(
        at marks: [TopicPartition: LogMark], _ configuration: KafkaConfiguration, timeout seconds: Double
    ) throws(KafkaError) -> [TopicPartition: LogMark?] {
        guard !marks.isEmpty else { return [:] }
        let places = marks.map { PartitionOffset(topic: $0.key.topic, partition: $0.key.partition, offset: $0.value.offset) }
        let reader = try TopicReader(
            configuration, topics: Set(places.map(\.topic)).sorted(), from: .offsets(places), timeout: seconds)
        let deadline = Clock.seconds + seconds
        var found: [TopicPartition: LogMark?] = [:]
        while found.count < marks.count, !reader.atEnd {
            let left = deadline - Clock.seconds
            guard left > 0 else {
                throw KafkaError(code: .timedOut, operation: "read the last records again", reason: "no answer within \(seconds) s")
            }
            for message in try reader.next(timeout: left) {
                let place = TopicPartition(topic: message.topic, partition: message.partition)
                if found[place] == nil { found[place] = .some(LogMark(message)) }
            }
        }
        for place in marks.keys where found[place] == nil { found[place] = .some(nil) }
        return found
    }
}
