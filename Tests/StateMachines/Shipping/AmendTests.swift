import Contracts
import JSON
import Testing

@testable import StateMachines

struct AmendTests {
    private static func shipped() throws -> ShipmentScene {
        var scene = ShipmentScene()
        try scene.allocated()
        try scene.returned()
        try scene.ship()
        try scene.sealed()
        return scene
    }

    @Test func amendedCarriesWhatWaybillGranted() throws {
        var scene = try Self.shipped()
        #expect(try scene.amend(1, "yt0000000000002", id: "amend-1") == ["waybill claim"])
        #expect(scene.requests == [scene.claimId(1, 1)])
        #expect(try scene.claimed(1, "YT0000000000002") == ["amended"])
        #expect(scene.answers == ["amended amend-1"])
        let amended = try #require(scene.published(Amended.self).first)
        #expect(amended.waybillNumber == "YT0000000000002" && amended.previousWaybillNumber == "YT0000000000001")
        #expect(amended.factoryShopId == "F-1" && amended.carrier == "YTO" && amended.previousCarrier == "YTO")
        #expect(scene.state.amends == nil)
    }

    @Test func anUnusualNumberIsClaimedAsTheMerchantSays() throws {
        var scene = try Self.shipped()
        for unusual in [nil, true] {
            try scene.amend(1, "LP00123456789012", unusual: unusual)
            let claims = scene.emissions.compactMap { emission -> Claim? in
                guard case .command(let message, _, _, _, _) = emission else { return nil }
                return message as? Claim
            }
            #expect(claims.map(\.unusual) == [unusual])
            try scene.claimed(1, "LP00123456789012", unusual: unusual)
            #expect(scene.published(Amended.self).map(\.unusual) == [unusual])
        }
    }

    @Test func aRefusedClaimRefusesTheAmend() throws {
        var scene = try Self.shipped()
        try scene.amend(id: "amend-1")
        #expect(try scene.claimRefused() == ["refused waybill-number-used"])
        #expect(scene.answers == ["refused waybill-number-used amend-1"])
        #expect(scene.refusal?.field == "waybillNumber")
        #expect(scene.state.parcel(1)?.waybillNumber == "YT0000000000001" && scene.state.amends == nil)
        // The same refusal told again is of no amend.
        try scene.amend(id: "amend-2")
        #expect(scene.requests == [scene.claimId(1, 2)])
        #expect(try scene.claimRefused(1, attempt: 1) == [])
        #expect(try scene.claimed() == ["amended"])
    }

    /// The next claim is for the order of the refusal's key, whatever an id says.
    @Test func theNextClaimIsForTheOrderOfTheKey() throws {
        var scene = try Self.shipped()
        try scene.amend(1, "A", id: "amend-1")
        try scene.amend(1, "B", id: "amend-2")
        let forged = scene.refused("foreign/1/claim/1", Claim.type, .waybillNumberUsed)
        #expect(try scene.send(.waybillRefused(forged, orderId: scene.orderId)) == [])
        #expect(try scene.claimRefused() == ["refused waybill-number-used", "waybill claim"])
        guard case .command(let message as Claim, _, let key, _, _)? = scene.emissions.last else {
            Issue.record("no claim follows")
            return
        }
        #expect(message.orderId == scene.orderId && message.allocationId == scene.allocationId(1) && key == scene.orderId)
    }

    @Test func amendsOfAParcelAreCarriedOutOneAfterAnother() throws {
        var scene = try Self.shipped()
        #expect(try scene.amend(1, "A", id: "amend-1") == ["waybill claim"])
        #expect(try scene.amend(1, "B", id: "amend-2") == [])
        #expect(try scene.amend(1, "C", id: "amend-3") == [])
        #expect(try scene.claimRefused(1, attempt: 1, .waybillNumberInvalid) == ["refused waybill-number-invalid", "waybill claim"])
        #expect(scene.requests == [scene.claimId(1, 2)])
        #expect(try scene.claimed(1, "B") == ["amended", "waybill claim"])
        #expect(scene.answers == ["amended amend-2"])
        #expect(try scene.claimed(1, "C") == ["amended"])
        #expect(scene.answers == ["amended amend-3"])
        #expect(scene.published(Amended.self).first?.previousWaybillNumber == "B")
    }

    @Test func amendsOfTwoParcelsDoNotWaitForEachOther() throws {
        var scene = try Self.shipped()
        try scene.returned(2)
        try scene.ship(2)
        try scene.sealed(2)
        #expect(try scene.amend(1, id: "one") == ["waybill claim"])
        #expect(try scene.amend(2, id: "two") == ["waybill claim"])
        #expect(try scene.claimed(2) == ["amended"])
        #expect(scene.answers == ["amended two"])
        #expect(try scene.claimRefused(1) == ["refused waybill-number-used"])
    }

    @Test func onlyTheMerchantAmendsWhatIsShipped() throws {
        var scene = ShipmentScene()
        #expect(try scene.amend(by: Actor(.merchant, "M-2")) == ["refused forbidden"])
        #expect(try scene.amend() == ["refused not-found"])
        try scene.returned()
        #expect(try scene.amend(of: "M-2", by: Actor(.merchant, "M-2")) == ["refused forbidden"])
        #expect(try scene.amend() == ["refused not-shipped"])
        #expect(try scene.amend(7) == ["refused not-shipped"])
    }

    @Test func aClaimThatNobodyAskedForMeansNothing() throws {
        var scene = try Self.shipped()
        let state = scene.state
        #expect(try scene.claimed() == [])
        #expect(try scene.claimed(2) == [])
        #expect(scene.state == state)
    }
}
