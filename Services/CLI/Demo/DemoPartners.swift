import CommandLine
import Contracts
import Crypto
import JSON
import Kafka
import Partners
import Runtime
import Threads

/// The second half of a demonstration: partners' warehouses and a marketplace's channel, against the sandbox.
///
/// Two authorizations of JD: convenient, with pushed statuses, and standard, whose statuses are pulled; an order through each warehouse,
/// until it is out of the door; stock; a channel of Pinduoduo with its policies, and an order that it downloads. The results of an
/// earlier run are found.
struct DemoPartners {
    /// The result, the same in every run.
    struct Outcome {
        var convenient = 0
        var standard = 0
        var shippedByPush = 0
        var shippedByPull = 0
        var stockLevels = 0
        var downloaded = 0
    }

    let scenario: DemoScenario
    let ids: StableIds
    let kafka: KafkaConfiguration
    let sandbox: LocalSandbox
    private let client: DemoKafkaClient
    private let world: DemoPartnerWorld

    init(scenario: DemoScenario, ids: StableIds, kafka: KafkaConfiguration, proof: SenderProof, sandbox: LocalSandbox) throws {
        self.scenario = scenario
        self.ids = ids
        self.kafka = kafka
        self.sandbox = sandbox
        client = try DemoKafkaClient(kafka, proof: proof)
        world = DemoPartnerWorld(run: scenario.run)
    }

    private func merchant(_ index: Int) -> String { scenario.merchants[index].shopId }

    func run() throws -> Outcome {
        try sandbox.control("seed", world.seed)
        try client.perform(providers())
        let push = try link(0, mode: .convenient, subscribes: true)
        let pull = try link(1, mode: .standard, subscribes: false)
        let pushed = try order(0, to: push, pulls: false)
        let pulled = try order(1, to: pull, pulls: true)
        var outcome = Outcome(convenient: 1, standard: 1, shippedByPush: pushed ? 1 : 0, shippedByPull: pulled ? 1 : 0)
        outcome.stockLevels = try stock(push)
        outcome.downloaded = try channel() ? 1 : 0
        return outcome
    }

    private func command<Body: Contracts.Message>(
        _ service: ServiceName, _ body: Body, key: String, by merchant: String, _ name: String
    ) -> DemoStep {
        DemoStep(
            service: service, type: Body.type, key: key, actor: Actor(.merchant, merchant), id: ids.id(scenario.run, key, name),
            body: body.json)
    }

    private func providers() -> DemoStep {
        let list = ListProviders(merchantShopId: merchant(0), dailyOrders: scenario.orders)
        return command(.authorization, list, key: list.merchantShopId, by: merchant(0), "providers")
    }

    // MARK: A warehouse

    /// Links a PIN, as a person does: begin, log in at the partner, and come back.
    /// - Returns: the warehouse's id.
    private func link(_ index: Int, mode: AuthorizationMode, subscribes: Bool) throws -> String {
        let authorizationId = "\(scenario.run)-\(mode.rawValue)"
        let key = "\(Provider.jdFulfillment.rawValue):\(world.pin(index))"
        if client.found(WarehouseCreated.type, key: key) == nil {
            var begin = Begin(
                authorizationId: authorizationId, merchantShopId: merchant(index), provider: .jdFulfillment, mode: mode,
                pin: world.pin(index), departmentCode: world.department(index), warehouseCode: world.warehouse(index),
                shopNo: world.shop(index), isvSource: DemoPartnerWorld.isvSource)
            if mode == .standard {
                begin.appKey = LocalSandbox.jdKey
                begin.appSecretSealed = try client.seal(
                    Array(LocalSandbox.jdSecret.utf8), for: .authorization, .appSecret, info: SealInfo.appSecret, aad: key)
            }
            let redirect = try consent(command(.authorization, begin, key: key, by: merchant(index), "begin"), world.pin(index), subscribes)
            if mode == .convenient {
                try sandbox.follow(redirect)
            } else {
                try client.perform(complete(authorizationId, redirect, key: key, by: merchant(index)))
            }
            try client.wait("Warehouse of \(mode.rawValue) authorization") { $0.found(WarehouseCreated.type, key: key) != nil }
        }
        return authorizationId
    }

    /// Sends `begin`, and logs in on the partner's page.
    /// - Returns: where the browser ends.
    private func consent(_ begin: DemoStep, _ account: String, _ subscribes: Bool) throws -> String {
        // A begin that was answered before and not completed has ended its state's time, maybe: a new one takes its place.
        var begin = begin
        begin.id = "\(begin.id)-\(Clock.now.milliseconds)"
        try client.perform(begin)
        guard let url = client.answer(to: begin.id)?["authorizeUrl"]?.string else {
            throw CommandFailure(.bug, "\(begin.type) of \(begin.key) was not answered with an authorizeUrl")
        }
        let answer = try sandbox.control(
            "consent",
            .object([
                ("authorizeUrl", .string(url)), ("approve", .bool(true)), ("subscribe", .bool(subscribes)), ("account", .string(account)),
            ]))
        guard let redirect = answer["redirectUrl"]?.string else {
            throw CommandFailure(.bug, "the sandbox gave no redirectUrl for a consent")
        }
        return redirect
    }

    private func complete(_ authorizationId: String, _ redirect: String, key: String, by merchant: String) -> DemoStep {
        let complete = Complete(authorizationId: authorizationId, redirectUrl: redirect)
        var step = command(.authorization, complete, key: key, by: merchant, "complete")
        step.id = "\(step.id)-\(Clock.now.milliseconds)"
        return step
    }

    // MARK: Orders, stock, a channel

    /// An order through the warehouse until it is out of the door; where nothing is pushed, its status is pulled.
    private func order(_ index: Int, to warehouseId: String, pulls: Bool) throws -> Bool {
        let orderId = "\(scenario.run)-jd-\(index)"
        try client.send(
            DemoStep(
                service: nil, type: OrderPlaced.type, key: orderId, actor: Actor(.merchant, merchant(index)),
                id: ids.id(scenario.run, orderId, "placed"), body: try world.placed(orderId, merchant(index), client).json))
        try client.wait("Order for the warehouse") { $0.found(OrderRegistered.type, key: orderId) != nil }
        let allocate = Allocate(orderId: orderId, merchantShopId: merchant(index), target: Target(.warehouse, warehouseId))
        try client.perform(command(.allocation, allocate, key: orderId, by: merchant(index), "allocate"))
        try client.wait("Outbound order") { $0.found(OutboundCreated.type, key: orderId) != nil }
        let pullStatus = PullStatus(orderId: orderId, merchantShopId: merchant(index))
        var pull = command(.shipping, pullStatus, key: orderId, by: merchant(index), "pull")
        try client.wait(pulls ? "Out of the door, pulled" : "Out of the door, pushed", every: 1) { client in
            if client.found(Shipped.type, key: orderId) != nil { return true }
            if pulls {
                pull.id = ids.id(scenario.run, orderId, "pull-\(Clock.now.milliseconds)")
                try client.send(pull)
            }
            return false
        }
        return true
    }

    private func stock(_ warehouseId: String) throws -> Int {
        let pull = PullStock(warehouseId: warehouseId, merchantShopId: merchant(0))
        try client.perform(command(.shipping, pull, key: warehouseId, by: merchant(0), "stock"))
        return client.found(StockReported.type, key: warehouseId)?["levels"]?.array?.count ?? 0
    }

    private func channel() throws -> Bool {
        let channelId = "\(scenario.run)-channel"
        let key = PartnerAccount.key(ofChannel: channelId)
        let create = CreateChannel(
            channelId: channelId, merchantShopId: merchant(0), name: scenario.merchants[0].alias, platform: .pinduoduo,
            platformShopId: world.mall, contact: ChannelContact(name: scenario.merchants[0].alias, phone: "057100000000"),
            company: scenario.merchants[0].alias)
        try client.perform(command(.authorization, create, key: key, by: merchant(0), "create"))
        if client.found(Granted.type, key: key) == nil {
            let begin = Begin(authorizationId: "\(scenario.run)-shop", merchantShopId: merchant(0), channelId: channelId)
            let redirect = try consent(command(.authorization, begin, key: key, by: merchant(0), "begin"), world.mall, true)
            try client.perform(complete(begin.authorizationId, redirect, key: key, by: merchant(0)))
        }
        let policy = SetPolicy(
            channelId: channelId, downloadOrders: true, orderTypes: [.own], transferToAudit: true, uploadLogistics: true, syncStock: true)
        try client.perform(command(.authorization, policy, key: key, by: merchant(0), "policy"))
        try client.wait("Downloaded by the channel", every: 2) { client in
            if client.found(OrderRegistered.type, key: "pdd:\(world.orderSn)") != nil { return true }
            try sandbox.control("message", world.message)
            return false
        }
        return true
    }
}
