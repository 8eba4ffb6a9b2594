import Contracts
import JSON
import TestSupport
import Testing

extension JourneySuite {
    /// Cancelling orders of a partner's warehouse: the partner decides.
    @Suite struct OutboundCancelTests {
        @Test func aMerchantCancelsAndTheAllocationIsFreeAgain() async throws {
            let scene = try await WarehouseScene.linked()
            let (orderId, allocationId, number) = try await scene.created()
            let cancelling = try await scene.scenario.accepted(scene.cancel(orderId, allocationId)).body(OutboundCancelling.self)
            #expect(cancelling.cause == .merchant && cancelling.partnerNumber == number)
            _ = try await scene.event(OutboundCancelled.self, orderId, allocationId)
            #expect(try await scene.event(Deallocated.self, orderId, allocationId).reason == .merchant)
            try await scene.scenario.refused(scene.cancel(orderId, allocationId), .notAllocated)
            try await scene.scenario.refused(scene.pull(orderId), .notFound)
            let next = try await scene.allocate(orderId)
            #expect(try await scene.event(OutboundCreated.self, orderId, next).partnerNumber != number)
        }

        @Test(arguments: [DeallocationReason.afterSale, .riskControl, .orderCancelled])
        func holdsAndACancelledOrderCancelWithTheirCause(_ cause: DeallocationReason) async throws {
            let scene = try await WarehouseScene.linked()
            let (orderId, allocationId, _) = try await scene.created()
            switch cause {
            case .afterSale:
                let fact = AfterSaleOpened(orderId: orderId, afterSaleId: "as")
                try await scene.scenario.tell(fact)
            case .riskControl:
                let fact = RiskHeld(orderId: orderId)
                try await scene.scenario.tell(fact)
            default:
                let fact = OrderCancelled(orderId: orderId)
                try await scene.scenario.tell(fact)
            }
            #expect(try await scene.event(OutboundCancelled.self, orderId, allocationId).cause == cause)
            #expect(try await scene.event(Deallocated.self, orderId, allocationId).reason == cause)
        }

        @Test func whatThePartnerRefusesToCancelShips() async throws {
            let scene = try await WarehouseScene.linked()
            let (orderId, allocationId, number) = try await scene.created()
            try await scene.cancelOutcome(number, 2)
            try await scene.scenario.accepted(scene.cancel(orderId, allocationId))
            let failed = try await scene.event(OutboundCancelFailed.self, orderId, allocationId)
            #expect(failed.cause == .merchant && failed.reason?.isEmpty == false)
            let report = scene.report(order: orderId, number, "10020", waybill: WarehouseScene.waybillNumber())
            try await scene.scenario.accepted(report)
            _ = try await scene.event(Shipped.self, orderId, allocationId)
            #expect(!scene.said(orderId).contains("deallocated"))
        }

        @Test(arguments: ["10028", "10029"])
        func aDecisionThatTakesItsTimeIsWaitedForWithoutStatus(_ code: String) async throws {
            let scene = try await WarehouseScene.linked(subscribed: false)
            let (orderId, allocationId, number) = try await scene.created()
            try await scene.cancelOutcome(number, 1)
            try await scene.scenario.accepted(scene.cancel(orderId, allocationId))
            // Again while it is being decided: the same answer, and nothing more happens.
            let again = try await scene.scenario.accepted(scene.cancel(orderId, allocationId))
            #expect(again.type == OutboundCancelling.type)
            try await scene.advance(number, to: code)
            if code == "10028" {
                _ = try await scene.event(OutboundCancelled.self, orderId, allocationId)
                _ = try await scene.event(Deallocated.self, orderId, allocationId)
            } else {
                _ = try await scene.event(OutboundCancelFailed.self, orderId, allocationId)
            }
            #expect(!scene.said(orderId).contains("outbound-status"))
        }

        @Test func afterARevokeNothingCanBeAskedAnyMore() async throws {
            let scene = try await WarehouseScene.linked()
            let scenario = scene.scenario
            let (orderId, allocationId, _) = try await scene.created()
            let inboundId = uniqueName("inbound")
            try await scenario.accepted(scene.createInbound(inboundId))
            try await scene.revoke()
            try await scenario.refused(scene.pull(orderId), .notAuthorized)
            try await scenario.refused(scene.cancel(orderId, allocationId), .notAuthorized)
            try await scenario.refused(scene.pullStock(), .notAuthorized)
            try await scenario.refused(scene.pullInbound(inboundId), .notAuthorized)
            try await scenario.refused(scene.createInbound(uniqueName("inbound")), .notAuthorized)
            let target = Target(.warehouse, scene.warehouseId)
            let other = try await scene.place()
            try await scenario.refused(scenario.merchant(scene.cast.allocate(other, target: target)), .targetNotAvailable)
        }
    }
}
