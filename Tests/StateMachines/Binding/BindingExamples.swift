import Contracts
import JSON
import StateMachines

extension Sender {
    static func example(_ name: String) -> Sender {
        let address = Address(country: "CN", province: "浙江省", city: "金华市", district: "义乌市", detail: "稠州路 1 号")
        return Sender(name: name, phone: "13800000000", address: address)
    }
}

/// A binding service in memory, and one function for each of its commands.
final class BindingService {
    let simulation: Simulation
    private(set) var commands: [String] = []

    init(seed: UInt64 = 1) {
        simulation = Simulation(seed: seed)
        simulation.route(MerchantToFactory.self, to: ShopMachine.self) { .introduction($0) }
        simulation.route(FactoryToPair.self, to: PairMachine.self) { .introduction($0) }
    }

    private func nextId() -> String {
        commands.append("command-\(commands.count)")
        return commands[commands.count - 1]
    }

    @discardableResult
    func shop(_ message: some Message, _ input: ShopMachine.Input, _ shopId: String, _ actor: Actor) -> [Emission] {
        simulation.send(message, to: ShopMachine.self, "shop:\(shopId)", input, key: shopId, id: nextId(), actor: actor)
    }

    @discardableResult
    func pair(_ message: some Message, _ input: PairMachine.Input, _ merchant: String, _ factory: String, _ actor: Actor) -> [Emission] {
        simulation.send(message, to: PairMachine.self, "pair:\(merchant)~\(factory)", input, key: factory, id: nextId(), actor: actor)
    }

    func state(_ shopId: String) -> ShopMachine.State { simulation.state(ShopMachine.self, "shop:\(shopId)") }
    func row(_ merchant: String, _ factory: String) -> BindingRow? {
        simulation.state(PairMachine.self, "pair:\(merchant)~\(factory)").row
    }

    /// The names of what answers the last command.
    var lastAnswer: [String] {
        simulation.published.filter { $0.answers == commands.last }.map(\.name)
    }

    var lastRefusal: Refusal? {
        for case .refusal(let refusal, let origin) in simulation.published.reversed() where origin.id == commands.last { return refusal }
        return nil
    }

    // MARK: Commands

    @discardableResult
    func registerMerchant(_ shopId: String, alias: String = "小店", change: (inout RegisterMerchant) -> Void = { _ in }) -> [Emission] {
        var command = RegisterMerchant(shopId: shopId, shopAlias: alias, sender: .example("张三"), acceptedTerms: Terms.required)
        change(&command)
        return shop(command, .registerMerchant(command), shopId, Actor(.merchant, shopId))
    }

    @discardableResult
    func registerFactory(_ shopId: String) -> [Emission] {
        let command = RegisterFactory(
            shopId: shopId, name: "厂", contact: Contact(name: "李四", phone: "13900000000"), address: Sender.example("").address)
        return shop(command, .registerFactory(command), shopId, Actor(.factory, shopId))
    }

    @discardableResult
    func updateProfile(_ shopId: String, as kind: Actor.Kind, _ change: (inout UpdateProfile) -> Void) -> [Emission] {
        var command = UpdateProfile(shopId: shopId)
        change(&command)
        return shop(command, .updateProfile(command), shopId, Actor(kind, shopId))
    }

    @discardableResult
    func putAddress(
        _ shopId: String, _ addressId: String, _ kind: AddressKind = .sender, default isDefault: Bool? = nil,
        as actor: Actor.Kind = .merchant
    ) -> [Emission] {
        let command = PutAddress(
            shopId: shopId, addressId: addressId, kind: kind, name: "仓库 \(addressId)", phone: "13700000000",
            address: Sender.example("").address, default: isDefault)
        return shop(command, .putAddress(command), shopId, Actor(actor, shopId))
    }

    @discardableResult
    func removeAddress(_ shopId: String, _ addressId: String, as actor: Actor.Kind = .merchant) -> [Emission] {
        let command = RemoveAddress(shopId: shopId, addressId: addressId)
        return shop(command, .removeAddress(command), shopId, Actor(actor, shopId))
    }

    @discardableResult
    func apply(_ merchant: String, _ factory: String, actor: Actor? = nil) -> [Emission] {
        let command = Apply(merchantShopId: merchant, factoryShopId: factory)
        return shop(command, .apply(command), merchant, actor ?? Actor(.merchant, merchant))
    }

    @discardableResult
    func approve(_ merchant: String, _ factory: String, actor: Actor? = nil) -> [Emission] {
        let command = Approve(merchantShopId: merchant, factoryShopId: factory)
        return pair(command, .approve(command), merchant, factory, actor ?? Actor(.factory, factory))
    }

    @discardableResult
    func decline(_ merchant: String, _ factory: String, actor: Actor? = nil) -> [Emission] {
        let command = Decline(merchantShopId: merchant, factoryShopId: factory, reason: "产能已满")
        return pair(command, .decline(command), merchant, factory, actor ?? Actor(.factory, factory))
    }

    @discardableResult
    func withdraw(_ merchant: String, _ factory: String, actor: Actor? = nil) -> [Emission] {
        let command = Withdraw(merchantShopId: merchant, factoryShopId: factory)
        return pair(command, .withdraw(command), merchant, factory, actor ?? Actor(.merchant, merchant))
    }

    @discardableResult
    func unbind(_ merchant: String, _ factory: String, actor: Actor) -> [Emission] {
        let command = Unbind(merchantShopId: merchant, factoryShopId: factory)
        return pair(command, .unbind(command), merchant, factory, actor)
    }
}
