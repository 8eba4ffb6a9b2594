import Contracts
import Crypto
import JSON
import Kafka
import Threads

/// The CloudEvents attributes of a record as they stand in its headers: slices of the record's memory, made into strings on demand,
/// because most records are skipped by their type alone.
struct IncomingEnvelope {
    var type: UnsafeRawBufferPointer?
    private var id: UnsafeRawBufferPointer?
    private var time: UnsafeRawBufferPointer?
    private var correlation: UnsafeRawBufferPointer?
    private var actor: UnsafeRawBufferPointer?
    private var behalf: UnsafeRawBufferPointer?
    private var user: UnsafeRawBufferPointer?
    private var source: UnsafeRawBufferPointer?
    private var mac: UnsafeRawBufferPointer?
    private var trace: UnsafeRawBufferPointer?
    private var token: UnsafeRawBufferPointer?
    private var contentType: UnsafeRawBufferPointer?

    init(_ record: RecordView) {
        // The last of several headers with one name that has a value counts, as for `[Header].last(_:)`.
        record.forEachHeader { name, value in
            guard let value, let first = name.first else { return }
            switch (name.count, first) {
            case (7, UInt8(ascii: "c")) where name.holds("ce_type"): type = value
            case (5, UInt8(ascii: "c")) where name.holds("ce_id"): id = value
            case (7, UInt8(ascii: "c")) where name.holds("ce_time"): time = value
            case (8, UInt8(ascii: "c")) where name.holds("ce_actor"): actor = value
            case (9, UInt8(ascii: "c")) where name.holds("ce_source"): source = value
            case (9, UInt8(ascii: "c")) where name.holds("ce_behalf"): behalf = value
            case (7, UInt8(ascii: "c")) where name.holds("ce_user"): user = value
            case (9, UInt8(ascii: "d")) where name.holds("daifa-mac"): mac = value
            case (16, UInt8(ascii: "c")) where name.holds("ce_correlationid"): correlation = value
            case (11, UInt8(ascii: "t")) where name.holds("traceparent"): trace = value
            case (12, UInt8(ascii: "c")) where name.holds("content-type"): contentType = value
            case (13, UInt8(ascii: "a")) where name.holds("authorization"): token = value
            default: break
            }
        }
    }

    /// Whether the content type says that the whole event is in the body (CloudEvents, Kafka protocol binding, structured mode).
    var isStructured: Bool {
        let prefix: StaticString = "application/cloudevents"
        guard let contentType, contentType.count >= prefix.utf8CodeUnitCount else { return false }
        for index in 0..<prefix.utf8CodeUnitCount where contentType[index] | 0x20 != prefix.utf8Start[index] | 0x20 { return false }
        return true
    }

    var tokenText: String? { token.map { String(decoding: $0, as: UTF8.self) } }
    var traceText: String? { trace.map { String(decoding: $0, as: UTF8.self) } }

    /// The `daifa-mac` with the attributes that it covers.
    var proof: Proof { Proof(mac: mac, id: id, type: type, actor: actor) }

    /// The attributes as strings; nil without a `ce_id`.
    var attributes: Attributes? {
        guard let id, !id.isEmpty else { return nil }
        let identifier = String(decoding: id, as: UTF8.self)
        return Attributes(
            id: identifier, source: source.map { String(decoding: $0, as: UTF8.self) } ?? "", actor: actor.flatMap { Actor(utf8: $0) },
            behalf: behalf.flatMap { Actor(utf8: $0) }, user: user.map { String(decoding: $0, as: UTF8.self) },
            time: time.flatMap { Timestamp(utf8: $0) },
            correlationId: correlation.map { $0.hasSameBytes(as: id) ? identifier : String(decoding: $0, as: UTF8.self) } ?? identifier,
            traceparent: traceText, token: tokenText)
    }
}

/// The attributes of a message, as its sender gave them.
struct Attributes {
    var id: String
    var source = ""
    /// nil: there is none, or it is of none of the kinds.
    var actor: Actor?
    /// `ce_behalf` and `ce_user`: to be believed only of a sender that may act for others.
    var behalf: Actor?
    var user: String?
    var time: Timestamp?
    var correlationId: String
    var traceparent: String?
    var token: String?

    /// Bytes of what is copied into answers.
    var size: Int {
        id.utf8.count + correlationId.utf8.count + (actor?.id.utf8.count ?? 0) + (behalf?.id.utf8.count ?? 0) + (user?.utf8.count ?? 0)
            + (traceparent?.utf8.count ?? 0)
    }
}

/// An event in structured mode: attributes and data in one JSON object.
struct StructuredEvent: DefaultInitializable, Equatable {
    var id: String?
    var source: String?
    var type: String?
    var time: String?
    var correlationid: String?
    var actor: String?
    var behalf: String?
    var user: String?
    var traceparent: String?
    var authorization: String?
    var specversion: String?
    var data: RawJSON?
    /// The data in base64, from a client that holds its data as bytes (CloudEvents, JSON event format, section 3.1).
    var base64: String?

    static let fields = Fields<StructuredEvent>(
        Field("id", \.id), Field("source", \.source), Field("type", \.type), Field("time", \.time),
        Field("correlationid", \.correlationid), Field("actor", \.actor), Field("behalf", \.behalf), Field("user", \.user),
        Field("traceparent", \.traceparent), Field("authorization", \.authorization), Field("specversion", \.specversion),
        Field("data", \.data), Field("data_base64", \.base64))

    /// An event whose content type does not say so, told by its attributes (cloudevents 1.x for Python writes `application/json`).
    init?(unlabelled value: UnsafeRawBufferPointer?) {
        guard let value, !value.isEmpty, let event = try? StructuredEvent.decode(value), event.specversion != nil, event.type != nil,
            event.id != nil
        else { return nil }
        self = event
    }

    init() {}

    /// nil: there is none.
    var dataBytes: [UInt8]? { data?.bytes ?? base64.flatMap { Base64.decode($0) } }

    /// nil without an id. Token and trace, which are no attributes of CloudEvents, may stand in the headers as well.
    func attributes(beside envelope: IncomingEnvelope) -> Attributes? {
        guard let id, !id.isEmpty else { return nil }
        return Attributes(
            id: id, source: source ?? "", actor: actor.flatMap { Actor($0) }, behalf: behalf.flatMap { Actor($0) }, user: user,
            time: time.flatMap { Timestamp($0) }, correlationId: correlationid ?? id,
            traceparent: traceparent ?? envelope.traceText, token: authorization ?? envelope.tokenText)
    }
}
