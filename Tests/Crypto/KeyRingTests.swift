import Crypto
import Foundation
import Synchronization
import Testing

@Suite final class KeyRingTests {
    private let folder = NSTemporaryDirectory() + "keys-" + UUID().uuidString

    init() throws { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) }
    deinit { try? FileManager.default.removeItem(atPath: folder) }

    private func kind(_ body: () throws -> Void) -> CryptoError.Kind? {
        do { try body() } catch { return (error as? CryptoError)?.kind }
        return nil
    }

    @Test func aRingIsMadeOnceForItsOwnerOnlyAndReadAfterwards() throws {
        let path = folder + "/master.keys"
        let made = try KeyRing.loadOrCreate(path: path)
        let read = try KeyRing.loadOrCreate(path: path)
        #expect(made.keyIds == read.keyIds && made.keyIds.count == 1)
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["master.keys"])
        let secret = Array("口令".utf8)
        #expect(try read.decrypt(made.encrypt(secret, aad: [1]), aad: [1]) == secret)
        #expect(try read.decrypt(made.encrypt([], aad: []), aad: []) == [])
        #expect(try made.encrypt(secret, aad: [1]) != made.encrypt(secret, aad: [1]))
    }

    @Test func anyChangeIsRefused() throws {
        let ring = try KeyRing.loadOrCreate(path: folder + "/ring")
        let value = try ring.encrypt([1, 2, 3], aad: [9])
        for index in value.indices {
            var changed = value
            changed[index] ^= 1
            #expect(throws: CryptoError.self) { try ring.decrypt(changed, aad: [9]) }
        }
        for count in value.indices { #expect(throws: CryptoError.self) { try ring.decrypt(Array(value.prefix(count)), aad: [9]) } }
        #expect(kind { _ = try ring.decrypt(value, aad: [8]) } == .authentication)
        #expect(kind { _ = try ring.decrypt(value, aad: []) } == .authentication)
        #expect(kind { _ = try KeyRing.loadOrCreate(path: folder + "/other").decrypt(value, aad: [9]) } == .unknownKey)
    }

    @Test func afterARotationTheNewKeyEncryptsAndTheOldOnesDecrypt() throws {
        let path = folder + "/ring"
        var ring = try KeyRing.loadOrCreate(path: path)
        let stale = ring
        let old = try ring.encrypt([1], aad: [])
        try ring.rotate()
        #expect(ring.keyIds.count == 2 && ring.currentKeyId != stale.currentKeyId)
        #expect(try ring.decrypt(old, aad: []) == [1])
        let new = try ring.encrypt([2], aad: [])
        #expect(kind { _ = try stale.decrypt(new, aad: []) } == .unknownKey)
        let reloaded = try KeyRing.loadOrCreate(path: path)
        #expect(reloaded.keyIds == ring.keyIds)
        #expect(try reloaded.decrypt(new, aad: []) == [2])
        // One who rotates from an old view keeps what others added.
        var late = stale
        try late.rotate()
        #expect(late.keyIds.starts(with: ring.keyIds) && late.keyIds.count == 3)
    }

    @Test func allWhoRaceForANewFileGetTheSameKey() throws {
        for round in 0..<5 {
            let (path, sealPath) = ("\(folder)/ring-\(round)", "\(folder)/seal-\(round)")
            let results = Mutex<[[String]]>([])
            let (gate, finished) = (DispatchSemaphore(value: 0), DispatchGroup())
            for _ in 0..<8 {
                // Threads, because tasks run a few at a time and would take turns.
                finished.enter()
                Thread.detachNewThread {
                    defer { finished.leave() }
                    gate.wait()
                    let ring = try? KeyRing.loadOrCreate(path: path).currentKeyId
                    let seal = try? SealKeys.loadOrCreate(path: sealPath, purposes: ["recipient"]).keys.first?.keyId
                    results.withLock { $0.append([ring ?? "failed", seal ?? "failed"]) }
                }
            }
            for _ in 0..<8 { gate.signal() }
            finished.wait()
            let kept = [
                try KeyRing.loadOrCreate(path: path).currentKeyId,
                try #require(try SealKeys.loadOrCreate(path: sealPath, purposes: ["recipient"]).keys.first?.keyId),
            ]
            #expect(results.withLock { $0 } == [[String]](repeating: kept, count: 8))
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).count == 10)
    }

    @Test func noRotationIsLostWhenSeveralRotateAtOnce() async throws {
        let path = folder + "/ring"
        _ = try KeyRing.loadOrCreate(path: path)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    var ring = try KeyRing.loadOrCreate(path: path)
                    try ring.rotate()
                }
            }
            try await group.waitForAll()
        }
        #expect(try KeyRing.loadOrCreate(path: path).keyIds.count == 9)
    }

    @Test func aRingFromText() throws {
        let key = Base64.encode([UInt8](repeating: 7, count: 32))
        var ring = try KeyRing(text: "# comment\n\na1 \(key)\n  b-2\t\(key)  \r\n")
        #expect(ring.keyIds == ["a1", "b-2"])
        #expect(kind { try ring.rotate() } == .file)
        for bad in ["", "# nothing", "a", "a \(key) x", "a \(key.dropLast())", "a AAAA", "a/b \(key)", "a \(key)\na \(key)"] {
            #expect(kind { _ = try KeyRing(text: bad) } == .malformed, "\(bad)")
        }
        let error = #expect(throws: CryptoError.self) { try KeyRing(text: "ok \(key)\nsecret") }
        #expect(error?.message.contains("line 2") == true)
        #expect(error?.message.contains("secret") == false)
    }

    @Test func aFileThatCannotBeMadeOrReadSaysWhere() throws {
        for path in [folder + "/missing/ring", "/proc/ring", folder] {
            let error = #expect(throws: CryptoError.self) { try KeyRing.loadOrCreate(path: path) }
            #expect(error?.kind == .file)
            #expect(error?.message.contains(path) == true)
        }
    }

    @Test func aSealKeysIdIsItsPublicKeysDigest() throws {
        let path = folder + "/seal.key"
        let made = try #require(try SealKeys.loadOrCreate(path: path, purposes: ["recipient"]).newest("recipient"))
        let read = try #require(try SealKeys.loadOrCreate(path: path, purposes: ["recipient"]).newest("recipient"))
        #expect(made.keyId == read.keyId && made.keyPair == read.keyPair)
        #expect(made.keyId == Hexadecimal.encode(Digest.sha256(made.keyPair.publicKey).prefix(8)))
        let sealed = try HPKE.seal([5], to: made.keyPair.publicKey, info: [], aad: [])
        #expect(try HPKE.open(sealed, with: read.keyPair, info: [], aad: []) == [5])

        let key = Base64.encode(made.keyPair.privateKey)
        for bad in ["0000000000000000 \(key)\n", "\(made.keyId) \(key)\nx \(key)\n", "\(made.keyId) \(key) a b\n"] {
            try Data(bad.utf8).write(to: URL(fileURLWithPath: path))
            #expect(kind { _ = try SealKeys.loadOrCreate(path: path, purposes: ["recipient"]) } == .malformed)
        }
    }

    @Test
    func aNewPurposeGetsAKeyAndARotationAddsOneForEach() throws {
        let path = folder + "/seal.key"
        let pair = try HPKE.generateKeyPair()
        let old = SealKeys.keyId(of: pair.publicKey)
        try Data("\(old) \(Base64.encode(pair.privateKey))\n".utf8).write(to: URL(fileURLWithPath: path))
        let grown = try SealKeys.loadOrCreate(path: path, purposes: ["recipient", "credential"])
        #expect(grown.keys.map(\.purpose) == ["recipient", "credential"])
        #expect(grown.newest("recipient")?.keyId == old)

        let none = folder + "/none.key"
        #expect(try SealKeys.loadOrCreate(path: none, purposes: []).keys.isEmpty)
        #expect(!FileManager.default.fileExists(atPath: none))

        let rotated = try SealKeys.rotate(path: path, unlabelled: "recipient")
        #expect(rotated.keys.map(\.purpose) == ["recipient", "credential", "recipient", "credential"])
        #expect(rotated.keys.map(\.version) == [1, 1, 2, 2])
        #expect(rotated.newest("recipient")?.keyId != old)
        #expect(rotated.key(old)?.keyPair == pair)
        let again = try SealKeys.loadOrCreate(path: path, purposes: ["recipient", "credential"])
        #expect(again.keys.map(\.keyId) == rotated.keys.map(\.keyId))
    }
}
