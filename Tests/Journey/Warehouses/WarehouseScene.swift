import Contracts
import JSON
import TestSupport
import Testing

/// A merchant with a warehouse at the sandbox's JD, authorized as a person does it, and the orders that go there.
struct WarehouseScene: Sendable {
    let scenario: Scenario
    let sandbox: PartnerSandbox
    let warehouseId: String
    private let login: JDLogin

    var client: Client { scenario.client }
    var cast: Cast { scenario.cast }
    var pin: String { login.pin }

    static let sku = JDLogin.sku

    /// - Parameters:
    ///   - isComplete: whether the shop's, the supplier's and the vendor's numbers are given.
    ///   - scenario: of a merchant who is registered; nil: of a new one.
    static func linked(
        subscribed: Bool = true, api: WarehouseAPI = .eclp, isComplete: Bool = true, in scenario: Scenario? = nil
    ) async throws -> WarehouseScene {
        let sandbox = try await onThread { try PartnerSandbox.shared() }
        let own: Scenario
        if let scenario {
            own = scenario
        } else {
            own = try await Scenario.start()
            try await own.register()
        }
        let scene = WarehouseScene(
            scenario: own, sandbox: sandbox, warehouseId: uniqueName("warehouse"), login: JDLogin())
        // What is sent twice would be made twice.
        try await sandbox.control("settings", .object([("deduplication", .bool(false))]))
        try await scene.seed()
        try await scene.consent(subscribed: subscribed, api: api, isComplete: isComplete)
        return scene
    }

    // MARK: JD

    /// The merchant's account there, again with what it had.
    func seed(department other: String? = nil) async throws { try await sandbox.control("seed", login.seed(department: other)) }

    /// The one outbound order that JD has of this allocation.
    func partnerOrder(_ allocationId: String) async throws -> JSONValue {
        let all = try await partnerOrders(allocationId)
        try #require(all.count == 1, "JD has \(all.count) orders of \(allocationId)")
        return all[0]
    }

    func partnerOrders(_ allocationId: String) async throws -> [JSONValue] {
        try await sandbox.control("outbound?key=\(Self.key(allocationId))").array ?? []
    }

    static func key(_ allocationId: String) -> String { allocationId.replacing("/", with: "_") }

    func advance(_ number: String, to status: String, waybill: String? = nil, lines: [(String, Int)]? = nil) async throws {
        var members: [(String, JSONValue)] = [("number", .string(number)), ("status", .string(status))]
        if let waybill { members.append(("waybill", .string(waybill))) }
        if let lines {
            members.append(("lines", .array(lines.map { .object([("sku", .string($0.0)), ("quantity", .int($0.1))]) })))
        }
        try await sandbox.control("advance", .object(members))
    }

    func cancelOutcome(_ number: String, _ outcome: Int) async throws {
        try await sandbox.control("cancel-outcome", .object([("number", .string(number)), ("outcome", .int(outcome))]))
    }

    // MARK: Authorization

    func consent(subscribed: Bool, api: WarehouseAPI = .eclp, isComplete: Bool = true) async throws {
        let begin = login.begin(warehouseId, cast.merchant, api: api, isComplete: isComplete)
        let requested = try await scenario.accepted(.command(begin, as: cast.asMerchant, key: login.key)).body(ConsentRequested.self)
        let complete = Complete(
            authorizationId: warehouseId,
            redirectUrl: try await sandbox.consent(requested.authorizeUrl, account: pin, subscribe: subscribed),
            messageSubscription: subscribed)
        let granted = try await scenario.accepted(.command(complete, as: cast.asMerchant, key: login.key))
        try #require(granted.type == Granted.type, "\(granted.text ?? "")")
    }

    func refresh() async throws -> Refreshed {
        let refresh = Refresh(authorizationId: warehouseId, merchantShopId: cast.merchant)
        return try await scenario.accepted(.command(refresh, as: cast.asMerchant, key: login.key)).body(Refreshed.self)
    }

    func revoke() async throws {
        let revoke = Revoke(authorizationId: warehouseId, merchantShopId: cast.merchant)
        try await scenario.accepted(.command(revoke, as: cast.asMerchant, key: login.key))
    }

    // MARK: Orders

    var recipient: Recipient { Cast.person(detail: "科技园\(login.digits)号") }

    /// Sealed for waybill, with the newest key that it has announced.
    func sealed(_ recipient: Recipient, for orderId: String) async throws -> Sealed {
        let configuration = scenario.system.broker.configuration
        return try await onThread { try RecipientSealer(configuration).seal(recipient, for: orderId) }
    }

    /// An order that allocation knows; each line has another sku, unless there is one.
    func place(quantities: [Int] = [2]) async throws -> String {
        let orderId = uniqueName("order")
        var placed = cast.placed(orderId, quantities: quantities)
        for index in placed.lines.indices { placed.lines[index].sku = index == 0 ? Self.sku : "CUP-\(index)" }
        placed.recipient.sealed = Verbatim(try await sealed(recipient, for: orderId))
        try await scenario.tell(placed)
        _ = try await client.event(OrderRegistered.self, key: orderId)
        return orderId
    }

    /// Allocates to the warehouse; gives the allocation's id.
    func allocate(_ orderId: String, lines: [LineQuantity]? = nil) async throws -> String {
        let command = cast.allocate(orderId, lines: lines, target: Target(.warehouse, warehouseId))
        return try await scenario.accepted(scenario.merchant(command)).body(Allocated.self).allocationId
    }

    /// An order that JD has.
    func created() async throws -> (orderId: String, allocationId: String, number: String) {
        let orderId = try await place()
        let allocationId = try await allocate(orderId)
        return (orderId, allocationId, try await event(OutboundCreated.self, orderId, allocationId).partnerNumber)
    }

    /// The first event of this type about the allocation.
    func event<Body: Contracts.Message>(_ type: Body.Type, _ orderId: String, _ allocationId: String) async throws -> Body {
        try await client.event(type, key: orderId) { $0.data["allocationId"]?.string == allocationId }.body(type)
    }

    /// The names of what shipping and allocation have said of the order so far.
    func said(_ orderId: String) -> [String] {
        client.seen { $0.key == orderId && [ServiceName.shipping.events, ServiceName.allocation.events].contains($0.topic) }
            .compactMap(\.name)
    }

    // MARK: Commands

    func pull(_ orderId: String) -> Outgoing { scenario.merchant(cast.pullStatus(orderId)) }

    func cancel(_ orderId: String, _ allocationId: String) -> Outgoing { scenario.merchant(cast.cancelOutbound(orderId, allocationId)) }

    func pullStock(_ skus: [String]? = nil) -> Outgoing {
        let command = PullStock(warehouseId: warehouseId, merchantShopId: cast.merchant, skus: skus)
        return scenario.merchant(command)
    }

    func createInbound(_ inboundId: String, quantity: Int = 10) -> Outgoing {
        let line = StockLine(sku: Self.sku, quantity: quantity)
        let command = CreateInbound(inboundId: inboundId, merchantShopId: cast.merchant, warehouseId: warehouseId, lines: [line])
        return scenario.merchant(command)
    }

    func pullInbound(_ inboundId: String) -> Outgoing {
        let command = PullStatus(inboundId: inboundId, merchantShopId: cast.merchant)
        return scenario.merchant(command)
    }

    /// What JD pushes, as the console passes it on.
    func report(
        order orderId: String? = nil, inbound inboundId: String? = nil, _ number: String, _ code: String, waybill: String? = nil
    ) -> Outgoing {
        let command = ReportStatus(
            orderId: orderId, inboundId: inboundId, partner: "jd-fulfillment", partnerNumber: number, statusCode: code, occurredAt: .now,
            waybillNumber: waybill, carrier: waybill == nil ? nil : "CYS0000010")
        return .command(command, as: Actor(.partner, "jd-fulfillment"))
    }

    /// A number of JD's that nobody else has.
    static func waybillNumber() -> String { "JDVA\(Cast.digits(11))" }
}
