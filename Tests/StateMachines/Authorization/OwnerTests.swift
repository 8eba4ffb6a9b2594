import Contracts
import JSON
import Machines
import Testing
import Threads

@testable import StateMachines

/// Accounts whose consents are given by one login or another, with items between them and the logins in the order in which they are told.
private final class OwnersScene {
    private var accounts: [String: AccountScene] = [:]
    private var owners: [String: OwnerMachine.State] = [:]
    private var waiting: [(item: any InternalItem, origin: Origin)] = []

    func account(_ pin: String) -> AccountScene {
        if let known = accounts[pin] { return known }
        let scene = AccountScene(key: "jd-fulfillment:\(pin)")
        accounts[pin] = scene
        return scene
    }

    var held: [String: [String]] { owners.filter { !$0.value.holders.isEmpty }.mapValues(\.holders) }

    /// Keeps what is told, and gives on the rest.
    private func keep(_ emissions: [Emission]) -> [Emission] {
        emissions.filter { emission in
            guard case .item(let item, _, let origin) = emission else { return true }
            waiting.append((item, origin))
            return false
        }
    }

    /// Until an answer is awaited that `deliver` has to bring.
    func verify(_ id: String, under pin: String, of merchant: String, by login: String?, warehouse: String = "110") {
        let scene = account(pin)
        scene.begin(id, of: merchant, warehouse: warehouse)
        scene.complete(id)
        scene.exchanged(id, .tokens(.example(owner: login)))
        _ = keep(scene.verified(id))
    }

    /// Delivers one item after another until none is left; what the accounts let out because of it.
    func deliver() -> [Emission] {
        var out: [Emission] = []
        while !waiting.isEmpty {
            let (item, origin) = waiting.removeFirst()
            switch item {
            case let claim as OwnerClaim: decide(claim.owner, .claim(claim), origin)
            case let release as OwnerRelease: decide(release.owner, .release(release), origin)
            case let answer as OwnerAnswer:
                let pin = String(answer.account.dropFirst("jd-fulfillment:".count))
                out += keep(account(pin).tell(.owned(answer), origin))
            default: Issue.record("nobody takes \(type(of: item))")
            }
        }
        return out
    }

    func grant(_ id: String, under pin: String, of merchant: String, by login: String?, warehouse: String = "110") -> [Emission] {
        verify(id, under: pin, of: merchant, by: login, warehouse: warehouse)
        return deliver()
    }

    func revoke(_ id: String, under pin: String, of merchant: String) {
        _ = keep(account(pin).revoke(id, of: merchant))
        _ = deliver()
    }

    private func decide(_ owner: String, _ input: OwnerMachine.Input, _ origin: Origin) {
        var state = owners[owner] ?? OwnerMachine.State()
        let now = Timestamp(milliseconds: 0)
        let context = Context(origin: origin, actor: Actor(.service, "authorization"), time: now, now: now, tables: MemoryTables())
        let outbox = RecordingOutbox(handling: origin, of: OwnerMachine.self)
        if case .accept(let events) = OwnerMachine.decide(state, input, context) {
            for event in events {
                OwnerMachine.evolve(&state, event)
                event.publish(to: outbox)
            }
        }
        owners[owner] = state
        _ = keep(outbox.emissions)
    }
}

struct OwnerTests {
    @Test func anotherSpellingOfThePINIsNoOtherOwner() {
        let scene = OwnersScene()
        #expect(scene.grant("A", under: "pin", of: "M1", by: "u-1").event(Granted.self)?.merchantShopId == "M1")
        let refused = scene.grant("B", under: "p1n", of: "M2", by: "u-1")
        #expect(refused.refusal?.code == .pinLinkedToOtherMerchant && refused.event(Granted.self) == nil)
        // Its one answer is that of the `complete`.
        #expect(refused.compactMap(\.answers) == ["command-2"])
        #expect(scene.account("p1n").state.owner == nil && scene.held.values.map(\.count) == [1])
        // Somebody else may log in there.
        #expect(scene.grant("B", under: "p1n", of: "M2", by: "u-2").event(Granted.self) != nil)
    }

    @Test func oneMerchantMayLinkSeveralAccountsAndWarehouses() {
        let scene = OwnersScene()
        for (id, pin, warehouse) in [("A", "pin", "110"), ("B", "pin", "120"), ("C", "p1n", "110")] {
            #expect(scene.grant(id, under: pin, of: "M1", by: "u-1", warehouse: warehouse).event(Granted.self) != nil)
        }
        scene.revoke("A", under: "pin", of: "M1")
        scene.revoke("B", under: "pin", of: "M1")
        #expect(scene.grant("D", under: "other", of: "M2", by: "u-1").refusal?.code == .pinLinkedToOtherMerchant)
        scene.revoke("C", under: "p1n", of: "M1")
        #expect(scene.held.isEmpty)
        #expect(scene.grant("D", under: "other", of: "M2", by: "u-1").event(Granted.self) != nil)
    }

    @Test func whatIsSuspendedStaysLinked() {
        let scene = OwnersScene()
        _ = scene.grant("A", under: "pin", of: "M1", by: "u-1")
        scene.account("pin").refreshed("A", .failed(.partnerRejected, "no"))
        #expect(scene.grant("B", under: "p1n", of: "M2", by: "u-1").refusal?.code == .pinLinkedToOtherMerchant)
        scene.revoke("A", under: "pin", of: "M1")
        #expect(scene.grant("B", under: "p1n", of: "M2", by: "u-1").event(Granted.self) != nil)
    }

    @Test func aWarehouseThatIsTakenOverGivesItsOwnerBack() {
        let scene = OwnersScene()
        _ = scene.grant("A", under: "pin", of: "M1", by: "u-1")
        _ = scene.grant("B", under: "pin", of: "M1", by: "u-2")
        _ = scene.deliver()
        #expect(scene.held == ["jd-fulfillment:eclp:u-2": ["jd-fulfillment:pin#B"]])
        // The same authorization, given by a third login.
        _ = scene.grant("B", under: "pin", of: "M1", by: "u-3")
        #expect(scene.held == ["jd-fulfillment:eclp:u-3": ["jd-fulfillment:pin#B"]])
    }

    /// A later `begin` takes the consent's place before the answer comes.
    @Test func anAnswerThatNobodyWaitsForIsGivenBack() {
        let scene = OwnersScene()
        scene.verify("A", under: "pin", of: "M1", by: "u-1")
        scene.account("pin").begin("A")
        #expect(scene.deliver().event(Granted.self) == nil)
        #expect(scene.held.isEmpty && scene.account("pin").state.owner == nil)
    }

    @Test func anotherMerchantThatIsGrantedMeanwhileKeepsTheAccount() {
        let scene = OwnersScene()
        scene.verify("A", under: "pin", of: "M1", by: "u-1")
        scene.verify("B", under: "pin", of: "M2", by: "u-2")
        let out = scene.deliver()
        #expect(out.event(Granted.self)?.merchantShopId == "M1" && out.refusal?.code == .pinLinkedToOtherMerchant)
        #expect(scene.held == ["jd-fulfillment:eclp:u-1": ["jd-fulfillment:pin#A"]])
    }

    @Test func whoIsNotToldIsNotCompared() {
        let scene = OwnersScene()
        #expect(scene.grant("A", under: "pin", of: "M1", by: nil).event(Granted.self) == nil)
        #expect(scene.account("pin").state.owner == "M1" && scene.held.isEmpty)
    }
}

struct OwnerTableTests {
    private static func claim(_ authorizationId: String, of merchant: String = "M1") -> OwnerClaim {
        OwnerClaim(owner: "o", account: "jd-fulfillment:pin", authorizationId: authorizationId, merchantShopId: merchant)
    }

    private static func release(_ authorizationId: String) -> OwnerMachine.Input {
        .release(OwnerRelease(owner: "o", account: "jd-fulfillment:pin", authorizationId: authorizationId))
    }

    private static func held(_ authorizationIds: String...) -> OwnerMachine.State {
        var state = OwnerMachine.State()
        for id in authorizationIds { OwnerMachine.evolve(&state, .granted(claim(id))) }
        return state
    }

    @Test func everyRowOfTheTableHolds() throws {
        let table = StateTable<OwnerMachine>(
            file: "Shared/StateMachines/Authorization/OwnerMachine.swift",
            states: ["free": OwnerMachine.State(), "held": Self.held("A"), "held twice": Self.held("A", "B")],
            inputs: [
                "claim": .claim(Self.claim("A")), "claim again": .claim(Self.claim("A")),
                "claim of the same merchant": .claim(Self.claim("B")),
                "claim of another merchant": .claim(Self.claim("C", of: "M2")), "release": Self.release("A"),
                "release of another": Self.release("Z"),
            ], actor: { _, _ in Actor(.service, "authorization") }, whole: ["release"],
            name: { $0.holders.isEmpty ? "free" : $0.holders.count == 1 ? "held" : "held twice" },
            emissionName: { emission in
                guard case .item(let answer as OwnerAnswer, _, _) = emission else { return emission.name }
                return answer.isGranted ? "answer granted" : "answer denied"
            })
        #expect(try table.problems() == [])
    }
}
