import Contracts
import JSON
import Machines
import Testing

@testable import StateMachines

/// A warehouse ships by sku: a line without one goes to factories only (contract, section 4).
@Suite struct OrderSkuTests {
    private static func allocate(_ target: Target, _ lines: [String]? = nil) -> OrderMachine.Input {
        let command = Allocate(
            orderId: OrderScene.orderId, merchantShopId: OrderScene.merchant, target: target,
            lines: lines?.map { LineQuantity(lineId: $0, quantity: 1) })
        return .allocate(command)
    }

    private static let merchant = Actor(.merchant, OrderScene.merchant)

    @Test(arguments: ["", " ", "\u{3164}\u{200B}"])
    func aLineWithoutSkuIsRefusedByItsPlaceInTheOrder(_ sku: String) throws {
        var scene = OrderScene()
        try scene.send(.placed(OrderScene.placed([2, 3, 4], skus: ["sku-1", sku, "sku-3"])))
        try scene.send(Self.allocate(OrderScene.warehouse), Self.merchant)
        #expect(scene.refusal?.code == .invalid)
        #expect(scene.refusal?.field == "lines[1].sku")
        // Only of a line that would go there.
        #expect(try scene.send(Self.allocate(OrderScene.warehouse, ["L1", "L3"]), Self.merchant) == ["allocated"])
        try scene.send(Self.allocate(OrderScene.warehouse, ["L2"]), Self.merchant)
        #expect(scene.refusal?.field == "lines[1].sku")
        #expect(try scene.send(Self.allocate(OrderScene.factory), Self.merchant) == ["allocated"])
    }

    @Test func rulesLeaveItToFactories() throws {
        var scene = OrderScene()
        for (id, target, priority) in [("R1", OrderScene.warehouse, 1), ("R2", OrderScene.factory, 2)] {
            let rule = RuleRow(
                merchantShopId: OrderScene.merchant, ruleId: id, match: RuleMatch(skus: ["", "sku-2"]), target: target, priority: priority,
                version: 0)
            scene.tables.put(rule)
        }
        try scene.send(.placed(OrderScene.placed([2, 3], skus: ["", "sku-2"])))
        let allocated = scene.published(Allocated.self)
        #expect(allocated.map(\.target) == [OrderScene.warehouse, OrderScene.factory])
        #expect(allocated.map { $0.lines.map(\.lineId) } == [["L2"], ["L1"]])
    }
}
