import Contracts
import Foundation
import JSON
import TestSupport
import Testing

/// What happens to a merchant, a factory and their orders while canaries are planted.
struct CanaryJourney {
    let scene: CanaryScene
    /// Encrypted by the platform, decrypted for a warehouse.
    let platform = CanaryPerson("whom the platform has encrypted", hasTown: false)
    let imported = CanaryPerson("whom daifa import has sealed")
    let sealed = CanaryPerson("who was sealed by a system")
    /// Another one to send it to.
    let moved = CanaryPerson("who came with a change of the address")

    private(set) var tokens: [Canary] = []
    /// What was said to people.
    private(set) var said: [Place] = []
    private(set) var clearCommands: [String] = []
    /// An order whose outbound order had to be created again.
    private(set) var retried = ""

    init(_ scene: CanaryScene) { self.scene = scene }

    private var cast: Cast { scene.cast }

    var people: [Canary] { [platform, imported, sealed, moved].flatMap(\.all) }

    mutating func run() async throws {
        scene.relay.know(people + scene.secrets.all)
        try await scene.accepted(cast.registerMerchant, as: cast.asMerchant)
        try await scene.accepted(cast.registerFactory, as: cast.asFactory)
        try await scene.accepted(cast.apply, as: cast.asMerchant)
        try await scene.accepted(cast.approve, as: cast.asFactory)
        try await scene.accepted(cast.topUp("YTO", "YT1000000000000", "YT1000000000099"), as: cast.asFactory)
        let convenient = try await scene.linkConvenient()
        let standard = try await scene.linkStandard()
        let mall = try await scene.linkMall(asFactory: false)
        let factoryMall = try await scene.linkMall(asFactory: true)
        _ = try await scene.linkERP(asFactory: false)
        _ = try await scene.linkERP(asFactory: true)
        try await scene.failToLink()
        clearCommands = try await scene.sendClearSecret()
        tokens = try await scene.tokens()
        scene.relay.know(tokens)

        try await throughMall(mall, convenient)
        try await throughImport(standard)
        try await throughFactory(factoryMall, convenient)
        retried = try await retryCreation(convenient)
        try await refuseCreation(convenient, "jingdong.eclp.order.addOrder")
        try await scene.revoke(standard)
        let known = Set(tokens.map(\.bytes))
        tokens += try await scene.tokens().filter { !known.contains($0.bytes) }
    }

    /// Downloaded, decrypted, sent by the warehouse, and uploaded to marketplace and ERP with tokens that have ended meanwhile.
    private func throughMall(_ mall: Shop, _ login: WarehouseLogin) async throws {
        try await scene.sandbox.control(
            "trade",
            .object([
                ("tradeNo", .string(uniqueName("JY"))), ("appKey", .string(scene.secrets.merchantERPKey)),
                ("onlineTradeNo", .string(mall.orderSn)), ("tradeStatus", .int(4110)),
            ]))
        let orderId = try await scene.download(platform, from: mall)
        scene.relay.echo("pdd.open.decrypt.batch", .breakdown)
        let allocationId = try await scene.allocate(orderId, to: login)
        let number = try await scene.outbound(orderId, allocationId, for: platform)

        scene.relay.echo("/oauth2/refresh_token", .breakdown)
        try await scene.refresh(login)
        try await scene.pull(orderId)

        try await scene.sandbox.control("tokens/expire", .object([("owner", .string(mall.mall))]))
        scene.relay.echo("pdd.logistics.online.send", .rejection)
        scene.relay.echo("oms.trade.order.completeDelivery", .breakdown)
        try await scene.pushShipped(orderId, number)
        let failed = try await scene.event(UploadFailed.self, key: orderId) { $0.data["target"]?.string == "marketplace" }
        #expect(failed.reason == .partnerRejected)
        let retry = RetryUpload(orderId: orderId, allocationId: allocationId, target: .marketplace)
        #expect(try await scene.accepted(retry, as: cast.asMerchant).type == UploadConfirmed.type)
        try await scene.event(UploadConfirmed.self, key: orderId) { $0.data["target"]?.string == "erp" }
    }

    private mutating func throughImport(_ login: WarehouseLogin) async throws {
        let (orderId, words) = try await scene.importOrder(imported)
        said.append(words)
        let allocationId = try await scene.allocate(orderId, to: login)
        let number = try await scene.outbound(orderId, allocationId, for: imported)
        try await scene.advance(number, waybill: "JDVB\(Cast.digits(11))")
        try await scene.pull(orderId)
        try await scene.event(Shipped.self, key: orderId)
        try await refuseCreation(login, Self.iscCreate)
    }

    /// JDL's name of creating an outbound order.
    private static let iscCreate = "/integratedsupplychain/order/delivery/create/v1"

    /// One order from the factory's pool to the merchant's `ship`, one that the platform gave to it, and one that is taken back, moved to
    /// another person, and sent by the warehouse instead.
    private func throughFactory(_ mall: Shop, _ login: WarehouseLogin) async throws {
        let orderId = try await scene.place(sealed)
        scene.relay.echo("oms.trade.ordercreate", .breakdown)
        try await scene.carryOut(orderId, try await scene.allocateToFactory(orderId))
        try await scene.carryOutDropship(mall)

        let other = try await scene.place(sealed)
        _ = try await scene.allocateToFactory(other)
        try await scene.move(other, to: moved)
        try await scene.accepted(cast.deallocate(other), as: cast.asMerchant)
        let allocationId = try await scene.allocate(other, to: login)
        _ = try await scene.outbound(other, allocationId, for: moved)
    }

    /// The partner breaks down over it, and takes it after it was asked.
    private func retryCreation(_ login: WarehouseLogin) async throws -> String {
        let orderId = try await scene.place(sealed)
        scene.relay.echo("jingdong.eclp.order.addOrder", .breakdown)
        let allocationId = try await scene.allocate(orderId, to: login)
        _ = try await scene.outbound(orderId, allocationId, for: sealed)
        return orderId
    }

    /// The partner refuses it for good, and repeats to whom it was to go.
    private func refuseCreation(_ login: WarehouseLogin, _ operation: String) async throws {
        let orderId = try await scene.place(sealed)
        scene.relay.echo(operation, .rejection)
        try await scene.allocate(orderId, to: login)
        try await scene.event(OutboundRejected.self, key: orderId)
    }
}
