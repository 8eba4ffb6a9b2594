import Contracts
import Foundation
import JSON
import TestSupport
import Testing

extension JourneySuite {
    /// Services whose operator has no application at any partner. On a broker of its own: everybody else's have one.
    @Suite(.enabled(if: Broker.canBeStarted, "starts a broker: needs KAFKA_HOME with a start script"))
    struct NoApplicationTests {
        @Test func whatNeedsThePlatformsOwnApplicationIsRefusedAndWhatDoesNotIsNot() async throws {
            let system = try await onThread { try TestSupport.System(broker: try Broker.start()) }
            let scenario = Scenario(system: system, cast: Cast())
            try await scenario.register()
            let login = JDLogin()
            var begin = login.begin(uniqueName("authorization"), scenario.cast.merchant)
            let key = login.key
            try await scenario.refused(.command(begin, as: scenario.cast.asMerchant, key: key), .appCredentialsRequired)

            let create = scenario.cast.pinduoduoChannel(uniqueName("channel"), mall: "1", ofFactory: false)
            let channelKey = PartnerAccount.key(ofChannel: create.channelId)
            try await scenario.accepted(.command(create, as: scenario.cast.asMerchant, key: channelKey))
            let consent = Begin(authorizationId: uniqueName("authorization"), channelId: create.channelId)
            try await scenario.refused(.command(consent, as: scenario.cast.asMerchant, key: channelKey), .appCredentialsRequired)

            // The seller's own application needs none of the operator's.
            begin.mode = .standard
            begin.appKey = "own"
            begin.appSecretSealed = try await AppSecret.seal("own-secret", boundTo: key, system.broker.configuration)
            let asked = try await scenario.accepted(.command(begin, as: scenario.cast.asMerchant, key: key))
            #expect(try asked.body(ConsentRequested.self).authorizeUrl.hasPrefix("https://open-oauth.jd.com/"))
            try await onThread {
                for service in ServiceName.domainServices { try system[service]?.stop() }
                try system.broker.stop()
            }
        }
    }
}
