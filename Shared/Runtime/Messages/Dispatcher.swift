import Contracts
import JSON
import Kafka
import Observability

/// Brings each record to its route, and the unreadable ones to dead letters.
final class Dispatcher {
    private struct Entry {
        var type: [UInt8]
        var route: Route
    }

    private var buckets: [[Entry]]
    /// Whether a type without a route is a dead letter (elsewhere it is skipped), by topic index.
    private let isStrict: [Bool]
    private let metrics: ServiceMetrics

    init(_ routes: [Route], isStrict: [Bool], metrics: ServiceMetrics) {
        buckets = Array(repeating: [], count: 256)
        self.isStrict = isStrict
        self.metrics = metrics
        for route in routes {
            let type = Array(route.type.utf8)
            let bucket = type.withUnsafeBytes { Self.bucket($0) }
            buckets[bucket].append(Entry(type: type, route: route))
        }
    }

    private static func bucket(_ type: UnsafeRawBufferPointer) -> Int {
        var hash: UInt32 = 0x811c_9dc5
        for byte in type { hash = (hash ^ UInt32(byte)) &* 0x0100_0193 }
        return Int((hash ^ hash >> 16) & 255)
    }

    private func route(_ type: UnsafeRawBufferPointer) -> Route? {
        for entry in buckets[Self.bucket(type)] where entry.type.withUnsafeBytes({ $0.hasSameBytes(as: type) }) { return entry.route }
        return nil
    }

    /// The aggregates that these records most likely concern.
    func likelyAggregates(of records: some Sequence<RecordView>) -> [String] {
        records.flatMap { record -> [String] in
            guard let key = record.key, !key.isEmpty, let type = IncomingEnvelope(record).type, let route = route(type) else { return [] }
            return route.likelyAggregates(of: String(decoding: key, as: UTF8.self))
        }
    }

    func dispatch(_ record: RecordView, _ work: ShardProcessor) {
        let envelope = IncomingEnvelope(record)
        if envelope.isStructured { return dispatchStructured(record, envelope, work) }
        guard let type = envelope.type else {
            if let event = StructuredEvent(unlabelled: record.value) { return dispatch(event, record, envelope, work) }
            return unknown(record, .missingType, "the header ce_type is missing, and the body is no event in structured mode", work)
        }
        guard let route = route(type) else {
            return unknown(record, .unknownType, "no message of this topic has the type \(Self.shown(type))", work)
        }
        guard let value = record.value, !value.isEmpty else {
            return work.deadLetter(record, .emptyBody, "the message has no body; the data is a JSON object")
        }
        deliver(record, envelope.attributes, envelope.proof, value, route, work)
    }

    private func dispatchStructured(_ record: RecordView, _ envelope: IncomingEnvelope, _ work: ShardProcessor) {
        guard let value = record.value, !value.isEmpty else { return work.deadLetter(record, .emptyBody, "the message has no body") }
        let event: StructuredEvent
        do throws(JSONError) { event = try StructuredEvent.decode(value) } catch {
            return work.deadLetter(record, error.isSyntax ? .notJSON : .notObject, "\(error)")
        }
        dispatch(event, record, envelope, work)
    }

    private func dispatch(_ event: StructuredEvent, _ record: RecordView, _ envelope: IncomingEnvelope, _ work: ShardProcessor) {
        guard let type = event.type else { return unknown(record, .missingType, "the attribute type is missing", work) }
        guard let route = Array(type.utf8).withUnsafeBytes({ route($0) }) else {
            return unknown(record, .unknownType, "no message of this topic has the type \(Self.shown(Array(type.utf8)))", work)
        }
        guard let data = event.dataBytes else { return work.deadLetter(record, .emptyBody, "the attribute data is missing") }
        data.withUnsafeBytes { deliver(record, event.attributes(beside: envelope), nil, $0, route, work) }
    }

    /// - Parameter proof: of a message in binary mode; nil: it is a structured event.
    private func deliver(
        _ record: RecordView, _ attributes: Attributes?, _ proof: Proof?, _ data: UnsafeRawBufferPointer, _ route: Route,
        _ work: ShardProcessor
    ) {
        guard let attributes else { return work.deadLetter(record, .missingId, "the message has no ce_id") }
        guard fits(record, attributes, keyBytes: record.key?.count ?? 0, work) else { return }
        var message = Incoming(
            record: record, key: record.key.map { String(decoding: $0, as: UTF8.self) } ?? "", data: data, attributes: attributes,
            type: route.type, isStructured: proof == nil)
        work.identify(&message, proof, route)
        work.trace(&message, route)
        guard !message.key.isEmpty else { return deliverWithoutKey(message, route, work) }
        work.begin(message)
        // It would be another key's aggregate in memory, and its own in the store (contract, section 2).
        guard !route.isCarried || ComposedText.isNFC(message.key) else {
            return work.misrouted(message, route.kind, .wrongKey, "the key must be in Unicode's NFC, as ids are")
        }
        guard !route.isCarried || record.partition == work.partition(of: message.key) else { return work.carry(message, route.kind) }
        route.handle(message, work)
    }

    private func deliverWithoutKey(_ message: Incoming, _ route: Route, _ work: ShardProcessor) {
        guard route.isCarried, let key = route.keyInData(message), !key.isEmpty else {
            return work.deadLetter(message.record, .missingKey, "the message has no key, and its data does not say it")
        }
        guard fits(message.record, message.attributes, keyBytes: key.utf8.count, work) else { return }
        let keyed = message.under(key: key)
        work.begin(keyed)
        // Also when it lies in the right partition by chance: its answers, and what comes of it, are told by the key of a record.
        work.carry(keyed, route.kind)
    }

    /// Whether what is copied from a message into all that comes of it is short enough; else it is a dead letter now.
    private func fits(_ record: RecordView, _ attributes: Attributes, keyBytes: Int, _ work: ShardProcessor) -> Bool {
        if attributes.size + keyBytes <= Self.attributeLimit { return true }
        work.deadLetter(
            record, .tooLarge, "key, id, correlation, actor and trace are longer than \(Self.attributeLimit) bytes together")
        return false
    }

    private func unknown(_ record: RecordView, _ reason: DeadReason, _ detail: String, _ work: ShardProcessor) {
        guard isStrict[record.topic] else { return metrics.skipped.increment() }
        work.deadLetter(record, reason, detail)
    }

    /// Bytes of key and attributes together: they are copied into all that comes of a message, several times each and escaped, and that has
    /// to fit into messages too.
    private static let attributeLimit = 16_384

    private static func shown(_ type: some Collection<UInt8>) -> String { String(decoding: type.prefix(200), as: UTF8.self) }
}
