import Contracts
import Crypto
import Foundation
import JSON
import TestSupport
import Testing

extension JourneySuite {
    /// Recipients some time after their parcels were shipped. The time is short here, so the services are a test's own.
    @Suite(.enabled(if: Broker.canBeStarted, "needs a broker of its own: set KAFKA_HOME to a folder with the start script `kafka`"))
    struct ShreddingTests {
        @Test func theStoresOfWaybillAndAllocationHaveNothingOfThemLeft() async throws {
            let system = try await onThread {
                try System(broker: Broker.start(), environment: ["DAIFA_RECIPIENT_RETENTION": "1"])
            }
            defer { try? FileManager.default.removeItem(at: system.store) }
            let scenario = Scenario(system: system, cast: Cast())
            try await scenario.register()
            try await scenario.bind()
            let shipped = try await allocated(scenario)
            let open = try await allocated(scenario)
            let takenBack = try await allocated(scenario)
            try await scenario.accepted(scenario.merchant(scenario.cast.deallocate(takenBack.orderId)))
            _ = try await scenario.client.event(Voided.self, key: takenBack.orderId)
            for order in [shipped, open] { try await scenario.giveBack(order.orderId, order.allocationId) }
            try await scenario.accepted(scenario.factory(scenario.cast.markPrinted(shipped.orderId, shipped.allocationId)))
            #expect(try holds(shipped, system) && holds(open, system))

            try await scenario.accepted(scenario.merchant(scenario.cast.ship(shipped.orderId)))
            try await printingEnds(shipped, scenario)
            // The other one may still be printed, also after a restart that has read everything again.
            try await onThread { try system.restart(.waybill, crash: true) }
            try await scenario.accepted(scenario.factory(scenario.cast.markPrinted(open.orderId, open.allocationId)))
            try await scenario.refused(
                scenario.factory(scenario.cast.markPrinted(shipped.orderId, shipped.allocationId)), .alreadyShipped)

            try await onThread { try system[.waybill]?.stop() }
            #expect(try holds(open, system))
            #expect(try !holds(shipped, system))
            #expect(try !holds(takenBack, system))

            // Allocation's timer has run by now or runs soon; what may still be allocated stays.
            let allocation = try #require(system[.allocation])
            try await onThread {
                #expect(
                    eventually(within: 60) {
                        allocation.metric("daifa_effect_attempts_total") ?? 0 >= 1 && allocation.metric("daifa_effects") == 0
                    })
                try allocation.stop()
            }
            #expect(try !holds(shipped, system, in: .allocation))
            #expect(try holds(open, system, in: .allocation))
            #expect(try holds(takenBack, system, in: .allocation))
            try await onThread {
                for service in ServiceName.domainServices where service != .waybill && service != .allocation {
                    try system[service]?.stop()
                }
                try system.broker.stop()
            }
        }

        private struct Order {
            let orderId: String
            let allocationId: String
            let sealed: Sealed
        }

        /// With a recipient that can be told from all others, though nobody can open it.
        private func allocated(_ scenario: Scenario) async throws -> Order {
            let orderId = uniqueName("order")
            let sealed = Sealed(
                keyId: "test", enc: Base64.encode(Array(uniqueName("enc").utf8)), ciphertext: Base64.encode(Array(uniqueName("text").utf8)))
            var placed = scenario.cast.placed(orderId)
            placed.recipient = Cast.recipient(sealed: sealed)
            try await scenario.tell(placed)
            _ = try await scenario.client.event(OrderRegistered.self, key: orderId)
            return Order(orderId: orderId, allocationId: try await scenario.allocate(orderId), sealed: sealed)
        }

        /// Until the label cannot be printed any more.
        private func printingEnds(_ order: Order, _ scenario: Scenario) async throws {
            let clock = ContinuousClock()
            let end = clock.now + .seconds(60)
            while clock.now < end {
                let answer = try await scenario.client.answer(
                    to: scenario.factory(scenario.cast.markPrinted(order.orderId, order.allocationId)))
                if let refused = answer.refused { return #expect(refused.code == .alreadyShipped, "\(refused.message)") }
            }
            Issue.record("the label of \(order.allocationId) can still be printed")
        }

        /// Whether some file of the service's store has a part of what is sealed.
        private func holds(_ order: Order, _ system: TestSupport.System, in service: ServiceName = .waybill) throws -> Bool {
            let folder = system.store.appendingPathComponent(service.rawValue)
            let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            #expect(files.contains { $0.pathExtension == "db" })
            return try files.contains { file in
                let data = try Data(contentsOf: file)
                return [order.sealed.enc, order.sealed.ciphertext].contains { data.range(of: Data($0.utf8)) != nil }
            }
        }
    }
}
