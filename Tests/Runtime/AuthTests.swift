import Contracts
import Foundation
import Kafka
import TestSupport
import Testing

extension ProcessSuite {
    /// `DAIFA_AUTH=required`: who acts is told by the token alone.
    @Suite struct AuthTests {
        @Test func theTokenSaysWhoActs() async throws {
            let issuer = try TokenIssuer()
            let keys = try TemporaryFile(TokenIssuer.keySet(issuer))
            defer { withExtendedLifetime(keys) {} }
            let path = keys.path
            let (process, client) = try await onThread {
                let bench = try Bench.shared()
                let process = try bench.start(.binding, environment: ["DAIFA_AUTH": "required", "DAIFA_AUTH_KEYS": path])
                try process.awaitReady()
                return (process, try Client(bench.broker.configuration))
            }
            defer { process.kill() }
            let cast = Cast()
            func register(_ token: String?, as actor: Actor?) async throws -> Received {
                try await client.answer(
                    to: .command(cast.registerMerchant, as: actor).setting(EnvelopeHeader.authorization, token))
            }
            let owner = #""sub":"merchant:\#(cast.merchant)","exp":9999999999"#

            #expect(try await register(nil, as: cast.asMerchant).refused?.code == .unauthorized)
            #expect(try await register("Bearer nonsense", as: cast.asMerchant).refused?.code == .unauthorized)
            let expired = try issuer.bearer(#""sub":"merchant:\#(cast.merchant)","exp":1"#)
            #expect(try await register(expired, as: cast.asMerchant).refused?.code == .unauthorized)
            #expect(try await register(TokenIssuer().bearer(owner), as: cast.asMerchant).refused?.code == .unauthorized)
            // Somebody else's good token: whatever ce_actor says, he is not the owner.
            let stranger = try issuer.bearer(#""sub":"merchant:somebody-else","exp":9999999999"#)
            #expect(try await register(stranger, as: cast.asMerchant).refused?.code == .forbidden)
            // Services carry no token yet, and own no shop.
            #expect(try await register(nil, as: Actor(.service, "binding")).refused?.code == .forbidden)
            #expect(try await register(issuer.bearer(owner), as: Actor(.merchant, "somebody-else")).name == "merchant-registered")
            try await onThread { try process.stop() }
        }

        @Test func keysUnderAURLAreWaitedForAndMayChange() async throws {
            let (first, second) = (try TokenIssuer(), try TokenIssuer(id: "k2"))
            let keys = try KeyServer()
            let (process, client) = try await onThread {
                let bench = try Bench.shared()
                let process = try bench.start(.binding, environment: ["DAIFA_AUTH": "required", "DAIFA_AUTH_KEYS": keys.url])
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
