import Contracts
import JSON
import Machines
import Testing

@testable import Credentials

@Suite struct OutdatedSealsTests {
    private let cache = TableCache()

    private func announce(_ keyId: String, version: Int, _ purpose: KeyPurpose = .credential) throws {
        let row = KeyRow(service: .console, keyId: keyId, purpose: purpose, publicKey: "k", version: version)
        try cache.apply(.keys, key: Array(row.key.utf8), value: row.json)
    }

    private func seal(_ id: String, with keyId: String, enc: String = "e", for service: ServiceName = .console) throws {
        let row = CredentialRow(
            authorizationId: id, service: service, provider: "", account: "jd-fulfillment:\(id)",
            sealed: Sealed(keyId: keyId, enc: enc, ciphertext: "c"), version: 3)
        try cache.apply(.credentials, key: Array(row.key.utf8), value: row.json)
    }

    @Test func whatIsSealedWithAnOlderKeyIsToldOnce() throws {
        var seals = OutdatedSeals(cache)
        try announce("old", version: 1)
        try seal("A", with: "old")
        try seal("B", with: "old", for: .shipping)
        #expect(seals.next().isEmpty)
        try announce("other", version: 9, .recipient)
        #expect(seals.next().isEmpty, "a key for something else")
        try announce("new", version: 2)
        let outdated = try #require(seals.next().first)
        #expect(outdated.account == "jd-fulfillment:A" && outdated.seal.authorizationId == "A" && outdated.seal.service == .console)
        #expect(outdated.seal.version == 3 && outdated.seal.keyId == "new")
        #expect(seals.next().isEmpty)
        // When another one changes.
        try seal("C", with: "old")
        #expect(seals.next().map(\.account) == ["jd-fulfillment:C"])
        try seal("C", with: "new")
        #expect(seals.next().isEmpty)
        // A seal that was under way meanwhile.
        try seal("A", with: "old", enc: "later")
        #expect(seals.next().count == 1)
        try seal("A", with: "new")
        #expect(seals.next().isEmpty)
    }

    @Test func whatWasNotPassedOnIsToldAgain() throws {
        var seals = OutdatedSeals(cache)
        try seal("A", with: "old")
        try announce("new", version: 2)
        #expect(seals.next().count == 1)
        seals.forget()
        #expect(seals.next().count == 1)
        // Nobody waits for what is gone.
        try cache.apply(.credentials, key: Array(CredentialRow.key("A", .console).utf8), value: nil)
        #expect(seals.next().isEmpty)
    }
}
