import Contracts
import Crypto
import Foundation
import JSON
import Machines
import Observability
import Runtime
import Testing

@testable import Credentials

@Suite final class KeyFilesTests {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("daifa-keys-\(UUID().uuidString)").path

    init() throws { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) }
    deinit { try? FileManager.default.removeItem(atPath: folder) }

    private func files(_ environment: [String: String] = [:]) throws -> KeyFiles {
        let settings = ["DAIFA_STORE": "sqlite:\(folder)"].merging(environment) { $1 }
        return KeyFiles(try Configuration(service: .waybill, environment: settings, hostName: "h", groups: [KeySettings.self]))
    }

    private var present: [String] { get throws { try FileManager.default.contentsOfDirectory(atPath: folder).sorted() } }

    @Test func theyAreWhereTheSettingsSay() throws {
        let files = try files()
        #expect(files.seal.path == "\(folder)/seal.key" && files.master.path == "\(folder)/master.key")
        #expect(!files.seal.isNamed && !files.master.isNamed)
        let named = try self.files(["DAIFA_SEAL_KEY_FILE": "/s", "DAIFA_MASTER_KEY_FILE": "/m"])
        #expect(named.seal.path == "/s" && named.seal.isNamed && named.master.path == "/m" && named.master.isNamed)
    }

    /// A database has no folder for them, and a key of each replica's own would open nothing of the others.
    @Test func besideADatabaseTheyAreNamed() throws {
        let database = ["DAIFA_STORE": "postgres://role@host/database"]
        for (given, missing) in [([:], "DAIFA_MASTER_KEY_FILE"), (["DAIFA_MASTER_KEY_FILE": "/m"], "DAIFA_SEAL_KEY_FILE")] {
            let files = try files(database.merging(given) { $1 })
            let error = #expect(throws: ConfigurationError.self) {
                try files.prepare(purposes: [.recipient], storeWasEmpty: true, onlyLooks: false)
            }
            #expect(error?.description.hasPrefix("\(missing): with a store in PostgreSQL") == true, "\(String(describing: error))")
        }
        #expect(try present == [])
    }

    @Test func theyAreMadeBesideAnEmptyStore() throws {
        let files = try files()
        try files.prepare(purposes: [.recipient, .credential], storeWasEmpty: true, onlyLooks: false)
        #expect(try present == ["master.key", "seal.key"])
        let made = try Data(contentsOf: URL(fileURLWithPath: files.seal.path))
        // A second start, before or after the store has anything.
        for isEmpty in [true, false] {
            try files.prepare(purposes: [.recipient, .credential], storeWasEmpty: isEmpty, onlyLooks: false)
            #expect(try Data(contentsOf: URL(fileURLWithPath: files.seal.path)) == made)
        }
    }

    @Test func aCheckMakesNone() throws {
        try files().prepare(purposes: [.recipient], storeWasEmpty: true, onlyLooks: true)
        #expect(try present == [])
    }

    @Test(arguments: ["seal.key", "master.key"]) func oneThatIsMissingBesideAUsedStoreIsNotMade(_ name: String) throws {
        let files = try files()
        try files.prepare(purposes: [.recipient], storeWasEmpty: true, onlyLooks: false)
        try FileManager.default.removeItem(atPath: "\(folder)/\(name)")
        let error = #expect(throws: ConfigurationError.self) {
            try files.prepare(purposes: [.recipient], storeWasEmpty: false, onlyLooks: false)
        }
        let variable = name == "seal.key" ? "DAIFA_SEAL_KEY_FILE" : "DAIFA_MASTER_KEY_FILE"
        #expect(error?.description.contains(variable) == true && error?.description.contains("\(folder)/\(name)") == true)
        #expect(error?.description.contains("\n") == false)
        #expect(try !present.contains(name))
    }

    @Test(arguments: ["DAIFA_SEAL_KEY_FILE", "DAIFA_MASTER_KEY_FILE"], [true, false])
    func oneThatASettingNamesIsNotMade(_ variable: String, _ storeWasEmpty: Bool) throws {
        try files().prepare(purposes: [.recipient], storeWasEmpty: true, onlyLooks: false)
        let files = try files([variable: "\(folder)/mistyped"])
        for onlyLooks in [true, false] {
            let error = #expect(throws: ConfigurationError.self) {
                try files.prepare(purposes: [.recipient], storeWasEmpty: storeWasEmpty, onlyLooks: onlyLooks)
            }
            #expect(error?.description.contains(variable) == true && error?.description.contains("mistyped") == true)
        }
        #expect(try present == ["master.key", "seal.key"])
    }

    @Test func aGivenFileIsNotAddedTo() throws {
        let path = "\(folder)/given"
        try SealKeys.create(path: path, purposes: ["recipient"])
        let before = try Data(contentsOf: URL(fileURLWithPath: path))
        let error = #expect(throws: ConfigurationError.self) {
            try files(["DAIFA_SEAL_KEY_FILE": path]).prepare(purposes: [.recipient, .credential], storeWasEmpty: true, onlyLooks: false)
        }
        #expect(error?.description.contains("credential") == true)
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
    }

    @Test func aServiceThatNothingIsSealedForHasNoSealKey() throws {
        try files().prepare(purposes: [], storeWasEmpty: true, onlyLooks: false)
        #expect(try present == ["master.key"])
    }

    @Test func aReloadMakesNoKeyAndKeepsTheLastGoodOnes() throws {
        let files = try files()
        try files.prepare(purposes: [.recipient], storeWasEmpty: true, onlyLooks: false)
        let logger = Logger(label: "test", level: .critical)
        let tables = TableCache()
        let vault = try Vault(
            sealPath: files.seal.path, ringPath: files.master.path, purposes: [.recipient], tables: tables, logger: logger)
        for row in KeyRow.unannounced(of: .waybill, vault.sealKeys, in: tables) {
            try tables.apply(.keys, key: Array(row.key.utf8), value: row.json)
        }
        let ids = vault.sealKeys.keys.map(\.keyId)
        let sealed = try vault.seal([7], for: .waybill, .recipient, info: "i", aad: "a")
        let protected = try vault.protect("口令", aad: "a")
        for path in [files.seal.path, files.master.path] { try FileManager.default.moveItem(atPath: path, toPath: path + ".away") }
        vault.reload()
        #expect(try present == ["master.key.away", "seal.key.away"])
        #expect(vault.sealKeys.keys.map(\.keyId) == ids)
        #expect(try vault.open(sealed, info: "i", aad: "a") == [7])
        #expect(try vault.reveal(protected, aad: "a") == "口令")
        // An id that it does not know has it read them again.
        var foreign = sealed
        foreign.keyId = "0123456789abcdef"
        #expect(throws: CryptoError.self) { try vault.open(foreign, info: "i", aad: "a") }
        // Half a file is no file.
        try "nonsense".write(toFile: files.seal.path, atomically: true, encoding: .utf8)
        vault.reload()
        #expect(try vault.open(sealed, info: "i", aad: "a") == [7])
        // The old ones come back, with a newer one.
        try FileManager.default.removeItem(atPath: files.seal.path)
        for path in [files.seal.path, files.master.path] { try FileManager.default.moveItem(atPath: path + ".away", toPath: path) }
        _ = try SealKeys.rotate(path: files.seal.path, unlabelled: "recipient")
        vault.reload()
        #expect(vault.sealKeys.keys.count == 2)
    }
}
