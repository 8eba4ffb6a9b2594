import Crypto
import Foundation
import Testing

/// A sealed message and all it takes to open it, in hexadecimal.
struct HPKEVector: Sendable, CustomTestStringConvertible {
    var name: String
    var privateKey: String
    var publicKey: String
    var enc: String
    var info: String
    var aad: String
    var ciphertext: String
    var plaintext: String

    var testDescription: String { name }
    var pair: HPKE.KeyPair { HPKE.KeyPair(publicKey: bytes(publicKey), privateKey: bytes(privateKey)) }
    var sealed: HPKE.Sealed { HPKE.Sealed(enc: bytes(enc), ciphertext: bytes(ciphertext)) }

    /// From the test vectors that accompany RFC 9180 (cfrg/draft-irtf-cfrg-hpke, test-vectors.json): mode 0, kem 0x0020,
    /// kdf 0x0001, aead 0x0002, first encryption. The RFC's own appendix does not print this suite.
    static let rfc9180 = HPKEVector(
        name: "RFC 9180",
        privateKey: "497b4502664cfea5d5af0b39934dac72242a74f8480451e1aee7d6a53320333d",
        publicKey: "430f4b9859665145a6b1ba274024487bd66f03a2dd577d7753c68d7d7d00c00c",
        enc: "6c93e09869df3402d7bf231bf540fadd35cd56be14f97178f0954db94b7fc256",
        info: "4f6465206f6e2061204772656369616e2055726e",
        aad: "436f756e742d30",
        ciphertext: "e5d84cd531cfb583096e7cfa9641bd3079cf3a91cda813c52deb5f512be9931980a41de125a925cdad859d5b7a",
        plaintext: "4265617574792069732074727574682c20747275746820626561757479")
}

func bytes(_ hexadecimal: String) -> [UInt8] {
    let digits = hexadecimal.utf8.map { UInt8($0 > 0x40 ? $0 - 0x61 + 10 : $0 - 0x30) }
    return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
}

@Suite struct HPKETests {
    @Test(arguments: HPKEVectors.madeByPyHPKE + [.rfc9180])
    func opensWhatOthersSealed(_ vector: HPKEVector) throws {
        let plaintext = try HPKE.open(
            vector.sealed, with: vector.pair, info: bytes(vector.info), aad: bytes(vector.aad))
        #expect(plaintext == bytes(vector.plaintext))
        #expect(try HPKE.KeyPair(privateKey: bytes(vector.privateKey)) == vector.pair)
    }

    @Test(arguments: [0, 1, 16, 1_000, 100_000])
    func opensWhatItSealed(_ size: Int) throws {
        let pair = try HPKE.generateKeyPair()
        let plaintext = [UInt8](repeating: 0x42, count: size)
        let sealed = try HPKE.seal(plaintext, to: pair.publicKey, info: [1], aad: [2])
        #expect(sealed.enc.count == 32)
        #expect(sealed.ciphertext.count == size + 16)
        #expect(try HPKE.open(sealed, with: pair, info: [1], aad: [2]) == plaintext)
        // Each message has a key of its own.
        #expect(try HPKE.seal(plaintext, to: pair.publicKey, info: [1], aad: [2]) != sealed)
    }

    @Test func anyChangeIsRefused() throws {
        let vector = HPKEVectors.madeByPyHPKE[0]
        let (info, aad) = (bytes(vector.info), bytes(vector.aad))
        func refuses(_ sealed: HPKE.Sealed, _ pair: HPKE.KeyPair, _ info: [UInt8], _ aad: [UInt8]) -> Bool {
            do { _ = try HPKE.open(sealed, with: pair, info: info, aad: aad) } catch { return error.kind == .authentication }
            return false
        }
        #expect(!refuses(vector.sealed, vector.pair, info, aad))
        for index in vector.sealed.ciphertext.indices {
            var changed = vector.sealed
            changed.ciphertext[index] ^= 1
            #expect(refuses(changed, vector.pair, info, aad))
        }
        for index in vector.sealed.enc.indices {
            var changed = vector.sealed
            changed.enc[index] ^= 1
            #expect(refuses(changed, vector.pair, info, aad))
        }
        #expect(refuses(vector.sealed, vector.pair, info + [0], aad))
        #expect(refuses(vector.sealed, vector.pair, [], aad))
        #expect(refuses(vector.sealed, vector.pair, info, aad + [0]))
        #expect(refuses(vector.sealed, vector.pair, info, []))
        #expect(refuses(vector.sealed, vector.pair, aad, info))
        #expect(refuses(vector.sealed, try HPKE.generateKeyPair(), info, aad))
        var shorter = vector.sealed
        shorter.ciphertext.removeLast()
        #expect(refuses(shorter, vector.pair, info, aad))
    }

    @Test func wrongLengthsAndPointsThatGiveNoSecretAreErrors() throws {
        let pair = try HPKE.generateKeyPair()
        let sealed = try HPKE.seal([1], to: pair.publicKey, info: [], aad: [])
        #expect(throws: CryptoError.self) { try HPKE.seal([1], to: Array(pair.publicKey.dropLast()), info: [], aad: []) }
        // The point of order one: the shared secret would be zero (RFC 9180, section 7.1.4).
        let none = #expect(throws: CryptoError.self) { try HPKE.seal([1], to: [UInt8](repeating: 0, count: 32), info: [], aad: []) }
        #expect(none?.kind == .malformed)
        for bad in [
            HPKE.Sealed(enc: [], ciphertext: sealed.ciphertext), HPKE.Sealed(enc: sealed.enc, ciphertext: []),
            HPKE.Sealed(enc: sealed.enc, ciphertext: Array(sealed.ciphertext.prefix(15))),
        ] {
            let error = #expect(throws: CryptoError.self) { try HPKE.open(bad, with: pair, info: [], aad: []) }
            #expect(error?.kind == .malformed)
        }
        #expect(throws: CryptoError.self) { try HPKE.KeyPair(privateKey: [1, 2, 3]) }
    }

    @Test func manyThreadsAtOnce() async throws {
        let pair = try HPKE.generateKeyPair()
        let opened = try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in UInt8(0)..<64 {
                group.addTask {
                    let sealed = try HPKE.seal([number], to: pair.publicKey, info: [number], aad: [])
                    return try HPKE.open(sealed, with: pair, info: [number], aad: []) == [number]
                }
            }
            return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(opened == 64)
    }

    /// With DAIFA_PYHPKE_PYTHON naming a Python that has pyhpke.
    @Test(.enabled(if: ProcessInfo.processInfo.environment["DAIFA_PYHPKE_PYTHON"] != nil))
    func othersOpenWhatItSealed() throws {
        let python = Process()
        python.executableURL = URL(fileURLWithPath: ProcessInfo.processInfo.environment["DAIFA_PYHPKE_PYTHON"] ?? "")
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("make-vectors.py")
        python.arguments = [script.path, "open"]
        let (input, output) = (Pipe(), Pipe())
        python.standardInput = input
        python.standardOutput = output
        try python.run()
        var expected: [String] = []
        for size in [1, 16, 500] {
            let pair = try HPKE.generateKeyPair()
            let plaintext = try Random.bytes(size)
            let sealed = try HPKE.seal(plaintext, to: pair.publicKey, info: [7], aad: [8, 9])
            for aad in ["0809", "0808"] {
                let fields = [
                    Hexadecimal.encode(pair.privateKey), Hexadecimal.encode(sealed.enc), "07", aad,
                    Hexadecimal.encode(sealed.ciphertext),
                ]
                input.fileHandleForWriting.write(Data((fields.joined(separator: " ") + "\n").utf8))
                expected.append(aad == "0809" ? Hexadecimal.encode(plaintext) : "refused")
            }
        }
        try input.fileHandleForWriting.close()
        let lines = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self).split(separator: "\n")
        python.waitUntilExit()
        #expect(lines.map(String.init) == expected)
    }
}
