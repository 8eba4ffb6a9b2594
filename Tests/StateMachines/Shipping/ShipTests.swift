import Contracts
import JSON
import Testing
import Threads

@testable import StateMachines

struct ShipTests {
    @Test func shippedAnswersTheShipWhenTheSealIsGiven() throws {
        var scene = ShipmentScene()
        try scene.allocated()
        #expect(try scene.returned(extra: ["YT0000000000009"]) == ["ready"])
        let ready = try #require(scene.published(Ready.self).first)
        #expect(ready.allocationId == "O-1/1" && ready.factoryShopId == "F-1" && ready.waybillNumber == "YT0000000000001")
        #expect(try scene.ship(1, to: "back-1", id: "ship-1") == ["allocation seal"])
        #expect(scene.requests == [scene.sealId(1, 1)])
        #expect(try scene.sealed() == ["shipped"])
        #expect(scene.answers == ["shipped ship-1"])
        let shipped = try #require(scene.published(Shipped.self).first)
        #expect(shipped.allocationId == "O-1/1" && shipped.merchantShopId == "M-1" && shipped.factoryShopId == "F-1")
        #expect(shipped.carrier == "YTO" && shipped.waybillNumber == "YT0000000000001" && shipped.extraNumbers == ["YT0000000000009"])
        #expect(shipped.returnAddressId == "back-1" && shipped.shippedAt == Timestamp(milliseconds: 7000))
        #expect(shipped.platform == "pinduoduo" && shipped.platformOrderNumber == "260728-1" && shipped.channelId == "C-1")
        #expect(scene.state.ships == nil)
    }

    @Test func waybillMayBeHeardBeforeAllocation() throws {
        var scene = ShipmentScene()
        #expect(try scene.returned() == ["ready"])
        #expect(try scene.ship(id: "ship-1") == ["allocation seal"])
        try scene.allocated()
        #expect(try scene.sealed() == ["shipped"])
        #expect(scene.published(Shipped.self).first?.platformOrderNumber == "260728-1")
    }

    @Test func theDefaultReturnAddressIsTakenWhenThereIsOne() throws {
        for (addresses, expected) in [
            ([ShipmentScene.address("a", .sender, isDefault: true), ShipmentScene.address("b", .return)], nil),
            ([ShipmentScene.address("b", .return), ShipmentScene.address("c", .return, isDefault: true)], "c"), ([], nil),
        ] as [([StoredAddress], String?)] {
            var scene = ShipmentScene()
            scene.tables.participants["M-1"]?.addresses = addresses
            try scene.returned()
            try scene.ship()
            try scene.sealed()
            #expect(scene.published(Shipped.self).map(\.returnAddressId) == [expected])
        }
    }

    @Test(arguments: ["nowhere", "send"])
    func aReturnAddressMustBeTheMerchants(addressId: String) throws {
        var scene = ShipmentScene()
        try scene.returned()
        #expect(try scene.ship(to: addressId) == ["refused return-address-unknown"])
        #expect(scene.refusal?.restsOnTable == true && scene.refusal?.field == "returnAddressId")
        #expect(scene.state.parcel(1)?.stage == .ready)
    }

    @Test func checksComeInTheOrderOfTheContract() throws {
        var scene = ShipmentScene()
        let stranger = Actor(.merchant, "M-2")
        #expect(try scene.ship(1, to: "nowhere", by: stranger) == ["refused forbidden"])
        #expect(try scene.ship(1, to: "nowhere") == ["refused not-found"])
        try scene.allocated()
        #expect(try scene.ship(1, to: "nowhere", of: "M-2", by: stranger) == ["refused forbidden"])
        #expect(try scene.ship(1, to: "nowhere") == ["refused waybill-not-returned"])
        try scene.returned()
        #expect(try scene.ship(1, to: "nowhere") == ["refused return-address-unknown"])
        try scene.ship(1)
        try scene.sealed()
        #expect(try scene.ship(1, to: "nowhere") == ["refused already-shipped"])
        #expect(try scene.ship(2, to: "nowhere") == ["refused not-allocated"])
        for actor in [Actor(.factory, "M-1"), Actor(.operator, "M-1"), Actor(.service, "allocation"), Actor(.partner, "M-1")] {
            #expect(try scene.ship(1, by: actor) == ["refused forbidden"])
        }
    }

    @Test func shippingAllTakesWhatIsReadyAndAnswersForEach() throws {
        var scene = ShipmentScene()
        for number in 1...4 { try scene.allocated(number) }
        for number in 1...3 { try scene.returned(number, "YT000000000000\(number)") }
        #expect(try scene.ship(id: "all") == ["allocation seal", "allocation seal", "allocation seal"])
        #expect(scene.requests == (1...3).map { scene.sealId($0, 1) })
        try scene.sealed(1)
        #expect(scene.answers == ["shipped all"])
        // A part that is refused after another was shipped is not told: the command has its answer.
        #expect(try scene.sealRefused(2) == [])
        try scene.sealed(3)
        #expect(scene.answers == ["shipped all"])
        #expect(scene.state.ships == nil)
        #expect(try scene.ship() == ["refused waybill-not-returned"])
        try scene.deallocated(4)
        #expect(try scene.ship() == ["refused already-shipped"])
    }

    @Test func shippingAllIsRefusedOnceWhenNoneSucceeds() throws {
        var scene = ShipmentScene()
        for number in 1...2 { try scene.returned(number) }
        try scene.ship(id: "all")
        #expect(try scene.sealRefused(1) == [])
        #expect(try scene.sealRefused(2) == ["refused not-allocated"])
        #expect(scene.answers == ["refused not-allocated all"])
        #expect(try scene.ship() == ["refused not-allocated"])
    }

    @Test func aSecondShipDuringSealingWaitsForTheOutcome() throws {
        for (isSealed, expected) in [
            (true, ["shipped ship-1", "refused already-shipped ship-2", "refused already-shipped ship-3"]),
            (false, ["refused not-allocated ship-1", "refused not-allocated ship-2", "refused not-allocated ship-3"]),
        ] {
            var scene = ShipmentScene()
            try scene.returned()
            try scene.ship(1, id: "ship-1")
            #expect(try scene.ship(1, id: "ship-2") == [])
            #expect(try scene.ship(id: "ship-3") == [])
            _ = isSealed ? try scene.sealed() : try scene.sealRefused()
            #expect(scene.answers == expected)
            #expect(scene.state.ships == nil)
        }
    }

    @Test func aShipOfAllThatWaitsForSeveralGetsOneAnswer() throws {
        for outcomes in [[true, true], [true, false], [false, true], [false, false]] {
            var scene = ShipmentScene()
            for number in 1...2 { try scene.returned(number) }
            try scene.ship(1, id: "one")
            try scene.ship(2, id: "two")
            #expect(try scene.ship(id: "all") == [])
            var answers: [String] = []
            for (index, isSealed) in outcomes.enumerated() {
                _ = isSealed ? try scene.sealed(index + 1) : try scene.sealRefused(index + 1)
                answers += scene.answers.filter { $0.hasSuffix(" all") }
            }
            #expect(answers == [outcomes.contains(true) ? "refused already-shipped all" : "refused not-allocated all"])
        }
    }

    @Test func aShipOfAllTakesWhatIsReadyBesideWhatIsBeingSealed() throws {
        var scene = ShipmentScene()
        for number in 1...2 { try scene.returned(number) }
        try scene.ship(1, id: "one")
        #expect(try scene.ship(id: "all") == ["allocation seal"])
        try scene.sealed(1)
        #expect(scene.answers == ["shipped one"])
        try scene.sealed(2)
        #expect(scene.answers == ["shipped all"])
    }

    @Test func aSealRefusedForAnotherReasonCanBeTriedAgain() throws {
        var scene = ShipmentScene()
        try scene.returned()
        try scene.ship(id: "ship-1")
        #expect(try scene.sealRefused(1, attempt: 1, .unauthorized) == ["refused unauthorized"])
        try scene.ship(id: "ship-2")
        #expect(scene.requests == [scene.sealId(1, 2)])
        // The refusal of the first attempt, told again, is not that of the second.
        #expect(try scene.sealRefused(1, attempt: 1, .unauthorized) == [])
        try scene.sealed()
        #expect(scene.answers == ["shipped ship-2"])
    }

    @Test func refusalsOfOthersCommandsMeanNothing() throws {
        var scene = ShipmentScene()
        try scene.returned()
        try scene.returned(11)
        try scene.ship(id: "ship-1")
        let state = scene.state
        let own = scene.sealId(1, 1)
        for (id, type) in [
            (own, Allocate.type), (scene.sealId(1, 2), Seal.type), (scene.sealId(111, 1), Seal.type), ("x", Seal.type), ("", Seal.type),
            (scene.claimId(1, 1), Claim.type), ("x/1/seal/1", Seal.type), ("O-1/1/seal/1", Seal.type), ("x\(own)", Seal.type),
            ("\(own)x", Seal.type), (own.uppercased(), Seal.type), (String(own.dropFirst()), Seal.type),
        ] {
            #expect(try scene.send(.allocationRefused(scene.refused(id, type, .notAllocated), orderId: scene.orderId)) == [])
            #expect(try scene.send(.waybillRefused(scene.refused(id, type, .notAllocated), orderId: scene.orderId)) == [])
        }
        #expect(scene.state == state)
    }

    /// Nothing of a request can be cut out of its id, and the same request has the same one.
    @Test func idsOfRequestsSayNothing() throws {
        var (scene, again) = (ShipmentScene(), ShipmentScene())
        var ids: [String] = []
        for number in 1...3 {
            for attempt in 1...3 {
                for made in [scene.sealId(number, attempt), scene.claimId(number, attempt)] {
                    #expect(made.utf8.count == 36 && !made.contains("O-1") && !made.contains("/"))
                    ids.append(made)
                }
            }
        }
        #expect(Set(ids).count == ids.count)
        #expect(RequestId.make("a", "bc") != RequestId.make("ab", "c"))
        try scene.returned()
        try again.returned()
        try scene.ship()
        try again.ship()
        #expect(scene.requests == again.requests && scene.requests == [scene.sealId(1, 1)])
    }

    @Test func whatWasTakenBackIsNeitherReadyNorShipped() throws {
        var scene = ShipmentScene()
        try scene.allocated()
        try scene.deallocated()
        #expect(try scene.returned() == [])
        #expect(try scene.ship(1) == ["refused not-allocated"])
        #expect(try scene.ship() == ["refused not-allocated"])
        try scene.allocated(2)
        #expect(try scene.returned(2) == ["ready"])
    }

    @Test func takenBackWhileItIsSealedTheSealDecides() throws {
        var scene = ShipmentScene()
        try scene.allocated()
        try scene.returned()
        try scene.ship(id: "ship-1")
        #expect(try scene.voided() == [])
        #expect(try scene.deallocated() == [])
        #expect(try scene.sealRefused() == ["refused not-allocated"])
        #expect(scene.state.parcel(1) == Parcel(1, .ended))
    }

    // MARK: Readdressed

    @Test func aReaddressedParcelIsShippedOnlyAfterItIsReturnedAnew() throws {
        var scene = ShipmentScene()
        try scene.allocated()
        try scene.returned(extra: ["YT0000000000009"])
        #expect(try scene.readdressed() == ["unready"])
        let unready = try #require(scene.published(Unready.self).first)
        #expect(unready.allocationId == "O-1/1" && unready.merchantShopId == "M-1" && unready.factoryShopId == "F-1")
        #expect(unready.carrier == "YTO" && unready.waybillNumber == "YT0000000000001")
        #expect(try scene.readdressed() == [])
        #expect(try scene.ship(1) == ["refused waybill-not-returned"])
        #expect(try scene.ship() == ["refused waybill-not-returned"])
        #expect(try scene.returned(1, "YT0000000000002") == ["ready"])
        try scene.ship(1)
        try scene.sealed()
        let shipped = try #require(scene.published(Shipped.self).first)
        #expect(shipped.waybillNumber == "YT0000000000002" && shipped.extraNumbers == nil)
    }

    @Test func oneOrderThatMovesKeepsNoOtherBack() throws {
        var scene = ShipmentScene()
        for number in 1...2 {
            try scene.allocated(number)
            try scene.returned(number)
        }
        try scene.readdressed(2)
        #expect(try scene.ship(2) == ["refused waybill-not-returned"])
        #expect(try scene.ship(id: "ship-1") == ["allocation seal"])
        #expect(try scene.sealed(1) == ["shipped"])
        #expect(scene.answers == ["shipped ship-1"])
    }

    /// It is too late by then: the factory's new number counts if it comes before the seal.
    @Test(arguments: [nil, "YT0000000000002"]) func readdressedWhileItIsSealedItShips(returned: String?) throws {
        var scene = ShipmentScene()
        try scene.allocated()
        try scene.returned()
        try scene.ship(id: "ship-1")
        #expect(try scene.readdressed() == [])
        #expect(try scene.readdressed() == [])
        if let returned { #expect(try scene.returned(1, returned) == ["ready"]) }
        #expect(try scene.sealed() == ["shipped"])
        #expect(scene.published(Shipped.self).map(\.waybillNumber) == [returned ?? "YT0000000000001"])
        #expect(scene.state.parcel(1)?.isReaddressed == nil)
        #expect(try scene.readdressed() == [])
    }

    /// The seal's id is never one that allocation has answered.
    @Test(arguments: [false, true]) func readdressedWhileItsSealIsRefused(isReturned: Bool) throws {
        var scene = ShipmentScene()
        try scene.allocated()
        try scene.returned()
        try scene.ship(id: "ship-1")
        try scene.readdressed()
        if isReturned { try scene.returned(1, "YT0000000000002") }
        #expect(try scene.sealRefused(1, .unauthorized) == ["refused unauthorized"] + (isReturned ? [] : ["unready"]))
        if !isReturned {
            #expect(try scene.ship(1) == ["refused waybill-not-returned"])
            try scene.returned(1, "YT0000000000002")
        }
        try scene.ship(1)
        #expect(scene.requests == [scene.sealId(1, 2)])
        try scene.sealed()
        #expect(scene.published(Shipped.self).map(\.waybillNumber) == ["YT0000000000002"])
    }

    @Test func aFactoryDropshipOrderIsNotShippedHere() throws {
        var scene = ShipmentScene()
        scene.orderId = "pdd-fds:mall:order"
        #expect(try scene.ship() == ["refused not-found"])
        try scene.allocated()
        #expect(try scene.returned() == [])
        #expect(try scene.ship() == ["refused forbidden"])
        #expect(try scene.amend() == ["refused forbidden"])
    }

    /// Each topic keeps its order; between the two, every interleaving must end in the same state.
    @Test(arguments: [
        (["allocated"], ["returned"]), (["allocated", "deallocated"], []), (["allocated", "deallocated"], ["returned"]),
        (["allocated", "deallocated"], ["voided"]), (["allocated", "deallocated"], ["returned", "voided"]),
        (["allocated"], ["returned", "readdressed"]), (["allocated", "deallocated"], ["returned", "readdressed", "voided"]),
    ])
    func theOrderBetweenTwoTopicsDoesNotMatter(allocation: [String], waybill: [String]) throws {
        func interleavings(_ left: [String], _ right: [String]) -> [[String]] {
            guard let first = left.first else { return [right] }
            guard let other = right.first else { return [left] }
            return interleavings(Array(left.dropFirst()), right).map { [first] + $0 }
                + interleavings(left, Array(right.dropFirst())).map { [other] + $0 }
        }
        var states: [ShipmentState] = []
        for order in interleavings(allocation, waybill) {
            var scene = ShipmentScene()
            // Each is told twice.
            for event in order.flatMap({ [$0, $0] }) {
                switch event {
                case "allocated": try scene.allocated()
                case "deallocated": try scene.deallocated()
                case "returned": try scene.returned()
                case "readdressed": try scene.readdressed()
                default: try scene.voided()
                }
            }
            states.append(scene.state)
        }
        #expect(states.allSatisfy { $0 == states[0] })
        let expected: Parcel.Stage = allocation.contains("deallocated") ? .ended : waybill.contains("readdressed") ? .open : .ready
        #expect(states[0].parcel(1)?.stage == expected)
    }
}
