import Contracts
import JSON
import Machines
import Threads

@testable import StateMachines

/// One order in shipping: what is sent is decided, evolved, stored and read back, as the service does.
struct ShipmentScene {
    static let merchant = "M-1"
    static let owner = Actor(.merchant, merchant)

    var orderId = "O-1"
    var platform = "pinduoduo"
    var channelId: String? = "C-1"
    var state = ShipmentState()
    let tables = MemoryTables()
    private(set) var emissions: [Emission] = []
    private var count = 0

    init() {
        let profile = ParticipantRow(
            shopId: Self.merchant,
            addresses: [
                Self.address("send", .sender, isDefault: true), Self.address("back-1", .return),
                Self.address("back-2", .return, isDefault: true),
            ], version: 0)
        tables.put(profile)
    }

    static func address(_ id: String, _ kind: AddressKind, isDefault: Bool = false) -> StoredAddress {
        StoredAddress(
            addressId: id, kind: kind, name: "", phone: "",
            address: Address(country: "CN", province: "", city: "", district: "", detail: ""), default: isDefault)
    }

    /// Sends one input; answers the names of what left the machine. A command's id is `id`, or a number of its own.
    @discardableResult
    mutating func send(_ input: ShipmentMachine.Input, _ actor: Actor = Actor(.service, "allocation"), id: String? = nil) throws -> [String]
    {
        count += 1
        let origin = Origin(id: id ?? "message-\(count)", type: "", key: orderId, correlationId: "")
        let context = Context(
            origin: origin, actor: actor, time: Timestamp(milliseconds: 0), now: Timestamp(milliseconds: 7000), tables: tables)
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
        return emissions.map(\.name)
    }

    /// `shipped ship-1`, `refused already-shipped ship-2`: with the id that each answers.
    var answers: [String] { emissions.compactMap { emission in emission.answers.map { "\(emission.name) \($0)" } } }

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

    /// The ids of the commands that went to other services.
    var requests: [String] {
        emissions.compactMap { emission in
            guard case .command(_, _, _, let id, _) = emission else { return nil }
            return id
        }
    }

    func allocationId(_ number: Int) -> String { "\(orderId)/\(number)" }

    // MARK: What other services tell

    @discardableResult
    mutating func allocated(_ number: Int = 1) throws -> [String] {
        let event = Allocated(
            orderId: orderId, allocationId: allocationId(number), merchantShopId: Self.merchant, shopAlias: "",
            target: Target(.factory, ""), lines: [], remark: "", area: Area(province: "", city: "", district: ""),
            allocatedAt: Timestamp(milliseconds: 0), platform: platform, platformOrderNumber: "260728-1", channelId: channelId)
        return try send(.allocated(event))
    }

    @discardableResult
    mutating func returned(_ number: Int = 1, _ waybillNumber: String = "YT0000000000001", extra: [String]? = nil) throws -> [String] {
        let event = Returned(
            orderId: orderId, allocationId: allocationId(number), merchantShopId: Self.merchant, factoryShopId: "F-1", carrier: "YTO",
            waybillNumber: waybillNumber, extraNumbers: extra)
        return try send(.returned(event))
    }

    @discardableResult
    mutating func readdressed(_ number: Int = 1) throws -> [String] {
        let event = Readdressed(
            orderId: orderId, allocationId: allocationId(number), merchantShopId: Self.merchant, factoryShopId: "F-1", stage: .returned,
            carrier: "", waybillNumber: "")
        return try send(.readdressed(event))
    }

    @discardableResult
    mutating func deallocated(_ number: Int = 1) throws -> [String] {
        let event = Deallocated(
            orderId: orderId, allocationId: allocationId(number), merchantShopId: Self.merchant, target: Target(.factory, ""),
            reason: .merchant)
        return try send(.deallocated(event))
    }

    @discardableResult
    mutating func voided(_ number: Int = 1) throws -> [String] {
        let event = Voided(
            orderId: orderId, allocationId: allocationId(number), merchantShopId: Self.merchant, factoryShopId: "", stage: .open)
        return try send(.voided(event))
    }

    @discardableResult
    mutating func sealed(_ number: Int = 1) throws -> [String] {
        let event = AllocationSealed(orderId: orderId, allocationId: allocationId(number))
        return try send(.sealed(event))
    }

    @discardableResult
    mutating func sealRefused(_ number: Int = 1, attempt: Int = 1, _ code: RefusalCode = .notAllocated) throws -> [String] {
        try send(.allocationRefused(refused(sealId(number, attempt), Seal.type, code), orderId: orderId))
    }

    @discardableResult
    mutating func claimed(_ number: Int = 1, _ waybillNumber: String = "YT0000000000002", unusual: Bool? = nil) throws -> [String] {
        let event = Claimed(
            orderId: orderId, allocationId: allocationId(number), merchantShopId: "", factoryShopId: "", carrier: "YTO",
            waybillNumber: waybillNumber, unusual: unusual)
        return try send(.claimed(event))
    }

    @discardableResult
    mutating func claimRefused(_ number: Int = 1, attempt: Int = 1, _ code: RefusalCode = .waybillNumberUsed) throws -> [String] {
        try send(.waybillRefused(refused(claimId(number, attempt), Claim.type, code), orderId: orderId))
    }

    /// The ids of what shipping asks for.
    func sealId(_ number: Int, _ attempt: Int) -> String { RequestId.make(Seal.type, allocationId(number), "\(attempt)") }
    func claimId(_ number: Int, _ attempt: Int) -> String { RequestId.make(Claim.type, allocationId(number), "\(attempt)") }

    func refused(_ commandId: String, _ type: String, _ code: RefusalCode) -> Refused {
        Refused(Refusal(code, "no", field: "waybillNumber"), of: Origin(id: commandId, type: type, key: orderId, correlationId: ""))
    }

    // MARK: Commands

    @discardableResult
    mutating func ship(
        _ number: Int? = nil, to returnAddressId: String? = nil, of merchant: String = merchant, by actor: Actor = owner, id: String? = nil
    ) throws -> [String] {
        let command = Ship(
            orderId: orderId, allocationId: number.map { allocationId($0) }, merchantShopId: merchant, returnAddressId: returnAddressId)
        return try send(.ship(command), actor, id: id)
    }

    @discardableResult
    mutating func amend(
        _ number: Int = 1, _ waybillNumber: String = "yt0000000000002", unusual: Bool? = nil, of merchant: String = merchant,
        by actor: Actor = owner, id: String? = nil
    ) throws -> [String] {
        let command = Amend(
            orderId: orderId, allocationId: allocationId(number), merchantShopId: merchant, carrier: "YTO", waybillNumber: waybillNumber,
            unusual: unusual)
        return try send(.amend(command), actor, id: id)
    }
}
