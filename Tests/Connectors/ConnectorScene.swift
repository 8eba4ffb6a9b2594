import Contracts
import Credentials
import Crypto
import Foundation
import JSON
import Machines
import Observability
import PartnerEffects
import Runtime
import TestSupport
import Testing
import Threads

/// A service's environment in memory, with a partner that a test scripts, and channels whose credentials it can open.
final class ConnectorScene {
    let partner = ScriptedPartner()
    let environment: PartnerEnvironment
    let clocks = MovedClocks()
    private let folder: URL
    private let service: ServiceName

    init(_ service: ServiceName, settings: Settings = .standard, partners: PartnerSettings = PartnerSettings()) throws {
        self.service = service
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("daifa-connectors-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let logger = Logger(label: "test", level: .critical)
        let tables = TableCache()
        let (sealPath, ringPath) = (folder.appendingPathComponent("seal.key").path, folder.appendingPathComponent("master.key").path)
        try SealKeys.create(path: sealPath, purposes: ["recipient", "credential"])
        try KeyRing.create(path: ringPath)
        let vault = try Vault(
            sealPath: sealPath, ringPath: ringPath, purposes: [.recipient, .credential], tables: tables, logger: logger)
        let base = ServiceEnvironment(
            service: service, settings: settings, http: partner, logger: logger, metrics: Metrics(), clock: clocks.clock)
        environment = PartnerEnvironment(TablesAndSecrets(base, cache: tables, vault: vault), partners)
        for row in KeyRow.unannounced(of: service, vault.sealKeys, in: tables) { put(row) }
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func put(_ row: some TableRow) { apply(row, row.json) }

    /// A tombstone.
    func forget(_ row: some TableRow) { apply(row, nil) }

    private func apply<Row: TableRow>(_ row: Row, _ value: [UInt8]?) {
        do throws(JSONError) { try environment.apply(Row.table, key: Array(row.key.utf8), value: value) } catch {
            Issue.record("\(error)")
        }
    }

    /// A channel with a consent in force.
    func channel(
        _ channelId: String, _ platform: Platform, merchant: String? = nil, factory: String? = nil, state: ChannelState = .active
    ) throws {
        let row = ChannelRow(
            channelId: channelId, merchantShopId: merchant, factoryShopId: factory, name: "店", platform: platform.rawValue,
            platformShopId: "1000", authorizationId: "auth-\(channelId)", state: state, version: 0)
        put(row)
        try credential(of: channelId)
    }

    /// A warehouse at JD with a consent in force.
    func warehouse(_ warehouseId: String, state: WarehouseState = .active) throws {
        let row = WarehouseRow(
            warehouseId: warehouseId, code: "", provider: Provider.jdFulfillment.rawValue, merchantShopId: "M-1", pin: "pin",
            departmentCode: "EBU1", warehouseCode: "110000001", messageSubscription: true, authorizationId: "auth-\(warehouseId)",
            api: WarehouseAPI.eclp.rawValue, shopNo: "ESP1", isvSource: "ISV1", state: state, version: 1)
        put(row)
        try credential(of: warehouseId)
    }

    /// As Pinduoduo encrypts one; what the texts mean its scripted answer says.
    static var encryptedRecipient: EncryptedRecipient {
        EncryptedRecipient(
            platform: Platform.pinduoduo.rawValue, orderSn: "sn", encrypted: EncryptedRecipient.Texts(name: "n", phone: "p", address: "a"))
    }

    func credential(of owner: String, version: Int = 1) throws {
        var row = CredentialRow(
            authorizationId: "auth-\(owner)", service: service, provider: "test", account: "channel:\(owner)",
            sealed: Sealed(keyId: "", enc: "", ciphertext: ""), version: version)
        row.sealed = try environment.vault.seal(
            Credential(appKey: "key", appSecret: "secret", accessToken: "token-\(version)").json, for: service, .credential,
            info: SealInfo.credential, aad: CredentialRow.aad(row.authorizationId, service, version: version))
        put(row)
    }
}

extension EffectAttempt {
    /// - Parameter age: seconds since it was to be carried out first, by the clock of a scene that has not been moved.
    static func attempt(_ number: Int = 0, mayHaveRun: Bool = false, asked: Int = 0, age: Int = 0) -> EffectAttempt {
        EffectAttempt(
            number: number, mayHaveRun: mayHaveRun, asked: asked, due: Timestamp(milliseconds: MovedClocks.start.milliseconds - age * 1000))
    }
}

extension Performed {
    var answer: Answer? { if case .answer(let answer) = self { answer } else { nil } }
    var retry: EffectRetry? { if case .again(let retry) = self { retry } else { nil } }
}
