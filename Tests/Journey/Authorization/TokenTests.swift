import Contracts
import Foundation
import JSON
import TestSupport
import Testing

extension JourneySuite {
    /// All services, and a console before them, with `DAIFA_AUTH=required` and keys under a URL. On a broker of its own: everybody else's
    /// services require no tokens.
    @Suite(.enabled(if: Broker.canBeStarted, "starts a broker: needs KAFKA_HOME with a start script"))
    struct RequiredTokenTests {
        @Test("A warehouse is authorized, an order goes there, and the console reports how far it is") func whole() async throws {
            let issuer = try TokenIssuer()
            let keys = try KeyServer()
            keys.serve(try TokenIssuer.keySet(issuer))
            let environment = ["DAIFA_AUTH": "required", "DAIFA_AUTH_KEYS": keys.url]
            let broker = try await onThread { try Broker.start() }
            let system = try await onThread {
                try TestSupport.System(
                    broker: broker, environment: environment.merging(try PartnerSandbox.shared().environment) { $1 }, issuer: issuer)
            }
            let scenario = Scenario(system: system, cast: Cast())
            try await scenario.register()
            let scene = try await WarehouseScene.linked(in: scenario)
            let token = try TemporaryText(issuer.bearer(#""sub":"service:console","exp":9999999999"#).dropFirst("Bearer ".count))
            let door = try await onThread {
                try ConsoleTests.Door(
                    broker, store: try ConsoleTests.Door.makeFolder(),
                    environment: environment.merging(["DAIFA_TOKEN_FILE": token.path]) { $1 })
            }
            let (orderId, _, number) = try await scene.created()
            #expect(try await door.pushed(number, "10017"))
            _ = try await scene.client.event(OutboundStatus.self, key: orderId) { $0.data["state"]?.string == "packed" }

            // Without a token, with somebody else's, and with one of a key that nobody knows.
            let pull = scene.pull(orderId)
            try await scene.client.send(pull.setting(EnvelopeHeader.id, "unsigned"))
            let stranger = try TokenIssuer(id: "k9").signed(pull).setting(EnvelopeHeader.id, "foreign")
            try await scene.client.send(stranger)
            for id in ["unsigned", "foreign"] {
                let answer = try await scene.client.answer(to: id, on: ServiceName.shipping.events)
                #expect(answer.refused?.code == .unauthorized)
            }
            try await scenario.accepted(pull)
            try await onThread {
                try door.process.stop()
                try FileManager.default.removeItem(at: door.store)
                for service in ServiceName.five { try system[service]?.stop() }
                try broker.stop()
            }
            withExtendedLifetime((token, keys)) {}
        }
    }
}

/// A file that is removed with the value.
private final class TemporaryText: Sendable {
    let path: String

    init(_ text: some StringProtocol) throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent(uniqueName("file")).path
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
