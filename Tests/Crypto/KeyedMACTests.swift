import Crypto
import Foundation
import Testing

@Suite struct KeyedMACTests {
    private static func code(_ mac: KeyedMAC, _ parts: [[UInt8]]) -> [UInt8] {
        mac.begin()
        for part in parts { part.withUnsafeBytes { mac.add($0) } }
        var code = [UInt8](repeating: 0, count: KeyedMAC.size)
        code.withUnsafeMutableBytes { mac.finish(into: $0) }
        return code
    }

    /// RFC 4231, cases 1, 2 and 6.
    @Test func codesAreThoseOfTheStandard() throws {
        for (key, text, expected) in [
            ([UInt8](repeating: 0x0B, count: 20), "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
            (
                Array("Jefe".utf8), "what do ya want for nothing?",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
            ),
            (
                [UInt8](repeating: 0xAA, count: 131), "Test Using Larger Than Block-Size Key - Hash Key First",
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
            ),
        ] {
            #expect(Hexadecimal.encode(Self.code(try KeyedMAC(key: key), [Array(text.utf8)])) == expected)
        }
    }

    @Test func oneKeyMakesManyCodesAsOpenSSLDoes() throws {
        let key = try Random.bytes(32)
        let mac = try KeyedMAC(key: key)
        for length in [0, 1, 31, 55, 56, 63, 64, 65, 119, 128, 1000, 100_000] {
            let message = try Random.bytes(length)
            let half = length / 2
            #expect(Self.code(mac, [Array(message[..<half]), Array(message[half...])]) == Digest.hmacSHA256(message, key: key))
        }
    }

    @Test func countedPartsTellTheirBorders() throws {
        let mac = try KeyedMAC(key: [1])
        func code(_ parts: [UInt8]...) -> [UInt8] {
            mac.begin()
            for part in parts { part.withUnsafeBytes { mac.add(counted: $0) } }
            var code = [UInt8](repeating: 0, count: KeyedMAC.size)
            code.withUnsafeMutableBytes { mac.finish(into: $0) }
            return code
        }
        #expect(code([1, 2], [3]) != code([1], [2, 3]))
        #expect(code([], [1]) != code([1], []))
        #expect(code([7], []) == Self.code(mac, [[0, 0, 0, 0, 0, 0, 0, 1, 7, 0, 0, 0, 0, 0, 0, 0, 0]]))
    }

    @Test func digestsOfPartsAreThoseOfTheWhole() throws {
        let digest = try MessageDigest()
        for parts in [[[]], [[1, 2], [3]], [[UInt8](repeating: 9, count: 200)]] as [[[UInt8]]] {
            digest.begin()
            for part in parts { part.withUnsafeBytes { digest.add($0) } }
            var result = [UInt8](repeating: 0, count: MessageDigest.size)
            result.withUnsafeMutableBytes { digest.finish(into: $0) }
            #expect(result == Digest.sha256(parts.flatMap { $0 }))
        }
    }
}

@Suite struct MACKeyFileTests {
    private let path = FileManager.default.temporaryDirectory.appendingPathComponent("daifa-mac-\(UUID().uuidString)").path

    @Test func aFileIsMadeOnceForItsOwnerAlone() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        let file = MACKeyFile(path: path)
        #expect(file.stamp == nil)
        #expect(throws: CryptoError.self) { try file.keys() }
        #expect(!FileManager.default.fileExists(atPath: path), "reading makes nothing")
        #expect(try file.create())
        let keys = try file.keys()
        #expect(keys.count == 1 && keys[0].bytes.count == MACKeyFile.keySize)
        #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o600)
        #expect(try !file.create())
        #expect(try file.keys() == keys)
    }

    @Test func keysAreAddedBeforeAndBehind() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        let file = MACKeyFile(path: path)
        try file.create()
        let (first, stamp) = (try file.keys()[0].id, file.stamp)
        let signing = try file.add(signing: true)
        #expect(file.stamp != stamp)
        let verifying = try file.add(signing: false)
        #expect(try file.keys().map(\.id) == [signing, first, verifying])
    }

    @Test func aFileWithoutKeysIsTold() throws {
        try Data("nonsense\n".utf8).write(to: URL(fileURLWithPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        #expect(throws: CryptoError.self) { try MACKeyFile(path: path).create() }
        #expect(throws: CryptoError.self) { try MACKeyFile(path: path).add(signing: true) }
    }
}
