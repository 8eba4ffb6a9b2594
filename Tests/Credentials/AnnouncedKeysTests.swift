import Contracts
import Crypto
import Foundation
import JSON
import Machines
import Testing

@testable import Credentials

@Suite struct AnnouncedKeysTests {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("daifa-announce-\(UUID().uuidString)").path

    @Test func aNewKeysVersionIsAboveEveryOneThatWasAnnouncedAlsoByAStoreThatIsGone() throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let cache = TableCache()
        func announce(_ path: String) throws -> [KeyRow] {
            let keys = try SealKeys.loadOrCreate(path: path, purposes: ["recipient", "credential"])
            let rows = KeyRow.unannounced(of: .shipping, keys, in: cache)
            for row in rows { try cache.apply(.keys, key: Array(row.key.utf8), value: row.json) }
            return rows
        }
        #expect(try announce("\(folder)/first").map(\.version) == [1, 1])
        #expect(try announce("\(folder)/first").isEmpty)
        let second = try announce("\(folder)/second")
        #expect(second.map(\.version) == [2, 2])
        #expect(cache.newestKey(of: .shipping, .recipient)?.keyId == second.first?.keyId)
        _ = try SealKeys.rotate(path: "\(folder)/first", unlabelled: "recipient")
        #expect(try announce("\(folder)/first").map(\.version) == [3, 3])
        #expect(cache.newestKey(of: .waybill, .recipient) == nil)
    }
}
