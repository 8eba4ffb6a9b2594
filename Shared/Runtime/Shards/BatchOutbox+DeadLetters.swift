import Contracts
import Kafka

extension BatchOutbox {
    /// Bytes of `x-dead-detail` at most: it may quote what was sent.
    private static let detailLimit = 1000
    /// Limits of a packed record: bytes of a header's name, and the number of headers beside our own.
    private static let headerLimits = (name: 255, count: 60_000)

    /// A record that could not be read or handled, as it came but for a token, with where it came from and why. A part that would not fit
    /// is cut, and said so: a key beyond half of a message, headers that are too large by themselves, then the end of the value.
    /// - Parameters:
    ///   - value: the record's value, or the part of it that could not be handled.
    ///   - actor: the proven sender.
    func deadLetter(_ record: RecordView, _ reason: DeadReason, detail: String, value: UnsafeRawBufferPointer?, actor: Actor? = nil) {
        let detail = String(decoding: detail.utf8.prefix(Self.detailLimit), as: UTF8.self)
        let key = record.key.map { UnsafeRawBufferPointer(rebasing: $0.prefix(maximumBytes / 2)) }
        // Room for our own headers and the protocol.
        var room = maximumBytes - 2048 - (key?.count ?? 0) - detail.utf8.count - (actor?.id.utf8.count ?? 0)
        var kept: [(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer?)] = []
        var dropped = 0
        record.forEachHeader { name, value in
            guard !DeadHeaders.isLeftOut(name) else { return }
            let size = name.count + (value?.count ?? 0) + 8
            guard size <= room, name.count <= Self.headerLimits.name, kept.count < Self.headerLimits.count else { return dropped += 1 }
            room -= size
            kept.append((name, value))
        }
        records.begin(topicIndex: deadTopic, partition: -1, key: key)
        let envelope = IncomingEnvelope(record)
        let mayHoldToken = envelope.isStructured || envelope.type == nil
        let cleaned = mayHoldToken ? value.flatMap { StructuredToken.removed(from: $0) } : nil
        let length = cleaned?.count ?? value?.count ?? 0
        if let cleaned {
            cleaned.withUnsafeBytes { records.value(UnsafeRawBufferPointer(rebasing: $0.prefix(max(room, 0)))) }
        } else {
            records.value(value.map { UnsafeRawBufferPointer(rebasing: $0.prefix(max(room, 0))) })
        }
        for header in kept { records.header(name: header.name, value: header.value) }
        if length > room { header("x-dead-truncated", "\(length)") }
        if let whole = record.key?.count, whole > key?.count ?? 0 { header("x-dead-key-truncated", "\(whole)") }
        if dropped > 0 { header("x-dead-headers-dropped", "\(dropped)") }
        if let actor { header("x-dead-actor", actor.description) }
        header("x-dead-reason", reason.rawValue)
        header("x-dead-detail", detail)
        header("x-dead-topic", record.topicName)
        header("x-dead-partition", "\(record.partition)")
        header("x-dead-offset", "\(record.offset)")
        records.end()
    }
}
