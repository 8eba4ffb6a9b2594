public import Contracts
public import JSON
public import Machines

/// Answers which providers a merchant can link. Keeps no state. Key `providers:<merchantShopId>`.
///
/// | state | input | next | out |
/// |---|---|---|---|
/// | any | list-providers | same | providers-listed |
public enum ProvidersMachine: StateMachine {
    public struct State: DefaultInitializable, Equatable {
        public init() {}
        public static let fields = Fields<State>()
    }

    public enum Input: Sendable { case list(ListProviders) }

    public enum Event: Publishable {
        case listed(ProvidersListed)

        public func publish(to outbox: some Outbox) {
            switch self {
            case .listed(let message): outbox.event(message)
            }
        }
    }

    public static func aggregate(_ id: String) -> String { "providers:\(id)" }

    public static let accepts: [Accepts<ProvidersMachine>] = [.message(ListProviders.self) { .list($0) }]

    public static let emits = Emits(events: [ProvidersListed.self])

    public static func decide(_ state: State, _ input: Input, _ context: Context) -> Decision<Event> {
        switch input {
        case .list(let command):
            do throws(Refusal) { try context.require(.merchant, command.merchantShopId) } catch { return .refuse(error) }
            let message = ProvidersListed(
                merchantShopId: command.merchantShopId,
                providers: Offers.providers(dailyOrders: command.dailyOrders, canObtainAppKey: command.canObtainAppKey))
            return .accept([.listed(message)])
        }
    }

    public static func evolve(_ state: inout State, _ event: Event) {}
}
