import Contracts
import Credentials
import Runtime
import StateMachines

/// The service of shops and their pairs: roles and profiles of shops, and which merchant works with which factory.
@main
struct Binding {
    typealias Pair = Routes<PairMachine>

    static func main() { ServiceProcess.main(description) }

    static var description: ServiceDescription {
        ServiceDescription(.binding, resources: TablesAndSecrets.self, routes: Routes<ShopMachine>.all + Pair.all + pairs)
    }

    static var pairs: [Route] {
        [
            Pair.command(Approve.self, of: { PairMachine.id($0.merchantShopId, $0.factoryShopId) }) { .approve($0) },
            Pair.command(Decline.self, of: { PairMachine.id($0.merchantShopId, $0.factoryShopId) }) { .decline($0) },
            Pair.command(Withdraw.self, of: { PairMachine.id($0.merchantShopId, $0.factoryShopId) }) { .withdraw($0) },
            Pair.command(Unbind.self, of: { PairMachine.id($0.merchantShopId, $0.factoryShopId) }) { .unbind($0) },
        ]
    }
}
