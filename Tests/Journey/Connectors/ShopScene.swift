import Contracts
import JSON
import TestSupport
import Testing

/// A mall of the sandbox with a channel to it, of a merchant or a factory of a test's own.
struct ShopScene: Sendable {
    let scenario: Scenario
    let sandbox: PartnerSandbox
    /// The platform's number of the mall.
    let mall: String
    let channelId = uniqueName("channel")
    let isFactory: Bool

    var client: Client { scenario.client }
    var cast: Cast { scenario.cast }
    var owner: Actor { isFactory ? cast.asFactory : cast.asMerchant }
    private var key: String { "channel:\(channelId)" }

    /// The shops are registered, the mall is there, and its channel has a token.
    /// - Parameter scenario: nil: one in the system that all tests share.
    static func linked(asFactory isFactory: Bool = false, in own: Scenario? = nil) async throws -> ShopScene {
        let scenario = if let own { own } else { try await Scenario.start() }
        try await scenario.register()
        let sandbox = try await onThread { try PartnerSandbox.shared() }
        let scene = ShopScene(
            scenario: scenario, sandbox: sandbox, mall: "\(Int.random(in: 1_000_000_000...9_999_999_999))", isFactory: isFactory)
        try await scene.seedMall()
        try await scene.createChannel()
        try await scene.consent()
        return scene
    }

    /// The sandbox has the mall as it is told here, whatever it had of it before.
    /// - Parameters:
    ///   - role: 1 merchant, 2 factory; nil: as the scene's shop.
    ///   - hasOrdered: the application in the service market; nil: yes.
    ///   - decryptQuota: texts a day; nil: any number.
    func seedMall(role: Int? = nil, hasOrdered: Bool? = nil, decryptQuota: Int? = nil) async throws {
        let mall: [(String, JSONValue)] = [
            ("mallId", .string(mall)), ("name", .string("店")), ("password", .string("sandbox")),
            ("role", .int(role ?? (isFactory ? 2 : 1))),
        ]
        let ordered: [(String, JSONValue)] =
            (hasOrdered.map { [("hasOrdered", .bool($0))] } ?? []) + (decryptQuota.map { [("decryptQuota", .int($0))] } ?? [])
        try await sandbox.control("seed", .object([("malls", .array([.object(mall + ordered)]))]))
    }

    // MARK: The channel

    private func send(_ command: some Contracts.Message) async throws -> Received {
        try await scenario.accepted(.command(command, as: owner, key: key))
    }

    private func createChannel() async throws {
        _ = try await send(cast.pinduoduoChannel(channelId, mall: mall, ofFactory: isFactory))
    }

    /// A person agrees; the channel has a token when this returns.
    func consent() async throws {
        let begin = Begin(authorizationId: uniqueName("authorization"), channelId: channelId)
        let requested = try await send(begin).body(ConsentRequested.self)
        let complete = Complete(
            authorizationId: begin.authorizationId, redirectUrl: try await sandbox.consent(requested.authorizeUrl, account: mall),
            channelId: channelId)
        #expect(try await send(complete).type == Granted.type)
    }

    func setPolicy(
        _ types: [OrderType], downloads: Bool = true, audit: Bool = true, uploads: Bool = false, stock: Bool = false
    ) async throws {
        let command = SetPolicy(
            channelId: channelId, downloadOrders: downloads, orderTypes: types, transferToAudit: audit, uploadLogistics: uploads,
            syncStock: stock)
        _ = try await send(command)
    }

    // MARK: The mall

    /// An order of the mall, to be shipped.
    func order(_ orderSn: String, _ changes: [(String, JSONValue)] = []) -> JSONValue {
        let members: [(String, JSONValue)] = [
            ("orderSn", .string(orderSn)), ("mallId", .string(mall)), ("province", .string("浙江省")), ("city", .string("杭州市")),
            ("town", .string("西湖区")),
            ("address", .string("文三路9号")), ("receiverName", .string("张三")), ("receiverPhone", .string("13711111111")),
            ("remark", .string("发中通")),
            (
                "items",
                .array([
                    .object([
                        ("goodsId", .int(1)), ("skuId", .int(2)), ("outerId", .string("TEA-500")), ("goodsName", .string("茶")),
                        ("goodsSpec", .string("500克")), ("goodsCount", .int(2)),
                        ("goodsPrice", .double(12.5)),
                    ])
                ])
            ),
        ]
        return .object(members.filter { member in !changes.contains { $0.0 == member.0 } } + changes)
    }

    /// An order number of the mall's own.
    func orderSn(_ number: Int = 1) -> String { "231114-\(mall)\(100_000 + number)" }

    /// Changes an order, without any message of the platform.
    func change(_ orderSn: String, _ name: String, _ value: JSONValue) async throws {
        try await sandbox.control("mall-order", .object([("orderSn", .string(orderSn)), (name, value)]))
    }

    // MARK: Facts

    /// The first fact of this type about the order.
    func fact<Fact: Contracts.Message>(
        _: Fact.Type, _ orderId: String, where fits: @escaping @Sendable (Received) -> Bool = { _ in true }
    ) async throws -> Received {
        try await client.first("\(Fact.type) of \(orderId)") {
            $0.topic == Topics.orders && $0.type == Fact.type && $0.key == orderId && fits($0)
        }
    }

    /// The names of the facts about the order that have come so far.
    func facts(_ orderId: String) -> [String] {
        client.seen { $0.topic == Topics.orders && $0.key == orderId }.compactMap(\.name)
    }
}
