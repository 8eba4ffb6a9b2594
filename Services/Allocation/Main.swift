import Contracts
import Credentials
import Runtime
import StateMachines

/// The service that decides which order goes to which factory or warehouse, and takes it back.
@main
struct Allocation {
    static func main() { ServiceProcess.main(description) }

    static var description: ServiceDescription {
        ServiceDescription(
            .allocation, resources: TablesAndSecrets.self, tables: [.participants, .bindings, .rules, .warehouses],
            routes: Routes<OrderMachine>.all + Routes<RuleMachine>.all,
            effects: { _ in [Effects<OrderMachine>.timer(OrderShredding.self, needsSteadyClock: true) { .shreds($0) }] })
    }
}
