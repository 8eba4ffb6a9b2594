import Contracts
import JSON
import Kafka
import TestSupport
import Testing

extension JourneySuite {
    /// What `begin` and `complete` are refused for before a partner is asked.
    @Suite struct ConsentRefusalTests {
        private func completing(_ scene: PinScene, _ state: String, page: String? = nil, query: String = "code=c") -> Outgoing {
            scene.complete("\(page ?? "http://127.0.0.1:8080/partners/jd-fulfillment/callback")?\(query)&state=\(state)")
        }

        @Test func theWayBackIsReadStrictly() async throws {
            let scene = try await PinScene.start()
            let (scenario, first) = (scene.scenario, try await scene.scenario.accepted(scene.begin()).body(ConsentRequested.self))
            try await scenario.refused(scene.complete("nonsense"), .invalid, field: "redirectUrl")
            try await scenario.refused(
                completing(scene, first.state, page: "https://evil.example/partners/jd-fulfillment/callback"), .consentStateMismatch)
            try await scenario.refused(completing(scene, "unknown"), .consentStateMismatch)
            try await scenario.refused(completing(scene, first.state, query: "error=access_denied"), .consentDenied)
            let second = try await scenario.accepted(scene.begin()).body(ConsentRequested.self)
            #expect(second.state != first.state)
            try await scenario.refused(completing(scene, first.state), .consentUsed)
            // Another authorization's state.
            let other = uniqueName("authorization")
            let third = try await scenario.accepted(scene.begin(other) { $0.warehouseCode = scene.otherWarehouse })
            try await scenario.refused(completing(scene, try third.body(ConsentRequested.self).state), .consentStateMismatch)
            let both = Complete(authorizationId: scene.authorizationId, code: "c")
            try await scenario.refused(scene.command(both), .invalid, field: "state")
        }

        @Test func whoMayNot() async throws {
            let scene = try await PinScene.start()
            let scenario = scene.scenario
            let stranger = Actor(.merchant, uniqueName("shop"))
            try await scenario.refused(scene.begin().setting(EnvelopeHeader.actor, stranger.description), .forbidden)
            try await scenario.refused(scene.complete("http://127.0.0.1:8080/x?code=c&state=s", "nobody"), .notFound)
            let asked = try await scenario.accepted(scene.begin()).body(ConsentRequested.self)
            try await scenario.refused(
                completing(scene, asked.state).setting(EnvelopeHeader.actor, stranger.description), .forbidden)
            try await scenario.refused(scene.refresh(), .notAuthorized)
            try await scenario.refused(scene.refresh("nobody"), .notFound)
            var wrong = scene.begin()
            wrong.key = Array("jd-fulfillment:\(scene.pin) ".utf8)
            try await scenario.refused(wrong, .invalid, field: "key")
        }

        @Test func thePinIsTrimmedAndInNFC() async throws {
            let name = uniqueName("Cafe\u{301}")
            let scene = try await PinScene.start(pin: name)
            var begin = scene.begin { $0.pin = "  \(name)\t" }
            begin.key = Array("jd-fulfillment:\(name.replacing("e\u{301}", with: "\u{e9}"))".utf8)
            #expect(try await scene.scenario.accepted(begin).type == ConsentRequested.type)
            // The same account in another partition would be another account.
            var decomposed = scene.begin()
            decomposed.key = Array("jd-fulfillment:\(name)".utf8)
            try await scene.scenario.refused(decomposed, .invalid, field: "key")
        }

        @Test func aShopWithoutTheRole() async throws {
            let scenario = try await Scenario.start()
            let scene = PinScene(
                scenario: scenario, sandbox: try await onThread { try PartnerSandbox.shared() }, pin: uniqueName("pin"))
            try await scenario.refused(scene.begin(), .merchantNotRegistered)
            let channel = scenario.cast.pinduoduoChannel(uniqueName("channel"), mall: "1", ofFactory: true)
            let key = "channel:\(channel.channelId)"
            try await scenario.refused(.command(channel, as: scenario.cast.asFactory, key: key), .factoryNotRegistered)
        }

        /// On a system of its own, whose consents live for a second.
        @Test(.enabled(if: Broker.canBeStarted, "a broker of the test's own"))
        func aLateAnswerIsRefused() async throws {
            let system = try await onThread {
                var environment = try PartnerSandbox.shared().environment
                environment["DAIFA_CONSENT_TTL"] = "1s"
                return try TestSupport.System(broker: Broker.start(), environment: environment)
            }
            let scene = try await PinScene.start(Scenario(system: system, cast: Cast()))
            let asked = try await scene.scenario.accepted(scene.begin()).body(ConsentRequested.self)
            var code = RefusalCode.consentDenied
            // A denial changes nothing, so that it can be asked for until the consent's time is over.
            while code == .consentDenied {
                let answer = try await scene.client.answer(to: completing(scene, asked.state, query: "error=access_denied"))
                code = try #require(answer.refused).code
            }
            try await scene.scenario.refused(completing(scene, asked.state), .consentExpired)
        }
    }
}
