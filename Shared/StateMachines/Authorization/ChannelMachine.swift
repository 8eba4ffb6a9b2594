public import Contracts
public import Machines

/// An ERP or marketplace channel of a merchant or a factory: what it is, what it does by itself, and the token it works with.
///
/// Key `channel:<channelId>`, in the shard of the commands' key, which is the same. Of a marketplace that asks for a consent:
///
/// | state | input | next | out |
/// |---|---|---|---|
/// | none | create-channel | created | channel-created, row channels |
/// | created, requested, exchanging, active, suspended | create-channel | same | channel-created, row channels |
/// | none | begin | same | refused not-found |
/// | created, requested, suspended | begin | requested | consent-requested |
/// | exchanging | begin | requested | no exchange-channel-code, refused consent-used, consent-requested |
/// | active | begin | same | consent-requested |
/// | none, created | complete | same | refused not-found |
/// | requested | complete | exchanging | effect exchange-channel-code |
/// | exchanging, active, suspended | complete | same | refused consent-used |
/// | requested | complete with an error | same | refused consent-denied |
/// | exchanging | tokens | active | granted, row channels, effect seal-channel-credential, effect seal-channel-credential, effect refresh-channel-token, no channel-token-ends |
/// | exchanging | tokens of another shop | created | consent-failed |
/// | exchanging | no tokens | created | consent-failed |
/// | none | refresh | same | refused not-found |
/// | active | refresh | same | effect refresh-channel-token |
/// | created | refresh | same | refused not-found |
/// | requested, exchanging, suspended | refresh | same | refused not-authorized |
/// | active | newer tokens | same | refreshed, effect seal-channel-credential, effect seal-channel-credential, effect refresh-channel-token, no channel-token-ends |
/// | active | no newer tokens | suspended | expired, row channels, remove credentials, no seal-channel-credential, remove credentials, no seal-channel-credential, no refresh-channel-token, no channel-token-ends |
/// | active | token ends | suspended | expired, row channels, remove credentials, no seal-channel-credential, remove credentials, no seal-channel-credential, no refresh-channel-token, no channel-token-ends |
/// | active | sealed | same | row credentials |
/// | created, requested, exchanging, suspended | sealed | same | |
/// | active | seal outdated | same | effect seal-channel-credential |
/// | none, created, requested, exchanging, suspended | seal outdated | same | |
/// | none | revoke | same | refused not-found |
/// | active | revoke | suspended | revoked, row channels, remove credentials, no seal-channel-credential, remove credentials, no seal-channel-credential, no refresh-channel-token, no channel-token-ends |
/// | suspended | revoke | same | revoked, row channels, remove credentials, no seal-channel-credential, remove credentials, no seal-channel-credential, no refresh-channel-token, no channel-token-ends |
/// | created | revoke | same | refused not-found |
/// | requested, exchanging | revoke | same | refused not-authorized |
/// | none | report-token | same | refused not-found |
/// | created | report-token | same | refused not-found |
/// | active | report-token | same | effect refresh-channel-token |
/// | requested, exchanging, suspended | report-token | same | refused not-authorized |
/// | none | set-policy | same | refused not-found |
/// | created, requested, exchanging, active, suspended | set-policy | same | policy-set, row channels |
///
/// A platform without consent (an ERP) is active from the start, and its credentials are sealed at once; its authorization has the channel's id.
public enum ChannelMachine: StateMachine {
    public typealias State = ChannelAggregate
    public typealias Event = ChannelEvent

    public enum Input: Sendable {
        case create(CreateChannel)
        case begin(Begin)
        case complete(Complete)
        case refresh(Refresh)
        case revoke(Revoke)
        case setPolicy(SetPolicy)
        case reportToken(ReportToken)
        case exchanged(ExchangeChannelCode, TokenReply)
        case refreshed(RefreshChannelToken, TokenReply)
        case ended(ChannelTokenEnds)
        case sealed(SealChannelCredential, Sealed)
        case sealOutdated(ChannelSealOutdated)
        case download(ChannelDownloads.Input)
    }

    /// The services that call marketplaces and ERPs.
    public static let services = [ServiceName.waybill, .shipping]

    public static func aggregate(_ channelId: String) -> String { PartnerAccount.key(ofChannel: channelId) }

    public static let accepts: [Accepts<ChannelMachine>] = [
        .item(OrderPushed.self) { .download(.pushed($0)) },
        .item(ChannelSealOutdated.self) { .sealOutdated($0) },
    ]

    public static let emits = Emits(
        events: [
            ChannelCreated.self, PolicySet.self, ConsentRequested.self, Granted.self, ConsentFailed.self, Refreshed.self, Expired.self,
            Revoked.self, DownloadFailed.self,
        ], rows: [ChannelRow.self, CredentialRow.self], items: [OrderSeen.self, AfterSaleSeen.self],
        effects: [
            ExchangeChannelCode.self, RefreshChannelToken.self, ChannelTokenEnds.self, SealChannelCredential.self, DownloadOrders.self,
            DownloadOrder.self, PermitMessages.self,
        ])

    public static func decide(_ state: State, _ input: Input, _ context: Context) -> Decision<Event> {
        do throws(Refusal) {
            switch input {
            case .create(let command): return .accept(try create(state, command, context))
            case .begin(let command): return .accept(try begin(state, command, context))
            case .complete(let command): return .accept(try complete(state, command, context))
            case .refresh(let command): return .accept(try refresh(state, command, context))
            case .revoke(let command): return .accept(try revoke(state, command, context))
            case .setPolicy(let command): return .accept(try setPolicy(state, command, context))
            case .reportToken(let command): return .accept(try report(state, command, context))
            case .exchanged(let effect, let reply): return .accept(exchanged(state, effect, reply, context))
            case .refreshed(let effect, let reply): return .accept(refreshed(state, effect.authorizationId, reply, context))
            case .ended: return .accept(ended(state, context))
            case .sealed(let effect, let sealed): return .accept(self.sealed(state, effect, sealed))
            case .sealOutdated(let item): return .accept(sealedAnew(state, item))
            case .download(let input): return .accept(download(state, input, context))
            }
        } catch {
            return .refuse(error)
        }
    }

    /// The channel exists, and the sender owns it.
    /// - Throws: `not-found`, `forbidden`.
    static func requireOwned(_ state: State, _ context: Context) throws(Refusal) {
        guard state.row.version > 0 else {
            throw Refusal(.notFound, "there is no such channel; send create-channel first")
        }
        try context.require(state.owner.kind, state.owner.id)
    }

    static func step(_ state: State, _ what: String) -> Origin {
        .step("\(state.account)/\(what)/\(state.life.version)/\(state.row.version)", key: state.account)
    }

    /// The state with a row that says so.
    static func published(_ state: State) -> Event {
        var state = state
        state.row.version += 1
        return .kept(state, row: state.row)
    }
}
