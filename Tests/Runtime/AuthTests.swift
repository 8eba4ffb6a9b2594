import Contracts
import Foundation
import Kafka
import TestSupport
import Testing

extension ProcessSuite {
    /// `DAIFA_AUTH=required`: who acts is told by the token, or by a code of the deployment's own.
    @Suite struct AuthTests {
        @Test func theTokenSaysWhoActs() async throws {
            let issuer = try TokenIssuer()
            let (key, stranger) = (try ServiceKey(), try ServiceKey(id: "other"))
            let keys = try TemporaryText(TokenIssuer.keySet(issuer))
            let keyFile = try TemporaryText(key.line)
            defer { withExtendedLifetime((keys, keyFile)) {} }
            let (process, client) = try await onThread {
                let bench = try Bench.shared()
                let process = try bench.start(
                    .binding,
                    environment: ["DAIFA_AUTH": "required", "DAIFA_AUTH_KEYS": keys.path, "DAIFA_SERVICE_KEY_FILE": keyFile.path])
                try process.awaitReady()
                return (process, try Client(bench.broker.configuration))
            }
            defer { process.kill() }
            let cast = Cast()
            func register(_ token: String?, as actor: Actor?) async throws -> Received {
                try await client.answer(
                    to: .command(cast.registerMerchant, as: actor).setting(EnvelopeHeader.authorization, token))
            }
            let unknown: [(String?, Actor?)] = [
                (nil, cast.asMerchant), ("Bearer nonsense", cast.asMerchant),
                (try issuer.bearer(#""sub":"merchant:\#(cast.merchant)","aud":"daifa","exp":1"#), cast.asMerchant),
                (try TokenIssuer().bearer(of: "\(cast.asMerchant)"), cast.asMerchant),
                // Whoever may write the topic is nobody's service: neither by a name, nor by a token.
                (nil, Actor(.service, "binding")), (try issuer.bearer(of: "service:binding"), Actor(.service, "binding")),
                (nil, Actor(.partner, "jd-fulfillment")), (try issuer.bearer(of: "partner:jd-fulfillment"), nil),
                (try issuer.bearer(of: "service:console"), Actor(.partner, "jd-fulfillment")),
                (try issuer.bearer(of: "connector:erp"), cast.asMerchant),
            ]
            for (token, actor) in unknown {
                let refused = try await register(token, as: actor).refused
                #expect(refused?.code == .unauthorized && refused?.actor == nil, "\(actor?.description ?? "nobody")")
            }
            // Somebody else's good token: whatever ce_actor says, he is not the owner.
            let other = try await register(issuer.bearer(of: "merchant:somebody-else"), as: cast.asMerchant)
            #expect(other.refused?.code == .forbidden && other.refused?.actor == Actor(.merchant, "somebody-else"))
            #expect(other.header(EnvelopeHeader.behalf) == "merchant:somebody-else")
            // The deployment's own processes: with a code of this message by a known key, not of another.
            let command = Outgoing.command(cast.registerMerchant, as: cast.asMerchant)
            for forged in [
                stranger.signed(command.setting(EnvelopeHeader.id, uniqueName("forged"))),
                key.signed(command).setting(EnvelopeHeader.id, uniqueName("forged")),
                key.signed(command.setting(EnvelopeHeader.actor, "merchant:m2")).setting(EnvelopeHeader.actor, "\(cast.asMerchant)")
                    .setting(EnvelopeHeader.id, uniqueName("forged")),
            ] {
                #expect(try await client.answer(to: forged).refused?.code == .unauthorized)
            }
            let own = try await client.answer(to: key.signed(command.setting(EnvelopeHeader.user, "u-7")))
            #expect(own.name == "merchant-registered")
            #expect(own.header(EnvelopeHeader.behalf) == "\(cast.asMerchant)" && own.header(EnvelopeHeader.user) == "u-7")
            let again = try await register(issuer.bearer(of: "\(cast.asMerchant)"), as: Actor(.merchant, "somebody-else"))
            #expect(again.refused?.code == .roleAlreadyChosen && again.refused?.actor == cast.asMerchant, "the token says who acts")
            try await onThread { try process.stop() }
        }

        /// Facts and internal messages have no public answer: without proof they are dead letters, of which nobody's token is left.
        @Test func whatHasNoAnswerBecomesADeadLetter() async throws {
            let issuer = try TokenIssuer()
            let key = try ServiceKey()
            let keys = try TemporaryText(TokenIssuer.keySet(issuer))
            let keyFile = try TemporaryText(key.line)
            defer { withExtendedLifetime((keys, keyFile)) {} }
            let (process, client) = try await onThread {
                let bench = try Bench.shared()
                let process = try bench.start(
                    .allocation,
                    environment: ["DAIFA_AUTH": "required", "DAIFA_AUTH_KEYS": keys.path, "DAIFA_SERVICE_KEY_FILE": keyFile.path])
                try process.awaitReady()
                return (process, try Client(bench.broker.configuration))
            }
            defer { process.kill() }
            let cast = Cast()
            func dead(_ record: Outgoing) async throws -> Received {
                try await client.send(record)
                return try await client.first("a dead letter") { $0.topic == ServiceName.allocation.dead && $0.id == record.id }
            }
            func fact() -> Outgoing { .fact(cast.placed(uniqueName("order"))) }
            for bad in [fact(), try issuer.signed(fact().setting(EnvelopeHeader.actor, "partner:x"))] {
                let letter = try await dead(bad)
                #expect(letter.header("x-dead-reason") == "unauthorized" && letter.header("x-dead-actor") == nil)
                #expect(letter.header(EnvelopeHeader.authorization) == nil)
            }
            let tokened = try issuer.signed(fact())
            let token = try #require(tokened.header(EnvelopeHeader.authorization))
            var broken = tokened.setting("Authorization", token).setting("x-dead-actor", "service:shipping")
            broken.value?.removeLast()
            let letter = try await dead(broken)
            #expect(letter.header("x-dead-reason") == "not-json" && letter.header("x-dead-actor") == "connector:test")
            #expect(!letter.message.headers.contains { $0.name.lowercased() == "authorization" })
            #expect(letter.message.headers.filter { $0.name == "x-dead-actor" }.count == 1, "only we say who has shown who he is")
            for good in [tokened, key.signed(fact())] {
                try await client.send(good)
                _ = try await client.event(OrderRegistered.self, key: String(decoding: good.key ?? [], as: UTF8.self))
            }
            try await onThread { try process.stop() }
        }

        @Test func keysUnderAURLAreWaitedForAndMayChange() async throws {
            let (first, second) = (try TokenIssuer(), try TokenIssuer(id: "k2"))
            let keys = try KeyServer()
            let keyFile = try TemporaryText(ServiceKey().line)
            defer { withExtendedLifetime(keyFile) {} }
            let (process, client) = try await onThread {
                let bench = try Bench.shared()
                let process = try bench.start(
                    .binding,
                    environment: ["DAIFA_AUTH": "required", "DAIFA_AUTH_KEYS": keys.url, "DAIFA_SERVICE_KEY_FILE": keyFile.path])
                do {
                    try process.await(obstacle: "the keys of tokens")
                    keys.serve(try TokenIssuer.keySet(first))
                    try process.awaitReady()
                } catch {
                    process.kill()
                    throw error
                }
                return (process, try Client(bench.broker.configuration))
            }
            defer { process.kill() }
            func register(_ issuer: TokenIssuer) async throws -> Received {
                let cast = Cast()
                return try await client.answer(to: issuer.signed(.command(cast.registerMerchant, as: cast.asMerchant)))
            }
            #expect(try await register(first).name == "merchant-registered")
            #expect(try await register(second).refused?.code == .unauthorized)
            keys.serve(try TokenIssuer.keySet(first, second))
            // Asked for again at most every few seconds.
            let deadline = ContinuousClock.now + .seconds(60)
            var answer = try await register(second)
            while answer.isRefusal, ContinuousClock.now < deadline {
                try await Task.sleep(for: .milliseconds(200))
                answer = try await register(second)
            }
            #expect(answer.name == "merchant-registered")
            try await onThread { try process.stop() }
        }
    }
}
