public import JSON

/// The contract of one message, declared once, on its type and beside its fields: where it travels, under which key, who may send it,
/// which services act on it, what answers it.
///
/// The catalogue, the services' routes and outputs, `daifa send`, JSON Schemas and the AsyncAPI document are derived from it:
/// `public static let contract: Contract<Obtain> = .command(to: .waybill, key: \.orderId, by: [.factory(\.factoryShopId)], …)`.
///
/// A class: code that is written for any message asks for a contract several times for each one that it handles, and copies a reference, for
/// which it needs to know nothing of the message's type.
public final class Contract<Body: Message>: Sendable {
    public let kind: CatalogEntry.Kind
    public let topic: String
    /// The receiving service of a command, the publishing service of an event; nil for facts and rows.
    public let service: ServiceName?
    public let key: MessageKey<Body>
    /// The reader of `key`, beside it: to ask the key itself costs code that is written for any message a look-up of the key's type.
    private let readKey: @Sendable (UnsafePointer<Body>) -> String?
    /// Those who may send it; empty: anyone.
    public let actors: [ActorRule<Body>]
    /// The services that act on it.
    public let readers: [ServiceName]
    /// The events that answer a command; none while every such command is refused.
    public let answers: [any Message.Type]
    /// The codes that a command may be refused with, beside ``Catalog/commonRefusals``.
    public let refusals: [RefusalCode]
    /// Whether it is taken with a valid `daifa-mac` alone, whatever `DAIFA_AUTH` says: a name in `ce_actor` is not enough for what it opens.
    public let needsMAC: Bool
    /// One sentence.
    public let summary: String

    private init(
        _ kind: CatalogEntry.Kind, topic: String, service: ServiceName?, key: MessageKey<Body>, actors: [ActorRule<Body>],
        readers: [ServiceName], answers: [any Message.Type] = [], refusals: [RefusalCode] = [], needsMAC: Bool = false, _ summary: String
    ) {
        self.kind = kind
        self.topic = topic
        self.service = service
        self.key = key
        readKey = key.read
        self.actors = actors
        self.readers = readers
        self.answers = answers
        self.refusals = refusals
        self.needsMAC = needsMAC
        self.summary = summary
    }

    /// The key that a message must have; nil when its data does not say it (a field is missing, or the key says more than the data).
    public func key(of body: Body) -> String? { withUnsafePointer(to: body) { readKey($0) } }

    /// A request to one service.
    public static func command(
        to service: ServiceName, key: MessageKey<Body>, by actors: [ActorRule<Body>], answers: [any Message.Type] = [],
        refusals: [RefusalCode] = [], _ summary: String
    ) -> Contract {
        Contract(
            .command, topic: service.commands, service: service, key: key, actors: actors, readers: [service], answers: answers,
            refusals: refusals, summary)
    }

    /// A request whose key is one field.
    public static func command(
        to service: ServiceName, key: KeyPath<Body, String>, by actors: [ActorRule<Body>], answers: [any Message.Type] = [],
        refusals: [RefusalCode] = [], _ summary: String
    ) -> Contract { .command(to: service, key: .field(key), by: actors, answers: answers, refusals: refusals, summary) }

    /// A request that a service of this deployment sends, whose key is one field: taken with a valid `daifa-mac` alone.
    public static func signedCommand(
        to service: ServiceName, key: KeyPath<Body, String>, by sender: ServiceName, answers: [any Message.Type],
        refusals: [RefusalCode] = [], _ summary: String
    ) -> Contract {
        Contract(
            .command, topic: service.commands, service: service, key: .field(key), actors: [.service(sender)], readers: [service],
            answers: answers, refusals: refusals, needsMAC: true, summary)
    }

    /// Something that happened, told by one service.
    public static func event(of service: ServiceName, key: MessageKey<Body>, readers: [ServiceName] = [], _ summary: String) -> Contract {
        Contract(.event, topic: service.events, service: service, key: key, actors: [.service(service)], readers: readers, summary)
    }

    /// An event whose key is one field.
    public static func event(
        of service: ServiceName, key: KeyPath<Body, String>, readers: [ServiceName] = [], _ summary: String
    ) -> Contract { .event(of: service, key: .field(key), readers: readers, summary) }

    /// Something that a marketplace or an ERP says of an order.
    public static func fact(key: KeyPath<Body, String>, _ summary: String) -> Contract {
        Contract(.fact, topic: Topics.orders, service: nil, key: .field(key), actors: [], readers: [.allocation], summary)
    }
}

extension Contract where Body: TableRow {
    /// A row of a compacted topic, which these services write and read.
    public static func row(key: MessageKey<Body>, by writers: [ServiceName], readers: [ServiceName], _ summary: String) -> Contract {
        Contract(
            .row, topic: Body.table.topic, service: nil, key: key, actors: writers.map { .service($0) }, readers: readers, summary)
    }
}

/// A sender that a message may have: an actor of one kind, whose id mostly stands in the message.
public struct ActorRule<Body: Declared>: Sendable {
    public let kind: Actor.Kind
    /// The rule as text, for people and for the documents: `factory:<factoryShopId>`.
    public let text: String

    private init(_ kind: Actor.Kind, _ id: String) {
        self.kind = kind
        text = "\(kind.rawValue):\(id)"
    }

    private static func field(_ kind: Actor.Kind, _ path: PartialKeyPath<Body>) -> ActorRule {
        ActorRule(kind, "<\(Body.fields.declaredName(of: path))>")
    }

    /// The merchant that the field names.
    public static func merchant(_ field: KeyPath<Body, String>) -> ActorRule { .field(.merchant, field) }
    public static func merchant(_ field: KeyPath<Body, String?>) -> ActorRule { .field(.merchant, field) }
    /// The factory that the field names.
    public static func factory(_ field: KeyPath<Body, String>) -> ActorRule { .field(.factory, field) }
    public static func factory(_ field: KeyPath<Body, String?>) -> ActorRule { .field(.factory, field) }
    /// The partner that the field names.
    public static func partner(_ field: KeyPath<Body, String>) -> ActorRule { .field(.partner, field) }
    /// One whom the message does not name: `.owner(.merchant, "the channel's")`.
    public static func owner(_ kind: Actor.Kind, _ description: String) -> ActorRule { ActorRule(kind, "<\(description)>") }
    public static func service(_ name: ServiceName) -> ActorRule { ActorRule(.service, name.rawValue) }
}

/// The Kafka key of a message: its text for the documents, and its value in a message.
public struct MessageKey<Body: Declared>: Sendable {
    public let form: CatalogEntry.Key
    fileprivate let read: @Sendable (UnsafePointer<Body>) -> String?

    private init(_ form: CatalogEntry.Key, _ read: @escaping @Sendable (UnsafePointer<Body>) -> String?) {
        self.form = form
        self.read = read
    }

    /// The value of one field.
    public static func field(_ path: KeyPath<Body, String>) -> MessageKey {
        let field = KeyField(path)
        return MessageKey(.field(field.name)) { field.value(at: $0) }
    }

    /// The value of the one of two fields that is present.
    public static func either(_ first: KeyPath<Body, String?>, _ second: KeyPath<Body, String?>) -> MessageKey {
        let (first, second) = (KeyField(first), KeyField(second))
        return MessageKey(.either(first.name, second.name)) { first.value(at: $0) ?? second.value(at: $0) }
    }

    /// The value of the first field, or where it is absent that of the second.
    public static func either(_ first: KeyPath<Body, String?>, _ second: KeyPath<Body, String>) -> MessageKey {
        let (first, second) = (KeyField(first), KeyField(second))
        return MessageKey(.either(first.name, second.name)) { first.value(at: $0) ?? second.value(at: $0) }
    }

    /// The values of two fields, joined by `~`.
    public static func joined(_ first: KeyPath<Body, String>, _ second: KeyPath<Body, String>) -> MessageKey {
        joined(KeyField(first), KeyField(second), { $0 }, { $0 })
    }

    /// The same, where a service's name is the first.
    public static func joined(_ first: KeyPath<Body, ServiceName>, _ second: KeyPath<Body, String>) -> MessageKey {
        joined(KeyField(first), KeyField(second), { $0.rawValue }, { $0 })
    }

    /// The same, where a service's name is the second.
    public static func joined(_ first: KeyPath<Body, String>, _ second: KeyPath<Body, ServiceName>) -> MessageKey {
        joined(KeyField(first), KeyField(second), { $0 }, { $0.rawValue })
    }

    private static func joined<First, Second>(
        _ first: KeyField<Body, First>, _ second: KeyField<Body, Second>, _ firstText: @escaping @Sendable (First) -> String,
        _ secondText: @escaping @Sendable (Second) -> String
    ) -> MessageKey {
        MessageKey(.joined([first.name, second.name])) { "\(firstText(first.value(at: $0)))~\(secondText(second.value(at: $0)))" }
    }

    /// `<provider>:<account>`, or `channel:<channelId>`: one account at a partner. The data mostly does not say it.
    public static func account(_ value: @escaping @Sendable (Body) -> String? = { _ in nil }) -> MessageKey {
        MessageKey(.account) { value($0.pointee) }
    }
}

/// A declared field of the message that is part of its key: read where it is stored, as the codecs do.
private struct KeyField<Body: Declared, Value>: Sendable {
    let name: String
    private let offset: Int

    init(_ path: KeyPath<Body, Value>) {
        name = Body.fields.declaredName(of: path)
        // `declaredName` has found it by the same offset.
        offset = MemoryLayout<Body>.offset(of: path) ?? 0
    }

    func value(at place: UnsafePointer<Body>) -> Value {
        (UnsafeRawPointer(place) + offset).assumingMemoryBound(to: Value.self).pointee
    }
}

extension Fields {
    /// The declared name of a property that a contract refers to; a contract that names anything else is a mistake of the source.
    fileprivate func declaredName(of path: PartialKeyPath<Root>) -> String {
        guard let name = name(of: path) else { preconditionFailure("\(path) is not a declared field of \(Root.self)") }
        return name
    }
}
