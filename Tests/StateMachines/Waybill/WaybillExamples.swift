import Contracts
import JSON
import Machines
import StateMachines
import Threads

/// A waybill service in memory, and one function for each of its commands and facts.
final class WaybillService {
    let simulation: Simulation
    private(set) var commands: [String] = []
    private var facts = 0

    init(seed: UInt64 = 1) {
        simulation = Simulation(seed: seed)
        simulation.route(PoolNumberRequest.self, to: PoolMachine.self) { .take($0) }
        simulation.route(NumberClaim.self, to: NumberMachine.self) { .claim($0) }
        simulation.route(NumberClaimResolved.self, to: NumberMachine.self) { .settle($0) }
        simulation.route(ParcelAnswer.self, to: ParcelMachine.self) { .answer($0) }
    }

    /// The order of an allocation: `O1` of `O1/2`.
    static func order(_ allocation: String) -> String { String(allocation.prefix { $0 != "/" }) }

    func parcel(_ allocation: String) -> ParcelMachine.Parcel? {
        simulation.state(ParcelMachine.self, "order:\(Self.order(allocation))").parcels.first { $0.allocationId == allocation }
    }

    func number(_ carrier: String, _ number: String) -> NumberMachine.State {
        simulation.state(NumberMachine.self, "number:\(carrier):\(number)")
    }

    /// The names of what answers a command, by default the last one.
    func answer(_ command: String? = nil) -> [String] {
        let id = command ?? commands.last
        return simulation.published.filter { $0.answers == id }.map(\.name)
    }

    func refusal(_ command: String? = nil) -> Refusal? {
        let id = command ?? commands.last
        for case .refusal(let refusal, let origin) in simulation.published.reversed() where origin.id == id { return refusal }
        return nil
    }

    /// The events of one type, in order.
    func events<Event: Message>(_ type: Event.Type) -> [Event] {
        simulation.published.compactMap { emission in
            if case .event(let message, _, _) = emission { message as? Event } else { nil }
        }
    }

    // MARK: Facts

    static func allocated(_ allocation: String, to factory: String, of merchant: String = "M", mergeKey: String? = nil) -> Allocated {
        let line = Line(lineId: "1", sku: "SKU", name: "杯子", spec: "红", quantity: 2)
        return Allocated(
            orderId: order(allocation), allocationId: allocation, merchantShopId: merchant, shopAlias: "小店",
            target: Target(.factory, factory), lines: [line], remark: "轻放", area: Area(province: "浙江省", city: "金华市", district: "义乌市"),
            mergeKey: mergeKey, recipientSealed: Verbatim(Sealed(keyId: "k", enc: "e", ciphertext: "c")), sender: Verbatim(.example("张三")),
            allocatedAt: Timestamp(milliseconds: 0))
    }

    static func deallocated(_ allocation: String, from factory: String, of merchant: String = "M") -> Deallocated {
        Deallocated(
            orderId: order(allocation), allocationId: allocation, merchantShopId: merchant, target: Target(.factory, factory),
            reason: .merchant)
    }

    static func recipientChanged(
        _ allocation: String, at factory: String, of merchant: String = "M", city: String, mergeKey: String? = nil
    ) -> RecipientChanged {
        RecipientChanged(
            orderId: order(allocation), allocationId: allocation, merchantShopId: merchant, target: Target(.factory, factory),
            area: Area(province: "浙江省", city: city, district: ""), mergeKey: mergeKey,
            recipientSealed: Verbatim(Sealed(keyId: "k", enc: city, ciphertext: "c")))
    }

    static func shipped(_ allocation: String, from factory: String, of merchant: String = "M", at milliseconds: Int = 1_700_000_000_000)
        -> Shipped
    {
        Shipped(
            orderId: order(allocation), allocationId: allocation, merchantShopId: merchant, factoryShopId: factory, carrier: "",
            waybillNumber: "", shippedAt: Timestamp(milliseconds: milliseconds))
    }

    @discardableResult
    func fact(_ message: some Message, _ input: ParcelMachine.Input, _ order: String, time: Timestamp? = nil) -> [Emission] {
        facts += 1
        return simulation.send(
            message, to: ParcelMachine.self, "order:\(order)", input, key: order, id: "fact-\(facts)", actor: Actor(.service, "allocation"),
            time: time)
    }

    @discardableResult
    func allocate(_ allocation: String, to factory: String, of merchant: String = "M", mergeKey: String? = nil) -> [Emission] {
        let fact = Self.allocated(allocation, to: factory, of: merchant, mergeKey: mergeKey)
        return self.fact(fact, .allocated(fact), fact.orderId)
    }

    @discardableResult
    func deallocate(_ allocation: String, from factory: String) -> [Emission] {
        let fact = Self.deallocated(allocation, from: factory)
        return self.fact(fact, .deallocated(fact), fact.orderId)
    }

    @discardableResult
    func changeRecipient(_ allocation: String, _ factory: String, of merchant: String = "M", city: String = "宁波市", mergeKey: String? = nil)
        -> [Emission]
    {
        let fact = Self.recipientChanged(allocation, at: factory, of: merchant, city: city, mergeKey: mergeKey)
        return self.fact(fact, .recipientChanged(fact), fact.orderId)
    }

    @discardableResult
    func ship(_ allocation: String, _ factory: String, at milliseconds: Int = 1_700_000_000_000) -> [Emission] {
        var fact = Self.shipped(allocation, from: factory, at: milliseconds)
        if let returned = events(Returned.self).last(where: { $0.allocationId == allocation }) {
            fact.carrier = returned.carrier
            fact.waybillNumber = returned.waybillNumber
            fact.extraNumbers = returned.extraNumbers
        }
        return self.fact(fact, .shipped(fact), fact.orderId)
    }

    /// The timer has come.
    @discardableResult
    func shred(_ allocation: String) -> [Emission] {
        let effect = RecipientShredding(Self.order(allocation), allocation)
        return fact(Self.shipped(allocation, from: ""), .shreds(effect), effect.orderId)
    }

    // MARK: Commands

    private func send(_ message: some Message, _ input: ParcelMachine.Input, _ order: String, _ actor: Actor) -> String {
        let id = "command-\(commands.count)"
        commands.append(id)
        simulation.send(message, to: ParcelMachine.self, "order:\(order)", input, key: order, id: id, actor: actor)
        return id
    }

    @discardableResult
    func topUp(_ factory: String, _ carrier: String, _ first: String, _ last: String, unusual: Bool? = nil, actor: Actor? = nil) -> String {
        let command = TopUp(factoryShopId: factory, carrier: carrier, first: first, last: last, unusual: unusual)
        let id = "command-\(commands.count)"
        commands.append(id)
        simulation.send(
            command, to: PoolMachine.self, "pool:\(factory)", .topUp(command), key: factory, id: id,
            actor: actor ?? Actor(.factory, factory))
        return id
    }

    @discardableResult
    func obtain(_ allocation: String, _ factory: String, _ carrier: String, actor: Actor? = nil) -> String {
        let command = Obtain(orderId: Self.order(allocation), allocationId: allocation, factoryShopId: factory, carrier: carrier)
        return send(command, .obtain(command), command.orderId, actor ?? Actor(.factory, factory))
    }

    @discardableResult
    func markPrinted(_ allocation: String, _ factory: String, actor: Actor? = nil) -> String {
        let command = MarkPrinted(orderId: Self.order(allocation), allocationId: allocation, factoryShopId: factory)
        return send(command, .markPrinted(command), command.orderId, actor ?? Actor(.factory, factory))
    }

    @discardableResult
    func reportReprint(_ allocation: String, _ factory: String, _ reason: String, actor: Actor? = nil) -> String {
        let command = ReportReprint(orderId: Self.order(allocation), allocationId: allocation, factoryShopId: factory, reason: reason)
        return send(command, .reportReprint(command), command.orderId, actor ?? Actor(.factory, factory))
    }

    @discardableResult
    func `return`(
        _ allocation: String, _ factory: String, _ carrier: String, _ number: String, extra: [String]? = nil, unusual: Bool? = nil,
        actor: Actor? = nil
    ) -> String {
        let command = Return(
            orderId: Self.order(allocation), allocationId: allocation, factoryShopId: factory, carrier: carrier, waybillNumber: number,
            extraNumbers: extra, unusual: unusual)
        return send(command, .return(command), command.orderId, actor ?? Actor(.factory, factory))
    }

    @discardableResult
    func cancel(_ allocation: String, _ factory: String, actor: Actor? = nil) -> String {
        let command = Cancel(orderId: Self.order(allocation), allocationId: allocation, factoryShopId: factory)
        return send(command, .cancel(command), command.orderId, actor ?? Actor(.factory, factory))
    }

    @discardableResult
    func claim(
        _ allocation: String, _ carrier: String, _ number: String, unusual: Bool? = nil, actor: Actor = Actor(.service, "shipping")
    ) -> String {
        let command = Claim(
            orderId: Self.order(allocation), allocationId: allocation, carrier: carrier, waybillNumber: number, unusual: unusual)
        return send(command, .claim(command), command.orderId, actor)
    }

    @discardableResult
    func openLabel(_ allocation: String, _ factory: String, job: String = "job", actor: Actor = Actor(.service, "console")) -> String {
        let command = OpenLabel(
            orderId: Self.order(allocation), allocationId: allocation, factoryShopId: factory, jobId: job, publicKey: Self.publicKey)
        return send(command, .openLabel(command), command.orderId, actor)
    }

    static let publicKey = String(repeating: "A", count: 43) + "="
    static let sealedLabel = SealedLabel(keyId: "job", enc: "e", ciphertext: "c")

    /// The labels that were asked for and have no answer yet, each as it was asked last.
    var labels: [(effect: LabelOpening, origin: Origin)] {
        var asked: [(effect: LabelOpening, origin: Origin)] = []
        for emission in simulation.published {
            switch emission {
            case .effect(let effect as LabelOpening, _, let origin):
                asked.removeAll { $0.effect.id == effect.id }
                asked.append((effect, origin))
            case .event(let message as LabelOpened, _, _):
                asked.removeAll { $0.effect.allocationId == message.allocationId && $0.origin.id == emission.answers }
            case .refusal(_, let origin): asked.removeAll { $0.origin.id == origin.id }
            default: break
            }
        }
        return asked
    }

    /// What was asked for is sealed, or refused.
    @discardableResult
    func answerLabel(_ label: (effect: LabelOpening, origin: Origin), _ outcome: LabelOpening.Outcome = .sealed(sealedLabel)) -> [Emission]
    {
        let effect = label.effect
        let command = OpenLabel(
            orderId: effect.orderId, allocationId: effect.allocationId, factoryShopId: "F", jobId: effect.jobId, publicKey: effect.publicKey
        )
        return simulation.send(
            command, to: ParcelMachine.self, effect.aggregate, .label(effect, outcome), key: effect.orderId, id: label.origin.id,
            actor: Actor(.service, "waybill"))
    }
}

/// `SF1` and twelve digits.
func sf(_ number: Int) -> String { "SF1" + String(String(1_000_000_000_000 + number).dropFirst()) }

/// Names that tell items of one type apart, as the tables of states do.
func waybillName(_ emission: Emission) -> String {
    guard case .item(let item, _, _) = emission else { return emission.name }
    return switch item {
    case let claim as NumberClaim: "claim \(claim.kind.rawValue)"
    case let settle as NumberClaimResolved: settle.keep ? "settle keep" : "settle give back"
    case let answer as ParcelAnswer: "answer \(answer.outcome.rawValue)"
    default: type(of: item).name
    }
}
