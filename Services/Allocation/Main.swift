import Contracts
import Runtime
import StateMachines

/// Which order goes to which factory or warehouse, and what takes it back.
@main
struct Allocation {
    typealias Order = Routes<OrderMachine>
    typealias Rule = Routes<RuleMachine>

    static func main() { ServiceProcess.main(description) }

    static var description: ServiceDescription {
        ServiceDescription(
            .allocation, tables: [.participants, .bindings, .rules, .warehouses], routes: facts + commands + rules,
            effects: { _ in [Effects<OrderMachine>.timer(OrderShredding.self) { .shreds($0) }] })
    }

    static var facts: [Route] {
        [
            Order.fact(OrderPlaced.self) { .placed($0) },
            Order.fact(AddressChanged.self) { .addressChanged($0) },
            Order.fact(AfterSaleOpened.self) { .afterSaleOpened($0) },
            Order.fact(AfterSaleClosed.self) { .afterSaleClosed($0) },
            Order.fact(RiskHeld.self) { .riskHeld($0) },
            Order.fact(RiskCleared.self) { .riskCleared($0) },
            Order.fact(OrderCancelled.self) { .cancelled($0) },
            Order.fact(OrderUnallocated.self) { .unallocated($0) },
            Order.fact(OrderReassigned.self) { .reassigned($0) },
        ]
    }

    static var commands: [Route] {
        [
            Order.command(Allocate.self) { .allocate($0) },
            Order.command(Deallocate.self) { .deallocate($0) },
            Order.command(ApproveOrder.self) { .approve($0) },
            Order.command(Seal.self) { .seal($0) },
            Order.command(Release.self) { .release($0) },
        ]
    }

    static var rules: [Route] {
        [
            Rule.command(PutRule.self) { .put($0) },
            Rule.command(RemoveRule.self) { .remove($0) },
        ]
    }
}
