public import Contracts
public import JSON
public import Machines

/// A merchant and a factory.
///
/// Key `pair:<merchantShopId>~<factoryShopId>`, in the shard of the factory's id. A pair that is not pending or active may apply
/// again. "A new profile" is the merchant's new alias or sender; one that the row has already changes nothing.
///
/// | state | input | next | out |
/// |---|---|---|---|
/// | none, declined, withdrawn, ended | an application | pending | applied, row bindings |
/// | pending, active | an application | same | refused binding-exists |
/// | none | approve | same | refused not-found |
/// | pending | approve | active | approved, row bindings |
/// | active, declined, withdrawn, ended | approve | same | refused binding-not-pending |
/// | none | decline | same | refused not-found |
/// | pending | decline | declined | declined, row bindings |
/// | active, declined, withdrawn, ended | decline | same | refused binding-not-pending |
/// | none | withdraw | same | refused not-found |
/// | pending | withdraw | withdrawn | withdrawn, row bindings |
/// | active, declined, withdrawn, ended | withdraw | same | refused binding-not-pending |
/// | none | unbind by the merchant | same | refused not-found |
/// | active | unbind by the merchant | ended | unbound, row bindings |
/// | pending, declined, withdrawn, ended | unbind by the merchant | same | refused binding-not-active |
/// | none | unbind by the factory | same | refused not-found |
/// | active | unbind by the factory | ended | unbound, row bindings |
/// | pending, declined, withdrawn, ended | unbind by the factory | same | refused binding-not-active |
/// | pending, active | a new profile | same | row bindings |
/// | none, declined, withdrawn, ended | a new profile | same | |
public enum PairMachine: StateMachine {
    public struct State: DefaultInitializable, Equatable {
        /// The pair's row as it was last published; nil: the merchant never applied.
        public var row: BindingRow?

        public init() {}

        public static let fields = Fields<State>(Field("row", \.row))
    }

    public enum Input: Sendable {
        case approve(Approve)
        case decline(Decline)
        case withdraw(Withdraw)
        case unbind(Unbind)
        /// From the factory's shop: the merchant applies, or presents itself differently.
        case introduction(FactoryToPair)
    }

    public enum Event: Publishable {
        case applied(Applied, BindingRow)
        case approved(Approved, BindingRow)
        case declined(Declined, BindingRow)
        case withdrawn(Withdrawn, BindingRow)
        case unbound(Unbound, BindingRow)
        /// The merchant's alias or sender is another one.
        case reintroduced(BindingRow)

        public func publish(to outbox: some Outbox) {
            switch self {
            case .applied(let message, let row): publish(message, row, to: outbox)
            case .approved(let message, let row): publish(message, row, to: outbox)
            case .declined(let message, let row): publish(message, row, to: outbox)
            case .withdrawn(let message, let row): publish(message, row, to: outbox)
            case .unbound(let message, let row): publish(message, row, to: outbox)
            case .reintroduced(let row): outbox.row(row)
            }
        }

        private func publish(_ message: some Message, _ row: BindingRow, to outbox: some Outbox) {
            outbox.event(message)
            outbox.row(row)
        }
    }

    public static func aggregate(_ id: String) -> String { "pair:\(id)" }
    /// The id of the aggregate; its messages have the factory's key.
    public static func id(_ merchantShopId: String, _ factoryShopId: String) -> String { "\(merchantShopId)~\(factoryShopId)" }

    public static let accepts: [Accepts<PairMachine>] = [
        .item(FactoryToPair.self) { .introduction($0) }
    ]

    public static let emits = Emits(
        events: [Applied.self, Approved.self, Declined.self, Withdrawn.self, Unbound.self], rows: [BindingRow.self])

    public static func decide(_ state: State, _ input: Input, _ context: Context) -> Decision<Event> {
        do throws(Refusal) {
            switch input {
            case .approve(let command): return .accept([try approve(state, command, context)])
            case .decline(let command): return .accept([try decline(state, command, context)])
            case .withdraw(let command): return .accept([try withdraw(state, command, context)])
            case .unbind(let command): return .accept([try unbind(state, command, context)])
            case .introduction(let item):
                let introduction = item.introduction
                return introduction.applies ? .accept([try apply(state, introduction, context)]) : reintroduce(state, introduction, context)
            }
        } catch {
            return .refuse(error)
        }
    }

    public static func evolve(_ state: inout State, _ event: Event) {
        switch event {
        case .applied(_, let row), .approved(_, let row), .declined(_, let row), .withdrawn(_, let row), .unbound(_, let row),
            .reintroduced(let row):
            state.row = row
        }
    }

    // MARK: Applying

    private static func apply(_ state: State, _ introduction: MerchantProfileForFactory, _ context: Context) throws(Refusal) -> Event {
        if let row = state.row, row.state == .pending || row.state == .active {
            throw Refusal(
                .bindingExists, "the binding of \(row.merchantShopId) and \(row.factoryShopId) is \(row.state.rawValue) already")
        }
        let row = BindingRow(
            merchantShopId: introduction.merchantShopId, factoryShopId: introduction.factoryShopId, state: .pending,
            shopAlias: introduction.shopAlias, sender: Verbatim(introduction.sender), version: state.row?.version)
        let message = Applied(
            merchantShopId: introduction.merchantShopId, factoryShopId: introduction.factoryShopId, shopAlias: introduction.shopAlias,
            sender: introduction.sender, message: introduction.message)
        return .applied(message, changed(row, nil, context))
    }

    private static func reintroduce(_ state: State, _ introduction: MerchantProfileForFactory, _ context: Context) -> Decision<Event> {
        guard let row = state.row, row.state == .pending || row.state == .active else { return .ignore }
        let other = introduced(row, introduction)
        return other == row ? .ignore : .accept([.reintroduced(changed(other, row.reason, context))])
    }

    private static func introduced(_ row: BindingRow, _ introduction: MerchantProfileForFactory) -> BindingRow {
        var row = row
        row.merchantShopId = introduction.merchantShopId
        row.factoryShopId = introduction.factoryShopId
        row.shopAlias = introduction.shopAlias
        row.sender = Verbatim(introduction.sender)
        return row
    }

    // MARK: Answering and ending

    private static func approve(_ state: State, _ command: Approve, _ context: Context) throws(Refusal) -> Event {
        try context.require(.factory, command.factoryShopId)
        var row = try existing(state, command.merchantShopId, command.factoryShopId, in: .pending)
        row.state = .active
        let message = Approved(merchantShopId: row.merchantShopId, factoryShopId: row.factoryShopId, reason: command.reason)
        return .approved(message, changed(row, command.reason, context))
    }

    private static func decline(_ state: State, _ command: Decline, _ context: Context) throws(Refusal) -> Event {
        try context.require(.factory, command.factoryShopId)
        var row = try existing(state, command.merchantShopId, command.factoryShopId, in: .pending)
        row.state = .declined
        let message = Declined(merchantShopId: row.merchantShopId, factoryShopId: row.factoryShopId, reason: command.reason)
        return .declined(message, changed(row, command.reason, context))
    }

    private static func withdraw(_ state: State, _ command: Withdraw, _ context: Context) throws(Refusal) -> Event {
        try context.require(.merchant, command.merchantShopId)
        var row = try existing(state, command.merchantShopId, command.factoryShopId, in: .pending)
        row.state = .withdrawn
        let message = Withdrawn(merchantShopId: row.merchantShopId, factoryShopId: row.factoryShopId, reason: command.reason)
        return .withdrawn(message, changed(row, command.reason, context))
    }

    private static func unbind(_ state: State, _ command: Unbind, _ context: Context) throws(Refusal) -> Event {
        if context.actor.kind == .merchant {
            try context.require(.merchant, command.merchantShopId)
        } else {
            try context.require(.factory, command.factoryShopId)
        }
        var row = try existing(state, command.merchantShopId, command.factoryShopId, in: .active)
        row.state = .ended
        let message = Unbound(
            merchantShopId: row.merchantShopId, factoryShopId: row.factoryShopId, reason: command.reason, by: context.actor.kind.rawValue)
        return .unbound(message, changed(row, command.reason, context))
    }

    /// The pair's row, if the pair is in this state.
    private static func existing(
        _ state: State, _ merchant: String, _ factory: String, in expected: PairState
    ) throws(Refusal) -> BindingRow {
        guard let row = state.row else {
            throw Refusal(.notFound, "merchant \(merchant) has never applied to factory \(factory)")
        }
        guard row.state == expected else {
            throw Refusal(
                expected == .pending ? .bindingNotPending : .bindingNotActive,
                "the binding of \(merchant) and \(factory) is \(row.state.rawValue), not \(expected.rawValue)")
        }
        return row
    }

    private static func changed(_ row: BindingRow, _ reason: String?, _ context: Context) -> BindingRow {
        var row = row
        row.reason = reason
        row.version = (row.version ?? 0) + 1
        row.updatedAt = context.now
        return row
    }
}
