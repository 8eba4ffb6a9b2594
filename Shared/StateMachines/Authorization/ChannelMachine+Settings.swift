import Contracts
import JSON
import Machines

/// A channel's own data, and its policy: the things that it does by itself.
extension ChannelMachine {
    static func create(_ state: State, _ command: CreateChannel, _ context: Context) throws(Refusal) -> [Event] {
        guard (command.merchantShopId == nil) != (command.factoryShopId == nil) else {
            throw Refusal(
                .invalid, "give exactly one of merchantShopId and factoryShopId",
                field: command.merchantShopId == nil ? "merchantShopId" : "factoryShopId")
        }
        let missing = missingFields(command)
        guard missing.isEmpty else {
            throw Refusal(
                .channelIncomplete, "a channel of \(command.platform.rawValue) also needs \(missing.joined(separator: ", "))",
                details: ["missing": .array(missing.map { .string($0) })])
        }
        let account = PartnerAccount.key(ofChannel: command.channelId)
        if command.platform == .jackyun, let sealed = command.appSecretSealed {
            guard context.secrets.opens(sealed, info: SealInfo.appSecret, aad: account) else {
                throw Refusal(
                    .invalid, "cannot be opened; seal it with authorization's newest app-secret key, bound to this command's key",
                    field: "appSecretSealed")
            }
        }
        let (kind, role, shopId): (Actor.Kind, ShopRole, String) =
            if let factory = command.factoryShopId { (.factory, .factory, factory) } else {
                (.merchant, .merchant, command.merchantShopId ?? "")
            }
        try context.require(kind, shopId)
        if state.row.version > 0 {
            guard state.owner == Actor(kind, shopId) else { throw Refusal(.forbidden, "channel \(command.channelId) is another shop's") }
            try requireSame(state, command)
        } else if context.tables.credential(command.channelId, .shipping).map({ $0.account != account }) ?? false
            || context.tables.warehouse(command.channelId) != nil
        {
            throw Refusal(.invalid, "is the id of an authorization; choose another", field: "channelId", restsOnTable: true)
        }
        guard context.tables.participant(shopId)?.role == role else {
            throw Refusal(
                role == .merchant ? .merchantNotRegistered : .factoryNotRegistered,
                "shop \(shopId) is not registered as a \(role.rawValue); send register-\(role.rawValue) first", restsOnTable: true)
        }
        return created(state, command, context)
    }

    private static func created(_ before: State, _ command: CreateChannel, _ context: Context) -> [Event] {
        var state = before
        state.row.channelId = command.channelId
        state.row.merchantShopId = command.merchantShopId
        state.row.factoryShopId = command.factoryShopId
        state.row.name = command.name
        state.row.platform = command.platform.rawValue
        state.row.platformShopId = filled(command.platformShopId) ?? state.row.platformShopId
        state.platform = command.platform
        state.company = filled(command.company) ?? state.company
        state.contact = command.contact ?? state.contact
        var sealing: [Event] = []
        if command.platform == .jackyun, let appKey = filled(command.appKey) {
            state.application = PartnerApplication(appKey: appKey, appSecretSealed: command.appSecretSealed)
            state.row.authorizationId = command.channelId
            state.row.state = .active
            state.life.version += 1
            state.life.ending = nil
            sealing = seals(state, accessToken: nil)
        }
        let message = ChannelCreated(
            channelId: command.channelId, merchantShopId: command.merchantShopId, factoryShopId: command.factoryShopId, name: command.name,
            platform: command.platform, platformShopId: state.row.platformShopId, company: state.company,
            authorizationId: state.row.authorizationId, state: state.row.state)
        return [.announced(message, account: state.account, origin: nil), published(state)] + sealing
    }

    /// All fields that the platform needs and the command lacks.
    private static func missingFields(_ command: CreateChannel) -> [String] {
        switch command.platform {
        case .pinduoduo:
            var missing: [String] = []
            if filled(command.platformShopId) == nil { missing.append("platformShopId") }
            if let contact = command.contact {
                if filled(contact.name) == nil { missing.append("contact.name") }
                if filled(contact.phone) == nil { missing.append("contact.phone") }
            } else {
                missing.append("contact")
            }
            if filled(command.company) == nil { missing.append("company") }
            return missing
        case .jackyun:
            return (filled(command.appKey) == nil ? ["appKey"] : []) + (command.appSecretSealed == nil ? ["appSecretSealed"] : [])
        }
    }

    private static func filled(_ text: String?) -> String? {
        text.map(PartnerAccount.normalized).flatMap { VisibleText.isIn($0) ? $0 : nil }
    }

    /// Refuses a change of the data on which the channel's tokens and orders rest.
    private static func requireSame(_ state: State, _ command: CreateChannel) throws(Refusal) {
        guard state.platform == command.platform else {
            throw Refusal(.invalid, "channel \(command.channelId) is one of \(state.platform.rawValue); create another", field: "platform")
        }
        guard state.life.isLinked, let shop = state.row.platformShopId, filled(command.platformShopId) != shop else { return }
        throw Refusal(.invalid, "channel \(command.channelId) is authorized for another shop; create another", field: "platformShopId")
    }

    static func setPolicy(_ before: State, _ command: SetPolicy, _ context: Context) throws(Refusal) -> [Event] {
        try requireOwned(before, context)
        if before.owner.kind == .merchant, command.orderTypes.contains(.factoryDropship) {
            throw Refusal(
                .invalid, "a merchant's channel downloads his own orders only; factory-dropship orders are downloaded by factories",
                field: "orderTypes")
        }
        var state = before
        let policy = ChannelPolicy(
            downloadOrders: command.downloadOrders, orderTypes: OrderType.allCases.filter(command.orderTypes.contains),
            transferToAudit: command.transferToAudit, uploadLogistics: command.uploadLogistics, syncStock: command.syncStock)
        state.row.policy = policy
        let message = PolicySet(
            channelId: state.row.channelId, merchantShopId: state.row.merchantShopId, factoryShopId: state.row.factoryShopId,
            platform: state.platform, downloadOrders: policy.downloadOrders, orderTypes: policy.orderTypes,
            transferToAudit: policy.transferToAudit, uploadLogistics: policy.uploadLogistics, syncStock: policy.syncStock)
        return [.announced(message, account: state.account, origin: nil), published(state)] + downloads(state, context)
    }
}
