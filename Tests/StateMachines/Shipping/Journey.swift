import Contracts
import JSON
import Machines
import Threads

@testable import StateMachines

/// Allocation and shipping as they are, a stand-in for waybill, and the topics between them: first in, first out within a topic and
/// key, in random order between them. A copy of a command or fact is recognised by its id, as the runtime does.
final class Journey {
    enum Payload {
        case order(OrderMachine.Input)
        case shipment(ShipmentMachine.Input)
        case waybill(WaybillStandIn.Input)
    }

    struct Envelope {
        var id: String
        var type: String
        var key: String
        var actor: Actor
        var time: Int
        var payload: Payload
    }

    private struct Channel: Hashable {
        var reader: ServiceName
        var topic: String
        var key: String
    }

    let tables = MemoryTables()
    var random: Seeded
    private var now = 1_700_000_000_000
    private var queues: [Channel: [Envelope]] = [:]
    private var filled: [Channel] = []
    private var eventCount = 0
    private var answered: [ServiceName: Set<String>] = [:]

    private(set) var orders: [String: OrderState] = [:]
    private(set) var shipments: [String: ShipmentState] = [:]
    private var waybill = WaybillStandIn()

    /// Commands sent by anyone, with their types.
    private(set) var commands: [String: String] = [:]
    /// What carries a command's id as its cause, on its own service's events topic.
    private(set) var eventsOf: [String: Int] = [:]
    private(set) var refusalsOf: [String: [RefusalCode]] = [:]
    /// Facts and events as they were handled: to be replayed.
    private(set) var replayable: [Envelope] = []
    let ledger = Ledger()

    init(seed: UInt64) { random = Seeded(seed) }

    // MARK: Topics

    func send(_ envelope: Envelope, to service: ServiceName, topic: String) {
        if topic == service.commands { commands[envelope.id] = envelope.type }
        let channel = Channel(reader: service, topic: topic, key: envelope.key)
        if queues[channel, default: []].isEmpty { filled.append(channel) }
        queues[channel, default: []].append(envelope)
    }

    /// Handles the next message of a randomly chosen topic and key; false when there is none.
    @discardableResult
    func step() throws -> Bool {
        guard !filled.isEmpty else { return false }
        let index = Int.random(in: 0..<filled.count, using: &random)
        let channel = filled[index]
        guard let envelope = queues[channel]?.removeFirst() else { return true }
        if queues[channel]?.isEmpty ?? true { filled.remove(at: index) }
        let isEvent = channel.topic.hasSuffix(".events")
        guard isEvent || answered[channel.reader, default: []].insert(envelope.id).inserted else { return true }
        if isEvent || channel.topic == Topics.orders { replayable.append(envelope) }
        let emissions = try handle(envelope)
        for emission in emissions { deliver(emission, of: channel.reader) }
        ledger.check(emissions, envelope, orders[envelope.key])
        return true
    }

    /// Handles a message as if it had come once more under another id; answers what leaves the services because of it.
    func replay(_ envelope: Envelope) throws -> [Emission] { try handle(envelope) }

    private func handle(_ envelope: Envelope) throws -> [Emission] {
        now += 1
        let origin = Origin(id: envelope.id, type: envelope.type, key: envelope.key, correlationId: envelope.id)
        let context = Context(
            origin: origin, actor: envelope.actor, time: Timestamp(milliseconds: envelope.time), now: Timestamp(milliseconds: now),
            tables: tables)
        let outbox = RecordingOutbox(handling: origin, of: ParcelMachine.self)
        switch envelope.payload {
        case .order(let input):
            orders[envelope.key] = try decide(OrderMachine.self, orders[envelope.key], input, context, outbox)
        case .shipment(let input):
            shipments[envelope.key] = try decide(ShipmentMachine.self, shipments[envelope.key], input, context, outbox)
        case .waybill(let input): waybill.handle(input, origin, outbox, &random)
        }
        return outbox.emissions
    }

    private func decide<Machine: StateMachine>(
        _ machine: Machine.Type, _ before: Machine.State?, _ input: Machine.Input, _ context: Context, _ outbox: RecordingOutbox
    ) throws -> Machine.State {
        var state = before ?? Machine.State()
        outbox.emits = Machine.emits
        switch Machine.decide(state, input, context) {
        case .refuse(let refusal): outbox.refuse(refusal, origin: context.origin)
        case .accept(let events):
            for event in events {
                Machine.evolve(&state, event)
                event.publish(to: outbox)
            }
        }
        return try Machine.State.decode(state.json)
    }

    private func deliver(_ emission: Emission, of service: ServiceName) {
        switch emission {
        case .event(let message, let key, let origin):
            eventsOf[origin.id, default: 0] += 1
            switch message {
            case let message as Allocated:
                tell(.shipment(.allocated(message)), message, key, service, .shipping)
                tell(.waybill(.allocated(message)), message, key, service, .waybill)
            case let message as Deallocated:
                tell(.shipment(.deallocated(message)), message, key, service, .shipping)
                tell(.waybill(.deallocated(message)), message, key, service, .waybill)
            case let message as RecipientChanged: tell(.waybill(.recipientChanged(message)), message, key, service, .waybill)
            case let message as Readdressed: tell(.shipment(.readdressed(message)), message, key, service, .shipping)
            case let message as AllocationSealed: tell(.shipment(.sealed(message)), message, key, service, .shipping)
            case let message as Returned: tell(.shipment(.returned(message)), message, key, service, .shipping)
            case let message as Voided: tell(.shipment(.voided(message)), message, key, service, .shipping)
            case let message as Claimed: tell(.shipment(.claimed(message)), message, key, service, .shipping)
            default: break
            }
        case .refusal(let refusal, let origin):
            refusalsOf[origin.id, default: []].append(refusal.code)
            let refused = Refused(refusal, of: origin)
            let input: ShipmentMachine.Input? =
                switch service {
                case .allocation: .allocationRefused(refused, orderId: origin.key)
                case .waybill: .waybillRefused(refused, orderId: origin.key)
                default: nil
                }
            if let input { tell(.shipment(input), origin.key, Refused.type(of: service), service, .shipping) }
        case .command(let message, let receiver, let key, let id, _):
            let payload: Payload? =
                switch message {
                case let message as Seal: .order(.seal(message))
                case let message as Claim: .waybill(.claim(message))
                default: nil
                }
            guard let payload else { return }
            send(
                Envelope(
                    id: id, type: type(of: message).type, key: key, actor: Actor(.service, service.rawValue), time: now, payload: payload),
                to: receiver, topic: receiver.commands)
        case .row, .removedRow, .item, .fact, .effect, .cancelledEffect: break
        }
    }

    private func tell(_ payload: Payload, _ message: some Message, _ key: String, _ sender: ServiceName, _ reader: ServiceName) {
        tell(payload, key, type(of: message).type, sender, reader)
    }

    private func tell(_ payload: Payload, _ key: String, _ type: String, _ sender: ServiceName, _ reader: ServiceName) {
        eventCount += 1
        send(
            Envelope(
                id: "event-\(eventCount)", type: type, key: key, actor: Actor(.service, sender.rawValue), time: now, payload: payload),
            to: reader, topic: sender.events)
    }
}

/// As much of waybill as shipping notices: a factory returns a number for what is allocated to it; a claim is granted or not.
struct WaybillStandIn {
    enum Input {
        case allocated(Allocated)
        case deallocated(Deallocated)
        case recipientChanged(RecipientChanged)
        case `return`(Return)
        case claim(Claim)
    }

    private var open: [String: Allocated] = [:]
    private var returned: [String: Returned] = [:]

    mutating func handle(_ input: Input, _ origin: Origin, _ outbox: RecordingOutbox, _ random: inout Seeded) {
        switch input {
        case .allocated(let event): open[event.allocationId] = event
        case .deallocated(let event):
            guard open.removeValue(forKey: event.allocationId) != nil || returned[event.allocationId] != nil else { return }
            let message = Voided(
                orderId: event.orderId, allocationId: event.allocationId, merchantShopId: event.merchantShopId, factoryShopId: "",
                stage: .open)
            outbox.event(message, key: event.orderId, origin: nil)
        case .recipientChanged(let event):
            guard let old = returned.removeValue(forKey: event.allocationId) else { return }
            let allocated = Allocated(
                orderId: "", allocationId: old.allocationId, merchantShopId: old.merchantShopId, shopAlias: "", target: event.target,
                lines: [], remark: "", area: Area(province: "", city: "", district: ""), allocatedAt: Timestamp(milliseconds: 0))
            open[event.allocationId] = allocated
            let message = Readdressed(
                orderId: event.orderId, allocationId: event.allocationId, merchantShopId: old.merchantShopId,
                factoryShopId: old.factoryShopId, stage: .returned, carrier: old.carrier, waybillNumber: old.waybillNumber)
            outbox.event(message, key: event.orderId, origin: nil)
        case .return(let command):
            guard let allocated = open.removeValue(forKey: command.allocationId) else {
                return outbox.refuse(Refusal(.notAllocated, "not open"), origin: origin)
            }
            let message = Returned(
                orderId: command.orderId, allocationId: command.allocationId, merchantShopId: allocated.merchantShopId,
                factoryShopId: allocated.target.id, carrier: command.carrier, waybillNumber: command.waybillNumber)
            returned[command.allocationId] = message
            outbox.event(message, key: command.orderId, origin: nil)
        case .claim(let command):
            guard returned[command.allocationId] != nil, random.chance(60) else {
                return outbox.refuse(Refusal(.waybillNumberUsed, "used"), origin: origin)
            }
            let message = Claimed(
                orderId: command.orderId, allocationId: command.allocationId, merchantShopId: "", factoryShopId: "",
                carrier: command.carrier, waybillNumber: command.waybillNumber.uppercased())
            outbox.event(message, key: command.orderId, origin: nil)
        }
    }
}
