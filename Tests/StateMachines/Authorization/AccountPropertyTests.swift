import Contracts
import JSON
import StateMachines
import Testing
import Threads

/// Many merchants at one PIN, with the partner's answers in any order between their commands.
@Suite struct AccountPropertyTests {
    private static let merchants = ["M1", "M2", "M3"]
    private static let ids = ["A", "B", "C", "D"]

    @Test(arguments: 1...16 as ClosedRange<UInt64>) func randomInterleavings(seed: UInt64) {
        let scene = AccountScene.pin()
        var random = Seeded(seed &* 7919)
        for _ in 0..<400 {
            if random.chance(45), let id = scene.scheduled.keys.sorted().randomElement(using: &random) {
                answer(scene, id, &random)
            } else {
                act(scene, &random)
            }
            if random.chance(3) { scene.now = Timestamp(milliseconds: scene.now.milliseconds + 400_000) }
            check(scene)
        }
        drain(scene, &random)
        check(scene)
        #expect(scene.faults == [])
        checkAnswers(scene)
        // Free again once everything of the owner's is revoked.
        for link in scene.state.links where link.life.isLinked { scene.revoke(link.authorizationId, of: link.merchantShopId) }
        #expect(scene.state.owner == nil)
        #expect(scene.grant("free", of: "M2", warehouse: "999").event(Granted.self)?.merchantShopId == "M2")
    }

    /// Each merchant has authorizations of his own, and sometimes tries another's.
    private func act(_ scene: AccountScene, _ random: inout Seeded) {
        let merchant = random.pick(Self.merchants)
        let id = "\(random.chance(5) ? random.pick(Self.merchants) : merchant)-\(random.pick(Self.ids))"
        switch Int.random(in: 0..<8, using: &random) {
        case 0, 1: scene.begin(id, of: merchant, warehouse: random.pick(["110", "220"]))
        case 2, 3: scene.complete(id, by: Actor(.merchant, merchant))
        case 4: scene.complete(id, by: Actor(.partner, "jd-fulfillment")) { $0.messageSubscription = true }
        case 5: scene.refresh(id, of: merchant)
        case 6: if random.chance(40) { scene.revoke(id, of: merchant) }
        default: scene.report(id, version: scene.link(id)?.life.version ?? 1)
        }
    }

    private func answer(_ scene: AccountScene, _ id: String, _ random: inout Seeded) {
        guard let effect = scene.scheduled[id]?.effect else { return }
        let isGood = random.chance(80)
        let tokens = TokenReply.tokens(.example("t\(Int.random(in: 0..<1000, using: &random))", refresh: random.chance(70) ? "r" : nil))
        let no = TokenReply.failed(random.pick(ConsentFailure.allCases), "no")
        switch effect {
        case let effect as ExchangeCode: scene.answer(id, .exchanged(effect, isGood ? tokens : no))
        case let effect as VerifyCodes: scene.answer(id, .verified(effect, isGood ? .known : .failed(.warehouseUnknown, nil)))
        case let effect as RefreshToken: scene.answer(id, .refreshed(effect, isGood ? tokens : no))
        case let effect as TokenEnds: scene.answer(id, .ended(effect))
        case let effect as SealCredential: scene.answer(id, .sealed(effect, Sealed(keyId: "k", enc: "e", ciphertext: "c")))
        default: Issue.record("nobody answers \(id)")
        }
    }

    /// What a partner is asked for at once is answered; refreshes to come stay.
    private func drain(_ scene: AccountScene, _ random: inout Seeded) {
        for _ in 0..<200 {
            let due = scene.scheduled.filter { $0.value.due.map { $0 <= scene.now } ?? true }.keys.sorted()
            guard let id = due.first else { return }
            answer(scene, id, &random)
        }
    }

    private func check(_ scene: AccountScene) {
        let state = scene.state
        let owners = Set(state.links.filter(\.life.isLinked).map(\.merchantShopId))
        #expect(owners.count <= 1)
        for row in state.warehouses where row.state != .closed {
            #expect(row.merchantShopId == state.owner)
            let link = scene.link(row.authorizationId)
            #expect((link?.life.grant != nil) == (row.state == .active), "\(row.warehouseId)")
            #expect(scene.tables.warehouses[row.warehouseId] == row)
        }
        for link in state.links {
            let ends =
                scene.effects(RefreshToken.self).count { $0.authorizationId == link.authorizationId }
                + scene.effects(TokenEnds.self).count { $0.authorizationId == link.authorizationId }
            #expect(ends == (link.life.grant == nil ? 0 : 1), "\(link.authorizationId)")
            let exchanges =
                scene.effects(ExchangeCode.self).count { $0.authorizationId == link.authorizationId }
                + scene.effects(VerifyCodes.self).count { $0.authorizationId == link.authorizationId }
            #expect(exchanges == (link.life.consent?.completing == nil ? 0 : 1), "\(link.authorizationId)")
        }
        for row in scene.tables.credentials.values {
            let life = scene.link(row.authorizationId)?.life
            #expect(life?.grant != nil && row.version <= life?.version ?? 0, "\(row.key)")
        }
    }

    /// Every command was answered, and none refused after it was accepted, or answered for two outcomes.
    private func checkAnswers(_ scene: AccountScene) {
        var first: [String: String] = [:]
        var kinds: [String: Set<String>] = [:]
        for emission in scene.published {
            guard let id = emission.answers, id.hasPrefix("command") else { continue }
            first[id] = first[id] ?? emission.name
            kinds[id, default: []].insert(emission.name)
        }
        let waiting = scene.state.links.flatMap { $0.life.grant?.waiting ?? [] }.map(\.id)
        for number in 1...scene.sent where !waiting.contains("command-\(number)") {
            #expect(first["command-\(number)"] != nil, "command-\(number) has no answer")
        }
        for (id, names) in kinds where names.contains(where: { $0.hasPrefix("refused") }) { #expect(names.count == 1, "\(id): \(names)") }
        for name in first.values { #expect(!name.hasPrefix("warehouse-"), "a progress event came before the answer") }
    }
}
