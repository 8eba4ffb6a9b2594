import Contracts
import JSON
import Machines
import Threads

@testable import StateMachines

/// One order in shipping whose allocations went to a partner's warehouse.
struct OutboundScene {
    static let partner = Actor(.partner, "jd-fulfillment")
    static let orderId = "O-1"

    let tables = MemoryTables()
    private(set) var state = ShipmentState()
    private(set) var emissions: [Emission] = []
    /// Those that were scheduled and neither dropped nor answered, by id.
    private(set) var effects: [String: any Effect] = [:]
    private var origins: [String: Origin] = [:]
    private var dues: [String: Timestamp] = [:]
    private var count = 0
    /// Milliseconds since the scene began.
    private(set) var passed = 0

    init(isSubscribed: Bool = true, state warehouse: WarehouseState = .active) {
        put(isSubscribed: isSubscribed, warehouse)
    }

    func put(isSubscribed: Bool = true, _ state: WarehouseState = .active) {
        let row = WarehouseRow(
            warehouseId: "W-1", code: "", provider: "jd-fulfillment", merchantShopId: ShipmentScene.merchant, pin: "", departmentCode: "",
            warehouseCode: "", messageSubscription: isSubscribed, authorizationId: "", api: "", state: state, version: 0)
        tables.put(row)
    }

    /// Lets time go by.
    mutating func pass(seconds: Int) { passed += seconds * 1000 }

    /// Seconds until the poll that is scheduled.
    var pause: Int? { dues.first { $0.key.hasPrefix("query-outbound") }.map { ($0.value.milliseconds - now.milliseconds + 999) / 1000 } }
    private var now: Timestamp { Timestamp(milliseconds: 1_000_000 + count + passed) }

    /// Decides, evolves, stores and reads back, as the service does; the names of what left the machine.
    @discardableResult
    mutating func send(
        _ input: ShipmentMachine.Input, _ actor: Actor = Actor(.service, "allocation"), id: String? = nil, origin: Origin? = nil
    ) throws -> [String] {
        count += 1
        let origin = origin ?? Origin(id: id ?? "message-\(count)", type: "", key: Self.orderId, correlationId: "conversation")
        let context = Context(origin: origin, actor: actor, time: now, now: now, tables: tables)
        let outbox = RecordingOutbox(handling: origin, of: ShipmentMachine.self, input)
        switch ShipmentMachine.decide(state, input, context) {
        case .refuse(let refusal): outbox.refuse(refusal, origin: origin)
        case .accept(let events):
            for event in events {
                ShipmentMachine.evolve(&state, event)
                event.publish(to: outbox)
            }
        }
        state = try ShipmentState.decode(state.json)
        emissions = outbox.emissions
        for emission in emissions { keep(emission) }
        return emissions.map(Self.name)
    }

    private mutating func keep(_ emission: Emission) {
        switch emission {
        case .effect(let effect, let due, let origin):
            effects[effect.id] = effect
            origins[effect.id] = origin
            dues[effect.id] = due
        case .cancelledEffect(let id):
            effects[id] = nil
            dues[id] = nil
            origins[id] = nil
        default: break
        }
    }

    /// `outbound-status` is `status` in the tables; what is dropped is not said.
    static func name(_ emission: Emission) -> String {
        if case .cancelledEffect = emission { return "" }
        let last = emission.name.split(separator: " ").last.map(String.init) ?? ""
        guard case .event = emission else { return last }
        return last.replacing("outbound-", with: "").replacing("report-", with: "")
    }

    var names: [String] { emissions.map(Self.name).filter { !$0.isEmpty } }

    /// `status pull-1`: what is published, with the id that it answers.
    var answers: [String] { emissions.compactMap { emission in emission.answers.map { "\(Self.name(emission)) \($0)" } } }

    func published<Published: Message>(_ type: Published.Type) -> [Published] {
        emissions.compactMap { emission in
            guard case .event(let message, _, _) = emission else { return nil }
            return message as? Published
        }
    }

    func commands<Sent: Message>(_ type: Sent.Type) -> [Sent] {
        emissions.compactMap { emission in
            guard case .command(let message, _, _, _, _) = emission else { return nil }
            return message as? Sent
        }
    }

    func pending<Kind: Effect>(_ type: Kind.Type) -> [Kind] {
        effects.sorted { $0.key < $1.key }.compactMap { $0.value as? Kind }
    }

    /// The answer of an effect, under the origin that it was scheduled with; the effect is over.
    @discardableResult
    mutating func answer<Kind: Effect>(_ effect: Kind, _ input: ShipmentMachine.Input) throws -> [String] {
        let origin = origins.removeValue(forKey: effect.id)
        effects[effect.id] = nil
        dues[effect.id] = nil
        return try send(input, Actor(.service, "shipping"), origin: origin)
    }

    // MARK: What others tell

    static func allocationId(_ number: Int) -> String { "\(orderId)/\(number)" }

    static func sealed(_ name: String) -> Sealed { Sealed(keyId: "key", enc: name, ciphertext: "sealed") }

    @discardableResult
    mutating func allocated(_ number: Int = 1, recipient: String = "enc-1") throws -> [String] {
        let line = Line(lineId: "L1", sku: "sku-1", name: "", spec: "", quantity: 2)
        let event = Allocated(
            orderId: Self.orderId, allocationId: Self.allocationId(number), merchantShopId: ShipmentScene.merchant, shopAlias: "",
            target: Target(.warehouse, "W-1"), lines: [line], remark: "", area: Area(province: "", city: "", district: ""),
            recipientSealed: Verbatim(Self.sealed(recipient)), allocatedAt: Timestamp(milliseconds: 0), platform: "pinduoduo",
            platformOrderNumber: "260728-1")
        return try send(.allocated(event))
    }

    @discardableResult
    mutating func recipientChanged(_ number: Int = 1, to recipient: String) throws -> [String] {
        let event = RecipientChanged(
            orderId: Self.orderId, allocationId: Self.allocationId(number), merchantShopId: ShipmentScene.merchant,
            target: Target(.warehouse, "W-1"), area: Area(province: "", city: "", district: ""),
            recipientSealed: Verbatim(Self.sealed(recipient)))
        return try send(.recipientChanged(event))
    }

    @discardableResult
    mutating func resealed(_ number: Int = 1, from recipient: String? = "enc-1") throws -> [String] {
        let event = RecipientResealed(
            orderId: Self.orderId, allocationId: Self.allocationId(number),
            recipientSealed: Self.sealed("for shipping, from \(recipient ?? "?")"), sealedFrom: recipient)
        return try send(.resealed(event), Actor(.service, "waybill"))
    }

    @discardableResult
    mutating func unreadable(_ number: Int = 1, from recipient: String? = "enc-1") throws -> [String] {
        let event = RecipientRefused(
            orderId: Self.orderId, allocationId: Self.allocationId(number), merchantShopId: ShipmentScene.merchant,
            reason: "no key opens it", sealedFrom: recipient)
        return try send(.recipientRefused(event), Actor(.service, "waybill"))
    }

    @discardableResult
    mutating func sealed(_ number: Int = 1) throws -> [String] {
        let event = AllocationSealed(orderId: Self.orderId, allocationId: Self.allocationId(number))
        return try send(.sealed(event))
    }

    @discardableResult
    mutating func sealRefused(_ number: Int = 1, _ code: RefusalCode = .notAllocated) throws -> [String] {
        let origin = Origin(
            id: RequestId.make(Seal.type, Self.allocationId(number), "1"), type: Seal.type, key: Self.orderId, correlationId: "conversation"
        )
        return try send(.allocationRefused(Refused(Refusal(code, "no"), of: origin), orderId: Self.orderId))
    }

    @discardableResult
    mutating func deallocated(_ number: Int = 1) throws -> [String] {
        let event = Deallocated(
            orderId: Self.orderId, allocationId: Self.allocationId(number), merchantShopId: ShipmentScene.merchant,
            target: Target(.warehouse, "W-1"), reason: .merchant)
        return try send(.deallocated(event))
    }

    @discardableResult
    mutating func held(_ holds: [Hold] = [.afterSale]) throws -> [String] {
        let event = OrderHeld(orderId: Self.orderId, holds: holds)
        return try send(.orderHeld(event))
    }

    @discardableResult
    mutating func orderCancelled() throws -> [String] {
        let event = OrderCancellationNoted(orderId: Self.orderId)
        return try send(.orderCancelled(event))
    }

    // MARK: What effects come to

    func creation(_ number: Int = 1) -> OutboundCreation {
        pending(OutboundCreation.self).first { $0.number == number } ?? Self.creation(number)
    }

    private static func creation(_ number: Int) -> OutboundCreation {
        var effect = OutboundCreation()
        effect.orderId = orderId
        effect.number = number
        return effect
    }

    @discardableResult
    mutating func created(_ number: Int = 1, _ outcome: OutboundCreation.Outcome? = nil) throws -> [String] {
        let effect = creation(number)
        return try answer(effect, .created(effect, outcome ?? .created(partnerNumber: "ESL-\(number)", carrier: "JD")))
    }

    @discardableResult
    mutating func cancelEnded(_ outcome: OutboundCancellation.Outcome, _ number: Int = 1) throws -> [String] {
        var effect = OutboundCancellation()
        effect.orderId = Self.orderId
        effect.number = number
        effect.attempt = 1
        effect = pending(OutboundCancellation.self).first { $0.number == number } ?? effect
        return try answer(effect, .cancelEnded(effect, outcome))
    }

    @discardableResult
    mutating func queried(_ effect: OutboundQuery, _ outcome: OutboundQuery.Outcome) throws -> [String] {
        try answer(effect, .queried(effect, outcome))
    }

    /// The poll that is scheduled, or one that was under way, is answered after everybody's patience is over.
    @discardableResult
    mutating func latePoll() throws -> [String] {
        pass(seconds: Settings.standard.outboundPatience)
        var poll = OutboundQuery()
        poll.orderId = Self.orderId
        poll.number = 1
        poll = query(.poll) ?? poll
        return try queried(poll, .reading(OutboundStatusReport(code: "", state: nil, occurredAt: Timestamp(milliseconds: 500))))
    }

    func query(_ purpose: OutboundQuery.Purpose, _ number: Int = 1) -> OutboundQuery? {
        pending(OutboundQuery.self).first { $0.purpose == purpose && $0.number == number }
    }

    // MARK: Commands and reports

    static let codes: [(String, OutboundState)] = [
        ("10010", .created), ("100130", .waybillObtained), ("10014", .accepted), ("10016", .picking), ("10018", .packed),
        ("10019", .handedOver), ("10020", .shipped), ("10054", .inTransit), ("10034", .delivered), ("10035", .refused),
        ("10036", .returning), ("10038", .returned),
    ]

    static func reading(_ code: String, number waybillNumber: String? = "JDVA00000000001", isSplit: Bool = false) -> OutboundStatusReport {
        OutboundStatusReport(
            code: code, state: codes.first { $0.0 == code }?.1,
            cancellation: ["10027": .pending, "10028": .cancelled, "10029": .failed][code],
            occurredAt: Timestamp(milliseconds: 500), waybillNumber: waybillNumber, isSplit: isSplit)
    }

    @discardableResult
    mutating func report(
        _ code: String, _ number: Int = 1, waybillNumber: String? = "JDVA00000000001", by actor: Actor = partner, id: String? = nil
    ) throws -> [String] {
        let command = ReportStatus(
            orderId: Self.orderId, partner: "jd-fulfillment", partnerNumber: "ESL-\(number)", statusCode: code,
            occurredAt: Timestamp(milliseconds: 0))
        return try send(.reportStatus(command, Self.reading(code, number: waybillNumber)), actor, id: id)
    }

    @discardableResult
    mutating func pull(id: String? = nil) throws -> [String] {
        let command = PullStatus(orderId: Self.orderId, merchantShopId: ShipmentScene.merchant)
        return try send(.pullStatus(command), ShipmentScene.owner, id: id)
    }

    @discardableResult
    mutating func cancel(_ number: Int = 1, by actor: Actor = ShipmentScene.owner, id: String? = nil) throws -> [String] {
        let command = CancelOutbound(orderId: Self.orderId, allocationId: Self.allocationId(number), merchantShopId: ShipmentScene.merchant)
        return try send(.cancelOutbound(command), actor, id: id)
    }

    @discardableResult
    mutating func ship(_ number: Int? = 1) throws -> [String] {
        let command = Ship(orderId: Self.orderId, allocationId: number.map(Self.allocationId), merchantShopId: ShipmentScene.merchant)
        return try send(.ship(command), ShipmentScene.owner)
    }

    // MARK: Where a test begins

    /// Brings allocation 1 into a state of the table.
    mutating func bring(to name: String) throws {
        if name == "awaited" { return _ = try resealed() }
        try allocated()
        switch name {
        case "sealing": break
        case "withdrawn": try cancel()
        case "waiting": try sealed()
        default:
            try resealed()
            try sealed()
            switch name {
            case "creating": break
            case "looking": try cancel()
            default:
                if name == "unknown" {
                    put(.closed)
                    return _ = try created(1, .unknown)
                }
                try created()
                if name == "cancelling" || name == "ended" { try cancel() }
                if name == "ended" { try cancelEnded(.cancelled) }
                if name == "shipped" { try report("10020") }
            }
        }
    }

    static func stateName(_ outbound: Outbound?) -> String {
        guard let outbound else { return "none" }
        switch (outbound.stage, outbound.cancel) {
        case (.sealing, .some): return "withdrawn"
        case (.creating, .some): return "looking"
        case (.created, .some): return "cancelling"
        case (.creating, nil): return outbound.newestRecipient == nil ? "waiting" : "creating"
        default: return outbound.stage.rawValue
        }
    }
}
