import Contracts
import JSON
import Kafka
import TestSupport
import Testing
import Threads

extension JourneySuite {
    /// Facts may come twice, late and in the wrong order: the result is the same.
    @Suite struct FactTests {
        @Test(arguments: [("rejected", "allocated, door-2"), ("refunded", "after-sale-open")])
        func factsInAnyOrderTwice(_ afterSale: String, _ expected: String) async throws {
            let scenario = try await Scenario.bound()
            let orders = [[0, 1, 2, 3], [3, 2, 1, 0], [1, 3, 0, 2], [2, 0, 3, 1], [3, 0, 1, 2], [1, 2, 3, 0]]
            try await withThrowingTaskGroup(of: String.self) { group in
                for order in orders { group.addTask { try await end(of: order, afterSale, scenario) } }
                for try await end in group { #expect(end == expected) }
            }
        }

        /// What an `allocate` gets after, in this order and then once more: placed, after-sale opened, address changed, after-sale closed.
        private func end(of order: [Int], _ afterSale: String, _ scenario: Scenario) async throws -> String {
            let orderId = uniqueName("order")
            let start = Timestamp.now.milliseconds - 10_000
            let opened = AfterSaleOpened(orderId: orderId, afterSaleId: "as")
            let changed = AddressChanged(orderId: orderId, recipient: Cast.recipient(mergeKey: "door-2"))
            let closed = AfterSaleClosed(orderId: orderId, afterSaleId: "as", outcome: afterSale)
            func at(_ second: Int) -> Timestamp { Timestamp(milliseconds: start + second * 1000) }
            let facts: [Outgoing] = [
                .fact(scenario.cast.placed(orderId, mergeKey: "door-1"), at: at(0)), .fact(opened, at: at(1)), .fact(changed, at: at(2)),
                .fact(closed, at: at(3)),
            ]
            for index in order + order { try await scenario.client.send(facts[index]) }
            try await scenario.settle(facts[0])
            #expect(scenario.client.seen { $0.type == OrderRegistered.type && $0.key == orderId }.count == 1)
            let answer = try await scenario.client.answer(to: scenario.merchant(scenario.cast.allocate(orderId)))
            return try answer.refused?.code.rawValue ?? "allocated, \(answer.body(Allocated.self).mergeKey ?? "")"
        }

        @Test func theNewestRecipientCounts() async throws {
            let scenario = try await Scenario.bound()
            let orderId = uniqueName("order")
            let now = Timestamp.now.milliseconds
            func change(_ door: String, at milliseconds: Int) -> Outgoing {
                let changed = AddressChanged(orderId: orderId, recipient: Cast.recipient(mergeKey: door))
                return .fact(changed, at: Timestamp(milliseconds: milliseconds))
            }
            try await scenario.client.send(change("newest", at: now + 2000))
            try await scenario.client.send(change("older", at: now + 1000))
            try await scenario.client.send(.fact(scenario.cast.placed(orderId, mergeKey: "first"), at: Timestamp(milliseconds: now)))
            _ = try await scenario.client.event(OrderRegistered.self, key: orderId)
            let allocated = try await scenario.accepted(scenario.merchant(scenario.cast.allocate(orderId))).body(Allocated.self)
            #expect(allocated.mergeKey == "newest")
            let last = change("last", at: now + 3000)
            try await scenario.client.send(last)
            let recipient = try await scenario.client.event(RecipientChanged.self, key: orderId)
            #expect(try recipient.body(RecipientChanged.self).mergeKey == "last")
            #expect(recipient.causationId == last.id)
            try await scenario.client.send(change("late", at: now + 2500))
            try await scenario.settle(last)
            #expect(scenario.client.seen { $0.type == RecipientChanged.type && $0.key == orderId }.count == 1)
        }

        @Test func theFirstPlacedCounts() async throws {
            let scenario = try await Scenario.bound()
            let orderId = try await scenario.place(quantities: [1])
            let again = Outgoing.fact(scenario.cast.placed(orderId, quantities: [9]))
            try await scenario.client.send(again)
            try await scenario.settle(again)
            let allocated = try await scenario.accepted(scenario.merchant(scenario.cast.allocate(orderId))).body(Allocated.self)
            #expect(allocated.lines.map(\.quantity) == [1])
            #expect(scenario.client.answers(to: again.id).isEmpty)
        }

        @Test func anOrderCancelledBeforeItWasPlacedStaysCancelled() async throws {
            let scenario = try await Scenario.bound()
            let orderId = uniqueName("order")
            let cancelled = OrderCancelled(orderId: orderId)
            try await scenario.tell(cancelled)
            _ = try await scenario.place(orderId)
            try await scenario.refused(scenario.merchant(scenario.cast.allocate(orderId)), .orderCancelled)
        }

        @Test func aClosedAfterSaleStaysClosed() async throws {
            let scenario = try await Scenario.bound()
            let orderId = try await scenario.place()
            let closed = AfterSaleClosed(orderId: orderId, afterSaleId: "as")
            try await scenario.tell(closed)
            let opened = AfterSaleOpened(orderId: orderId, afterSaleId: "as")
            let fact = Outgoing.fact(opened)
            try await scenario.client.send(fact)
            try await scenario.settle(fact)
            _ = try await scenario.allocate(orderId)
        }
    }

    /// A refusal that rests on a table is given only after the table was read to its end.
    @Suite struct TableLagTests {
        @Test func whatWasApprovedIsAllocated() async throws {
            let scenario = try await Scenario.start()
            try await scenario.accepted(scenario.merchant(scenario.cast.registerMerchant))
            for round in 1...30 {
                let pair = Scenario(system: scenario.system, cast: Cast(merchant: scenario.cast.merchant, factory: uniqueName("shop-f")))
                async let orderId = pair.place()
                try await pair.accepted(pair.factory(pair.cast.registerFactory))
                try await pair.bind()
                let answer = try await pair.client.answer(to: pair.merchant(pair.cast.allocate(try await orderId)))
                #expect(answer.type == Allocated.type, "round \(round): \(answer.text ?? "")")
            }
        }
    }
}
