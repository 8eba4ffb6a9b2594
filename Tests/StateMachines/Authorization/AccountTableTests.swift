import Contracts
import JSON
import Machines
import StateMachines
import Testing
import Threads

/// The table in the machine's docstring, row by row, for the authorization `A`.
@Suite struct AccountTableTests {
    private static func state(_ prepare: (AccountScene) -> Void) -> AccountState {
        let scene = AccountScene.pin()
        prepare(scene)
        return scene.state
    }

    private static let states: [String: AccountState] = [
        "none": AccountState(),
        "requested": state { $0.begin("A") },
        "exchanging": state {
            $0.begin("A")
            $0.complete("A")
        },
        "verifying": state {
            $0.begin("A")
            $0.complete("A")
            $0.exchanged("A")
        },
        "granted": state { $0.grant("A") },
        "expired": state {
            $0.grant("A")
            $0.refreshed("A", .failed(.partnerRejected, "no"))
        },
        "revoked": state {
            $0.grant("A")
            $0.revoke("A")
        },
        "replaced": state {
            $0.grant("A")
            $0.grant("B")
        },
        "failed": state {
            $0.begin("A")
            $0.complete("A")
            $0.exchanged("A", .failed(.exchangeLost, "no"))
        },
    ]

    private static func name(_ state: AccountState) -> String {
        state.links.first { $0.authorizationId == "A" }?.phase.rawValue ?? "none"
    }

    /// The state that a consent of `A` has, or had last.
    private static func consentState(_ state: AccountState) -> String {
        let life = state.links.first { $0.authorizationId == "A" }?.life
        return life?.consent?.state ?? life?.over.last ?? "none"
    }

    @Test func everyRowOfTheAccountsTableHolds() throws {
        let refresh = Refresh(authorizationId: "A", merchantShopId: "M1")
        let revoke = Revoke(authorizationId: "A", merchantShopId: "M1")
        let report = ReportToken(authorizationId: "A", service: .shipping, version: 1)
        var exchange = ExchangeCode()
        exchange.authorizationId = "A"
        var verify = VerifyCodes()
        verify.authorizationId = "A"
        var refreshing = RefreshToken()
        refreshing.authorizationId = "A"
        var ends = TokenEnds()
        ends.authorizationId = "A"
        var seal = SealCredential()
        seal.authorizationId = "A"
        seal.version = 1
        let outdated = AccountSealOutdated(account: "", seal: OutdatedSeal(authorizationId: "A", service: .shipping, version: 1, keyId: ""))
        let rest: [String: AccountMachine.Input] = [
            "begin": .begin(AccountScene.begin("A")), "refresh": .refresh(refresh), "revoke": .revoke(revoke),
            "report-token": .reportToken(report), "tokens": .exchanged(exchange, .tokens(.example())),
            "no tokens": .exchanged(exchange, .failed(.partnerRejected, "no")), "codes known": .verified(verify, .known),
            "codes unknown": .verified(verify, .failed(.warehouseUnknown, nil)),
            "newer tokens": .refreshed(refreshing, .tokens(.example("b"))),
            "no newer tokens": .refreshed(refreshing, .failed(.partnerRejected, "no")), "token ends": .ended(ends),
            "sealed": .sealed(seal, Sealed(keyId: "k", enc: "e", ciphertext: "c")), "seal outdated": .sealOutdated(outdated),
        ]
        // A complete names the state of the consent at hand: one table for each state.
        var problems: Set<String> = []
        for (state, example) in Self.states {
            let complete = Complete(
                authorizationId: "A",
                redirectUrl: "https://daifa.example/partners/jd-fulfillment/callback?code=c&state=\(Self.consentState(example))")
            var denied = complete
            denied.redirectUrl =
                "https://daifa.example/partners/jd-fulfillment/callback?error=access_denied&state=\(Self.consentState(example))"
            let inputs = rest.merging(["complete": .complete(complete), "complete with an error": .complete(denied)]) { $1 }
            let table = StateTable<AccountMachine>(
                file: "Shared/StateMachines/Authorization/AccountMachine.swift", states: Self.states, inputs: inputs,
                actor: { _, input in input == "report-token" ? Actor(.service, "shipping") : Actor(.merchant, "M1") },
                whole: ["begin", "complete", "refresh", "revoke", "report-token"], name: Self.name, context: Self.context)
            // In other states this complete is another consent's: their tables look at their own.
            let others = Self.states.keys.filter { $0 != state }
            for problem in try table.problems() where !others.contains(where: { problem.hasPrefix("\($0) | complete") }) {
                problems.insert(problem)
            }
        }
        #expect(problems.sorted() == [])
    }

    private static func context(_ plain: Context) -> Context {
        let scene = AccountScene.pin()
        var context = scene.context(Origin(id: "command", type: "t", key: scene.key, correlationId: "command"), plain.actor)
        // The examples took some milliseconds to make.
        context.now = Timestamp(milliseconds: plain.now.milliseconds + 100)
        return context
    }
}
