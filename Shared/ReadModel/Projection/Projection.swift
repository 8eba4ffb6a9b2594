import Contracts
import JSON
import Threads

/// What to read, and what of it is not projected and why.
public enum ReadModelTopics {
    /// Facts, commands, events and dead letters of the five services, and the tables that are shown.
    public static let all =
        [Topics.orders] + ServiceName.domainServices.flatMap { [$0.commands, $0.events, $0.dead] }
        + [Table.participants, .bindings, .rules, .warehouses, .stock, .channels].map(\.topic)

    /// Types of the catalogue that change no row beyond what every record of their topic does, with the reason.
    public static let ignored: [String: String] = [
        Table.keys.rowType: "public keys of services: no page shows them",
        Table.credentials.rowType: "sealed credentials: no page shows them",
        "daifa.order.after-sale-opened.v1": "allocation says by order-held that an order is held; kept for traces",
        "daifa.order.after-sale-closed.v1": "allocation says by order-released that an order is free; kept for traces",
        "daifa.order.risk-held.v1": "as after-sale-opened",
        "daifa.order.risk-cleared.v1": "as after-sale-closed",
        "daifa.order.cancelled.v1": "allocation says it by order-cancelled; kept for traces",
        "daifa.order.unallocated.v1": "allocation says it by deallocated; kept for traces",
        "daifa.order.reassigned.v1": "allocation says it by allocated; kept for traces",
        RulePut.type: "the row of daifa.rules says it", RuleRemoved.type: "the tombstone in daifa.rules says it",
        MerchantRegistered.type: "the row of daifa.participants says it", FactoryRegistered.type: "the row of daifa.participants says it",
        ProfileUpdated.type: "the row of daifa.participants says it", AddressPut.type: "the row of daifa.participants says it",
        AddressRemoved.type: "the row of daifa.participants says it", Approved.type: "the row of daifa.bindings says it",
        Declined.type: "the row of daifa.bindings says it", Withdrawn.type: "the row of daifa.bindings says it",
        Unbound.type: "the row of daifa.bindings says it", ChannelCreated.type: "the row of daifa.channels says it",
        PolicySet.type: "the row of daifa.channels says it", WarehouseSuspended.type: "the row of daifa.warehouses says it",
        WarehouseResumed.type: "the row of daifa.warehouses says it", WarehouseClosed.type: "the row of daifa.warehouses says it",
        StockReported.type: "the rows of daifa.stock say it", ProvidersListed.type: "the answer to a command alone",
        DownloadFailed.type: "an event for people who watch: no row keeps it",
        NumberFetchFailed.type: "an event for people who watch: no row keeps it",
        RecipientResealed.type: "sealed for shipping alone",
        LabelOpened.type: "sealed for a print job alone",
        SessionOpened.type: "the console's own log: read from the topic", UserInvited.type: "as session-opened",
        UserJoined.type: "as session-opened", PasswordReset.type: "as session-opened", LabelsOpened.type: "as session-opened",
        TraceRead.type: "as session-opened", Table.health.rowType: "how services are is asked of the table itself",
    ]
}

/// Pure: from records to changes of rows. The same records give the same rows in any interleaving of topics and partitions.
///
/// A record is first read (``Reading``), which says which rows it needs; they are loaded, changed and written by the caller.
enum Projection {
    // The topics in the order in which services act: histories of one time are in this order.
    static let authorization = 1
    static let binding = 2
    static let allocation = 3
    static let waybill = 4
    static let shipping = 5
    // Of traces alone.
    static let facts = -10

    /// Of commands to a service.
    static func commands(of service: ServiceName) -> Int { -topicNumber(of: service) }

    static func topicNumber(of service: ServiceName) -> Int {
        switch service {
        case .authorization: authorization
        case .binding: binding
        case .allocation: allocation
        case .waybill: waybill
        case .shipping: shipping
        case .console: 0
        }
    }

    static func topicName(_ number: Int) -> String {
        guard let service = ServiceName.domainServices.first(where: { topicNumber(of: $0) == abs(number) }) else { return Topics.orders }
        return number > 0 ? service.events : service.commands
    }

    /// Commands that have an order's id as key: they are part of its trace.
    static let orderCommands: Set<String> = Set(
        Catalog.entries.lazy.filter { $0.kind == .command && $0.key.fields.contains("orderId") }.map(\.type))

    /// Of what is about an order: changes the order, and rows beside it.
    static func project(_ reading: Reading, on order: inout OrderRecord, _ rows: inout Rows) {
        switch reading.body {
        case .order(_, let box):
            countNumber(box.event, of: &order, reading.place, &rows)
            order.take(box.event, reading.place)
            if let number = partnerNumber(box.event, reading) {
                rows[.numbers, "\(PartnerNumberKind.outbound.rawValue):\(number.0)"] = number.1
            }
        case .upload(_, let event): order.take(event, reading.place)
        case .refusal(_, let refusal): order.take(refusal, reading.place)
        case .fact(_, let fact): order.take(fact: fact, reading.place, sentAt: reading.time)
        case .command(_, let topic): order.take(command: reading.place, topic: topic, sentAt: reading.time)
        case .deadLetter(_, let letter, _):
            if let partition = letter.view.partition, let offset = letter.view.offset { order.drop(factAt: "\(partition):\(offset)") }
        default: break
        }
    }

    /// Of everything else.
    static func project(_ reading: Reading, _ rows: inout Rows) {
        switch reading.body {
        case .none, .order, .upload, .refusal, .fact, .command: break
        case .commandLines(let inboundId, let lines):
            change(inboundId, &rows) { $0.take(lines: lines, commandId: reading.place.envelope.id) }
        case .inbound(let id, let event):
            change(id, &rows) { $0.take(event, reading.place.envelope) }
            if let number = inboundNumber(event, id, reading) {
                rows[.numbers, "\(PartnerNumberKind.inbound.rawValue):\(number.0)"] = number.1
            }
        case .authorization(let id, let event): take(event, id, reading, &rows)
        case .application(let id, let event): take(event, id, &rows)
        case .segment(let event): take(event, reading, &rows)
        case .row(let list, let id, let value): take(list, id, value, &rows)
        case .deadLetter(let id, let letter, _): rows.deadLetters[id] = letter
        }
    }
}
