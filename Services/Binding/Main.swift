import Contracts
import Runtime
import StateMachines

/// Who works with whom: the roles and profiles of shops, and the pairs of merchants and factories.
@main
struct Binding {
    typealias Shop = Routes<ShopMachine>
    typealias Pair = Routes<PairMachine>

    static func main() { ServiceProcess.main(description) }

    static var description: ServiceDescription { ServiceDescription(.binding, routes: shops + pairs) }

    static var shops: [Route] {
        [
            Shop.command(RegisterMerchant.self) { .registerMerchant($0) },
            Shop.command(RegisterFactory.self) { .registerFactory($0) },
            Shop.command(UpdateProfile.self) { .updateProfile($0) },
            Shop.command(PutAddress.self) { .putAddress($0) },
            Shop.command(RemoveAddress.self) { .removeAddress($0) },
            Shop.command(Apply.self) { .apply($0) },
            Shop.item(MerchantToFactory.self) { .introduction($0) },
        ]
    }

    static var pairs: [Route] {
        [
            Pair.command(Approve.self, of: { PairMachine.id($0.merchantShopId, $0.factoryShopId) }) { .approve($0) },
            Pair.command(Decline.self, of: { PairMachine.id($0.merchantShopId, $0.factoryShopId) }) { .decline($0) },
            Pair.command(Withdraw.self, of: { PairMachine.id($0.merchantShopId, $0.factoryShopId) }) { .withdraw($0) },
            Pair.command(Unbind.self, of: { PairMachine.id($0.merchantShopId, $0.factoryShopId) }) { .unbind($0) },
            Pair.item(FactoryToPair.self) { .introduction($0) },
        ]
    }
}
