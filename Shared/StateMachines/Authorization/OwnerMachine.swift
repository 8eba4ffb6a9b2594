public import Contracts
public import JSON
public import Machines

/// One login at a partner: which merchant it is linked to. A partner's account may be typed in more than one way; who has logged in is one.
///
/// Key `owner:<provider>:<api>:<the partner's id>`, in the shard of what follows `owner:`. It is claimed before an authorization is granted,
/// and held until that is revoked or replaced; one that is suspended holds it.
///
/// | state | input | next | out |
/// |---|---|---|---|
/// | free | claim | held | answer granted |
/// | held | claim of the same merchant | held twice | answer granted |
/// | held, held twice | claim again | same | answer granted |
/// | held, held twice | claim of another merchant | same | answer denied |
/// | held | release | free | |
/// | held twice | release | held | |
/// | free | release | same | |
/// | held, held twice | release of another | same | |
public enum OwnerMachine: StateMachine {
    public struct State: DefaultInitializable, Equatable {
        public var merchantShopId: String?
        /// The authorizations that hold it, as `<account>#<authorizationId>`.
        public var holders: [String] = []

        public init() {}

        public static let fields = Fields<State>(Field("merchant", \.merchantShopId), Field("holders", \.holders))
    }

    public enum Input: Sendable {
        case claim(OwnerClaim)
        case release(OwnerRelease)
    }

    public enum Event: Publishable {
        case granted(OwnerClaim)
        case denied(OwnerClaim)
        case released(OwnerRelease)

        public func publish(to outbox: some Outbox) {
            switch self {
            case .granted(let claim): outbox.tell(OwnerAnswer(claim, isGranted: true), shardOf: claim.account)
            case .denied(let claim): outbox.tell(OwnerAnswer(claim, isGranted: false), shardOf: claim.account)
            case .released: break
            }
        }
    }

    public static func aggregate(_ owner: String) -> String { "owner:\(owner)" }

    public static let accepts: [Accepts<OwnerMachine>] = [
        .item(OwnerClaim.self) { .claim($0) },
        .item(OwnerRelease.self) { .release($0) },
    ]

    public static let emits = Emits(items: [OwnerAnswer.self])

    /// The aggregate's id of a login, from the partner's id of it; nil: the partner does not name it.
    static func owner(_ provider: Provider, _ api: WarehouseAPI, _ id: String?) -> String? {
        guard let id, !id.isEmpty else { return nil }
        return "\(provider.rawValue):\(api.rawValue):\(id)"
    }

    public static func decide(_ state: State, _ input: Input, _ context: Context) -> Decision<Event> {
        switch input {
        case .claim(let claim):
            let isOthers = state.merchantShopId.map { $0 != claim.merchantShopId } ?? false
            let isKnown = state.holders.contains(holder(claim.account, claim.authorizationId))
            let hasRoom = isKnown || state.holders.count < Bounds.holders
            return .accept([!isOthers && hasRoom ? .granted(claim) : .denied(claim)])
        case .release(let item):
            return state.holders.contains(holder(item.account, item.authorizationId)) ? .accept([.released(item)]) : .ignore
        }
    }

    public static func evolve(_ state: inout State, _ event: Event) {
        switch event {
        case .granted(let claim):
            state.merchantShopId = claim.merchantShopId
            let holder = holder(claim.account, claim.authorizationId)
            if !state.holders.contains(holder) { state.holders.append(holder) }
        case .denied: break
        case .released(let item):
            state.holders.removeAll { $0 == holder(item.account, item.authorizationId) }
            if state.holders.isEmpty { state.merchantShopId = nil }
        }
    }

    private static func holder(_ account: String, _ authorizationId: String) -> String { "\(account)#\(authorizationId)" }
}
