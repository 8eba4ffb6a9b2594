import Contracts
import JSON
import TestSupport
import Testing

/// A merchant whose mall has an order with a number that can be shipped.
struct UploadScene: Sendable {
    let shop: ShopScene
    let orderSn: String
    let orderId: String

    var scenario: Scenario { shop.scenario }
    var allocationId: String { "\(orderId)/1" }

    /// - Parameter uploads: the channel's policy.
    static func ready(uploads: Bool = true) async throws -> UploadScene {
        try await ordered(in: try await linked(try await Scenario.start(), uploads: uploads))
    }

    /// A mall with the channel's policy, of a merchant who has a factory.
    static func linked(_ scenario: Scenario, uploads: Bool = true) async throws -> ShopScene {
        let shop = try await ShopScene.linked(in: scenario)
        try await shop.scenario.bind()
        try await shop.setPolicy([], downloads: false, uploads: uploads)
        return shop
    }

    /// An order of the mall, which allocation knows.
    static func ordered(_ number: Int = 1, in shop: ShopScene) async throws -> UploadScene {
        let scene = UploadScene(shop: shop, orderSn: shop.orderSn(number), orderId: uniqueName("order"))
        try await shop.sandbox.control("mall-order", shop.order(scene.orderSn))
        var placed = shop.cast.placed(scene.orderId)
        placed.platformOrderNumber = scene.orderSn
        placed.channelId = shop.channelId
        try await shop.scenario.tell(placed)
        _ = try await shop.client.event(OrderRegistered.self, key: scene.orderId)
        return scene
    }

    /// Allocates, returns and ships it; the number.
    @discardableResult
    func ship() async throws -> (number: String, command: Outgoing) {
        let allocationId = try await scenario.allocate(orderId)
        let number = try await scenario.giveBack(orderId, allocationId)
        let command = scenario.merchant(shop.cast.ship(orderId))
        try await scenario.accepted(command)
        return (number, command)
    }

    /// The marketplace has the number.
    func confirmed(_ number: String) async throws -> Received {
        try await shop.client.event(UploadConfirmed.self, key: orderId) {
            $0.data["target"]?.string == "marketplace" && $0.data["waybillNumber"]?.string == number
        }
    }

    var retry: RetryUpload {
        RetryUpload(orderId: orderId, allocationId: allocationId, target: .marketplace)
    }

    /// The order as the marketplace has it.
    func atMarketplace() async throws -> JSONValue {
        let orders = try await shop.sandbox.control("mall-orders").array ?? []
        return try #require(orders.first { $0["orderSn"]?.string == orderSn })
    }

    /// How often the marketplace has shipped it.
    func creates() async throws -> Int { try await shop.sandbox.control("creates?key=\(orderSn)").array?.count ?? 0 }

    func refund(_ status: Int, _ number: Int) async throws {
        try await shop.sandbox.control(
            "refund",
            .object([
                ("number", .int(number)), ("orderSn", .string(orderSn)), ("mallId", .string(shop.mall)), ("afterSalesStatus", .int(status)),
                ("afterSalesType", .int(2)),
            ]))
    }
}
