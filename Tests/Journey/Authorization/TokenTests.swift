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
        @Test func aWarehouseWorksWhereEverybodyShowsWhoHeIs() async throws {
            let issuer = try TokenIssuer()
            let keys = try KeyServer()
            keys.serve(try TokenIssuer.keySet(issuer))
            let key = try ServiceKey()
            let keyFile = try TemporaryText(key.line)
            let environment = ["DAIFA_AUTH": "required", "DAIFA_AUTH_KEYS": keys.url, "DAIFA_SERVICE_KEY_FILE": keyFile.path]
            let broker = try await onThread { try Broker.start() }
            let system = try await onThread {
                try TestSupport.System(
                    broker: broker, environment: environment.merging(try PartnerSandbox.shared().environment) { $1 }, issuer: issuer)
            }
            let scenario = Scenario(system: system, cast: Cast())
            try await scenario.register()
            let scene = try await WarehouseScene.linked(in: scenario)
            let console = try await onThread {
                try ConsoleTests.ConsoleClient(
                    broker, store: try ConsoleTests.ConsoleClient.makeFolder(),
                    environment: environment)
            }
            let (orderId, _, number) = try await scene.created()
            #expect(try await console.pushed(number, "10017"))
            _ = try await scene.client.event(OutboundStatus.self, key: orderId) { $0.data["state"]?.string == "packed" }

            // Without a token, with somebody else's, and with one of a key that nobody knows.
            let pull = scene.pull(orderId)
            try await scene.client.send(pull.setting(EnvelopeHeader.id, "unsigned"))
            let stranger = try TokenIssuer(id: "k9").signed(pull).setting(EnvelopeHeader.id, "foreign")
            try await scene.client.send(stranger)
            // Nobody is a service by saying so: the allocation is not released while JD has its order.
            let release = Release(orderId: orderId, allocationId: "\(orderId)/1", reason: .targetRejected)
            let posing = Outgoing.command(release, as: Actor(.service, "shipping"), id: "posing")
            try await scene.client.send(posing)
            let posed = try await scene.client.answer(to: "posing", on: ServiceName.allocation.events)
            #expect(posed.refused?.code == .unauthorized && posed.refused?.actor == nil)
            for id in ["unsigned", "foreign"] {
                let answer = try await scene.client.answer(to: id, on: ServiceName.shipping.events)
                #expect(answer.refused?.code == .unauthorized)
            }
            try await scenario.accepted(pull)
            // All that the services wrote to each other carries their code.
            let commands = scene.client.seen {
                $0.topic.hasSuffix(".commands") && $0.actor?.hasPrefix("service:") == true && $0.id != "posing"
            }
            #expect(!commands.isEmpty && commands.allSatisfy { key.hasSigned($0) })
            try await onThread {
                try console.process.stop()
                try FileManager.default.removeItem(at: console.store)
                for service in ServiceName.domainServices { try system[service]?.stop() }
                try broker.stop()
            }
            withExtendedLifetime((keyFile, keys)) {}
        }
    }
}
