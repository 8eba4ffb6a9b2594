import Contracts
import Testing
import Threads

@testable import StateMachines

/// Commands about partners' warehouses, where no allocation is at one.
struct PartnerCommandTests {
    private static let stranger = Actor(.merchant, "M-2")

    private static func pull(order: String?, inbound: String? = nil) -> PullStatus {
        PullStatus(orderId: order, inboundId: inbound, merchantShopId: "M-1")
    }

    @Test func whatNeedsAPartnerIsNotFoundForTheOwnerAndForbiddenToOthers() throws {
        let cancel = CancelOutbound(orderId: "O-1", allocationId: "", merchantShopId: "M-1")
        let inputs: [ShipmentMachine.Input] = [.cancelOutbound(cancel), .pullStatus(Self.pull(order: "O-1"))]
        for input in inputs {
            var scene = ShipmentScene()
            #expect(try scene.send(input, ShipmentScene.owner) == ["refused not-found"])
            try scene.allocated()
            #expect(try scene.send(input, ShipmentScene.owner) == ["refused not-found"])
            #expect(scene.refusal?.message.contains("partner") == true)
            #expect(try scene.send(input, Self.stranger) == ["refused forbidden"])
            #expect(try scene.send(input, Actor(.operator, "M-1")) == ["refused forbidden"])
        }
    }

    @Test func aMerchantNamesHimselfButNotAnothersOrder() throws {
        var scene = ShipmentScene()
        try scene.allocated()
        var pull = Self.pull(order: "O-1")
        pull.merchantShopId = "M-2"
        #expect(try scene.send(.pullStatus(pull), Self.stranger) == ["refused forbidden"])
    }

    @Test func aReportComesFromItsPartner() throws {
        var scene = ShipmentScene()
        var report = ReportStatus(
            orderId: "O-1", partner: "jd-fulfillment", partnerNumber: "", statusCode: "", occurredAt: Timestamp(milliseconds: 0))
        let reading = OutboundStatusReport(code: "10020", state: .shipped, occurredAt: Timestamp(milliseconds: 0))
        #expect(try scene.send(.reportStatus(report, reading), ShipmentScene.owner) == ["refused forbidden"])
        #expect(try scene.send(.reportStatus(report, reading), Actor(.partner, "jd-fulfillment")) == ["refused not-found"])
        report.inboundId = "I-1"
        #expect(try scene.send(.reportStatus(report, reading), Actor(.partner, "jd-fulfillment")) == ["refused invalid"])
    }

    @Test func exactlyOneOfOrderAndInboundOrderIsNamed() throws {
        var scene = ShipmentScene()
        for command in [Self.pull(order: nil), Self.pull(order: "O-1", inbound: "I-1")] {
            #expect(try scene.send(.pullStatus(command), ShipmentScene.owner) == ["refused invalid"])
            #expect(scene.refusal?.field == "orderId")
        }
    }
}
