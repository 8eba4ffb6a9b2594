import Contracts
import JSON
import TestSupport
import Testing

extension JourneySuite {
    /// Goods that go to a partner's warehouse, and what is there.
    @Suite struct InboundAndStockTests {
        @Test func anInboundOrderIsCreatedOnceAndItsStatusFollows() async throws {
            let scene = try await WarehouseScene.linked()
            let scenario = scene.scenario
            let inboundId = uniqueName("inbound")
            let created = try await scenario.accepted(scene.createInbound(inboundId)).body(InboundCreated.self)
            #expect(created.warehouseId == scene.warehouseId && !created.partnerNumber.isEmpty)
            let again = try await scenario.accepted(scene.createInbound(inboundId)).body(InboundCreated.self)
            #expect(again.partnerNumber == created.partnerNumber)
            try await scenario.refused(scene.createInbound(inboundId, quantity: 11), .invalid, field: "inboundId")
            let held = try await scene.sandbox.control("inbound?key=\(inboundId)").array
            #expect(held?.count == 1)
            let number = created.partnerNumber
            let accepted = try await scenario.accepted(scene.report(inbound: inboundId, number, "20")).body(InboundStatus.self)
            #expect(accepted.state == .accepted && accepted.partnerNumber == number)
            let ignored = try await scenario.accepted(scene.report(inbound: inboundId, number, "10")).body(ReportIgnored.self)
            #expect(ignored.reason == .notNewer && ignored.inboundId == inboundId)
            try await scene.advance(number, to: "70", lines: [(WarehouseScene.sku, 8)])
            let status = try await scenario.accepted(scene.pullInbound(inboundId)).body(InboundStatus.self)
            #expect(status.state == .received && status.lines?.map(\.quantity) == [8])
            try await scenario.refused(scene.report(inbound: inboundId, "EPL0", "70"), .notFound)
        }

        @Test func whatIsMissingIsNamedAndANewConsentMendsIt() async throws {
            let scene = try await WarehouseScene.linked(isComplete: false)
            let inboundId = uniqueName("inbound")
            try await scene.scenario.refused(scene.createInbound(inboundId), .invalid, field: "supplierNo")
            try await scene.consent(subscribed: true)
            for _ in 1...100 {
                // The table of warehouses follows the consent.
                if try await !scene.client.answer(to: scene.createInbound(inboundId)).isRefusal { return }
            }
            Issue.record("still refused")
        }

        @Test func stockIsReportedAndKeptAsRows() async throws {
            let scene = try await WarehouseScene.linked()
            let reported = try await scene.scenario.accepted(scene.pullStock()).body(StockReported.self)
            #expect(reported.levels == [StockCount(sku: WarehouseScene.sku, good: 500, damaged: 3)])
            let row = try await scene.client.first("the row of the sku") {
                $0.topic == Table.stock.topic && $0.key == "\(scene.warehouseId)~\(WarehouseScene.sku)"
            }.body(StockRow.self)
            #expect(row.good == 500 && row.damaged == 3 && row.asOf == reported.asOf)
            let one = try await scene.scenario.accepted(scene.pullStock([WarehouseScene.sku])).body(StockReported.self)
            #expect(one.levels.map(\.sku) == [WarehouseScene.sku])
        }

        @Test func whatThePartnerRefusesForGoodIsSaidSo() async throws {
            let scene = try await WarehouseScene.linked()
            let (orderId, _, _) = try await scene.created()
            let inboundId = uniqueName("inbound")
            try await scene.scenario.accepted(scene.createInbound(inboundId))
            // The account has another department now: nothing of the old one is the token's.
            try await scene.seed(department: "EBU\(Cast.digits(13))")
            try await scene.scenario.refused(scene.pullStock(), .partnerRejected)
            try await scene.scenario.refused(scene.pull(orderId), .partnerRejected)
            try await scene.scenario.refused(scene.createInbound(uniqueName("inbound")), .partnerRejected)
            try await scene.scenario.refused(scene.pullInbound(inboundId), .partnerRejected)
        }

        @Test func othersWarehousesAndOrdersAreNotToBeAskedFor() async throws {
            let scene = try await WarehouseScene.linked()
            let (orderId, allocationId, number) = try await scene.created()
            let other = Scenario(system: scene.scenario.system, cast: Cast())
            let stock = PullStock(warehouseId: scene.warehouseId, merchantShopId: other.cast.merchant)
            try await other.refused(other.merchant(stock), .forbidden)
            let pull = PullStatus(orderId: orderId, merchantShopId: other.cast.merchant)
            try await other.refused(other.merchant(pull), .forbidden)
            let cancel = CancelOutbound(orderId: orderId, allocationId: allocationId, merchantShopId: other.cast.merchant)
            try await other.refused(other.merchant(cancel), .forbidden)
            try await other.refused(scene.report(order: orderId, "ESL0", "10020"), .notFound)
            let stranger = scene.report(order: orderId, number, "10020").setting(EnvelopeHeader.actor, "partner:somebody")
            try await other.refused(stranger, .forbidden)
        }

        @Test func aPolicyPullsStockByItselfUntilItIsOff() async throws {
            let shop = try await ShopScene.linked()
            let scene = try await WarehouseScene.linked(in: shop.scenario)
            try await shop.setPolicy([.own], downloads: false, stock: true)
            let first = try await scene.client.event(StockReported.self, key: scene.warehouseId)
            let id = first.id
            let second = try await scene.client.event(StockReported.self, key: scene.warehouseId) { $0.id != id }
            #expect(try first.body(StockReported.self).levels == second.body(StockReported.self).levels)
            #expect(first.causationId != second.causationId)
            try await shop.setPolicy([.own], downloads: false)
        }
    }
}
