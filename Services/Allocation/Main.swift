import Contracts
import Runtime
import StateMachines

/// Which order goes to which factory or warehouse, and what takes it back.
@main
struct Allocation {
    typealias Order = Routes<OrderMachine>
    typealias Rule = Routes<RuleMachine>

    static func main() {
        ServiceProcess.main(
            ServiceDescription(
                .allocation, facts: true, tables: [.participants, .bindings, .rules, .warehouses], writes: [.rules],
                routes: facts + commands + rules, effects: { _ in [Effects<OrderMachine>.timer(OrderShredding.self) { .shreds($0) }] }))
    }

    private static func order(_ id: String) -> String { "order:\(id)" }

    static var facts: [Route] {
        [
            Order.fact(OrderPlaced.self, key: { $0.orderId }, aggregate: { order($0.orderId) }) { .placed($0) },
            Order.fact(AddressChanged.self, key: { $0.orderId }, aggregate: { order($0.orderId) }) { .addressChanged($0) },
            Order.fact(AfterSaleOpened.self, key: { $0.orderId }, aggregate: { order($0.orderId) }) { .afterSaleOpened($0) },
            Order.fact(AfterSaleClosed.self, key: { $0.orderId }, aggregate: { order($0.orderId) }) { .afterSaleClosed($0) },
            Order.fact(RiskHeld.self, key: { $0.orderId }, aggregate: { order($0.orderId) }) { .riskHeld($0) },
            Order.fact(RiskCleared.self, key: { $0.orderId }, aggregate: { order($0.orderId) }) { .riskCleared($0) },
            Order.fact(OrderCancelled.self, key: { $0.orderId }, aggregate: { order($0.orderId) }) { .cancelled($0) },
            Order.fact(OrderUnallocated.self, key: { $0.orderId }, aggregate: { order($0.orderId) }) { .unallocated($0) },
            Order.fact(OrderReassigned.self, key: { $0.orderId }, aggregate: { order($0.orderId) }) { .reassigned($0) },
        ]
    }

    static var commands: [Route] {
        [
            Order.command(Allocate.self, key: { $0.orderId }, aggregate: { order($0.orderId) }) { .allocate($0) },
            Order.command(Deallocate.self, key: { $0.orderId }, aggregate: { order($0.orderId) }) { .deallocate($0) },
            Order.command(ApproveOrder.self, key: { $0.orderId }, aggregate: { order($0.orderId) }) { .approve($0) },
            Order.command(Seal.self, key: { $0.orderId }, aggregate: { order($0.orderId) }) { .seal($0) },
            Order.command(Release.self, key: { $0.orderId }, aggregate: { order($0.orderId) }) { .release($0) },
        ]
    }

    static var rules: [Route] {
        [
            Rule.command(PutRule.self, key: { $0.merchantShopId }, aggregate: { "rules:\($0.merchantShopId)" }) { .put($0) },
            Rule.command(RemoveRule.self, key: { $0.merchantShopId }, aggregate: { "rules:\($0.merchantShopId)" }) { .remove($0) },
        ]
    }
}
