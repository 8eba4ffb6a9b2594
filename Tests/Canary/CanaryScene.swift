import Contracts
import Crypto
import Foundation
import HTTP
import JSON
import Kafka
import TestSupport
import Testing

/// All five services and the console on a broker of their own, at their most talkative, with canaries wherever a secret or a person goes in.
struct CanaryScene: Sendable {
    let bench: Bench
    let sandbox: PartnerSandbox
    let relay: PartnerRelay
    let console: ServiceProcess
    let services: [ServiceProcess]
    let client: Client
    let cast = Cast()
    let http: HTTPClient
    let secrets: Secrets
    /// What may be seen, and must be found: an order's remark.
    let control = Canary.secret("a remark")

    /// The secrets of applications.
    struct Secrets: Sendable {
        let jdPlatform = Canary.secret("the platform's app secret at JD")
        let pinduoduoPlatform = Canary.secret("the platform's app secret at Pinduoduo")
        let jdStandard = Canary.secret("app secret of a warehouse in standard mode")
        let merchantERP = Canary.secret("app secret of the merchant's ERP")
        let factoryERP = Canary.secret("app secret of the factory's ERP")
        /// Sent in clear, and refused.
        let clear = Canary.secret("app secret in clear")

        let jdKey = uniqueName("jd-app")
        let jdStandardKey = uniqueName("jd-standard")
        let pinduoduoKey = uniqueName("pdd-app")
        let merchantERPKey = uniqueName("erp-m")
        let factoryERPKey = uniqueName("erp-f")

        var all: [Canary] { [jdPlatform, pinduoduoPlatform, jdStandard, merchantERP, factoryERP] }

        /// For `POST /sandbox/seed`.
        var apps: [JSONValue] {
            [
                ("jd", jdKey, jdPlatform), ("pinduoduo", pinduoduoKey, pinduoduoPlatform), ("jd", jdStandardKey, jdStandard),
                ("jackyun", merchantERPKey, merchantERP), ("jackyun", factoryERPKey, factoryERP),
            ].map { partner, key, secret in
                .object([("partner", .string(partner)), ("key", .string(key)), ("secret", .string(secret.text ?? ""))])
            }
        }
    }

    static func start() async throws -> CanaryScene {
        let sandbox = try await onThread { try PartnerSandbox.shared() }
        let secrets = Secrets()
        try await sandbox.control("seed", .object([("apps", .array(secrets.apps))]))
        return try await onThread { try CanaryScene(sandbox, secrets) }
    }

    /// Blocking.
    private init(_ sandbox: PartnerSandbox, _ secrets: Secrets) throws {
        self.sandbox = sandbox
        self.secrets = secrets
        bench = try Bench()
        http = try HTTPClient()
        let base = try #require(sandbox.environment["DAIFA_PARTNER_JD_OAUTH_URL"])
        relay = try PartnerRelay(to: base)
        let address = relay.address
        var environment = sandbox.environment.mapValues { $0.replacing(base, with: address) }
        let folder = try bench.makeFolder()
        for (partner, key, secret) in [
            ("JD", secrets.jdKey, secrets.jdPlatform), ("PINDUODUO", secrets.pinduoduoKey, secrets.pinduoduoPlatform),
        ] {
            let file = folder.appendingPathComponent("\(partner).secret")
            try Data(secret.bytes).write(to: file)
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file.path)
            environment["DAIFA_PARTNER_\(partner)_APP_KEY"] = key
            environment["DAIFA_PARTNER_\(partner)_APP_SECRET_FILE"] = file.path
        }
        environment["DAIFA_LOG_LEVEL"] = "trace"
        console = try bench.start(.console, environment: environment)
        environment["DAIFA_PUBLIC_URL"] = "http://127.0.0.1:\(console.httpPort)"
        var started: [ServiceProcess] = []
        for service in ServiceName.domainServices { started.append(try bench.start(service, environment: environment)) }
        services = started
        for process in services + [console] { try process.awaitReady(timeout: 120) }
        client = try Client(bench.broker.configuration)
    }

    var processes: [(name: String, process: ServiceProcess)] {
        zip(ServiceName.domainServices.map(\.rawValue) + ["console"], services + [console]).map { ($0, $1) }
    }

    // MARK: Commands

    /// Sends a command that must be accepted; gives its answer.
    @discardableResult
    func accepted(
        _ message: some Contracts.Message, as actor: Actor, key: String? = nil, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> Received {
        let command = Outgoing.command(message, as: actor, key: key)
        let answer = try await client.answer(to: command, within: 120)
        try #require(
            !answer.isRefusal, "\(command.header(EnvelopeHeader.type) ?? "") was refused: \(answer.text ?? "")",
            sourceLocation: sourceLocation)
        return answer
    }

    /// The first event of this type with this key.
    @discardableResult
    func event<Body: Contracts.Message>(
        _ type: Body.Type, key: String, where fits: @escaping @Sendable (Received) -> Bool = { _ in true }
    ) async throws -> Body {
        try await client.event(type, key: key, within: 120, where: fits).body(type)
    }

    // MARK: Sealing

    /// With the newest key that the service has announced for this.
    func seal(_ plaintext: [UInt8], for service: ServiceName, _ purpose: KeyPurpose, info: String, aad: String) async throws -> Sealed {
        let kafka = bench.broker.configuration
        let rows = try await onThread {
            let reader = try TopicReader(kafka, topics: [Table.keys.topic])
            var rows: [KeyRow] = []
            while !reader.atEnd { rows += try reader.next(timeout: 1).compactMap { try? KeyRow.decode($0.value ?? []) } }
            return rows
        }
        let row = try #require(rows.filter { $0.service == service && $0.purpose == purpose }.max { $0.version < $1.version })
        let publicKey = try #require(Base64.decode(Array(row.publicKey.utf8)))
        let sealed = try HPKE.seal(plaintext, to: publicKey, info: Array(info.utf8), aad: Array(aad.utf8))
        return Sealed(keyId: row.keyId, enc: Base64.encode(sealed.enc), ciphertext: Base64.encode(sealed.ciphertext))
    }

    func sealed(_ secret: Canary, key: String) async throws -> Sealed {
        try await seal(secret.bytes, for: .authorization, .appSecret, info: SealInfo.appSecret, aad: key)
    }

    func recipient(_ person: CanaryPerson, for orderId: String) async throws -> PlacedRecipient {
        let plain = Recipient(
            name: person.name.text ?? "", phone: person.phone.text ?? "",
            address: Address(
                country: "CN", province: "广东省", city: "深圳市", district: "南山区", town: person.town?.text,
                detail: (person.street.text ?? "") + "7号"))
        return Cast.recipient(
            sealed: try await seal(plain.json, for: .waybill, .recipient, info: SealInfo.recipient, aad: orderId))
    }
}
