import Contracts
import JSON
import Machines
import Threads

@testable import StateMachines

/// One order and its machine: what is sent is decided, evolved, stored and read back, as the service does.
struct OrderScene {
    static let orderId = "O-1"
    static let merchant = "M-1"
    static let factory = Target(.factory, "F-1")
    static let otherFactory = Target(.factory, "F-2")
    static let warehouse = Target(.warehouse, "W-1")

    var state = OrderState()
    let tables = MemoryTables()
    private(set) var emissions: [Emission] = []
    private var count = 0

    init() {
        tables.put(Self.binding(Self.merchant, "F-1"))
        tables.put(Self.binding(Self.merchant, "F-2"))
        let warehouse = WarehouseRow(
            warehouseId: "W-1", code: "", provider: "", merchantShopId: Self.merchant, pin: "", departmentCode: "", warehouseCode: "",
            messageSubscription: false, authorizationId: "", api: "", state: .active, version: 0)
        tables.put(warehouse)
        var profile = ParticipantRow(shopId: Self.merchant, role: .merchant, addresses: [], version: 0)
        profile.shopAlias = "profile alias"
        profile.sender = Self.sender("profile sender")
        tables.put(profile)
    }

    static func sender(_ name: String) -> Sender {
        let address = Address(country: "CN", province: "浙江省", city: "杭州市", district: "", detail: "1")
        return Sender(name: name, phone: "13800000000", address: address)
    }

    static func binding(_ merchant: String, _ factory: String, _ state: PairState = .active) -> BindingRow {
        BindingRow(
            merchantShopId: merchant, factoryShopId: factory, state: state, shopAlias: "alias at \(factory)",
            sender: Verbatim(sender("sender at \(factory)")))
    }

    /// Sends one input; answers the names of the messages that left the machine. Timers are in ``emissions``.
    @discardableResult
    mutating func send(
        _ input: OrderMachine.Input, _ actor: Actor? = nil, at time: Int = 1000
    ) throws -> [String] {
        count += 1
        let origin = Origin(id: "message-\(count)", type: "", key: Self.orderId, correlationId: "")
        let context = Context(
            origin: origin, actor: actor ?? Self.sender(of: input), time: Timestamp(milliseconds: time),
            now: Timestamp(milliseconds: 5_000_000), tables: tables)
        let outbox = RecordingOutbox(handling: origin, of: OrderMachine.self, input)
        switch OrderMachine.decide(state, input, context) {
        case .refuse(let refusal): outbox.refuse(refusal, origin: origin)
        case .accept(let events):
            for event in events {
                OrderMachine.evolve(&state, event)
                event.publish(to: outbox)
            }
        }
        state = try OrderState.decode(state.json)
        emissions = outbox.emissions
        return emissions.filter { if case .effect = $0 { false } else { true } }.map(\.name)
    }

    /// Who tells a fact where the test does not care: what came allocated, authorization alone may tell.
    private static func sender(of input: OrderMachine.Input) -> Actor {
        if case .placed(let fact) = input, fact.allocatedTo != nil { return Actor(.service, "authorization") }
        return Actor(.connector, "pinduoduo")
    }

    var refusal: Refusal? {
        guard case .refusal(let refusal, _)? = emissions.first else { return nil }
        return refusal
    }

    func published<Published: Message>(_ type: Published.Type) -> [Published] {
        emissions.compactMap { emission in
            guard case .event(let message, _, _) = emission else { return nil }
            return message as? Published
        }
    }

    // MARK: Facts

    static func lines(_ quantities: [Int], skus: [String] = []) -> [PlacedLine] {
        quantities.enumerated().map { index, quantity in
            PlacedLine(
                lineId: "L\(index + 1)", sku: index < skus.count ? skus[index] : "sku-\(index + 1)", name: "name \(index + 1)",
                spec: "spec \(index + 1)", quantity: quantity)
        }
    }

    static func recipient(_ district: String, sealed: Bool = true) -> PlacedRecipient {
        var recipient = PlacedRecipient(province: "广东省", city: "深圳市", district: district, mergeKey: "door \(district)")
        if sealed { recipient.sealed = Verbatim(Sealed(keyId: "k1", enc: "AA==", ciphertext: "for \(district)")) }
        return recipient
    }

    static func placed(_ quantities: [Int] = [2, 3], skus: [String] = [], awaitsAudit: Bool = false) -> OrderPlaced {
        var fact = OrderPlaced(
            orderId: orderId, merchantShopId: merchant, platform: "pinduoduo", platformOrderNumber: "260728-000000000000001",
            channelId: "C-1", placedAt: Timestamp(milliseconds: 0), shipBy: Timestamp(milliseconds: 9_000_000), remark: "请尽快发货",
            lines: lines(quantities, skus: skus), recipient: recipient("南山区"))
        if awaitsAudit { fact.holds = [.awaitingAudit] }
        return fact
    }

    /// An order that the platform gave to F-1 by itself.
    static func dropship() -> OrderPlaced {
        var fact = placed()
        fact.orderId = FactoryDropship.orderId(mall: "mall", order: "order")
        fact.allocatedTo = "F-1"
        fact.shopAlias = "masked alias"
        fact.recipient = recipient("南山区", sealed: false)
        return fact
    }

    static func afterSaleOpened(_ id: String = "A-1") -> OrderMachine.Input {
        let fact = AfterSaleOpened(orderId: orderId, afterSaleId: id)
        return .afterSaleOpened(fact)
    }

    static func afterSaleClosed(_ id: String = "A-1", outcome: String? = nil) -> OrderMachine.Input {
        let fact = AfterSaleClosed(orderId: orderId, afterSaleId: id, outcome: outcome)
        return .afterSaleClosed(fact)
    }

    static var riskHeld: OrderMachine.Input {
        let fact = RiskHeld(orderId: orderId)
        return .riskHeld(fact)
    }

    static var riskCleared: OrderMachine.Input {
        let fact = RiskCleared(orderId: orderId)
        return .riskCleared(fact)
    }

    static func cancelled(_ reason: String? = nil) -> OrderMachine.Input {
        let fact = OrderCancelled(orderId: orderId, reason: reason)
        return .cancelled(fact)
    }

    static var unallocated: OrderMachine.Input {
        let fact = OrderUnallocated(orderId: orderId)
        return .unallocated(fact)
    }

    static var reassigned: OrderMachine.Input {
        let fact = OrderReassigned(orderId: orderId)
        return .reassigned(fact)
    }

    static func addressChanged(_ district: String) -> OrderMachine.Input {
        let fact = AddressChanged(orderId: orderId, recipient: recipient(district))
        return .addressChanged(fact)
    }

    // MARK: Commands

    static let owner = Actor(.merchant, merchant)
    static let shipping = Actor(.service, "shipping")

    @discardableResult
    mutating func place(_ quantities: [Int] = [2, 3], skus: [String] = [], awaitsAudit: Bool = false) throws -> [String] {
        try send(.placed(Self.placed(quantities, skus: skus, awaitsAudit: awaitsAudit)))
    }

    @discardableResult
    mutating func allocate(
        _ lines: [LineQuantity]? = nil, to target: Target = factory, of merchant: String = merchant, by actor: Actor = owner
    ) throws -> [String] {
        let command = Allocate(orderId: Self.orderId, merchantShopId: merchant, target: target, lines: lines)
        return try send(.allocate(command), actor)
    }

    @discardableResult
    mutating func deallocate(
        _ number: Int? = nil, reason: String? = nil, of merchant: String = merchant, by actor: Actor = owner
    ) throws -> [String] {
        let command = Deallocate(
            orderId: Self.orderId, merchantShopId: merchant, allocationId: number.map { "\(Self.orderId)/\($0)" }, reason: reason)
        return try send(.deallocate(command), actor)
    }

    @discardableResult
    mutating func approve(of merchant: String = merchant, by actor: Actor = owner) throws -> [String] {
        let command = ApproveOrder(orderId: Self.orderId, merchantShopId: merchant)
        return try send(.approve(command), actor)
    }

    @discardableResult
    mutating func seal(_ allocationId: String = "O-1/1", by actor: Actor = shipping) throws -> [String] {
        let command = Seal(orderId: Self.orderId, allocationId: allocationId)
        return try send(.seal(command), actor)
    }

    @discardableResult
    mutating func release(
        _ allocationId: String = "O-1/1", _ reason: DeallocationReason = .targetRejected, by actor: Actor = shipping
    ) throws -> [String] {
        let command = Release(orderId: Self.orderId, allocationId: allocationId, reason: reason)
        return try send(.release(command), actor)
    }

    mutating func rule(_ id: String, _ priority: Int = 100, skus: [String]? = nil, prefix: String? = nil, to target: Target = factory) {
        let row = RuleRow(
            merchantShopId: Self.merchant, ruleId: id, match: RuleMatch(skus: skus, skuPrefix: prefix), target: target, priority: priority,
            version: 0)
        tables.put(row)
    }
}
