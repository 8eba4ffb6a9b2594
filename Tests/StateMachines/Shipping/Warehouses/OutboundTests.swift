import Contracts
import JSON
import Testing

@testable import StateMachines

struct OutboundCreationTests {
    @Test func sealsAtOnceAndCreatesWhenSealAndRecipientAreThere() throws {
        var scene = OutboundScene()
        #expect(try scene.allocated() == ["seal"])
        let seal = try #require(scene.commands(Seal.self).first)
        #expect(seal.allocationId == "O-1/1")
        #expect(try scene.resealed() == [])
        #expect(try scene.sealed() == ["create-outbound"])
        let effect = try #require(scene.pending(OutboundCreation.self).first)
        #expect(effect.allocationId == "O-1/1" && effect.warehouseId == "W-1" && effect.isWanted)
        #expect(effect.lines == [CountedLine(sku: "sku-1", quantity: 2)])
        #expect(try effect.recipientSealed?.value == OutboundScene.sealed("for shipping, from enc-1"))
        try scene.created()
        let created = try #require(scene.published(OutboundCreated.self).first)
        #expect(created.partnerNumber == "ESL-1" && created.merchantShopId == "M-1" && created.warehouseId == "W-1")
        // Nothing of the recipient is kept.
        #expect(!String(decoding: scene.state.json, as: UTF8.self).contains("for shipping"))
    }

    @Test func theRecipientMayComeFirst() throws {
        var scene = OutboundScene()
        try scene.resealed()
        try scene.allocated()
        try scene.sealed()
        #expect(scene.pending(OutboundCreation.self).first?.recipientSealed != nil)
    }

    /// An address that changed before the seal is the one to ship to, in whatever order the two topics come.
    @Test func onlyTheNewestRecipientIsShippedTo() throws {
        var scene = OutboundScene()
        try scene.allocated()
        try scene.resealed()
        try scene.recipientChanged(to: "enc-2")
        try scene.sealed()
        #expect(scene.pending(OutboundCreation.self).map(\.recipientSealed) == [nil])
        #expect(try scene.resealed(from: "enc-2") == ["create-outbound"])
        #expect(try scene.creation().recipientSealed?.value == OutboundScene.sealed("for shipping, from enc-2"))
        // The other way round.
        scene = OutboundScene()
        try scene.allocated()
        try scene.resealed(from: "enc-2")
        try scene.recipientChanged(to: "enc-2")
        try scene.sealed()
        #expect(try scene.creation().recipientSealed?.value == OutboundScene.sealed("for shipping, from enc-2"))
    }

    /// What may be on its way to the partner is not replaced.
    @Test func aRecipientThatIsInUseStays() throws {
        var scene = OutboundScene()
        try scene.bring(to: "creating")
        #expect(try scene.resealed() == [])
        #expect(try scene.resealed(from: "enc-9") == [])
    }

    @Test func whatThePartnerRefusesIsReleased() throws {
        var scene = OutboundScene()
        try scene.bring(to: "creating")
        try scene.created(1, .rejected(PartnerRefusal(code: "61", field: "shopNo", reason: "shopNo is missing")))
        let rejected = try #require(scene.published(OutboundRejected.self).first)
        #expect(rejected.reason == "shopNo is missing" && rejected.partnerCode == "61")
        #expect(scene.commands(Release.self).map(\.reason) == [.targetRejected])
        #expect(!String(decoding: scene.state.json, as: UTF8.self).contains("for shipping"))
        #expect(scene.effects.isEmpty)
    }

    @Test func aRecipientThatNobodyCanOpenIsRejectedAndReleased() throws {
        // In whichever order it is told.
        for isEarly in [true, false] {
            var scene = OutboundScene()
            try scene.bring(to: "sealing")
            if isEarly { #expect(try scene.unreadable() == []) }
            try scene.sealed()
            if !isEarly { try scene.unreadable() }
            #expect(scene.published(OutboundRejected.self).map(\.reason) == ["no key opens it"], "early: \(isEarly)")
            #expect(scene.commands(Release.self).map(\.reason) == [.targetRejected])
            #expect(scene.effects.isEmpty)
            #expect(try scene.resealed() == [], "it is over")
        }
    }

    @Test func aNewerRecipientCounts() throws {
        var scene = OutboundScene()
        try scene.bring(to: "sealing")
        try scene.unreadable()
        try scene.recipientChanged(to: "enc-2")
        try scene.sealed()
        #expect(try scene.unreadable() == [], "that was the old one")
        #expect(try scene.resealed(from: "enc-2") == ["create-outbound"])
        #expect(scene.published(OutboundRejected.self) == [])
    }

    @Test func aClosedWarehouseReleases() throws {
        var scene = OutboundScene()
        try scene.bring(to: "waiting")
        #expect(try scene.created(1, .closed).filter { !$0.isEmpty } == ["release"])
        #expect(scene.commands(Release.self).map(\.reason) == [.targetRejected])
    }

    @Test func copiesChangeNothing() throws {
        var scene = OutboundScene()
        try scene.bring(to: "created")
        let state = scene.state
        #expect(try scene.allocated() == [])
        #expect(try scene.resealed() == [])
        #expect(try scene.sealed() == [])
        #expect(try scene.sealRefused() == [])
        #expect(try scene.recipientChanged(to: "enc-7") == [])
        #expect(scene.state == state)
    }

    @Test func aWarehouseIsNoFactory() throws {
        var scene = OutboundScene()
        try scene.bring(to: "created")
        #expect(try scene.ship(nil) == ["waybill-not-returned"])
        try scene.report("10020")
        #expect(try scene.ship(nil) == ["already-shipped"])
        #expect(scene.state.parcels == nil)
    }

    @Test func anAmendIsNotForWarehouses() throws {
        var scene = OutboundScene()
        try scene.bring(to: "shipped")
        let amend = Amend(orderId: "O-1", allocationId: "O-1/1", merchantShopId: "M-1", carrier: "JD", waybillNumber: "JDVA00000000002")
        #expect(try scene.send(.amend(amend), ShipmentScene.owner) == ["forbidden"])
    }
}

struct OutboundCancelTests {
    @Test(arguments: [
        ([Hold.afterSale], DeallocationReason.afterSale), ([.riskControl], .riskControl), ([.afterSale, .riskControl], .riskControl),
    ])
    func aHoldCancelsWithItsCause(_ holds: [Hold], _ cause: DeallocationReason) throws {
        var scene = OutboundScene()
        try scene.bring(to: "created")
        try scene.held(holds)
        #expect(scene.published(OutboundCancelling.self).map(\.cause) == [cause])
        let effect = try #require(scene.pending(OutboundCancellation.self).first)
        #expect(effect.partnerNumber == "ESL-1" && effect.warehouseId == "W-1")
        try scene.cancelEnded(.cancelled)
        #expect(scene.published(OutboundCancelled.self).map(\.cause) == [cause])
        #expect(scene.commands(Release.self).map(\.reason) == [cause])
        #expect(scene.effects.isEmpty)
    }

    @Test func aCancelledOrderCancelsToo() throws {
        var scene = OutboundScene()
        try scene.bring(to: "created")
        try scene.orderCancelled()
        try scene.cancelEnded(.cancelled)
        #expect(scene.commands(Release.self).map(\.reason) == [.orderCancelled])
    }

    @Test func anAuditIsNoReason() throws {
        var scene = OutboundScene()
        try scene.bring(to: "created")
        #expect(try scene.held([.awaitingAudit]) == [])
    }

    @Test func theFirstCauseIsKept() throws {
        var scene = OutboundScene()
        try scene.bring(to: "created")
        try scene.cancel()
        #expect(try scene.held() == [])
        try scene.cancelEnded(.cancelled)
        #expect(scene.commands(Release.self).map(\.reason) == [.merchant])
    }

    @Test func aCommandIsAnsweredOnceByCancelling() throws {
        var scene = OutboundScene()
        try scene.bring(to: "created")
        try scene.cancel(id: "cancel-1")
        #expect(scene.answers == ["cancelling cancel-1"])
        try scene.cancel(id: "cancel-2")
        #expect(scene.answers == ["cancelling cancel-2"])
        #expect(scene.pending(OutboundCancellation.self).count == 1)
        try scene.cancelEnded(.cancelled)
        #expect(scene.answers == ["cancelled O-1/1/cancelled"])
    }

    @Test func whatCouldNotBeCancelledShipsAndMayBeCancelledAgain() throws {
        var scene = OutboundScene()
        try scene.bring(to: "cancelling")
        try scene.cancelEnded(.failed(reason: "packed"))
        let failed = try #require(scene.published(OutboundCancelFailed.self).first)
        #expect(failed.reason == "packed" && failed.cause == .merchant)
        #expect(scene.commands(Release.self).isEmpty)
        try scene.cancel()
        #expect(scene.pending(OutboundCancellation.self).map(\.attempt) == [2])
        // The answer of the first attempt says nothing of the second.
        var late = try #require(scene.pending(OutboundCancellation.self).first)
        late.attempt = 1
        #expect(try scene.send(.cancelEnded(late, .cancelled)) == [])
        #expect(try scene.report("10020").filter { !$0.isEmpty } == ["status", "cancel-failed", "shipped"])
    }

    /// What an earlier attempt created is looked for, and no other is begun.
    @Test func cancellingWhileItIsCreatedLooksFirst() throws {
        var scene = OutboundScene()
        try scene.bring(to: "creating")
        try scene.cancel()
        #expect(scene.pending(OutboundCreation.self).map(\.isWanted) == [false])
        try scene.created()
        #expect(scene.pending(OutboundCancellation.self).count == 1)
        scene = OutboundScene()
        try scene.bring(to: "looking")
        try scene.created(1, .absent)
        #expect(scene.commands(Release.self).map(\.reason) == [.merchant])
        #expect(scene.effects.isEmpty)
    }

    @Test func withoutRecipientNothingWasSentAndNothingIsAsked() throws {
        var scene = OutboundScene()
        try scene.bring(to: "waiting")
        try scene.cancel(id: "cancel-1")
        #expect(scene.answers == ["cancelling cancel-1", "cancelled O-1/1/cancelled"])
        #expect(scene.effects.isEmpty)
    }

    /// A refusal whose id only looks like that of the seal would leave a sealed allocation that nobody ships and nobody releases.
    @Test func aForeignRefusalDoesNotEndIt() throws {
        var scene = OutboundScene()
        try scene.bring(to: "sealing")
        let state = scene.state
        for id in ["O-1/1/seal/1", "x/1/seal/1", "", RequestId.make(Seal.type, "O-1/1", "2")] {
            let origin = Origin(id: id, type: Seal.type, key: OutboundScene.orderId, correlationId: "x")
            let refused = Refused(Refusal(.forbidden, "no"), of: origin)
            #expect(try scene.send(.allocationRefused(refused, orderId: OutboundScene.orderId)) == [])
        }
        #expect(scene.state == state)
        #expect(try scene.sealed().isEmpty == false, "it goes on")
    }

    /// Allocation took it back before the seal: there is nothing to release.
    @Test func theSealMayBeRefusedMeanwhile() throws {
        var scene = OutboundScene()
        try scene.bring(to: "withdrawn")
        #expect(try scene.deallocated().filter { !$0.isEmpty } == ["cancelled"])
        #expect(try scene.sealRefused() == [])
    }

    @Test func anAuthorizationThatIsRevokedCannotBeAsked() throws {
        var scene = OutboundScene()
        try scene.bring(to: "created")
        scene.put(.closed)
        #expect(try scene.cancel() == ["not-authorized"])
        #expect(try scene.pull() == ["not-authorized"])
    }

    /// What may be at the partner is never released by itself: the merchant looks, and ends it.
    @Test func whatNobodyCanTellOfStaysSealedUntilTheMerchantEndsIt() throws {
        for isCancelled in [false, true] {
            var scene = OutboundScene()
            try scene.bring(to: isCancelled ? "looking" : "creating")
            scene.put(.closed)
            #expect(try scene.created(1, .unknown) == ["rejected"])
            #expect(scene.published(OutboundRejected.self).map(\.reason) == ["outcome-unknown"])
            #expect(scene.commands(Release.self).isEmpty && scene.effects.isEmpty)
            #expect(scene.state.outbound(1)?.recipient == nil)
            #expect(try scene.held() == [])
            #expect(try scene.ship() == ["waybill-not-returned"])
            try scene.cancel(id: "cancel-1")
            #expect(scene.answers == ["cancelling cancel-1", "cancelled O-1/1/cancelled"])
            #expect(scene.commands(Release.self).map(\.reason) == [.merchant])
        }
    }

    @Test func whereTheWarehouseIsOpenAgainThePartnerIsAskedBeforeTheRelease() throws {
        var scene = OutboundScene()
        try scene.bring(to: "unknown")
        scene.put()
        try scene.cancel(id: "cancel-1")
        #expect(scene.answers == ["cancelling cancel-1"])
        #expect(scene.pending(OutboundCreation.self).map(\.isWanted) == [false])
        #expect(scene.commands(Release.self).isEmpty)
        var absent = scene
        try absent.created(1, .absent)
        #expect(absent.commands(Release.self).map(\.reason) == [.merchant])
        try scene.created()
        #expect(scene.pending(OutboundCancellation.self).map(\.partnerNumber) == ["ESL-1"])
    }

    @Test func othersMayNot() throws {
        var scene = OutboundScene()
        try scene.bring(to: "created")
        #expect(try scene.cancel(by: Actor(.merchant, "M-2")) == ["forbidden"])
        #expect(try scene.cancel(7) == ["not-found"])
    }

    @Test func whatThePartnerCancelsByItselfIsReleased() throws {
        var scene = OutboundScene()
        try scene.bring(to: "created")
        try scene.report("10028", id: "push-1")
        #expect(scene.answers == ["status push-1", "cancelled O-1/1/cancelled"])
        #expect(scene.commands(Release.self).map(\.reason) == [.targetRejected])
        #expect(try scene.report("10020") == ["ignored"])
    }
}
