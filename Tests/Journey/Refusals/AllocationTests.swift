import Contracts
import JSON
import Kafka
import TestSupport
import Testing

extension JourneySuite {
    /// Rows of the table `allocation`: each command accepted, and each of its codes.
    @Suite struct AllocationTests {
        @Test func quantitiesAreCounted() async throws {
            let scenario = try await Scenario.bound()
            let cast = scenario.cast
            let orderId = try await scenario.place()
            func lines(_ pairs: (String, Int)...) -> [LineQuantity] { pairs.map { LineQuantity(lineId: $0.0, quantity: $0.1) } }
            try await scenario.refused(
                scenario.merchant(cast.allocate(orderId, lines: lines(("1", 1), ("2", 4)))), .quantityExceeded, field: "lines[1].quantity")
            try await scenario.refused(
                scenario.merchant(cast.allocate(orderId, lines: lines(("9", 1)))), .invalid, field: "lines[0].lineId")
            try await scenario.refused(
                scenario.merchant(cast.allocate(orderId, lines: lines(("1", 1), ("1", 1)))), .invalid, field: "lines[1].lineId")
            let first = try await scenario.allocate(orderId, lines: lines(("2", 2)))
            let rest = try await scenario.accepted(scenario.merchant(cast.allocate(orderId))).body(Allocated.self)
            #expect(rest.lines.map(\.lineId) == ["1", "2"])
            #expect(rest.lines.map(\.quantity) == [2, 1])
            try await scenario.refused(scenario.merchant(cast.allocate(orderId)), .alreadyAllocated)
            #expect(try await scenario.accepted(scenario.merchant(cast.deallocate(orderId, allocationId: first))).type == Deallocated.type)
            try await scenario.refused(scenario.merchant(cast.deallocate(orderId, allocationId: first)), .notAllocated)
            try await scenario.refused(
                scenario.merchant(cast.allocate(orderId, lines: lines(("1", 1)))), .quantityExceeded, field: "lines[0].quantity")
            #expect(try await scenario.allocate(orderId) == "\(orderId)/3")
        }

        @Test func nothingIsAllocatedWithoutAnActiveBinding() async throws {
            let scenario = try await Scenario.start()
            let cast = scenario.cast
            try await scenario.register()
            let orderId = try await scenario.place()
            try await scenario.refused(scenario.merchant(cast.allocate(orderId)), .bindingNotActive)
            try await scenario.accepted(scenario.merchant(cast.apply))
            try await scenario.refused(scenario.merchant(cast.allocate(orderId)), .bindingNotActive)
            try await scenario.accepted(scenario.factory(cast.approve))
            try await scenario.accepted(scenario.merchant(cast.allocate(orderId)))
            try await scenario.accepted(scenario.merchant(cast.deallocate(orderId)))
            try await scenario.accepted(scenario.factory(cast.unbind))
            try await scenario.refused(scenario.merchant(cast.allocate(orderId)), .bindingNotActive)
        }

        @Test func anOrderThatIsHeldIsNotAllocated() async throws {
            let scenario = try await Scenario.bound()
            let cast = scenario.cast
            let orderId = try await scenario.place(holds: [.awaitingAudit])
            try await scenario.refused(scenario.merchant(cast.allocate(orderId)), .awaitingAudit)
            let opened = AfterSaleOpened(orderId: orderId, afterSaleId: "as-1")
            try await scenario.tell(opened)
            _ = try await scenario.client.event(OrderHeld.self, key: orderId)
            try await scenario.refused(scenario.merchant(cast.allocate(orderId)), .afterSaleOpen)
            let held = RiskHeld(orderId: orderId)
            try await scenario.tell(held)
            _ = try await scenario.client.event(OrderHeld.self, key: orderId) {
                $0.data["holds"]?.array?.contains(.string("risk-control")) == true
            }
            try await scenario.refused(scenario.merchant(cast.allocate(orderId)), .riskHeld)
            let cleared = RiskCleared(orderId: orderId)
            try await scenario.tell(cleared)
            let closed = AfterSaleClosed(orderId: orderId, afterSaleId: "as-1")
            try await scenario.tell(closed)
            _ = try await scenario.client.event(OrderReleased.self, key: orderId) {
                $0.data["holds"] == .array([.string("awaiting-audit")])
            }
            #expect(try await scenario.accepted(scenario.merchant(cast.approveOrder(orderId))).type == OrderReleased.type)
            _ = try await scenario.allocate(orderId)
            let cancelled = OrderCancelled(orderId: orderId)
            try await scenario.tell(cancelled)
            let taken = try await scenario.client.event(Deallocated.self, key: orderId)
            #expect(try taken.body(Deallocated.self).reason == .orderCancelled)
            try await scenario.refused(scenario.merchant(cast.allocate(orderId)), .orderCancelled)
            try await scenario.refused(scenario.merchant(cast.approveOrder(orderId)), .orderCancelled)
        }

        @Test func ordersBelongToTheirMerchant() async throws {
            let scenario = try await Scenario.bound()
            let orderId = try await scenario.place()
            let other = Cast()
            try await scenario.refused(.command(other.allocate(orderId), as: other.asMerchant), .forbidden)
            try await scenario.refused(.command(other.deallocate(orderId), as: other.asMerchant), .forbidden)
            try await scenario.refused(.command(other.approveOrder(orderId), as: other.asMerchant), .forbidden)
        }

        @Test func warehousesAreFoundInTheirTable() async throws {
            let scenario = try await Scenario.bound()
            let cast = scenario.cast
            let orderId = try await scenario.place()
            let target = Target(.warehouse, uniqueName("warehouse"))
            try await scenario.refused(scenario.merchant(cast.allocate(orderId, target: target)), .targetNotAvailable)
            var row = WarehouseRow(
                warehouseId: target.id, code: "", provider: "jd-fulfillment", merchantShopId: cast.merchant, pin: "", departmentCode: "",
                warehouseCode: "", messageSubscription: false, authorizationId: "", api: "", state: .suspended, version: 0)
            try await scenario.client.send(Outgoing(topic: Table.warehouses.topic, key: Array(row.key.utf8), value: row.json))
            try await scenario.refused(scenario.merchant(cast.allocate(orderId, target: target)), .targetNotAvailable)
            row.state = .active
            try await scenario.client.send(Outgoing(topic: Table.warehouses.topic, key: Array(row.key.utf8), value: row.json))
            let allocated = try await scenario.accepted(scenario.merchant(cast.allocate(orderId, target: target))).body(Allocated.self)
            #expect(allocated.target == target)

            let shipping = Actor(.service, "shipping")
            let release = Release(orderId: orderId, allocationId: allocated.allocationId, reason: .targetRejected)
            // Shipping seals a warehouse's allocation by itself; once more changes nothing.
            let seal = Seal(orderId: orderId, allocationId: allocated.allocationId)
            #expect(try await scenario.accepted(.command(seal, as: shipping)).type == AllocationSealed.type)
            try await scenario.refused(scenario.merchant(cast.deallocate(orderId)), .alreadySealed)
            let released = try await scenario.accepted(.command(release, as: shipping)).body(Deallocated.self)
            #expect(released.reason == .targetRejected)
            try await scenario.refused(.command(seal, as: shipping), .notAllocated)
        }

        @Test func rulesAllocateByThemselves() async throws {
            let scenario = try await Scenario.bound()
            let cast = scenario.cast
            let put = scenario.merchant(cast.putRule("r1", skus: ["SKU-2"]))
            #expect(try await scenario.accepted(put).type == RulePut.type)
            let row = try await scenario.client.first("the rule's row") { $0.topic == Table.rules.topic && $0.key == "\(cast.merchant)~r1" }
            #expect(try row.body(RuleRow.self).target == Target(.factory, cast.factory))
            #expect(try row.body(RuleRow.self).priority == 100)
            // A fact is not refused, so nothing waits for the table: it is there once another command has seen it.
            try await scenario.ruleIsKnown()
            let orderId = try await scenario.place()
            let allocated = try await scenario.client.event(Allocated.self, key: orderId).body(Allocated.self)
            #expect(allocated.lines.map(\.sku) == ["SKU-2"])
            #expect(allocated.ruleId == "r1")
            let remove = scenario.merchant(cast.removeRule("r1"))
            #expect(try await scenario.accepted(remove).type == RuleRemoved.type)
            let tombstone = try await scenario.client.first("the rule's tombstone") {
                $0.topic == Table.rules.topic && $0.causationId == remove.id
            }
            #expect(tombstone.message.value == nil)
            try await scenario.refused(scenario.merchant(cast.removeRule("r1")), .notFound)
            var both = cast.putRule("r2", skus: ["a"])
            both.match.skuPrefix = "b"
            try await scenario.refused(scenario.merchant(both), .invalid, field: "match")
        }

        @Test func whatIsTakenBackIsAnsweredOnceForEach() async throws {
            let scenario = try await Scenario.bound()
            let orderId = try await scenario.place(quantities: [1, 1])
            for line in ["1", "2"] { _ = try await scenario.allocate(orderId, lines: [LineQuantity(lineId: line, quantity: 1)]) }
            let deallocate = scenario.merchant(scenario.cast.deallocate(orderId))
            try await scenario.accepted(deallocate)
            try await scenario.settle(deallocate)
            let answers = scenario.client.answers(to: deallocate.id)
            #expect(answers.map(\.type) == [Deallocated.type, Deallocated.type])
            #expect(Set(answers.map { $0.data["allocationId"]?.string }) == ["\(orderId)/1", "\(orderId)/2"])
        }

        @Test func anAfterSaleTakesBackAtOnce() async throws {
            let scenario = try await Scenario.bound()
            let (orderId, allocationId) = try await scenario.allocated()
            let opened = AfterSaleOpened(orderId: orderId, afterSaleId: "as")
            try await scenario.tell(opened)
            let taken = try await scenario.client.event(Deallocated.self, key: orderId).body(Deallocated.self)
            #expect(taken.reason == .afterSale)
            let voided = try await scenario.client.event(Voided.self, key: orderId).body(Voided.self)
            #expect(voided.allocationId == allocationId)
            #expect(voided.stage == .open)
        }
    }
}

extension Scenario {
    /// Allocation's tables were read to their ends: an allocation to a warehouse that does not exist is refused only then.
    func ruleIsKnown() async throws {
        let orderId = try await place(quantities: [1])
        try await refused(merchant(cast.allocate(orderId, target: Target(.warehouse, uniqueName("none")))), .targetNotAvailable)
    }
}
