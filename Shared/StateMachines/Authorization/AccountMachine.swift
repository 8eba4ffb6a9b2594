public import Contracts
public import Machines

/// One account at a partner that asks for consents (JD: one PIN): all authorizations under it, and the warehouses they lead to.
///
/// Key `account:<provider>:<account>`, in the shard of the commands' key. The account belongs to one merchant for as long as an
/// authorization of his is in force or suspended: whoever is granted first has it, others' tokens are discarded. So does whoever has logged
/// in at the partner, where that tells who it was: between `codes known` and `granted` he is claimed (`OwnerMachine`).
///
/// An authorization:
///
/// | state | input | next | out |
/// |---|---|---|---|
/// | none, requested, failed | begin | requested | consent-requested |
/// | exchanging | begin | requested | no exchange-code, no verify-codes, refused consent-used, consent-requested |
/// | verifying | begin | requested | no exchange-code, no verify-codes, refused consent-used, consent-requested |
/// | granted | begin | same | consent-requested |
/// | expired, revoked, replaced | begin | requested | consent-requested |
/// | none | complete | same | refused not-found |
/// | requested | complete | exchanging | effect exchange-code |
/// | exchanging, verifying, granted, expired, revoked, replaced, failed | complete | same | refused consent-used |
/// | requested | complete with an error | same | refused consent-denied |
/// | exchanging | tokens | verifying | effect verify-codes |
/// | exchanging | no tokens | failed | consent-failed |
/// | verifying | codes known | granted | granted, warehouse-created, row warehouses, effect seal-credential, effect seal-credential, effect refresh-token, no token-ends |
/// | verifying | codes unknown | failed | consent-failed |
/// | none | refresh | same | refused not-found |
/// | requested, exchanging, verifying, expired, revoked, replaced, failed | refresh | same | refused not-authorized |
/// | granted | refresh | same | effect refresh-token |
/// | granted | newer tokens | same | refreshed, effect seal-credential, effect seal-credential, effect refresh-token, no token-ends |
/// | granted | no newer tokens | expired | expired, warehouse-suspended, row warehouses, remove credentials, no seal-credential, remove credentials, no seal-credential, no refresh-token, no token-ends |
/// | granted | token ends | expired | expired, warehouse-suspended, row warehouses, remove credentials, no seal-credential, remove credentials, no seal-credential, no refresh-token, no token-ends |
/// | granted | sealed | same | row credentials |
/// | requested, exchanging, verifying, expired, revoked, replaced, failed | sealed | same | |
/// | granted | seal outdated | same | effect seal-credential |
/// | none, requested, exchanging, verifying, expired, revoked, replaced, failed | seal outdated | same | |
/// | none | revoke | same | refused not-found |
/// | requested, exchanging, verifying, revoked, replaced, failed | revoke | same | refused not-authorized |
/// | granted | revoke | revoked | revoked, warehouse-closed, row warehouses, remove credentials, no seal-credential, remove credentials, no seal-credential, no refresh-token, no token-ends |
/// | expired | revoke | revoked | revoked, warehouse-closed, row warehouses, remove credentials, no seal-credential, remove credentials, no seal-credential, no refresh-token, no token-ends |
/// | none | report-token | same | refused not-found |
/// | granted | report-token | same | effect refresh-token |
/// | requested, exchanging, verifying, expired, revoked, replaced, failed | report-token | same | refused not-authorized |
public enum AccountMachine: StateMachine {
    public typealias State = AccountState
    public typealias Event = AccountEvent

    public enum Input: Sendable {
        case begin(Begin)
        case complete(Complete)
        case refresh(Refresh)
        case revoke(Revoke)
        case reportToken(ReportToken)
        case exchanged(ExchangeCode, TokenReply)
        case verified(VerifyCodes, CodesReply)
        case refreshed(RefreshToken, TokenReply)
        case ended(TokenEnds)
        case sealed(SealCredential, Sealed)
        case sealOutdated(AccountSealOutdated)
        case owned(OwnerAnswer)
    }

    /// The services that call JD: shipping its warehouses, the console to know its pushes.
    public static let services = [ServiceName.shipping, .console]

    public static func aggregate(_ account: String) -> String { "account:\(account)" }

    public static let accepts: [Accepts<AccountMachine>] = [
        .item(AccountSealOutdated.self) { .sealOutdated($0) },
        .item(OwnerAnswer.self) { .owned($0) },
    ]

    public static let emits = Emits(
        events: [
            ConsentRequested.self, Granted.self, ConsentFailed.self, Refreshed.self, Expired.self, Revoked.self, WarehouseCreated.self,
            WarehouseSuspended.self, WarehouseResumed.self, WarehouseClosed.self,
        ], rows: [WarehouseRow.self, CredentialRow.self], items: [OwnerClaim.self, OwnerRelease.self],
        effects: [ExchangeCode.self, VerifyCodes.self, RefreshToken.self, TokenEnds.self, SealCredential.self])

    public static func decide(_ state: State, _ input: Input, _ context: Context) -> Decision<Event> {
        do throws(Refusal) {
            switch input {
            case .begin(let command): return .accept(try begin(state, command, context))
            case .complete(let command): return .accept(try complete(state, command, context))
            case .refresh(let command): return .accept(try refresh(state, command, context))
            case .revoke(let command): return .accept(try revoke(state, command, context))
            case .reportToken(let command): return .accept(try report(state, command, context))
            case .exchanged(let effect, let reply): return .accept(exchanged(state, effect, reply, context))
            case .verified(let effect, let reply): return .accept(verified(state, effect, reply, context))
            case .refreshed(let effect, let reply): return .accept(refreshed(state, effect.authorizationId, reply, context))
            case .ended(let effect): return .accept(ended(state, effect, context))
            case .sealed(let effect, let sealed): return .accept(self.sealed(state, effect, sealed))
            case .owned(let item): return .accept(owned(state, item, context))
            case .sealOutdated(let item): return .accept(sealedAnew(state, item))
            }
        } catch {
            return .refuse(error)
        }
    }

    /// The account that the command's key names.
    /// - Throws: `invalid`, field `key`.
    static func account(_ context: Context) throws(Refusal) -> (key: String, provider: Provider, account: String) {
        let key = context.origin.key
        guard let (provider, account) = PartnerAccount.parts(key) else {
            throw Refusal(
                .invalid, "the key must be <provider>:<account>, for example jd-fulfillment:<PIN>, or channel:<channelId>", field: "key")
        }
        return (key, provider, account)
    }

    /// - Throws: `not-found`, `forbidden`.
    static func owned(_ state: State, _ authorizationId: String, _ merchantShopId: String?, _ context: Context) throws(Refusal)
        -> AccountLink
    {
        _ = try account(context)
        guard let merchantShopId else { throw Refusal(.invalid, "is missing", field: "merchantShopId") }
        try context.require(.merchant, merchantShopId)
        let link = try known(state, authorizationId)
        try context.require(.merchant, link.merchantShopId)
        return link
    }

    static func known(_ state: State, _ authorizationId: String) throws(Refusal) -> AccountLink {
        guard let link = state.link(authorizationId) else {
            throw Refusal(.notFound, "no authorization \(authorizationId) under this account; send begin first, with the same key")
        }
        return link
    }

    // MARK: Events with what they are about

    static func step(_ link: AccountLink, _ account: String, _ what: String) -> Origin {
        .step("\(account)/\(link.authorizationId)/\(what)/\(link.life.version)", key: account)
    }

    /// The exchange under way is given up: who waits for it is told.
    static func superseding(_ link: AccountLink, _ account: String) -> [Event] {
        guard let waiting = link.life.consent?.completing else { return [] }
        return [
            .dropped(effectId: ExchangeCode.id(of: aggregate(account), link.authorizationId)),
            .dropped(effectId: VerifyCodes.id(of: aggregate(account), link.authorizationId)),
            .refused(
                Refusal(.consentUsed, "a later begin or a revoke took this consent's place before the partner answered"), origin: waiting),
        ]
    }
}
