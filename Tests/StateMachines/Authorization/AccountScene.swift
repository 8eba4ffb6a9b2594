import Contracts
import JSON
import Machines
import StateMachines

typealias AccountScene = AuthorizationScene<AccountMachine>

extension AuthorizationScene where Machine == AccountMachine {
    static func pin() -> AccountScene { AccountScene(key: "jd-fulfillment:pin-1") }

    static func begin(_ id: String, of merchant: String = "M1", department: String = "EBU1", warehouse: String = "110") -> Begin {
        Begin(
            authorizationId: id, merchantShopId: merchant, provider: .jdFulfillment, mode: .convenient, pin: "pin-1",
            departmentCode: department, warehouseCode: warehouse)
    }

    func merchant(_ id: String) -> Actor { Actor(.merchant, id) }

    @discardableResult
    func begin(
        _ id: String, of merchant: String = "M1", warehouse: String = "110", _ change: (inout Begin) -> Void = { _ in }
    ) -> [Emission] {
        var begin = Self.begin(id, of: merchant, warehouse: warehouse)
        change(&begin)
        return send(.begin(begin), as: self.merchant(merchant), type: Begin.type)
    }

    func consent(_ id: String) -> Consent? { link(id)?.life.consent }
    func link(_ id: String) -> AccountLink? { state.links.first { $0.authorizationId == id } }

    @discardableResult
    func complete(_ id: String, by actor: Actor? = nil, _ change: (inout Complete) -> Void = { _ in }) -> [Emission] {
        var complete = Complete(authorizationId: id, code: "code-\(id)", state: consent(id)?.state ?? "none")
        change(&complete)
        return send(.complete(complete), as: actor ?? merchant(link(id)?.merchantShopId ?? "M1"), type: Complete.type)
    }

    @discardableResult
    func exchanged(_ id: String, _ reply: TokenReply = .tokens(.example())) -> [Emission] {
        guard let effect = effects(ExchangeCode.self).first(where: { $0.authorizationId == id }) else { return [] }
        return answer(effect.id, .exchanged(effect, reply))
    }

    @discardableResult
    func verified(_ id: String, _ reply: CodesReply = .known) -> [Emission] {
        guard let effect = effects(VerifyCodes.self).first(where: { $0.authorizationId == id }) else { return [] }
        return answer(effect.id, .verified(effect, reply))
    }

    /// From `begin` to `granted`.
    @discardableResult
    func grant(_ id: String, of merchant: String = "M1", warehouse: String = "110", tokens: ProtectedTokens = .example()) -> [Emission] {
        begin(id, of: merchant, warehouse: warehouse)
        complete(id)
        exchanged(id, .tokens(tokens))
        return verified(id)
    }

    @discardableResult
    func refreshed(_ id: String, _ reply: TokenReply = .tokens(.example("b"))) -> [Emission] {
        guard let effect = effects(RefreshToken.self).first(where: { $0.authorizationId == id }) else { return [] }
        return answer(effect.id, .refreshed(effect, reply))
    }

    @discardableResult
    func refresh(_ id: String, of merchant: String = "M1") -> [Emission] {
        let refresh = Refresh(authorizationId: id, merchantShopId: merchant)
        return send(.refresh(refresh), as: self.merchant(merchant), type: Refresh.type)
    }

    @discardableResult
    func revoke(_ id: String, of merchant: String = "M1") -> [Emission] {
        let revoke = Revoke(authorizationId: id, merchantShopId: merchant)
        return send(.revoke(revoke), as: self.merchant(merchant), type: Revoke.type)
    }

    @discardableResult
    func report(_ id: String, version: Int, by service: ServiceName = .shipping) -> [Emission] {
        let report = ReportToken(authorizationId: id, service: service, version: version)
        return send(.reportToken(report), as: Actor(.service, service.rawValue), type: ReportToken.type)
    }
}
