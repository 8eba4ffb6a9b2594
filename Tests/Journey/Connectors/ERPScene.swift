import Contracts
import Crypto
import JSON
import Kafka
import TestSupport
import Testing

/// A Jackyun of the sandbox with a channel to it, of a merchant or a factory.
struct ERPScene: Sendable {
    let scenario: Scenario
    let sandbox: PartnerSandbox
    let appKey = uniqueName("erp")
    let channelId = uniqueName("channel")
    let isFactory: Bool

    private var owner: Actor { isFactory ? scenario.cast.asFactory : scenario.cast.asMerchant }
    private var key: String { "channel:\(channelId)" }
    private static let secret = "erp-secret"

    /// The ERP is there, and the channel has its keys.
    static func linked(_ scenario: Scenario, asFactory isFactory: Bool = false) async throws -> ERPScene {
        let sandbox = try await onThread { try PartnerSandbox.shared() }
        let scene = ERPScene(scenario: scenario, sandbox: sandbox, isFactory: isFactory)
        let app: JSONValue = .object([
            ("partner", .string("jackyun")), ("key", .string(scene.appKey)), ("secret", .string(Self.secret)),
        ])
        try await sandbox.control("seed", .object([("apps", .array([app]))]))
        var command = CreateChannel(channelId: scene.channelId, name: "", platform: .pinduoduo)
        if isFactory { command.factoryShopId = scenario.cast.factory } else { command.merchantShopId = scenario.cast.merchant }
        command.name = "吉客云"
        command.platform = .jackyun
        command.appKey = scene.appKey
        command.appSecretSealed = try await scene.seal(Self.secret)
        _ = try await scenario.accepted(.command(command, as: scene.owner, key: scene.key))
        return scene
    }

    func setPolicy(downloads: Bool = false, types: [OrderType] = [], uploads: Bool = false) async throws {
        let command = SetPolicy(
            channelId: channelId, downloadOrders: downloads, orderTypes: types, transferToAudit: false, uploadLogistics: uploads,
            syncStock: false)
        _ = try await scenario.accepted(.command(command, as: owner, key: key))
    }

    /// With authorization's newest key.
    private func seal(_ secret: String) async throws -> Sealed {
        let kafka = scenario.system.broker.configuration
        let rows = try await onThread { () throws -> [KeyRow] in
            let reader = try TopicReader(kafka, topics: [Table.keys.topic], timeout: 30)
            var rows: [KeyRow] = []
            while !reader.atEnd {
                for message in try reader.next(timeout: 1) { if let value = message.value { rows.append(try KeyRow.decode(value)) } }
            }
            return rows
        }
        let row = try #require(
            rows.filter { $0.service == .authorization && $0.purpose == .appSecret }.max { ($0.version, $0.keyId) < ($1.version, $1.keyId) }
        )
        let publicKey = try #require(Base64.decode(Array(row.publicKey.utf8)))
        let sealed = try HPKE.seal(Array(secret.utf8), to: publicKey, info: Array(SealInfo.appSecret.utf8), aad: Array(key.utf8))
        return Sealed(keyId: row.keyId, enc: Base64.encode(sealed.enc), ciphertext: Base64.encode(sealed.ciphertext))
    }

    // MARK: The ERP's orders

    /// An order in the ERP, as one downloaded from a marketplace.
    func put(_ tradeNo: String, of platformOrderNumber: String, status: Int = 4110, _ more: [(String, JSONValue)] = []) async throws {
        try await sandbox.control(
            "trade",
            .object(
                [
                    ("tradeNo", .string(tradeNo)), ("appKey", .string(appKey)), ("onlineTradeNo", .string(platformOrderNumber)),
                    ("tradeStatus", .int(status)),
                ] + more))
    }

    /// The orders in the ERP that were made of this one.
    func trades(_ onlineTradeNo: String) async throws -> [JSONValue] {
        (try await sandbox.control("trades").array ?? []).filter {
            $0["appKey"]?.string == appKey && $0["onlineTradeNo"]?.string == onlineTradeNo
        }
    }
}
