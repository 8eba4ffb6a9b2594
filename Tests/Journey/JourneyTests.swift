import Contracts
import Crypto
import JSON
import Kafka
import TestSupport
import Testing

extension JourneySuite {
    /// From registration to a shipped parcel, through five processes.
    @Suite struct JourneyTests {
        @Test func fromRegistrationToShipped() async throws {
            let scenario = try await Scenario.start()
            let (client, cast) = (scenario.client, scenario.cast)
            try await scenario.register()
            try await scenario.accepted(scenario.merchant(cast.putAddress("back", kind: .return, default: true)))
            let applied = try await scenario.accepted(scenario.merchant(cast.apply))
            #expect(applied.type == Applied.type)
            #expect(applied.key == cast.factory)
            let approve = scenario.factory(cast.approve)
            #expect(try await scenario.accepted(approve).type == Approved.type)
            let binding = try await client.first("the pair's row") {
                $0.key == "\(cast.merchant)~\(cast.factory)" && $0.causationId == approve.id && $0.topic == Table.bindings.topic
            }
            let row = try binding.body(BindingRow.self)
            #expect(row.state == .active)
            #expect(row.shopAlias == "小店")
            #expect(try row.sender.value == Cast.sender)
            #expect(row.version == 2)

            let orderId = try await scenario.place(mergeKey: "door-1")
            let allocate = scenario.merchant(cast.allocate(orderId))
            let allocated = try await scenario.accepted(allocate).body(Allocated.self)
            #expect(allocated.allocationId == "\(orderId)/1")
            #expect(allocated.lines.map(\.quantity) == [2, 3])
            #expect(allocated.shopAlias == "小店")
            let opened = try await client.event(Opened.self, key: orderId)
            #expect(
                Set(opened.memberNames) == [
                    "orderId", "allocationId", "merchantShopId", "shopAlias", "factoryShopId", "lines", "remark", "area", "mergeKey",
                    "sender",
                ])
            #expect(Set(opened.data["lines"]?[0]?.memberNames ?? []) == ["lineId", "name", "spec", "quantity"])

            let first = Cast.waybillNumber()
            try await scenario.accepted(scenario.factory(cast.topUp("YTO", first, first)))
            let obtained = try await scenario.accepted(scenario.factory(cast.obtain(orderId, allocated.allocationId))).body(Obtained.self)
            #expect(obtained.waybillNumber == first)
            #expect(
                try await scenario.accepted(scenario.factory(cast.markPrinted(orderId, allocated.allocationId))).body(Printed.self).copies
                    == 1)
            #expect(
                try await scenario.accepted(scenario.factory(cast.markPrinted(orderId, allocated.allocationId))).body(Printed.self).copies
                    == 2)
            let back = try await scenario.accepted(
                scenario.factory(cast.return(orderId, allocated.allocationId, number: first.lowercased())))
            #expect(try back.body(Returned.self).waybillNumber == first)
            let ready = try await client.event(Ready.self, key: orderId)
            #expect(ready.causationId == back.id)

            let ship = scenario.merchant(cast.ship(orderId))
            let shipped = try await scenario.accepted(ship)
            #expect(shipped.type == Shipped.type)
            let parcel = try shipped.body(Shipped.self)
            #expect(parcel.waybillNumber == first)
            #expect(parcel.carrier == "YTO")
            #expect(parcel.returnAddressId == "back")
            #expect(parcel.factoryShopId == cast.factory)
            #expect(parcel.platformOrderNumber == "no-\(orderId)")
            let sealed = try await client.event(AllocationSealed.self, key: orderId)
            #expect(sealed.correlationId == ship.id)
            #expect(client.answers(to: ship.id).map(\.type) == [Shipped.type])
        }
    }
}
