import Contracts
import Runtime
import StateMachines

/// Who may act at a partner for whom: consents and tokens, the warehouses and channels that they lead to, and the orders that channels
/// download.
@main
struct Authorization {
    typealias Providers = Routes<ProvidersMachine>
    typealias Account = Routes<AccountMachine>
    typealias Channel = Routes<ChannelMachine>

    /// Commands about an account or about a channel: the key says which, and the machine checks that it is one.
    enum Link {
        static func command<Body: Message>(
            _ type: Body.Type, key: @escaping (Body) -> String? = { _ in nil }, _ account: @escaping (Body) -> AccountMachine.Input,
            _ channel: @escaping (Body) -> ChannelMachine.Input
        ) -> Route {
            Choice<Body>.command(
                Channel.command(type, key: key, aggregateOfKey: { $0 }, channel),
                whenKey: { $0.hasPrefix(PartnerAccount.channelPrefix) },
                else: Account.command(type, key: key, aggregateOfKey: AccountMachine.aggregate, account))
        }
    }

    static func main() {
        ServiceProcess.main(
            ServiceDescription(
                .authorization, sendsFacts: true, tables: [.participants, .keys, .warehouses, .channels, .credentials],
                writes: [.keys, .warehouses, .channels, .credentials], announces: [.appSecret],
                routes: providers + accounts + owners + channels + DownloadRoutes.items + SealWatch.items, effects: effects,
                residents: { DownloadRoutes.residents($0) + [SealWatch.resident($0)] }))
    }

    static var providers: [Route] {
        [
            Providers.command(ListProviders.self, key: { $0.merchantShopId }, aggregate: { "providers:\($0.merchantShopId)" }) { .list($0) }
        ]
    }

    static var accounts: [Route] {
        [
            Link.command(Begin.self, key: { $0.accountKey }, { .begin($0) }, { .begin($0) }),
            Link.command(Complete.self, key: { key(ofChannel: $0.channelId) }, { .complete($0) }, { .complete($0) }),
            Link.command(Refresh.self, key: { key(ofChannel: $0.channelId) }, { .refresh($0) }, { .refresh($0) }),
            Link.command(Revoke.self, key: { key(ofChannel: $0.channelId) }, { .revoke($0) }, { .revoke($0) }),
            Link.command(ReportToken.self, { .reportToken($0) }, { .reportToken($0) }),
        ]
    }

    static var owners: [Route] {
        [
            Routes<OwnerMachine>.item(OwnerClaim.self, of: .authorization) { .claim($0) },
            Routes<OwnerMachine>.item(OwnerRelease.self, of: .authorization) { .release($0) },
            Routes<AccountMachine>.item(OwnerAnswer.self, of: .authorization) { .owned($0) },
        ]
    }

    /// An account's commands name no channel; its key says all.
    private static func key(ofChannel channelId: String?) -> String? { channelId.map(PartnerAccount.key(ofChannel:)) }

    static var channels: [Route] {
        [
            Channel.command(
                CreateChannel.self, key: { PartnerAccount.key(ofChannel: $0.channelId) },
                aggregate: { ChannelMachine.aggregate($0.channelId) }
            ) { .create($0) },
            Channel.command(
                SetPolicy.self, key: { PartnerAccount.key(ofChannel: $0.channelId) }, aggregate: { ChannelMachine.aggregate($0.channelId) }
            ) { .setPolicy($0) },
        ]
    }

    @Sendable private static func effects(_ environment: ServiceEnvironment) -> [EffectRoute] {
        let desk = TokenDesk(environment: environment)
        let (accounts, channels) = (AccountCalls(desk), ChannelCalls(desk))
        return [
            Effects<AccountMachine>.route(ExchangeCode.self, partner: "jd", perform: { await accounts.exchange($0, $1) }) {
                .exchanged($0, $1)
            },
            Effects<AccountMachine>.route(VerifyCodes.self, partner: "jd", perform: { await accounts.verify($0, $1) }) {
                .verified($0, $1)
            },
            Effects<AccountMachine>.route(RefreshToken.self, partner: "jd", perform: { effect, _ in await accounts.refresh(effect) }) {
                .refreshed($0, $1)
            },
            Effects<AccountMachine>.route(SealCredential.self, partner: "keys", perform: { effect, _ in await accounts.seal(effect) }) {
                .sealed($0, $1)
            },
            Effects<AccountMachine>.timer(TokenEnds.self, needsSteadyClock: true) { .ended($0) },
            Effects<ChannelMachine>.route(ExchangeChannelCode.self, partner: "pinduoduo", perform: { await channels.exchange($0, $1) }) {
                .exchanged($0, $1)
            },
            Effects<ChannelMachine>.route(
                RefreshChannelToken.self, partner: "pinduoduo", perform: { effect, _ in await channels.refresh(effect) }
            ) { .refreshed($0, $1) },
            Effects<ChannelMachine>.route(
                SealChannelCredential.self, partner: "keys", perform: { effect, _ in await channels.seal(effect) }
            ) { .sealed($0, $1) },
            Effects<ChannelMachine>.timer(ChannelTokenEnds.self, needsSteadyClock: true) { .ended($0) },
        ] + DownloadRoutes.effects(environment)
    }
}
