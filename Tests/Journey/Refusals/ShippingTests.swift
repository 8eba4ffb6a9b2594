import Contracts
import JSON
import TestSupport
import Testing

extension JourneySuite {
    /// Rows of the table `shipping`: each command accepted, and each of its codes.
    @Suite struct ShippingTests {
        @Test func anOrderIsShippedOnce() async throws {
            let scenario = try await Scenario.bound()
            let cast = scenario.cast
            let orderId = try await scenario.place()
            try await scenario.refused(scenario.merchant(cast.ship(orderId)), .notFound)
            let allocationId = try await scenario.allocate(orderId)
            try await scenario.shippingKnows(orderId)
            try await scenario.refused(scenario.merchant(cast.ship(orderId)), .waybillNotReturned)
            try await scenario.refused(scenario.merchant(cast.ship(orderId, allocationId: "\(orderId)/7")), .notAllocated)
            try await scenario.refused(scenario.merchant(cast.amend(orderId, allocationId, number: Cast.waybillNumber())), .notShipped)
            let number = try await scenario.giveBack(orderId, allocationId)
            try await scenario.refused(
                scenario.merchant(cast.ship(orderId, returnAddressId: "nowhere")), .returnAddressUnknown, field: "returnAddressId")
            let shipped = try await scenario.accepted(scenario.merchant(cast.ship(orderId))).body(Shipped.self)
            #expect(shipped.waybillNumber == number)
            #expect(shipped.returnAddressId == nil)
            try await scenario.refused(scenario.merchant(cast.ship(orderId)), .alreadyShipped)
            try await scenario.refused(scenario.merchant(cast.ship(orderId, allocationId: allocationId)), .alreadyShipped)
            try await scenario.refused(scenario.merchant(cast.deallocate(orderId)), .alreadySealed)
        }

        @Test func aReturnAddressIsKnownAsSoonAsItWasPut() async throws {
            let scenario = try await Scenario.bound()
            let cast = scenario.cast
            let (orderId, _) = try await scenario.ready()
            try await scenario.accepted(scenario.merchant(cast.putAddress("sender", kind: .sender)))
            try await scenario.refused(
                scenario.merchant(cast.ship(orderId, returnAddressId: "sender")), .returnAddressUnknown, field: "returnAddressId")
            try await scenario.accepted(scenario.merchant(cast.putAddress("r", kind: .return)))
            let shipped = try await scenario.accepted(scenario.merchant(cast.ship(orderId, returnAddressId: "r"))).body(Shipped.self)
            #expect(shipped.returnAddressId == "r")
        }

        @Test func aShippedParcelGetsAnotherNumber() async throws {
            let scenario = try await Scenario.bound()
            let cast = scenario.cast
            let (orderId, allocationId) = try await scenario.shipped()
            func amend(_ number: String, carrier: String = "YTO") -> Outgoing {
                scenario.merchant(cast.amend(orderId, allocationId, number: number, carrier: carrier))
            }
            let number = Cast.waybillNumber()
            let command = amend(number.lowercased())
            let amended = try await scenario.accepted(command)
            #expect(amended.type == Amended.type)
            #expect(try amended.body(Amended.self).waybillNumber == number)
            try await scenario.refused(amend("1"), .waybillNumberInvalid, field: "waybillNumber")
            try await scenario.refused(amend("1", carrier: "DHL"), .carrierUnknown, field: "carrier")
            let other = try await scenario.allocated()
            let theirs = try await scenario.giveBack(other.orderId, other.allocationId)
            try await scenario.refused(amend(theirs), .waybillNumberUsed, field: "waybillNumber")
        }

        @Test func severalAllocationsAreAnsweredOnceEach() async throws {
            let scenario = try await Scenario.bound()
            let cast = scenario.cast
            let orderId = try await scenario.place(quantities: [1, 1, 1])
            var allocations: [String] = []
            for line in ["1", "2", "3"] {
                allocations.append(try await scenario.allocate(orderId, lines: [LineQuantity(lineId: line, quantity: 1)]))
            }
            for allocation in allocations.dropLast() { try await scenario.giveBack(orderId, allocation) }
            let ship = scenario.merchant(cast.ship(orderId))
            try await scenario.client.send(ship)
            for allocation in allocations.dropLast() {
                let shipped = try await scenario.client.event(Shipped.self, key: orderId) { $0.data["allocationId"]?.string == allocation }
                #expect(shipped.causationId == ship.id)
            }
            try await scenario.refused(scenario.merchant(cast.ship(orderId)), .waybillNotReturned)
            let answers = scenario.client.answers(to: ship.id)
            #expect(answers.map(\.type) == [Shipped.type, Shipped.type])
            // What is left is taken back; what is sealed stays.
            let deallocate = scenario.merchant(cast.deallocate(orderId))
            let taken = try await scenario.accepted(deallocate).body(Deallocated.self)
            #expect(taken.allocationId == allocations.last)
            try await scenario.settle(deallocate)
            #expect(scenario.client.answers(to: deallocate.id).count == 1)
        }

        @Test func ofTwoShipsAtOnceOneShips() async throws {
            let scenario = try await Scenario.bound()
            let (orderId, _) = try await scenario.ready()
            let ships = (1...4).map { _ in scenario.merchant(scenario.cast.ship(orderId)) }
            let codes = try await withThrowingTaskGroup(of: RefusalCode?.self) { group in
                for ship in ships { group.addTask { try await scenario.client.answer(to: ship).refused?.code } }
                return try await group.reduce(into: [RefusalCode?]()) { $0.append($1) }
            }
            #expect(codes.count { $0 == nil } == 1)
            #expect(codes.count { $0 == .alreadyShipped } == 3)
            #expect(scenario.client.seen { $0.type == Shipped.type && $0.key == orderId }.count == 1)
        }

        /// Exactly one of the two happens, whoever comes first.
        @Test func aShipAndAnAfterSaleAtTheSameMoment() async throws {
            let scenario = try await Scenario.bound()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for round in 1...8 {
                    group.addTask {
                        let (orderId, _) = try await scenario.ready()
                        let opened = AfterSaleOpened(orderId: orderId, afterSaleId: "as")
                        let (ship, fact) = (scenario.merchant(scenario.cast.ship(orderId)), Outgoing.fact(opened))
                        if round % 2 == 0 { try await scenario.client.send(ship) }
                        try await scenario.client.send(fact)
                        if round % 2 == 1 { try await scenario.client.send(ship) }
                        let answer = try await scenario.client.answer(to: ship.id, on: ServiceName.shipping.events)
                        try await scenario.settle(fact)
                        let taken = scenario.client.seen { $0.type == Deallocated.type && $0.key == orderId }
                        if answer.isRefusal {
                            // Allocation's word about the hold, or shipping's own if it has heard of the end.
                            #expect(answer.refused?.code == .afterSaleOpen || answer.refused?.code == .notAllocated)
                            #expect(taken.count == 1)
                        } else {
                            #expect(answer.type == Shipped.type)
                            #expect(taken.isEmpty)
                        }
                    }
                }
                try await group.waitForAll()
            }
        }

        @Test func ordersAreShippedByTheirMerchant() async throws {
            let scenario = try await Scenario.bound()
            let (orderId, allocationId) = try await scenario.ready()
            let other = Cast()
            try await scenario.refused(.command(other.ship(orderId), as: other.asMerchant), .forbidden)
            try await scenario.refused(
                .command(other.amend(orderId, allocationId, number: Cast.waybillNumber()), as: other.asMerchant), .forbidden)
        }

        @Test func whatWasTakenBackIsNotShipped() async throws {
            let scenario = try await Scenario.bound()
            let (orderId, allocationId) = try await scenario.ready()
            try await scenario.accepted(scenario.merchant(scenario.cast.deallocate(orderId)))
            // Whatever shipping knows by then: allocation does not seal it.
            try await scenario.refused(scenario.merchant(scenario.cast.ship(orderId)), .notAllocated)
            try await scenario.refused(scenario.merchant(scenario.cast.ship(orderId, allocationId: allocationId)), .notAllocated)
        }

        @Test func ordersThatCameAllocatedAreNotShippedHere() async throws {
            let scenario = try await Scenario.start()
            let cast = Cast(merchant: "pdd:\(uniqueName("mall"))", factory: scenario.cast.factory)
            var placed = cast.placed("pdd-fds:\(uniqueName("mall")):\(uniqueName("sn"))")
            placed.allocatedTo = cast.factory
            placed.shopAlias = "面具店"
            placed.recipient.sealed = nil
            try await scenario.client.send(.fact(placed).setting(EnvelopeHeader.actor, "service:authorization"))
            let orderId = placed.orderId
            let allocated = try await scenario.client.event(Allocated.self, key: orderId).body(Allocated.self)
            #expect(allocated.target == Target(.factory, cast.factory))
            #expect(allocated.shopAlias == "面具店")
            #expect(allocated.sender == nil)
            try await scenario.shippingKnows(orderId)
            try await scenario.refused(.command(cast.ship(orderId), as: cast.asMerchant), .forbidden)
            let unallocated = OrderUnallocated(orderId: orderId)
            try await scenario.tell(unallocated)
            let taken = try await scenario.client.event(Deallocated.self, key: orderId).body(Deallocated.self)
            #expect(taken.reason == .merchant)
        }
    }
}

extension Scenario {
    /// Shipping has read what was allocated of the order: nothing tells so but its refusals.
    func shippingKnows(_ orderId: String) async throws {
        for _ in 1...100 {
            let other = Cast()
            let answer = try await client.answer(to: .command(other.ship(orderId), as: other.asMerchant))
            if answer.refused?.code != .notFound { return }
        }
        Issue.record("shipping does not know order \(orderId)")
    }
}
