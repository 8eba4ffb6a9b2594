import Contracts
import JSON
import Testing
import Threads

@testable import ReadModel

/// What partners' answers belong to: consents by their state, orders by the partner's number.
@Suite struct PartnerTests {
    private static let expiry = Timestamp(milliseconds: 1_800_000_000_000)

    private func log() -> Log {
        var log = Log()
        log.event(
            ConsentRequested(
                authorizationId: "a", provider: .jdFulfillment, merchantShopId: "m1", authorizeUrl: "https://x", state: "s",
                expiresAt: Self.expiry, prerequisites: []), key: "jd-fulfillment:p")
        log.event(OutboundCreated(orderId: "o", allocationId: "o/1", merchantShopId: "m1", warehouseId: "w", partnerNumber: "ESL1"))
        log.event(InboundCreated(inboundId: "i", merchantShopId: "m1", warehouseId: "w", partnerNumber: "EPL1"))
        return log
    }

    @Test func theyAreFoundByKind() throws {
        let scene = try Model(log())
        let consent = try #require(try scene.model.consent(state: "s"))
        #expect(consent.key == "jd-fulfillment:p" && consent.authorizationId == "a" && consent.provider == .jdFulfillment)
        #expect(consent.expiresAt == Self.expiry && consent.channelId == nil)
        let outbound = try #require(try scene.model.number(.outbound, "ESL1"))
        #expect(outbound.key == "o" && outbound.orderId == "o" && outbound.allocationId == "o/1" && outbound.warehouseId == "w")
        #expect(outbound.inboundId == nil)
        let inbound = try #require(try scene.model.number(.inbound, "EPL1"))
        #expect(inbound.key == "i" && inbound.inboundId == "i" && inbound.orderId == nil)
        // A number of the other kind, a number as a state, and a state as a number.
        #expect(try scene.model.number(.inbound, "ESL1") == nil && scene.model.number(.outbound, "EPL1") == nil)
        #expect(try scene.model.consent(state: "ESL1") == nil && scene.model.number(.outbound, "s") == nil)
    }

    @Test func consentsAreForgottenLongAfterTheyExpired() throws {
        let scene = try Model(log())
        _ = try scene.model.age(now: Timestamp(milliseconds: Self.expiry.milliseconds + 7 * 86_400_000))
        #expect(try scene.model.consent(state: "s") != nil)
        _ = try scene.model.age(now: Timestamp(milliseconds: Self.expiry.milliseconds + 7 * 86_400_000 + 1))
        #expect(try scene.model.consent(state: "s") == nil && scene.model.number(.outbound, "ESL1") != nil)
    }
}
