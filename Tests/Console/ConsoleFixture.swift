import Contracts
import Crypto
import Foundation
import HTTP
import JSON
import Kafka
import TestSupport
import Testing
import Threads

/// A console in a process of its own on a broker, and what authorization and shipping would tell it.
final class ConsoleFixture: Sendable {
    let broker: Broker
    let store: URL
    let process: ServiceProcess
    let client: Client
    private let http: HTTPClient

    /// Blocking; ready when it returns.
    init(broker: Broker, store: URL? = nil, environment: [String: String] = [:]) throws {
        self.broker = broker
        self.store = try store ?? Self.makeFolder()
        process = try ServiceProcess(.console, broker: broker, store: self.store, environment: environment)
        try process.awaitReady()
        client = try Client(broker.configuration)
        var limits = HTTPClient.Limits()
        limits.concurrentTransfers = 200
        http = try HTTPClient(limits: limits)
    }

    static func start(environment: [String: String] = [:]) async throws -> ConsoleFixture {
        try await onThread { try ConsoleFixture(broker: Broker.shared(), environment: environment) }
    }

    static func makeFolder() throws -> URL {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(uniqueName("console"))
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder
    }

    /// Stops the console and removes its store.
    func end() async throws {
        try await onThread { [self] in
            try process.stop()
            try FileManager.default.removeItem(at: store)
        }
    }

    // MARK: What others tell

    private func tell(_ type: String, _ topic: String, key: String, _ json: [UInt8]) async throws {
        let headers = [
            (EnvelopeHeader.specversion, "1.0"), (EnvelopeHeader.id, uniqueName("event")), (EnvelopeHeader.source, "/test"),
            (EnvelopeHeader.type, type), (EnvelopeHeader.subject, key), (EnvelopeHeader.correlationId, "talk-of-\(key)"),
        ]
        try await client.send(
            Outgoing(
                topic: topic, key: Array(key.utf8), value: json, headers: headers.map { Header(name: $0.0, value: Array($0.1.utf8)) }))
    }

    /// A consent waits for this state.
    func ask(state: String, authorizationId: String, key: String, provider: Provider = .jdFulfillment) async throws {
        let consent = ConsentRequested(
            authorizationId: authorizationId, provider: provider, authorizeUrl: "https://partner.example/login", state: state,
            expiresAt: Timestamp(milliseconds: Timestamp.now.milliseconds + 600_000), prerequisites: [])
        try await tell(ConsentRequested.type, ServiceName.authorization.events, key: key, consent.json)
    }

    /// An authorization with its credential, sealed for this console, and its warehouse.
    func authorize(_ authorizationId: String, appKey: String, secret: String, warehouseId: String) async throws {
        let folder = store.appendingPathComponent("console").path
        let keys = try SealKeys.loadOrCreate(path: "\(folder)/seal.key", purposes: [KeyPurpose.credential.rawValue])
        let key = try #require(keys.newest(KeyPurpose.credential.rawValue))
        let credential = Credential(appKey: appKey, appSecret: secret, accessToken: "token")
        let sealed = try HPKE.seal(
            credential.json, to: key.keyPair.publicKey, info: Array(SealInfo.credential.utf8),
            aad: Array(CredentialRow.aad(authorizationId, .console, version: 1).utf8))
        let row = CredentialRow(
            authorizationId: authorizationId, service: .console, provider: Provider.jdFulfillment.rawValue,
            account: "jd-fulfillment:\(authorizationId)",
            sealed: Sealed(keyId: key.keyId, enc: Base64.encode(sealed.enc), ciphertext: Base64.encode(sealed.ciphertext)), version: 1)
        try await tell(CredentialRow.type, Table.credentials.topic, key: row.key, row.json)
        let warehouse = WarehouseRow(
            warehouseId: warehouseId, code: "", provider: row.provider, merchantShopId: "", pin: "", departmentCode: "", warehouseCode: "",
            messageSubscription: false, authorizationId: authorizationId, api: "", state: .active, version: 0)
        try await tell(WarehouseRow.type, Table.warehouses.topic, key: warehouse.key, warehouse.json)
    }

    /// The partner has an outbound order under this number.
    func outbound(_ number: String, orderId: String, warehouseId: String) async throws {
        let created = OutboundCreated(
            orderId: orderId, allocationId: "\(orderId)/1", merchantShopId: "merchant", warehouseId: warehouseId, partnerNumber: number)
        try await tell(OutboundCreated.type, ServiceName.shipping.events, key: orderId, created.json)
    }

    func inbound(_ number: String, inboundId: String, warehouseId: String) async throws {
        let created = InboundCreated(inboundId: inboundId, merchantShopId: "merchant", warehouseId: warehouseId, partnerNumber: number)
        try await tell(InboundCreated.type, ServiceName.shipping.events, key: inboundId, created.json)
    }

    // MARK: HTTP

    func send(
        _ method: String, _ path: String, headers: [(name: String, value: String)] = [], body: [UInt8] = []
    ) async throws -> HTTPClientResponse {
        try await http.send(
            HTTPClientRequest(
                method: method, url: "http://127.0.0.1:\(process.httpPort)\(path)", headers: headers, body: body, timeout: 30))
    }

    func status(_ body: String, appKey: String, secret: String, at time: Int? = nil) async throws -> HTTPClientResponse {
        let timestamp = "\(time ?? Timestamp.now.milliseconds)"
        let signature = Digest.hmacSHA256(Array((timestamp + body).utf8), key: Array(secret.utf8))
        return try await send(
            "POST", "/partners/jd-fulfillment/status",
            headers: [("x-jd-app-key", appKey), ("x-jd-timestamp", timestamp), ("x-jd-signature", Base64.encode(signature))],
            body: Array(body.utf8))
    }

    static func body(_ messageId: String, _ orderNo: String, type: String = "XSCK", statusCode: String = "10020") -> String {
        #"{"messageId":"\#(messageId)","orderType":"\#(type)","orderNo":"\#(orderNo)","statusCode":"\#(statusCode)","operateTime":"2026-11-24 16:00:00","wayBill":"JD1-1-1-","carrierNo":"JD","lines":[{"isvGoodsNo":"sku","quantity":1}]}"#
    }

    /// The commands with this key on a topic, of those that were seen by now.
    func commands(_ service: ServiceName, key: String) -> [Received] { client.seen { $0.topic == service.commands && $0.key == key } }
}

/// The problem's document, after what every one of them must be was checked.
func problem(_ response: HTTPClientResponse, _ status: Int, sent: String...) throws -> JSONValue {
    #expect(response.status == status)
    #expect(response.header("content-type") == "application/problem+json" && response.header("cache-control") == "no-store")
    let text = String(decoding: response.body, as: UTF8.self)
    for value in sent { #expect(!text.contains(value), "it repeats what was sent") }
    let document = try JSONValue.decode(response.body)
    #expect(document["status"]?.int == status && document["detail"]?.string?.isEmpty == false)
    return document
}
