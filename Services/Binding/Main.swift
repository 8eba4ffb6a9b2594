import Contracts
import Runtime
import StateMachines

/// Who works with whom: the roles and profiles of shops, and the pairs of merchants and factories.
@main
struct Binding {
    typealias Pair = Routes<PairMachine>

    static func main() { ServiceProcess.main(description) }

    static var description: ServiceDescription { ServiceDescription(.binding, routes: Routes<ShopMachine>.all + Pair.all + pairs) }

    static var pairs: [Route] {
        [
            Pair.command(Approve.self, of: { PairMachine.id($0.merchantShopId, $0.factoryShopId) }) { .approve($0) },
            Pair.command(Decline.self, of: { PairMachine.id($0.merchantShopId, $0.factoryShopId) }) { .decline($0) },
            Pair.command(Withdraw.self, of: { PairMachine.id($0.merchantShopId, $0.factoryShopId) }) { .withdraw($0) },
            Pair.command(Unbind.self, of: { PairMachine.id($0.merchantShopId, $0.factoryShopId) }) { .unbind($0) },
        ]
    }
}
