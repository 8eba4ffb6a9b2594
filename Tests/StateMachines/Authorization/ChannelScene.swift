import Contracts
import JSON
import Machines
import StateMachines

typealias ChannelScene = AuthorizationScene<ChannelMachine>

extension AuthorizationScene where Machine == ChannelMachine {
    static func channel() -> ChannelScene { ChannelScene(key: "channel:C") }

    static func create(_ platform: Platform = .pinduoduo, merchant: String? = "M1", factory: String? = nil) -> CreateChannel {
        var create = CreateChannel(channelId: "C", merchantShopId: merchant, factoryShopId: factory, name: "旗舰店", platform: platform)
        switch platform {
        case .pinduoduo:
            create.platformShopId = "1000"
            create.contact = ChannelContact(name: "老李", phone: "13900000000")
            create.company = "义乌公司"
        case .jackyun:
            create.appKey = "erp-key"
            create.appSecretSealed = .secret(boundTo: "channel:C")
        }
        return create
    }

    @discardableResult
    func create(
        _ platform: Platform = .pinduoduo, merchant: String? = "M1", factory: String? = nil, as actor: Actor? = nil,
        _ change: (inout CreateChannel) -> Void = { _ in }
    ) -> [Emission] {
        var create = Self.create(platform, merchant: merchant, factory: factory)
        change(&create)
        return send(.create(create), as: actor ?? factory.map { Actor(.factory, $0) } ?? Actor(.merchant, merchant ?? ""))
    }

    @discardableResult
    func begin(_ id: String = "A", as actor: Actor = Actor(.merchant, "M1"), _ change: (inout Begin) -> Void = { _ in }) -> [Emission] {
        var begin = Begin(authorizationId: id, channelId: "C")
        change(&begin)
        return send(.begin(begin), as: actor)
    }

    @discardableResult
    func complete(_ id: String = "A", as actor: Actor = Actor(.merchant, "M1"), state: String? = nil) -> [Emission] {
        var complete = Complete(authorizationId: id, channelId: "C")
        let state = state ?? self.state.life.consent?.state ?? self.state.life.over.last ?? "none"
        complete.redirectUrl = "https://daifa.example/partners/pinduoduo/callback?code=c&state=\(state)"
        return send(.complete(complete), as: actor)
    }

    @discardableResult
    func exchanged(_ reply: TokenReply = .tokens(.example(owner: "1000"))) -> [Emission] {
        guard let effect = effect(ExchangeChannelCode.self) else { return [] }
        return answer(effect.id, .exchanged(effect, reply))
    }

    @discardableResult
    func refreshed(_ reply: TokenReply = .tokens(.example("b", owner: "1000"))) -> [Emission] {
        guard let effect = effect(RefreshChannelToken.self) else { return [] }
        return answer(effect.id, .refreshed(effect, reply))
    }

    /// From `begin` to `granted`.
    @discardableResult
    func grant(_ id: String = "A", as actor: Actor = Actor(.merchant, "M1")) -> [Emission] {
        begin(id, as: actor)
        complete(id, as: actor)
        return exchanged()
    }

    @discardableResult
    func setPolicy(
        _ types: [OrderType], as actor: Actor = Actor(.merchant, "M1"), downloads: Bool = false, audited: Bool = false
    ) -> [Emission] {
        let policy = SetPolicy(
            channelId: "C", downloadOrders: downloads, orderTypes: types, transferToAudit: audited, uploadLogistics: true, syncStock: false)
        return send(.setPolicy(policy), as: actor)
    }

    func revocation(_ id: String = "A") -> ChannelMachine.Input {
        let revoke = Revoke(authorizationId: id)
        return .revoke(revoke)
    }

    func refreshing(_ id: String = "A") -> ChannelMachine.Input {
        let refresh = Refresh(authorizationId: id)
        return .refresh(refresh)
    }

    func sealAll() {
        for effect in effects(SealChannelCredential.self) {
            answer(effect.id, .sealed(effect, Sealed(keyId: "k", enc: "e", ciphertext: "c")))
        }
    }
}
