public import Contracts
public import JSON
public import Machines

/// A shop: its role, its profile, its addresses, and for a merchant the factories it has introduced itself to.
///
/// Key `shop:<shopId>`, in the shard of the shop's id. `apply` goes from the merchant's shop to the factory's shop to the pair
/// (`PairMachine`); a merchant's new alias or sender takes the same way, so that it never overtakes an application.
///
/// | state | input | next | out |
/// |---|---|---|---|
/// | none | register-merchant | merchant | merchant-registered, row participants |
/// | merchant, factory | register-merchant | same | refused role-already-chosen |
/// | none | register-factory | factory | factory-registered, row participants |
/// | merchant, factory | register-factory | same | refused role-already-chosen |
/// | none | update-profile of a merchant | same | refused not-found |
/// | merchant | update-profile of a merchant | same | profile-updated, row participants, tell merchant-to-factory |
/// | factory | update-profile of a merchant | same | refused forbidden |
/// | none | update-profile of a factory | same | refused not-found |
/// | merchant | update-profile of a factory | same | refused forbidden |
/// | factory | update-profile of a factory | same | profile-updated, row participants |
/// | none, merchant, factory | put-address | same | address-put, row participants |
/// | none, merchant, factory | remove-address | same | address-removed, row participants |
/// | none, merchant, factory | remove-address of an unknown one | same | refused not-found |
/// | none, factory | apply | same | refused merchant-not-registered |
/// | merchant | apply | same | tell merchant-to-factory |
/// | none, merchant | an application | same | refused factory-not-registered |
/// | factory | an application | same | tell factory-to-pair |
/// | none, merchant | a new profile | same | |
/// | factory | a new profile | same | tell factory-to-pair |
public enum ShopMachine: StateMachine {
    public struct State: DefaultInitializable, Equatable {
        /// The shop's row as it was last published; version 0: nothing was yet.
        public var row = ParticipantRow(shopId: "", addresses: [], version: 0)
        /// The factories that a merchant has applied to, each once.
        public var factories: [String]?

        public init() {}

        public static let fields = Fields<State>(Field("row", \.row), Field("factories", \.factories))
    }

    public enum Input: Sendable {
        case registerMerchant(RegisterMerchant)
        case registerFactory(RegisterFactory)
        case updateProfile(UpdateProfile)
        case putAddress(PutAddress)
        case removeAddress(RemoveAddress)
        case apply(Apply)
        /// From a merchant's shop, to this factory.
        case introduction(MerchantToFactory)
    }

    public enum Event: Publishable {
        case merchantRegistered(MerchantRegistered, ParticipantRow)
        case factoryRegistered(FactoryRegistered, ParticipantRow)
        case profileUpdated(ProfileUpdated, ParticipantRow)
        case addressPut(AddressPut, ParticipantRow)
        case addressRemoved(AddressRemoved, ParticipantRow)
        /// This merchant introduces itself to a factory.
        case introduced(MerchantProfileForFactory)
        /// This factory passes an introduction on to the pair.
        case passedOn(MerchantProfileForFactory)

        public func publish(to outbox: some Outbox) {
            switch self {
            case .merchantRegistered(let message, let row): publish(message, row, to: outbox)
            case .factoryRegistered(let message, let row): publish(message, row, to: outbox)
            case .profileUpdated(let message, let row): publish(message, row, to: outbox)
            case .addressPut(let message, let row): publish(message, row, to: outbox)
            case .addressRemoved(let message, let row): publish(message, row, to: outbox)
            case .introduced(let introduction):
                outbox.tell(MerchantToFactory(introduction), shardOf: introduction.factoryShopId)
            case .passedOn(let introduction):
                outbox.tell(FactoryToPair(introduction), shardOf: introduction.factoryShopId)
            }
        }

        private func publish(_ message: some Message, _ row: ParticipantRow, to outbox: some Outbox) {
            outbox.event(message)
            outbox.row(row)
        }
    }

    public static func aggregate(_ id: String) -> String { "shop:\(id)" }

    public static let accepts: [Accepts<ShopMachine>] = [
        .message(RegisterMerchant.self) { .registerMerchant($0) },
        .message(RegisterFactory.self) { .registerFactory($0) },
        .message(UpdateProfile.self) { .updateProfile($0) },
        .message(PutAddress.self) { .putAddress($0) },
        .message(RemoveAddress.self) { .removeAddress($0) },
        .message(Apply.self) { .apply($0) },
        .item(MerchantToFactory.self) { .introduction($0) },
    ]

    public static let emits = Emits(
        events: [MerchantRegistered.self, FactoryRegistered.self, ProfileUpdated.self, AddressPut.self, AddressRemoved.self],
        rows: [ParticipantRow.self], items: [MerchantToFactory.self, FactoryToPair.self])

    public static func decide(_ state: State, _ input: Input, _ context: Context) -> Decision<Event> {
        do throws(Refusal) {
            switch input {
            case .registerMerchant(let command): return .accept([try register(state, command, context)])
            case .registerFactory(let command): return .accept([try register(state, command, context)])
            case .updateProfile(let command): return .accept(try update(state, command, context))
            case .putAddress(let command): return .accept([try put(state, command, context)])
            case .removeAddress(let command): return .accept([try remove(state, command, context)])
            case .apply(let command): return .accept([try apply(state, command, context)])
            case .introduction(let item): return try passOn(state, item.introduction)
            }
        } catch {
            return .refuse(error)
        }
    }

    public static func evolve(_ state: inout State, _ event: Event) {
        switch event {
        case .merchantRegistered(_, let row), .factoryRegistered(_, let row), .profileUpdated(_, let row), .addressPut(_, let row),
            .addressRemoved(_, let row):
            state.row = row
        case .introduced(let introduction):
            if state.factories?.contains(introduction.factoryShopId) != true {
                state.factories = (state.factories ?? []) + [introduction.factoryShopId]
            }
        case .passedOn: break
        }
    }

    /// The shop's row after a change.
    static func changed(_ state: State, _ shopId: String) -> ParticipantRow {
        var row = state.row
        row.shopId = shopId
        row.version += 1
        return row
    }

    /// The shop itself: in its role, or, before it has one, in either.
    static func requireOwner(_ state: State, _ shopId: String, _ context: Context) throws(Refusal) {
        switch state.row.role {
        case .merchant: try context.require(.merchant, shopId)
        case .factory: try context.require(.factory, shopId)
        case nil: try context.require(context.actor.kind == .factory ? .factory : .merchant, shopId)
        }
    }

    // MARK: Applying

    private static func apply(_ state: State, _ command: Apply, _ context: Context) throws(Refusal) -> Event {
        try context.require(.merchant, command.merchantShopId)
        guard state.row.role == .merchant, var introduction = introduction(of: state.row, to: command.factoryShopId) else {
            throw Refusal(
                .merchantNotRegistered, "shop \(command.merchantShopId) is not registered as a merchant; send register-merchant first")
        }
        if state.factories?.contains(command.factoryShopId) != true {
            try Bounds.require(
                state.factories?.count ?? 0, below: Bounds.factories, "shop \(command.merchantShopId) has applied to too many factories")
        }
        introduction.applies = true
        introduction.message = command.message
        return .introduced(introduction)
    }

    private static func passOn(_ state: State, _ introduction: MerchantProfileForFactory) throws(Refusal) -> Decision<Event> {
        if state.row.role == .factory { return .accept([.passedOn(introduction)]) }
        guard introduction.applies else { return .ignore }
        throw Refusal(
            .factoryNotRegistered,
            "shop \(introduction.factoryShopId) is not registered as a factory; check the id, or ask the factory to send register-factory")
    }

    /// How this merchant presents itself; nil for a shop that is none.
    static func introduction(of row: ParticipantRow, to factory: String) -> MerchantProfileForFactory? {
        guard let alias = row.shopAlias, let sender = row.sender else { return nil }
        return MerchantProfileForFactory(
            merchantShopId: row.shopId, factoryShopId: factory, shopAlias: alias, sender: sender, applies: false)
    }
}
