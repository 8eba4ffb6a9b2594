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
        var row = ChannelRow()
        row.channelId = channelId
        row.name = "店"
        row.merchantShopId = merchant
        row.factoryShopId = factory
        row.platform = platform.rawValue
        row.platformShopId = "1000"
        row.authorizationId = "auth-\(channelId)"
        row.state = state
        put(row)
        try credential(of: channelId)
    }

    /// A warehouse at JD with a consent in force.
    func warehouse(_ warehouseId: String, state: WarehouseState = .active) throws {
        var row = WarehouseRow()
        row.warehouseId = warehouseId
        row.provider = Provider.jdFulfillment.rawValue
        row.merchantShopId = "M-1"
        row.pin = "pin"
        row.departmentCode = "EBU1"
        row.warehouseCode = "110000001"
        row.authorizationId = "auth-\(warehouseId)"
        row.api = WarehouseAPI.eclp.rawValue
        row.shopNo = "ESP1"
        row.isvSource = "ISV1"
        row.state = state
        row.messageSubscription = true
        row.version = 1
        put(row)
        try credential(of: warehouseId)
    }

    /// As Pinduoduo encrypts one; what the texts mean its scripted answer says.
    static var encryptedRecipient: EncryptedRecipient {
        var recipient = EncryptedRecipient()
        recipient.platform = Platform.pinduoduo.rawValue
        recipient.orderSn = "sn"
        recipient.encrypted.name = "n"
        recipient.encrypted.phone = "p"
        recipient.encrypted.address = "a"
        return recipient
    }

    func credential(of owner: String, version: Int = 1) throws {
        var row = CredentialRow()
        row.authorizationId = "auth-\(owner)"
        row.service = service
        row.provider = "test"
        row.account = "channel:\(owner)"
        row.version = version
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
