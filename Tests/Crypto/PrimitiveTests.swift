import Crypto
import Foundation
import Testing

@Suite struct PrimitiveTests {
    @Test func digestsOfAbcAndOfNothingFIPS180_4RFC1321() {
        let abc = Array("abc".utf8)
        #expect(Hexadecimal.encode(Digest.sha1(abc)) == "a9993e364706816aba3e25717850c26c9cd0d89d")
        #expect(
            Hexadecimal.encode(Digest.sha256(abc)) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(Hexadecimal.encode(Digest.md5(abc), uppercase: true) == "900150983CD24FB0D6963F7D28E17F72")
        #expect(Hexadecimal.encode(Digest.sha1([])) == "da39a3ee5e6b4b0d3255bfef95601890afd80709")
        #expect(
            Hexadecimal.encode(Digest.sha256([])) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        #expect(Hexadecimal.encode(Digest.md5([])) == "d41d8cd98f00b204e9800998ecf8427e")
    }

    @Test func hmacSHA256RFC4231Cases1_2And6() {
        func mac(_ key: [UInt8], _ text: String) -> String { Hexadecimal.encode(Digest.hmacSHA256(Array(text.utf8), key: key)) }
        #expect(
            mac([UInt8](repeating: 0x0B, count: 20), "Hi There")
                == "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7")
        #expect(
            mac(Array("Jefe".utf8), "what do ya want for nothing?")
                == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
        #expect(
            mac([UInt8](repeating: 0xAA, count: 131), "Test Using Larger Than Block-Size Key - Hash Key First")
                == "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54")
    }

    @Test func theOtherHMACsRFC2202Case2RFC4231Case2() {
        let key = Array("Jefe".utf8)
        let message = Array("what do ya want for nothing?".utf8)
        #expect(Hexadecimal.encode(Digest.hmacMD5(message, key: key)) == "750c783e6ab0b503eaa86e310a5db738")
        #expect(Hexadecimal.encode(Digest.hmacSHA1(message, key: key)) == "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79")
        #expect(
            Hexadecimal.encode(Digest.hmacSHA512(message, key: key))
                == "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
                + "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737")
    }

    @Test func comparing() {
        #expect(Digest.areEqual([1, 2], [1, 2]))
        #expect(!Digest.areEqual([1, 2], [1, 3]))
        #expect(!Digest.areEqual([1, 2], [1, 2, 3]))
        #expect(Digest.areEqual([], []))
    }

    @Test func nameBasedUUIDsDNSNamesRFC4122NamespacesValuesAsPythonsUuid5GivesThem() throws {
        let dns = bytes("6ba7b8109dad11d180b400c04fd430c8")
        let ids = try NameBasedUUID(namespace: dns)
        func id(_ parts: String...) -> String {
            var text = [UInt8](repeating: 0, count: 36)
            let raw = parts.map { Array($0.utf8) } + [[], [], []]
            text.withUnsafeMutableBytes { text in
                raw[0].withUnsafeBytes { first in
                    raw[1].withUnsafeBytes { second in
                        raw[2].withUnsafeBytes { third in
                            raw[3].withUnsafeBytes { ids.make(first, second, third, $0, into: text) }
                        }
                    }
                }
            }
            return String(decoding: text, as: UTF8.self)
        }
        #expect(id("www.example.com") == "2ed6657d-e927-568b-95e1-2665a8aea6a2")
        #expect(id("python.org") == "886313e1-3b8a-5372-9b90-0c9aee199e5d")
        #expect(id("www", ".example", "", ".com") == id("www.example.com"))
        #expect(id("www", ".", "example", ".com") == id("www.example.com"))
        #expect(id("") == "4ebd0208-8328-5d69-8c44-ec50939c0967")
        #expect(throws: CryptoError.self) { _ = try NameBasedUUID(namespace: [1]) }
    }

    @Test func randomUUIDsAndBytes() throws {
        var seen: Set<String> = []
        for _ in 0..<1_000 {
            let id = RandomUUID.v4()
            #expect(UUID(uuidString: id) != nil && id == id.lowercased())
            #expect(Array(id)[14] == "4" && "89ab".contains(Array(id)[19]))
            seen.insert(id)
        }
        #expect(seen.count == 1_000)
        #expect(try Random.bytes(0).isEmpty)
        #expect(try Random.bytes(32).count == 32)
        #expect(try Random.bytes(32) != Random.bytes(32))
    }

    @Test(arguments: ["": "", "f": "Zg==", "fo": "Zm8=", "foo": "Zm9v", "foob": "Zm9vYg==", "fooba": "Zm9vYmE=", "foobar": "Zm9vYmFy"])
    func base64RFC4648Section10(_ plain: String, _ text: String) {
        #expect(Base64.encode(Array(plain.utf8)) == text)
        #expect(Base64.decode(text) == Array(plain.utf8))
        #expect(Base64URL.decode(text.replacing("=", with: "")) == Array(plain.utf8))
    }

    @Test func base64OfAllBytesAndLengthsIsAsFoundationHasIt() {
        for count in 0...300 {
            let plain = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ count) }
            let text = Data(plain).base64EncodedString()
            #expect(Base64.encode(plain) == text)
            #expect(Base64.decode(text) == plain)
            let url = text.replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
            #expect(Base64URL.decode(url) == plain)
        }
    }

    @Test(arguments: [
        "Z", "Zg", "Zg=", "Zg===", "====", "=", "Zm9v=", "Zh==", "Zm9=", "Zm9v\n", " Zm9", "Zm-_", "Z=g=", "Zg==Zg==", "é===",
    ])
    func base64ThatIsNotStrictIsRefused(_ text: String) { #expect(Base64.decode(text) == nil) }

    @Test(arguments: ["Z", "Zg==", "Zh", "Zm9", "Zm+/", "Zm 9", "Zm9vY"])
    func base64ForURLsThatIsNotStrictIsRefused(_ text: String) { #expect(Base64URL.decode(text) == nil) }

    @Test(arguments: [
        (
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        ),
        (
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        ),
        (
            "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
        ),
    ])
    func ed25519RFC8032Section7_1Tests1To3(_ seed: String, _ publicKey: String, _ message: String, _ signature: String) throws {
        let key = try Ed25519.PrivateKey(bytes(seed))
        let verifying = try Ed25519.PublicKey(bytes(publicKey))
        #expect(try key.publicKey().bytes == bytes(publicKey))
        #expect(try key.sign(bytes(message)) == bytes(signature))
        #expect(verifying.isValid(bytes(signature), of: bytes(message)))
        #expect(!verifying.isValid(bytes(signature), of: bytes(message) + [0]))
        for index in 0..<64 {
            var changed = bytes(signature)
            changed[index] ^= 1
            #expect(!verifying.isValid(changed, of: bytes(message)))
        }
        #expect(!verifying.isValid([], of: bytes(message)))
        #expect(!(try Ed25519.PrivateKey().publicKey()).isValid(bytes(signature), of: bytes(message)))
    }
}
