import Contracts
import JSON
import TestSupport
import Testing

extension JourneySuite {
    /// Parcels of a partner's warehouse.
    @Suite struct OutboundTests {
        @Test(arguments: [WarehouseAPI.eclp, .isc])
        func anAllocationBecomesAnOutboundOrderAndShipsWhenItIsOutOfTheDoor(by api: WarehouseAPI) async throws {
            let scene = try await WarehouseScene.linked(api: api)
            let scenario = scene.scenario
            let (orderId, allocationId, number) = try await scene.created()
            let order = try await scene.partnerOrder(allocationId)
            #expect(order["number"]?.string == number)
            #expect(order["consignee"]?["name"]?.string == scene.recipient.name)
            #expect(order["lines"]?.array?.first?["quantity"]?.int == 2)
            // On no topic is there a recipient in clear.
            for secret in [scene.recipient.name, scene.recipient.phone, scene.recipient.address.detail] {
                let leaks = scene.client.seen { $0.key == orderId && ($0.text ?? "").contains(secret) }
                #expect(leaks.isEmpty)
            }
            // With the warehouse it is out of the merchant's hands.
            try await scenario.refused(scenario.merchant(scene.cast.deallocate(orderId)), .alreadySealed)
            try await scenario.refused(scenario.merchant(scene.cast.ship(orderId)), .waybillNotReturned)
            let waybill = WarehouseScene.waybillNumber()
            for (code, state) in [("100130", OutboundState.waybillObtained), ("10019", .handedOver), ("10020", .shipped)] {
                let report = scene.report(order: orderId, number, code, waybill: waybill)
                let status = try await scenario.accepted(report).body(OutboundStatus.self)
                #expect(status.state == state && status.partnerCode == code && status.waybillNumber == waybill)
            }
            let shipped = try await scene.event(Shipped.self, orderId, allocationId)
            #expect(shipped.waybillNumber == waybill && shipped.carrier == "JD")
            #expect(shipped.warehouseId == scene.warehouseId && shipped.factoryShopId == nil)
            let late = try await scenario.accepted(scene.report(order: orderId, number, "10018")).body(ReportIgnored.self)
            #expect(late.reason == .notNewer && late.partnerNumber == number)
            try await scenario.refused(scenario.merchant(scene.cast.ship(orderId)), .alreadyShipped)
            try await scenario.refused(scene.cancel(orderId, allocationId), .alreadyShipped)
            try await scenario.refused(
                scenario.merchant(scene.cast.amend(orderId, allocationId, number: WarehouseScene.waybillNumber(), carrier: "JD")),
                .forbidden)
            #expect(scene.said(orderId).count { $0 == "shipped" } == 1)
        }

        @Test func withoutMessageSubscriptionStatusMovesOnPullStatusOnly() async throws {
            let scene = try await WarehouseScene.linked(subscribed: false)
            let scenario = scene.scenario
            let (orderId, allocationId, number) = try await scene.created()
            let ignored = try await scenario.accepted(
                scene.report(order: orderId, number, "10020", waybill: WarehouseScene.waybillNumber())
            )
            .body(ReportIgnored.self)
            #expect(ignored.reason == .notSubscribed)
            // Even when there is nothing new.
            for _ in 1...2 {
                let status = try await scenario.accepted(scene.pull(orderId)).body(OutboundStatus.self)
                #expect(status.state == .created && status.partnerNumber == number)
            }
            let waybill = WarehouseScene.waybillNumber()
            try await scene.advance(number, to: "10020", waybill: waybill)
            let status = try await scenario.accepted(scene.pull(orderId)).body(OutboundStatus.self)
            #expect(status.state == .shipped)
            let shipped = try await scene.event(Shipped.self, orderId, allocationId)
            #expect(shipped.waybillNumber == waybill)
        }

        @Test func aPushThatIsLostIsMadeGoodByAPoll() async throws {
            let scene = try await WarehouseScene.linked()
            let (orderId, allocationId, number) = try await scene.created()
            try await scene.advance(number, to: "10054", waybill: WarehouseScene.waybillNumber())
            _ = try await scene.event(Shipped.self, orderId, allocationId)
            // Polls before the push may have told of earlier states.
            _ = try await scene.client.event(OutboundStatus.self, key: orderId) { $0.data["state"]?.string == "in-transit" }
        }

        @Test func everyAllocationOfAnOrderAnswersAPull() async throws {
            let scene = try await WarehouseScene.linked(subscribed: false)
            let orderId = try await scene.place(quantities: [1, 1])
            var allocations: [String] = []
            for line in ["1", "2"] {
                let allocationId = try await scene.allocate(orderId, lines: [LineQuantity(lineId: line, quantity: 1)])
                _ = try await scene.event(OutboundCreated.self, orderId, allocationId)
                allocations.append(allocationId)
            }
            let pull = scene.pull(orderId)
            try await scene.client.send(pull)
            for allocationId in allocations {
                let status = try await scene.client.event(OutboundStatus.self, key: orderId) {
                    $0.causationId == pull.id && $0.data["allocationId"]?.string == allocationId
                }
                #expect(try status.body(OutboundStatus.self).allocationId == allocationId)
            }
            #expect(scene.client.answers(to: pull.id).count == 2)
        }

        @Test func aSplitOrderIsOutOfTheDoorWhenEachPartIs() async throws {
            let scene = try await WarehouseScene.linked(subscribed: false)
            let orderId = try await scene.place(quantities: [1, 1])
            let allocationId = try await scene.allocate(orderId)
            let number = try await scene.event(OutboundCreated.self, orderId, allocationId).partnerNumber
            func part(_ sku: String) -> JSONValue { .array([.object([("sku", .string(sku)), ("quantity", .int(1))])]) }
            let answer = try await scene.sandbox.control(
                "split", .object([("number", .string(number)), ("parts", .array([part(WarehouseScene.sku), part("CUP-1")]))]))
            let children = (answer["children"]?.array ?? []).compactMap(\.string)
            try #require(children.count == 2)
            try await scene.advance(children[0], to: "10020", waybill: WarehouseScene.waybillNumber())
            try await scene.advance(children[1], to: "10016", waybill: WarehouseScene.waybillNumber())
            let first = try await scene.scenario.accepted(scene.pull(orderId)).body(OutboundStatus.self)
            #expect(first.state == .picking)
            try await scene.advance(children[1], to: "10020")
            let second = try await scene.scenario.accepted(scene.pull(orderId)).body(OutboundStatus.self)
            #expect(second.state == .shipped)
            let shipped = try await scene.event(Shipped.self, orderId, allocationId)
            #expect(shipped.extraNumbers?.count == 1)
        }

        @Test func whatCannotBeSentIsRejectedAndTheAllocationIsFreeAgain() async throws {
            let scene = try await WarehouseScene.linked(isComplete: false)
            let orderId = try await scene.place()
            let allocationId = try await scene.allocate(orderId)
            let rejected = try await scene.event(OutboundRejected.self, orderId, allocationId)
            #expect(rejected.reason.contains("shopNo"))
            #expect(try await scene.event(Deallocated.self, orderId, allocationId).reason == .targetRejected)
            #expect(try await scene.partnerOrders(allocationId).isEmpty)
            #expect(try await scene.allocate(orderId) != allocationId)
        }

        @Test func aLostAnswerMakesNoSecondOrder() async throws {
            let scene = try await WarehouseScene.linked()
            // Each hits some order of the sandbox, of whichever test: none may be doubled by it.
            for kind in ["drop", "half-body", "html", "http-500"] {
                try await scene.sandbox.control(
                    "faults",
                    .object([
                        ("operation", .string("jingdong.eclp.order.addOrder")), ("kind", .string(kind)), ("count", .int(1)),
                    ]))
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 1...6 {
                    group.addTask {
                        let (_, allocationId, number) = try await scene.created()
                        #expect(try await scene.partnerOrder(allocationId)["number"]?.string == number)
                    }
                }
                try await group.waitForAll()
            }
            let left = try await scene.sandbox.control("faults").array ?? []
            #expect(!left.contains { $0["operation"]?.string == "jingdong.eclp.order.addOrder" })
            let orders = (try await scene.sandbox.control("outbound").array ?? []).filter { $0["parent"]?.string == nil }
            let keys = orders.map { "\($0["departmentNo"]?.string ?? "") \($0["key"]?.string ?? "")" }
            #expect(Set(keys).count == keys.count)
        }

        @Test func aTokenThatHasEndedIsReportedAndTheOrderFollowsWithTheNextOne() async throws {
            let scene = try await WarehouseScene.linked()
            try await scene.sandbox.control("tokens/expire", .object([("owner", .string(scene.pin))]))
            let (_, allocationId, number) = try await scene.created()
            #expect(try await scene.partnerOrder(allocationId)["number"]?.string == number)
        }
    }
}
