import CommandLine
import Crypto
import Foundation
import Runtime
import Testing

@testable import CLI

@Suite struct KeysTests {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("daifa-keys-\(UUID().uuidString)").path

    private func make() throws {
        for service in ["waybill", "binding"] {
            try FileManager.default.createDirectory(atPath: "\(folder)/\(service)", withIntermediateDirectories: true)
        }
        _ = try SealKeys.loadOrCreate(path: "\(folder)/waybill/seal.key", purposes: ["recipient", "credential"])
        _ = try KeyRing.loadOrCreate(path: "\(folder)/waybill/master.key")
        _ = try KeyRing.loadOrCreate(path: "\(folder)/binding/master.key")
    }

    @Test func aRotationGivesEveryPurposeANewKeyAndOldOnesStillOpen() throws {
        try make()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let before = try Keys.files(of: Keys.Place(data: folder)).flatMap { try Keys.lines($0) }
        #expect(before.map(\.purpose) == ["at-rest", "recipient", "credential", "at-rest"])
        #expect(before.allSatisfy { $0.isNewest })
        let encrypted = try KeyRing.loadOrCreate(path: "\(folder)/waybill/master.key").encrypt([1, 2], aad: [3])

        let command = KeysRotate()
        command.data = folder
        command.service = "waybill"
        command.json = true
        try command.run()

        let after = try Keys.files(of: Keys.Place(service: "waybill", data: folder)).flatMap { try Keys.lines($0) }
        #expect(after.map(\.purpose) == ["recipient", "credential", "recipient", "credential", "at-rest", "at-rest"])
        #expect(after.map(\.isNewest) == [false, false, true, true, false, true])
        #expect(Set(before.map(\.keyId)).isSubset(of: Set(after.map(\.keyId) + [before[0].keyId])))
        #expect(try KeyRing.loadOrCreate(path: "\(folder)/waybill/master.key").decrypt(encrypted, aad: [3]) == [1, 2])
        let binding = try Keys.files(of: Keys.Place(service: "binding", data: folder)).flatMap { try Keys.lines($0) }
        #expect(binding.count == 1)
    }

    @Test func filesThatSettingsNameAreRotatedWhereTheyAre() throws {
        try make()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let command = KeysRotate()
        command.service = "waybill"
        command.sealKey = "\(folder)/waybill/seal.key"
        command.json = true
        try command.run()
        let place = Keys.Place(service: "waybill", sealKey: command.sealKey, masterKey: "\(folder)/waybill/master.key")
        let lines = try Keys.files(of: place).flatMap { try Keys.lines($0) }
        #expect(lines.map(\.purpose) == ["recipient", "credential", "recipient", "credential", "at-rest"])
        #expect(throws: UsageError.self) { try Keys.files(of: Keys.Place(data: folder, sealKey: command.sealKey)) }
        let missing = #expect(throws: CommandFailure.self) { try Keys.files(of: Keys.Place(masterKey: "\(folder)/none.key")) }
        #expect(missing?.description.contains("--master-key") == true)
    }

    @Test func aServiceKeyIsMadeAndRotated() throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = "\(folder)/service.key"
        #expect(Daifa.execute(["keys", "service", "--out", path]) == .success)
        let made = try MACKeyFile(path: path).keys()
        #expect(made.count == 1)
        #expect(Daifa.execute(["keys", "service", "--out", path]) == .configuration, "it is there already")
        #expect(Daifa.execute(["keys", "service", "--out", path, "--rotate", "--json"]) == .success)
        #expect(Daifa.execute(["keys", "service", "--out", path, "--add"]) == .success)
        let ids = try MACKeyFile(path: path).keys().map(\.id)
        #expect(ids.count == 3 && ids[1] == made[0].id)
        #expect(Daifa.execute(["keys", "service", "--rotate"]) == .usage)
        #expect(Daifa.execute(["keys", "service", "--out", path, "--rotate", "--add"]) == .usage)
        #expect(Daifa.execute(["keys", "service", "--out", "\(folder)/none/service.key", "--add"]) == .configuration)
    }

    @Test func aFolderWithoutKeysAnUnknownServiceAndNoFolderAreTold() throws {
        try make()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        #expect(throws: CommandFailure.self) { try Keys.files(of: Keys.Place(service: "allocation", data: folder)) }
        #expect(throws: CommandFailure.self) { try Keys.files(of: Keys.Place(data: folder + "/none")) }
        #expect(throws: UsageError.self) { try Keys.files(of: Keys.Place(service: "pigeon", data: folder)) }
        #expect(throws: UsageError.self) { try Keys.files(of: Keys.Place()) }
        #expect(throws: UsageError.self) { try Keys.files(of: Keys.Place(data: folder, store: folder)) }
    }

    @Test func newFilesAreMadeOnceForTheServicesPurposes() throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let command = KeysNew()
        command.service = "console"
        command.sealKey = "\(folder)/seal"
        command.masterKey = "\(folder)/master"
        command.json = true
        try command.run()
        #expect(try SealKeys.read(path: "\(folder)/seal", purposes: ["credential"]).keys.count == 1)
        let ring = try KeyRing.read(path: "\(folder)/master").currentKeyId
        let again = #expect(throws: CommandFailure.self) { try command.run() }
        #expect(again?.description.contains("\(folder)/seal") == true)
        #expect(try KeyRing.read(path: "\(folder)/master").currentKeyId == ring)
        command.service = "binding"
        #expect(throws: UsageError.self) { try command.run() }
        command.service = nil
        #expect(throws: UsageError.self) { try command.run() }
    }

    @Test func listingMakesNothing() throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        #expect(throws: CryptoError.self) { try Keys.lines((service: "waybill", seal: nil, master: "\(folder)/none")) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == [])
    }
}
