import Contracts
import JSON
import Threads

/// A record as it was read: what it tells, and the rows that this changes. A reference: what it holds is large.
final class Reading {
    enum Body {
        case none
        case order(String, EventBox)
        case upload(String, UploadEvent)
        case refusal(String, Refused)
        indirect case fact(String, FactEvent)
        /// A command about an order, and the number of its topic.
        case command(String, topic: Int)
        /// `create-inbound`: no event repeats its lines.
        case commandLines(String, [CountedLine])
        case inbound(String, InboundEvent)
        case authorization(String, AuthorizationEvent)
        case application(String, PairEvent)
        case segment(SegmentEvent)
        case row(ItemList, String, [UInt8]?)
        /// The order of a fact that allocation did not take.
        case deadLetter(String, DeadRecord, factOf: String?)
    }

    var place: EventPlace
    var key: String?
    var time: Timestamp
    var body = Body.none
    /// What traces tell of a message that is about no order.
    var message: MessageRecord?
    /// Of a refusal: whose command it was.
    var refusedActor: Actor?
    /// Its data could not be read as its type.
    var isUnreadable = false

    /// - Parameters:
    ///   - record: read in place: a copy of each of its many parts counts references.
    ///   - topic: its topic; nil: one that is not projected.
    init(_ record: UnsafePointer<LogRecord>, _ topic: Topic?) {
        place = EventPlace(
            topic: 0, partition: record.pointee.partition, offset: record.pointee.offset, envelope: RecordEnvelope(record))
        key = record.pointee.key.map { String(decoding: $0, as: UTF8.self) }
        time = record.pointee.time
        guard let topic else { return }
        let value = record.pointee.value
        do throws(JSONError) {
            switch topic {
            case .facts: try readFact(value)
            case .commands(let service): try readCommand(value, service)
            case .events(let service, let refused):
                place.topic = Projection.topicNumber(of: service)
                try readEvent(value, service, isRefusal: place.envelope.type == refused)
            case .dead(let service): readDeadLetter(record.pointee, service)
            case .table(let list): if let key { body = .row(list, key, value) }
            }
        } catch { isUnreadable = true }
    }

    /// The order that it changes.
    var orderId: String? {
        switch body {
        case .order(let id, _), .upload(let id, _), .refusal(let id, _), .fact(let id, _), .command(let id, _): id
        case .deadLetter(_, _, let factOf): factOf
        default: nil
        }
    }

    /// The rows of lists that it changes.
    var items: [ItemKey] {
        switch body {
        case .order(_, let box):
            let type = place.envelope.type
            guard type == Obtained.type || type == OutboundCreated.type else { return [] }
            let event = box.event
            if type == Obtained.type, let factory = event.factoryShopId, let carrier = event.carrier {
                return [ItemKey(list: .pools, id: Projection.poolId(factory, carrier))]
            }
            if let number = Projection.partnerNumber(event, self) {
                return [ItemKey(list: .numbers, id: "\(PartnerNumberKind.outbound.rawValue):\(number.0)")]
            }
            return []
        case .none, .upload, .refusal, .fact, .command, .deadLetter: return []
        case .commandLines(let id, _): return [ItemKey(list: .inbounds, id: id)]
        case .inbound(let id, let event):
            let number = Projection.inboundNumber(event, id, self).map {
                ItemKey(list: .numbers, id: "\(PartnerNumberKind.inbound.rawValue):\($0.0)")
            }
            return [ItemKey(list: .inbounds, id: id)] + (number.map { [$0] } ?? [])
        case .authorization(let id, let event):
            let isAsked = place.envelope.type == ConsentRequested.type
            let consent = isAsked ? event.state.map { ItemKey(list: .consents, id: $0) } : nil
            return [ItemKey(list: .authorizations, id: id)] + (consent.map { [$0] } ?? [])
        case .application(let id, _): return [ItemKey(list: .bindings, id: id)]
        case .segment(let event): return [ItemKey(list: .pools, id: Projection.poolId(event.factoryShopId, event.carrier))]
        case .row(let list, let id, _): return [ItemKey(list: list, id: id)]
        }
    }

    // MARK: Topics

    enum Topic {
        case facts
        case commands(ServiceName)
        /// And the type of its refusals.
        case events(ServiceName, refused: String)
        case dead(ServiceName)
        case table(ItemList)
    }

    static let topics: [String: Topic] = {
        var topics: [String: Topic] = [Topics.orders: .facts]
        for service in ServiceName.domainServices {
            topics[service.commands] = .commands(service)
            topics[service.events] = .events(service, refused: Refused.type(of: service))
            topics[service.dead] = .dead(service)
        }
        for table in Table.allCases { topics[table.topic] = ItemList(table).map { .table($0) } }
        return topics
    }()

    private func readFact(_ value: [UInt8]?) throws(JSONError) {
        let type = place.envelope.type
        guard let value, !place.envelope.id.isEmpty, type.hasPrefix("daifa.order.") else { return }
        let fact = try FactEvent.decodeStored(value)
        body = .fact(fact.orderId, fact)
    }

    private func readCommand(_ value: [UInt8]?, _ service: ServiceName) throws(JSONError) {
        let envelope = place.envelope
        // Of a token's command the actor is the token's: its answer tells it. What services tell each other is nobody's command.
        guard let value, !envelope.id.isEmpty, let actor = envelope.actor, !actor.hasPrefix("service:"), !envelope.isAuthorized else {
            return
        }
        let topic = Projection.commands(of: service)
        if let key, Projection.orderCommands.contains(envelope.type) {
            body = .command(key, topic: topic)
            return
        }
        message = message(of: envelope.id, topic: topic)
        if envelope.type == CreateInbound.type {
            let inbound = try CreatedInbound.decodeStored(value)
            body = .commandLines(inbound.inboundId, inbound.lines)
        }
    }

    /// - Parameter commandId: what it is found by.
    func message(of commandId: String, topic: Int) -> MessageRecord {
        let envelope = place.envelope
        var record = MessageRecord()
        record.commandId = commandId
        record.part.id = envelope.id
        record.part.type = envelope.short
        record.part.at = envelope.time.milliseconds
        record.part.topic = topic
        record.part.offset = Int(place.offset)
        if topic < 0 {
            record.part.actor = envelope.actor
            record.part.sentAt = time.milliseconds
        } else {
            record.part.actor = envelope.behalf
        }
        record.part.cause = envelope.causation
        return record
    }

    private func readDeadLetter(_ record: LogRecord, _ service: ServiceName) {
        var letter = DeadRecord()
        letter.view.id = "\(record.topic):\(record.partition):\(record.offset)"
        letter.view.service = service
        letter.view.key = key
        letter.view.type = place.envelope.type.isEmpty ? nil : place.envelope.type
        letter.view.time = record.time
        letter.view.size = record.value?.count ?? 0
        letter.messageId = place.envelope.id.isEmpty ? nil : place.envelope.id
        for header in record.headers where header.name.hasPrefix("x-dead-") {
            let text = String(decoding: header.value, as: UTF8.self)
            switch header.name {
            case "x-dead-reason": letter.view.reason = text
            case "x-dead-topic": letter.view.topic = text
            case "x-dead-partition": letter.view.partition = Int(text)
            case "x-dead-offset": letter.view.offset = Int(text)
            case "x-dead-truncated": letter.view.size = Int(text) ?? letter.view.size
            default: break
            }
        }
        var factOf: String?
        if service == .allocation, letter.view.topic == Topics.orders, let value = record.value {
            factOf = (try? FactEvent.decodeStored(value))?.orderId
        }
        body = .deadLetter(letter.view.id, letter, factOf: factOf)
    }
}

/// An event behind a reference: its many parts are not copied each time it is handed on.
final class EventBox {
    let event: OrderEvent
    init(_ event: OrderEvent) { self.event = event }
}

/// The part of `create-inbound` that no event repeats.
struct CreatedInbound: DefaultInitializable {
    var inboundId = ""
    var lines: [CountedLine] = []
    init() {}
    static let fields = Fields<CreatedInbound>(Field("inboundId", \.inboundId), Field("lines", \.lines))
}
