import Contracts
import JSON
import Machines
import StateMachines
import Testing
import Threads

/// The table in the machine's docstring, row by row, for a channel of Pinduoduo and its authorization `A`.
@Suite struct ChannelTableTests {
    private static func state(_ prepare: (ChannelScene) -> Void) -> ChannelAggregate {
        let scene = ChannelScene.channel()
        prepare(scene)
        return scene.state
    }

    private static let states: [String: ChannelAggregate] = [
        "none": ChannelAggregate(),
        "created": state { $0.create() },
        "requested": state {
            $0.create()
            $0.begin()
        },
        "exchanging": state {
            $0.create()
            $0.begin()
            $0.complete()
        },
        "active": state {
            $0.create()
            $0.grant()
        },
        "suspended": state {
            $0.create()
            $0.grant()
            $0.refreshed(.failed(.partnerRejected, "no"))
        },
    ]

    @Test func everyRowOfTheChannelsTableHolds() throws {
        let scene = ChannelScene.channel()
        let begin = Begin(authorizationId: "A", channelId: "C")
        var exchange = ExchangeChannelCode()
        exchange.authorizationId = "A"
        var refreshing = RefreshChannelToken()
        refreshing.authorizationId = "A"
        var seal = SealChannelCredential()
        seal.authorizationId = "A"
        seal.version = 1
        let outdated = ChannelSealOutdated(account: "", seal: OutdatedSeal(authorizationId: "A", service: .shipping, version: 1, keyId: ""))
        let report = ReportToken(authorizationId: "A", service: .shipping, version: 1)
        let policy = SetPolicy(
            channelId: "C", downloadOrders: false, orderTypes: [.own], transferToAudit: false, uploadLogistics: false, syncStock: false)
        let rest: [String: ChannelMachine.Input] = [
            "create-channel": .create(ChannelScene.create()), "begin": .begin(begin), "refresh": scene.refreshing(),
            "revoke": scene.revocation(), "report-token": .reportToken(report), "set-policy": .setPolicy(policy),
            "tokens": .exchanged(exchange, .tokens(.example(owner: "1000"))),
            "tokens of another shop": .exchanged(exchange, .tokens(.example(owner: "2000"))),
            "no tokens": .exchanged(exchange, .failed(.partnerRejected, "no")),
            "newer tokens": .refreshed(refreshing, .tokens(.example("b"))),
            "no newer tokens": .refreshed(refreshing, .failed(.partnerRejected, "no")), "token ends": .ended(ChannelTokenEnds()),
            "sealed": .sealed(seal, Sealed(keyId: "k", enc: "e", ciphertext: "c")), "seal outdated": .sealOutdated(outdated),
        ]
        var problems: Set<String> = []
        for (state, example) in Self.states {
            let consent = example.life.consent?.state ?? example.life.over.last ?? "none"
            let complete = Complete(
                authorizationId: "A", redirectUrl: "https://daifa.example/partners/pinduoduo/callback?code=c&state=\(consent)")
            var denied = complete
            denied.redirectUrl = "https://daifa.example/partners/pinduoduo/callback?error=access_denied&state=\(consent)"
            let inputs = rest.merging(["complete": .complete(complete), "complete with an error": .complete(denied)]) { $1 }
            let table = StateTable<ChannelMachine>(
                file: "Shared/StateMachines/Authorization/ChannelMachine.swift", states: Self.states, inputs: inputs,
                actor: { _, input in input == "report-token" ? Actor(.service, "shipping") : Actor(.merchant, "M1") },
                whole: ["create-channel", "begin", "complete", "refresh", "revoke", "report-token", "set-policy"],
                name: \.phase.rawValue, context: Self.context)
            // In other states this complete is another consent's: their tables look at their own.
            let others = Self.states.keys.filter { $0 != state }
            for problem in try table.problems() where !others.contains(where: { problem.hasPrefix("\($0) | complete") }) {
                problems.insert(problem)
            }
        }
        #expect(problems.sorted() == [])
    }

    private static func context(_ plain: Context) -> Context {
        let scene = ChannelScene.channel()
        var context = scene.context(Origin(id: "command", type: "t", key: scene.key, correlationId: "command"), plain.actor)
        // The examples took some milliseconds to make.
        context.now = Timestamp(milliseconds: plain.now.milliseconds + 100)
        return context
    }
}
