import Contracts
import JSON
import Kafka
import TestSupport
import Testing

extension JourneySuite {
    /// Channels to Pinduoduo and Jackyun.
    @Suite struct ChannelTests {
        @Test func aShopIsAuthorizedByPastingTheAddressBack() async throws {
            let scene = try await ShopScene.linked()
            let row = try await scene.client.first("the channel's row") {
                $0.topic == Table.channels.topic && $0.key == scene.channelId && $0.data["state"]?.string == "active"
            }.body(ChannelRow.self)
            #expect(row.merchantShopId == scene.cast.merchant && row.platformShopId == scene.mall)
            let id = try #require(row.authorizationId)
            for service in ["waybill", "shipping"] {
                _ = try await scene.client.first("a credential for \(service)") {
                    $0.topic == Table.credentials.topic && $0.key == "\(id)~\(service)"
                }
            }
            let key = "channel:\(scene.channelId)"
            let refresh = Refresh(authorizationId: id)
            let answer = try await scene.scenario.accepted(.command(refresh, as: scene.owner, key: key))
            #expect(answer.type == Refreshed.type)
            let revoke = Revoke(authorizationId: id)
            #expect(try await scene.scenario.accepted(.command(revoke, as: scene.owner, key: key)).type == Revoked.type)
            _ = try await scene.client.first("the tombstone") {
                $0.topic == Table.credentials.topic && $0.key == "\(id)~waybill" && $0.message.value == nil
            }
            _ = try await scene.client.first("the suspended channel") {
                $0.topic == Table.channels.topic && $0.key == scene.channelId && $0.data["state"]?.string == "suspended"
            }
        }

        @Test func anotherShopThanTheChannels() async throws {
            let scene = try await ShopScene.linked()
            let other = try await ShopScene.linked()
            let begin = Begin(authorizationId: uniqueName("authorization"), channelId: scene.channelId)
            let key = "channel:\(scene.channelId)"
            let asked = try await scene.scenario.accepted(.command(begin, as: scene.owner, key: key)).body(ConsentRequested.self)
            #expect(asked.prerequisites.first?.text.zh.contains("服务市场") == true)
            let complete = Complete(
                authorizationId: begin.authorizationId,
                redirectUrl: try await scene.sandbox.consent(asked.authorizeUrl, account: other.mall), channelId: scene.channelId)
            let failed = try await scene.scenario.accepted(.command(complete, as: scene.owner, key: key)).body(ConsentFailed.self)
            #expect(failed.reason == .shopMismatch && failed.channelId == scene.channelId)
        }

        @Test func anApplicationThatTheShopHasNotOrdered() async throws {
            let scene = try await ShopScene.linked()
            let key = "channel:\(scene.channelId)"
            let begin = Begin(authorizationId: uniqueName("authorization"), channelId: scene.channelId)
            let asked = try await scene.scenario.accepted(.command(begin, as: scene.owner, key: key)).body(ConsentRequested.self)
            let complete = Complete(
                authorizationId: begin.authorizationId,
                redirectUrl: try await scene.sandbox.consent(asked.authorizeUrl, account: scene.mall), channelId: scene.channelId)
            try await scene.seedMall(hasOrdered: false)
            let failed = try await scene.scenario.accepted(.command(complete, as: scene.owner, key: key)).body(ConsentFailed.self)
            #expect(failed.reason == .applicationNotOrdered && failed.channelId == scene.channelId)
            #expect(failed.authorizationId == begin.authorizationId)
        }

        @Test func whatIsMissingIsToldAtOnce() async throws {
            let scenario = try await Scenario.start()
            try await scenario.register()
            var channel = CreateChannel(
                channelId: uniqueName("channel"), merchantShopId: scenario.cast.merchant, name: "n", platform: .pinduoduo)
            let key = "channel:\(channel.channelId)"
            let refused = try await scenario.refused(.command(channel, as: scenario.cast.asMerchant, key: key), .channelIncomplete)
            #expect(refused.details?["missing"]?.array?.compactMap(\.string) == ["platformShopId", "contact", "company"])
            channel.platform = .jackyun
            let erp = try await scenario.refused(.command(channel, as: scenario.cast.asMerchant, key: key), .channelIncomplete)
            #expect(erp.details?["missing"]?.array?.compactMap(\.string) == ["appKey", "appSecretSealed"])
        }

        @Test func anERPNeedsNoConsent() async throws {
            let scenario = try await Scenario.start()
            try await scenario.register()
            var channel = CreateChannel(
                channelId: uniqueName("channel"), factoryShopId: scenario.cast.factory, name: "吉客云", platform: .jackyun,
                appKey: "jackyun-app")
            let key = "channel:\(channel.channelId)"
            channel.appSecretSealed = try await AppSecret.seal("jackyun-secret", boundTo: key, scenario.system.broker.configuration)
            let created = try await scenario.accepted(.command(channel, as: scenario.cast.asFactory, key: key)).body(ChannelCreated.self)
            #expect(created.state == .active && created.authorizationId == channel.channelId)
            let id = channel.channelId
            for service in ["waybill", "shipping"] {
                let row = try await scenario.client.first("a credential for \(service)") {
                    $0.topic == Table.credentials.topic && $0.key == "\(id)~\(service)"
                }.body(CredentialRow.self)
                #expect(row.provider == "jackyun" && row.expiresAt == nil)
            }
            // Another shop's channel.
            var stolen = channel
            stolen.factoryShopId = nil
            stolen.merchantShopId = scenario.cast.merchant
            try await scenario.refused(.command(stolen, as: scenario.cast.asMerchant, key: key), .forbidden)
        }

        @Test func policiesByOwner() async throws {
            let scene = try await ShopScene.linked()
            let key = "channel:\(scene.channelId)"
            var policy = SetPolicy(
                channelId: scene.channelId, downloadOrders: false, orderTypes: [.own, .factoryDropship], transferToAudit: false,
                uploadLogistics: false, syncStock: false)
            try await scene.scenario.refused(.command(policy, as: scene.owner, key: key), .invalid, field: "orderTypes")
            policy.orderTypes = [.own]
            policy.syncStock = true
            try await scene.scenario.refused(.command(policy, as: scene.cast.asFactory, key: key), .forbidden)
            let set = try await scene.scenario.accepted(.command(policy, as: scene.owner, key: key)).body(PolicySet.self)
            #expect(set.syncStock && set.orderTypes == [.own])
            _ = try await scene.client.first("the policy in the channel's row") {
                $0.topic == Table.channels.topic && $0.key == scene.channelId && $0.data["policy"]?["syncStock"]?.bool == true
            }
            var unknown = policy
            unknown.channelId = uniqueName("channel")
            try await scene.scenario.refused(.command(unknown, as: scene.owner, key: "channel:\(unknown.channelId)"), .notFound)
        }
    }
}
