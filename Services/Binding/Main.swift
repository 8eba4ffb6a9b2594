import Contracts
import Runtime
import StateMachines

/// Who works with whom: the roles and profiles of shops, and the pairs of merchants and factories.
@main
struct Binding {
    typealias Shop = Routes<ShopMachine>
    typealias Pair = Routes<PairMachine>

    static func main() {
        ServiceProcess.main(
            ServiceDescription(.binding, writes: [.participants, .bindings], routes: shops + pairs))
    }

    private static func shop(_ id: String) -> String { "shop:\(id)" }
    private static func pair(_ merchant: String, _ factory: String) -> String { "pair:\(merchant)~\(factory)" }

    static var shops: [Route] {
        [
            Shop.command(RegisterMerchant.self, key: { $0.shopId }, aggregate: { shop($0.shopId) }) { .registerMerchant($0) },
            Shop.command(RegisterFactory.self, key: { $0.shopId }, aggregate: { shop($0.shopId) }) { .registerFactory($0) },
            Shop.command(UpdateProfile.self, key: { $0.shopId }, aggregate: { shop($0.shopId) }) { .updateProfile($0) },
            Shop.command(PutAddress.self, key: { $0.shopId }, aggregate: { shop($0.shopId) }) { .putAddress($0) },
            Shop.command(RemoveAddress.self, key: { $0.shopId }, aggregate: { shop($0.shopId) }) { .removeAddress($0) },
            Shop.command(Apply.self, key: { $0.merchantShopId }, aggregate: { shop($0.merchantShopId) }) { .apply($0) },
            Shop.item(MerchantToFactory.self, of: .binding) { .introduction($0) },
        ]
    }

    static var pairs: [Route] {
        [
            Pair.command(Approve.self, key: { $0.factoryShopId }, aggregate: { pair($0.merchantShopId, $0.factoryShopId) }) {
                .approve($0)
            },
            Pair.command(Decline.self, key: { $0.factoryShopId }, aggregate: { pair($0.merchantShopId, $0.factoryShopId) }) {
                .decline($0)
            },
            Pair.command(Withdraw.self, key: { $0.factoryShopId }, aggregate: { pair($0.merchantShopId, $0.factoryShopId) }) {
                .withdraw($0)
            },
            Pair.command(Unbind.self, key: { $0.factoryShopId }, aggregate: { pair($0.merchantShopId, $0.factoryShopId) }) { .unbind($0) },
            Pair.item(FactoryToPair.self, of: .binding) { .introduction($0) },
        ]
    }
}
