import Contracts
import Observability
import PartnerEffects
import Partners
import TestSupport
import Testing
import Threads

@testable import Runtime

/// What all calls of a process to a partner share.
@Suite struct PartnerControlTests {
    private static let time = "pdd.time.get"

    @Test func whoeverCallsAPartnerWaitsForTheSameRateAndIsCountedByWhatCameOfIt() async throws {
        var partners = PartnerSettings()
        partners.pinduoduo = .init(appKey: "key", appSecret: "secret")
        // The next call but one would be due in minutes: it is not made.
        partners.pinduoduoRates = CallRates([Self.time: .init(total: 0.001)])
        let scene = try ConnectorScene(.authorization, partners: partners)
        scene.partner.on(Self.time, #"{"time_get_response":{"time":"2024-01-02 03:04:05"}}"#)
        try scene.channel("C-1", .pinduoduo, merchant: "m")
        _ = try await ChannelAccess(scene.environment).shop("C-1").gateway.time()
        let own = try #require(scene.environment.pinduoduo())
        let error = await #expect(throws: PartnerError.self) { try await own.time() }
        #expect(error?.kind == .throttled && scene.partner.calls(Self.time).count == 1)
        _ = await #expect(throws: PartnerError.self) { try await own.fdsRole(token: "t") }
        for line in ["time.get\",result=\"ok\"", "time.get\",result=\"throttled\"", "fds.role.get\",result=\"rejected\""] {
            let series = #"daifa_partner_calls_total{partner="pinduoduo",operation="pdd.\#(line)} 1"#
            #expect(scene.environment.metrics.text.contains(series), "\(series)")
        }
    }

    @Test func aCodeThatIsSetForItTellsAQuotaWhichIsWaitedFor() async throws {
        var partners = PartnerSettings()
        partners.pinduoduo = .init(appKey: "key", appSecret: "secret")
        partners.pinduoduoQuotaCodes = ["10017"]
        let scene = try ConnectorScene(.authorization, partners: partners)
        let gateway = try #require(scene.environment.pinduoduo())
        let error = await #expect(throws: PartnerError.self) { try await gateway.time() }
        #expect(error?.kind == .quotaExhausted)
        #expect(error.map { EffectRetry($0).after } == 600)
    }
}
