import Contracts
import Crypto
import JSON
import Kafka
import TestSupport
import Testing

/// An account at the sandbox's JD that nobody else has, with two warehouses, and the merchant of a test who links it.
struct PinScene: Sendable {
    let scenario: Scenario
    let sandbox: PartnerSandbox
    let pin: String
    let department = "EBU\(Int.random(in: 1_000_000_000...9_999_999_999))"
    let warehouse = "11\(Int.random(in: 1_000_000...9_999_999))"
    let otherWarehouse = "12\(Int.random(in: 1_000_000...9_999_999))"
    let authorizationId = uniqueName("authorization")

    var client: Client { scenario.client }
    var cast: Cast { scenario.cast }
    var key: String { "jd-fulfillment:\(pin)" }

    /// The merchant is registered, and JD knows the account.
    static func start(_ scenario: Scenario? = nil, pin: String = uniqueName("京东-Pin")) async throws -> PinScene {
        let known = if let scenario { scenario } else { try await Scenario.start() }
        let scene = PinScene(scenario: known, sandbox: try await onThread { try PartnerSandbox.shared() }, pin: pin)
        try await scene.scenario.accepted(scene.scenario.merchant(scene.cast.registerMerchant))
        let warehouses = [scene.warehouse, scene.otherWarehouse].map {
            JSONValue.object([("warehouseNo", .string($0)), ("name", .string("仓"))])
        }
        try await scene.sandbox.control(
            "seed",
            .object([
                (
                    "pins",
                    .array([
                        .object([
                            ("pin", .string(pin)), ("password", .string("sandbox")),
                            (
                                "departments",
                                .array([
                                    .object([
                                        ("departmentNo", .string(scene.department)), ("name", .string("事业部")),
                                        ("warehouses", .array(warehouses)),
                                    ])
                                ])
                            ),
                        ])
                    ])
                )
            ]))
        return scene
    }

    /// Another merchant who tries the same account.
    func rival() async throws -> PinScene {
        let rival = PinScene(scenario: Scenario(system: scenario.system, cast: Cast()), sandbox: sandbox, pin: pin)
        try await rival.scenario.accepted(rival.scenario.merchant(rival.cast.registerMerchant))
        return rival
    }

    // MARK: Commands

    func command(_ message: some Contracts.Message, as actor: Actor? = nil) -> Outgoing {
        .command(message, as: actor ?? cast.asMerchant, key: key)
    }

    func begin(_ id: String? = nil, _ change: (inout Begin) -> Void = { _ in }) -> Outgoing {
        var begin = Begin(
            authorizationId: id ?? authorizationId, merchantShopId: cast.merchant, provider: .jdFulfillment, mode: .convenient, pin: pin,
            departmentCode: department, warehouseCode: warehouse)
        change(&begin)
        return command(begin)
    }

    func complete(_ redirectUrl: String, _ id: String? = nil, as actor: Actor? = nil, subscribed: Bool? = nil) -> Outgoing {
        let complete = Complete(authorizationId: id ?? authorizationId, redirectUrl: redirectUrl, messageSubscription: subscribed)
        return command(complete, as: actor)
    }

    func refresh(_ id: String? = nil) -> Outgoing {
        let refresh = Refresh(authorizationId: id ?? authorizationId, merchantShopId: cast.merchant)
        return command(refresh)
    }

    func revoke(_ id: String? = nil) -> Outgoing {
        let revoke = Revoke(authorizationId: id ?? authorizationId, merchantShopId: cast.merchant)
        return command(revoke)
    }

    // MARK: Steps

    /// A person was asked, logged in with the account, and agreed: the address that his browser ends on.
    func agreed(_ id: String? = nil, subscribe: Bool = false, _ change: (inout Begin) -> Void = { _ in }) async throws -> String {
        let asked = try await scenario.accepted(begin(id, change)).body(ConsentRequested.self)
        return try await sandbox.consent(asked.authorizeUrl, account: pin, subscribe: subscribe)
    }

    @discardableResult
    func grant(_ id: String? = nil, _ change: (inout Begin) -> Void = { _ in }) async throws -> Received {
        let answer = try await scenario.accepted(complete(try await agreed(id, change), id))
        try #require(answer.type == Granted.type, "\(answer.text ?? "")")
        return answer
    }

    /// What the partner decided against.
    func failure(of complete: Outgoing) async throws -> ConsentFailed {
        try await scenario.accepted(complete).body(ConsentFailed.self)
    }

    func warehouseRow(_ id: String? = nil, where fits: @escaping @Sendable (WarehouseRow) -> Bool) async throws -> WarehouseRow {
        let id = id ?? authorizationId
        return try await client.first("a row of warehouse \(id)") {
            $0.topic == Table.warehouses.topic && $0.key == id && ((try? $0.body(WarehouseRow.self)).map(fits) ?? false)
        }.body(WarehouseRow.self)
    }

    func credential(_ id: String? = nil, _ service: ServiceName = .shipping, version: Int) async throws -> CredentialRow {
        let key = CredentialRow.key(id ?? authorizationId, service)
        return try await client.first("version \(version) of credential \(key)") {
            $0.topic == Table.credentials.topic && $0.key == key && $0.data["version"]?.int == version
        }.body(CredentialRow.self)
    }

    func credentialGone(_ id: String? = nil, _ service: ServiceName = .shipping) async throws {
        let key = CredentialRow.key(id ?? authorizationId, service)
        _ = try await client.first("a tombstone of credential \(key)") {
            $0.topic == Table.credentials.topic && $0.key == key && $0.message.value == nil
        }
    }
}

/// Seals for authorization as a merchant's page does.
enum AppSecret {
    static func seal(_ secret: String, boundTo key: String, _ configuration: KafkaConfiguration) async throws -> Contracts.Sealed {
        let row = try await onThread { try newestKey(configuration) }
        let publicKey = try #require(Base64.decode(row.publicKey))
        let sealed = try HPKE.seal(Array(secret.utf8), to: publicKey, info: Array(SealInfo.appSecret.utf8), aad: Array(key.utf8))
        return Contracts.Sealed(keyId: row.keyId, enc: Base64.encode(sealed.enc), ciphertext: Base64.encode(sealed.ciphertext))
    }

    /// Blocking.
    private static func newestKey(_ configuration: KafkaConfiguration) throws -> KeyRow {
        let reader = try TopicReader(configuration, topics: [Table.keys.topic])
        var rows: [String: KeyRow] = [:]
        while true {
            let messages = try reader.next(timeout: 2)
            if messages.isEmpty { break }
            for message in messages {
                let row = message.value.flatMap { try? KeyRow.decode($0) }
                rows[String(decoding: message.key ?? [], as: UTF8.self)] = row
            }
        }
        let found = rows.values.filter { $0.service == .authorization && $0.purpose == .appSecret }.max { $0.version < $1.version }
        return try #require(found, "authorization has announced no key for app-secret")
    }
}
