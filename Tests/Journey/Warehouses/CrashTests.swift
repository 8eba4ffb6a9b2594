import Contracts
import JSON
import TestSupport
import Testing

/// On brokers of its own: what dies here must not die under other tests.
@Suite(.enabled(if: Broker.canBeStarted, "starts brokers: needs KAFKA_HOME with a start script"), .timeLimit(.minutes(10)))
struct WarehouseCrashTests {
    @Test func shippingDiesWhileJDCreatesOrdersEachIsThereOnceAndShipsOnce() async throws {
        let system = try await onThread {
            try TestSupport.System(broker: try Broker.start(), environment: try PartnerSandbox.shared().environment)
        }
        let scenario = Scenario(system: system, cast: Cast())
        try await scenario.register()
        let scene = try await WarehouseScene.linked(in: scenario)
        var allocations: [(orderId: String, allocationId: String)] = []
        for _ in 1...12 {
            let orderId = try await scene.place()
            allocations.append((orderId, try await scene.allocate(orderId)))
            // The first order that JD has ends the process, wherever the others are.
            if allocations.count % 4 == 0, let last = allocations.last {
                while try await scene.partnerOrders(last.allocationId).isEmpty {}
                try await onThread { try system.restart(.shipping, crash: true) }
            }
        }
        for (orderId, allocationId) in allocations {
            let number = try await scene.event(OutboundCreated.self, orderId, allocationId).partnerNumber
            #expect(try await scene.partnerOrder(allocationId)["number"]?.string == number)
            try await scene.advance(number, to: "10020", waybill: WarehouseScene.waybillNumber())
        }
        try await onThread { try system.restart(.shipping, crash: true) }
        for (orderId, allocationId) in allocations {
            _ = try await scene.event(Shipped.self, orderId, allocationId)
            #expect(scene.said(orderId).count { $0 == "outbound-created" } == 1)
            #expect(scene.said(orderId).count { $0 == "shipped" } == 1)
        }
    }
}
