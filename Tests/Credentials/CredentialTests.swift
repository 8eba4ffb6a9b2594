import Contracts
import Crypto
import Foundation
import HTTP
import JSON
import Machines
import Observability
import Runtime
import Testing

@testable import Credentials

/// Credentials in the memory of a service.
@Suite final class CredentialTests {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("daifa-credentials-\(UUID().uuidString)")
    private let resources: TablesAndSecrets
    private var reader: CredentialReader { resources.credentials }

    init() throws {
        let configuration = try Configuration(
            service: .shipping, environment: ["DAIFA_STORE": "sqlite:\(folder.path)"], hostName: "h", groups: TablesAndSecrets.settingGroups
        )
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try TablesAndSecrets.prepare(configuration, storeWasEmpty: true, onlyLooks: false)
        resources = try TablesAndSecrets(
            ServiceEnvironment(
                service: .shipping, settings: .standard, http: LazyHTTPClient(), logger: Logger(label: "test", level: .critical),
                metrics: Metrics()), configuration)
        for announcement in resources.announcements() {
            let row = try #require(announcement.row as? KeyRow)
            try resources.apply(.keys, key: Array(row.key.utf8), value: row.json)
        }
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    @discardableResult private func put(version: Int) throws -> CredentialRow {
        let sealed = try resources.vault.seal(
            Credential(appKey: "key", appSecret: "secret", accessToken: "token-\(version)").json, for: .shipping, .credential,
            info: SealInfo.credential, aad: CredentialRow.aad("auth-1", .shipping, version: version))
        let row = CredentialRow(
            authorizationId: "auth-1", service: .shipping, provider: "test", account: "channel:C-1", sealed: sealed, version: version)
        try resources.apply(.credentials, key: Array(row.key.utf8), value: row.json)
        return row
    }

    @Test func anOpenedCredentialGoesWithItsRowThoughNobodyAsksForItAgain() throws {
        let row = try put(version: 1)
        let loaded = try #require(reader.credential("auth-1"))
        #expect(loaded.credential.accessToken == "token-1" && loaded.service == .shipping && loaded.account == "channel:C-1")
        #expect(reader.opened(row)?.credential == loaded.credential)
        #expect(reader.authorizations(of: "test", appKey: "key").values.map { $0 } == [["auth-1"]])
        #expect(reader.authorizations(of: "other", appKey: "key").isEmpty)
        try resources.apply(.credentials, key: Array(row.key.utf8), value: nil)
        #expect(reader.opened(row) == nil && reader.credential("auth-1") == nil)
        #expect(reader.authorizations(of: "test", appKey: "key").isEmpty)
        // What was being opened while its row went is not kept.
        reader.keep(loaded, of: row)
        #expect(reader.opened(row) == nil)
    }

    @Test func aNewerRowIsOpenedAnew() throws {
        try put(version: 1)
        #expect(reader.credential("auth-1")?.credential.accessToken == "token-1")
        try put(version: 2)
        #expect(reader.credential("auth-1")?.credential.accessToken == "token-2")
        #expect(reader.authorizations(of: "test", appKey: "key").values.map { $0 } == [["auth-1"]])
    }

    @Test func announcedKeysAreToldOnce() { #expect(resources.announcements().isEmpty) }
}
