import Contracts
import JSON
import TestSupport
import Testing

extension JourneySuite {
    /// A recipient that changes after the label was printed, through allocation, waybill and shipping.
    @Suite struct ReaddressedTests {
        private func moved(_ orderId: String, to door: String) -> AddressChanged {
            AddressChanged(orderId: orderId, recipient: Cast.recipient(mergeKey: door))
        }

        @Test func ofTwoOrdersUnderOneNumberOnlyTheOneThatMovesIsPrintedAnew() async throws {
            let scenario = try await Scenario.bound()
            let cast = scenario.cast
            let first = try await scenario.allocated(mergeKey: "door")
            let second = try await scenario.allocated(mergeKey: "door")
            let number = try await scenario.giveBack(first.orderId, first.allocationId)
            try await scenario.giveBack(second.orderId, second.allocationId, number: number)

            try await scenario.tell(moved(second.orderId, to: "other door"))
            let event = try await scenario.client.event(Readdressed.self, key: second.orderId)
            let readdressed = try event.body(Readdressed.self)
            #expect(
                readdressed.stage == .returned && readdressed.waybillNumber == number && readdressed.allocationId == second.allocationId)
            let unready = try await scenario.client.event(Unready.self, key: second.orderId)
            #expect(unready.causationId == event.id)
            #expect(
                try await scenario.client.event(WaybillCancelled.self, key: second.orderId).body(WaybillCancelled.self).waybillNumber
                    == number)
            try await scenario.refused(scenario.merchant(cast.ship(second.orderId)), .waybillNotReturned)
            try await scenario.refused(
                scenario.factory(cast.return(second.orderId, second.allocationId, number: number)), .waybillNumberUsed,
                field: "waybillNumber")
            let shipped = try await scenario.accepted(scenario.merchant(cast.ship(first.orderId))).body(Shipped.self)
            #expect(shipped.waybillNumber == number)

            let another = Cast.waybillNumber()
            try await scenario.accepted(scenario.factory(cast.return(second.orderId, second.allocationId, number: another)))
            _ = try await scenario.client.event(Ready.self, key: second.orderId) { $0.data["waybillNumber"]?.string == another }
            let last = try await scenario.accepted(scenario.merchant(cast.ship(second.orderId))).body(Shipped.self)
            #expect(last.waybillNumber == another)
            #expect(scenario.client.seen { $0.type == Readdressed.type && $0.key == first.orderId }.isEmpty)
        }

        @Test func anOrderThatMovesAfterItsLabelWasPrintedKeepsItsNumber() async throws {
            let scenario = try await Scenario.bound()
            let cast = scenario.cast
            let (orderId, allocationId) = try await scenario.allocated(mergeKey: "door")
            let number = Cast.waybillNumber()
            try await scenario.accepted(scenario.factory(cast.topUp("YTO", number, number)))
            try await scenario.accepted(scenario.factory(cast.obtain(orderId, allocationId)))
            try await scenario.accepted(scenario.factory(cast.markPrinted(orderId, allocationId)))
            try await scenario.tell(moved(orderId, to: "other door"))
            let readdressed = try await scenario.client.event(Readdressed.self, key: orderId).body(Readdressed.self)
            #expect(readdressed.stage == .printed && readdressed.waybillNumber == number && readdressed.carrier == "YTO")
            let printed = try await scenario.accepted(scenario.factory(cast.markPrinted(orderId, allocationId))).body(Printed.self)
            #expect(printed.copies == 1)
            try await scenario.giveBack(orderId, allocationId, number: number)
            try await scenario.accepted(scenario.merchant(cast.ship(orderId)))
            #expect(scenario.client.seen { $0.type == Unready.type && $0.key == orderId }.isEmpty)
        }
    }
}
