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

    /// All pairs of a factory have its key; an id that it has used counts for none of them again.
    static var pairs: [Route] {
        let shop = IdMemory.ofKey(ShopMachine.self, for: .factory)
        return [
            Pair.command(Approve.self, of: { PairMachine.id($0.merchantShopId, $0.factoryShopId) }, remembering: shop) { .approve($0) },
            Pair.command(Decline.self, of: { PairMachine.id($0.merchantShopId, $0.factoryShopId) }, remembering: shop) { .decline($0) },
            Pair.command(Withdraw.self, of: { PairMachine.id($0.merchantShopId, $0.factoryShopId) }, remembering: shop) { .withdraw($0) },
            Pair.command(Unbind.self, of: { PairMachine.id($0.merchantShopId, $0.factoryShopId) }, remembering: shop) { .unbind($0) },
        ]
    }
}
