import Contracts
import PartnerEffects
import Runtime
import StateMachines

/// The service of consents and tokens: who may act at a partner for whom, the warehouses and channels that consents lead to, and the orders
/// that channels download.
@main
struct Authorization {
    typealias Account = Routes<AccountMachine>
    typealias Channel = Routes<ChannelMachine>

    /// Commands about an account or about a channel: the key says which, and the machine checks that it is one.
    enum AccountOrChannel {
        static func command<Body: Message>(
            _ type: Body.Type, _ account: @escaping (Body) -> AccountMachine.Input, _ channel: @escaping (Body) -> ChannelMachine.Input
        ) -> Route {
            EitherRoute<Body>.command(
                Channel.command(type, ofKey: { String($0.dropFirst(PartnerAccount.channelPrefix.count)) }, channel),
                whenKey: { $0.hasPrefix(PartnerAccount.channelPrefix) },
                else: Account.command(type, account))
        }
    }

    static func main() { ServiceProcess.main(description) }

    static var description: ServiceDescription {
        ServiceDescription(
            .authorization, resources: PartnerEnvironment.self,
            tables: [.participants, .keys, .warehouses, .channels, .credentials],
            routes: Routes<ProvidersMachine>.all + Account.all + Channel.all + Routes<SeenOrderMachine>.all + Routes<OwnerMachine>.all
                + links + channels, effects: effects,
            singletons: { DownloadRoutes.singletons($0) + [SealWatch.singleton($0)] })
    }

    static var links: [Route] {
        [
            AccountOrChannel.command(Begin.self, { .begin($0) }, { .begin($0) }),
            AccountOrChannel.command(Complete.self, { .complete($0) }, { .complete($0) }),
            AccountOrChannel.command(Refresh.self, { .refresh($0) }, { .refresh($0) }),
            AccountOrChannel.command(Revoke.self, { .revoke($0) }, { .revoke($0) }),
            AccountOrChannel.command(ReportToken.self, { .reportToken($0) }, { .reportToken($0) }),
        ]
    }

    static var channels: [Route] {
        [
            Channel.command(CreateChannel.self, of: { $0.channelId }) { .create($0) },
            Channel.command(SetPolicy.self, of: { $0.channelId }) { .setPolicy($0) },
        ]
    }

    @Sendable private static func effects(_ environment: PartnerEnvironment) -> [EffectRoute] {
        let access = TokenAccess(environment: environment)
        let (accounts, channels) = (AccountCalls(access), ChannelCalls(access))
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
