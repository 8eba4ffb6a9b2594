public import Contracts
public import JSON
public import Machines
public import Threads

/// The stock of one partner's warehouse. Aggregate key `warehouse:<warehouseId>`.
///
/// Each `pull-stock` asks the partner and is answered with what it says, in as many `stock-reported` as that needs; the rows of
/// `daifa.stock` follow unless a later question was answered before. Goods of which the partner says nothing any more when it is asked for
/// all have a row without any.
///
/// | input | out |
/// |---|---|
/// | pull-stock | pull-stock |
/// | pull-stock of another's warehouse | forbidden |
/// | pull-stock of an unknown warehouse | not-found |
/// | pull-stock of a closed warehouse | not-authorized |
/// | levels | stock-reported stock |
/// | levels asked for earlier | stock-reported |
/// | rejected | partner-rejected |
/// | closed | not-authorized |
///
/// Needs the table warehouses.
public enum StockMachine: StateMachine {
    public enum Input: Sendable {
        case pull(PullStock)
        case pulled(StockQuery, StockQuery.Outcome)
    }

    /// Skus in one event at most: it has to fit into a message.
    static let eventSize = 1000

    /// Key of a warehouse's aggregate.
    public static func aggregate(_ warehouseId: String) -> String { "warehouse:\(warehouseId)" }

    public static let accepts: [Accepts<StockMachine>] = [
        .message(PullStock.self) { .pull($0) }
    ]

    public static let emits = Emits(events: [StockReported.self], rows: [StockRow.self], effects: [StockQuery.self])

    public static func decide(_ state: StockState, _ input: Input, _ context: Context) -> Decision<StockEvent> {
        do throws(Refusal) {
            switch input {
            case .pull(let command): return .accept(try pull(command, context))
            case .pulled(let effect, let outcome): return .accept(pulled(state, effect, outcome, context))
            }
        } catch {
            return .refuse(error)
        }
    }

    /// The merchant, or shipping's own timer on his behalf.
    private static func pull(_ command: PullStock, _ context: Context) throws(Refusal) -> [StockEvent] {
        if context.actor != Actor(.service, ServiceName.shipping.rawValue) { try context.require(.merchant, command.merchantShopId) }
        _ = try PartnerWarehouse.open(command.warehouseId, of: command.merchantShopId, context)
        var query = StockQuery()
        query.warehouseId = command.warehouseId
        query.merchantShopId = command.merchantShopId
        query.skus = command.skus
        query.commandId = context.origin.id
        return [.query(query, context.origin)]
    }

    private static func pulled(
        _ state: StockState, _ effect: StockQuery, _ outcome: StockQuery.Outcome, _ context: Context
    ) -> [StockEvent] {
        switch outcome {
        case .levels(let all, let asOf):
            let levels = all.compactMap(\.kept)
            var events: [StockEvent] = stride(from: 0, to: max(levels.count, 1), by: eventSize).map { start in
                let message = StockReported(
                    warehouseId: effect.warehouseId, merchantShopId: effect.merchantShopId,
                    levels: Array(levels.dropFirst(start).prefix(eventSize)), asOf: asOf)
                return .reported(message, context.origin)
            }
            // A state dated later than now comes from the clock of another host, or of this one before it was set right.
            if let known = state.asOf, asOf < known, known <= context.now { return events }
            let told = Set(levels.map(\.sku))
            let known = (state.inStock ?? []).filter { !told.contains($0) }
            let silent = effect.skus == nil ? known : []
            var after = state
            after.asOf = asOf
            after.version = (state.version ?? 0) + 1
            after.inStock = (levels.filter { $0.good > 0 || $0.damaged > 0 }.map(\.sku) + (effect.skus == nil ? [] : known)).sorted()
            events.append(.changed(after))
            for level in levels + silent.map({ StockCount(sku: $0, good: 0, damaged: 0) }) {
                let row = StockRow(
                    warehouseId: effect.warehouseId, sku: level.sku, good: level.good, damaged: level.damaged, asOf: asOf,
                    version: after.version ?? 0)
                events.append(.row(row))
            }
            return events
        case .rejected(let refusal): return [.refused(refusal.refusal, context.origin)]
        case .closed: return [.refused(PartnerWarehouse.notAuthorized(effect.warehouseId), context.origin)]
        }
    }

    public static func evolve(_ state: inout StockState, _ event: StockEvent) {
        if case .changed(let after) = event { state = after }
    }
}

extension StockCount {
    /// The count as a row can tell it; nil of goods whose code is none, or not in the form that makes a row's key.
    fileprivate var kept: StockCount? {
        TextRule.id.allows(sku) ? StockCount(sku: sku, good: max(0, good), damaged: max(0, damaged)) : nil
    }
}

/// Which question's answer the rows are.
public struct StockState: DefaultInitializable, Equatable {
    var asOf: Timestamp?
    var version: Int?
    /// Skus whose row tells of any.
    var inStock: [String]?

    public init() {}

    public static let fields = Fields<StockState>(Field("asOf", \.asOf), Field("version", \.version), Field("inStock", \.inStock))
}

/// The events of a warehouse's stock.
public enum StockEvent: Publishable {
    case changed(StockState)
    case query(StockQuery, Origin)
    case reported(StockReported, Origin)
    case row(StockRow)
    case refused(Refusal, Origin)

    public func publish(to outbox: some Outbox) {
        switch self {
        case .changed: break
        case .query(let effect, let origin): outbox.schedule(effect, due: nil, origin: origin)
        case .reported(let message, let origin): outbox.event(message, origin: origin)
        case .row(let row): outbox.row(row)
        case .refused(let refusal, let origin): outbox.refuse(refusal, origin: origin)
        }
    }
}

/// Asks the partner for the stock of a warehouse.
public struct StockQuery: Effect {
    public enum Outcome: Sendable, Equatable {
        /// - Parameter asOf: when it was asked.
        case levels([StockCount], asOf: Timestamp)
        case rejected(PartnerRefusal)
        /// The warehouse's authorization was revoked.
        case closed
    }
    public typealias Answer = Outcome

    public static let kind = "pull-stock"
    public static let reports: [any Message.Type] = [ReportToken.self]
    public var warehouseId = ""
    public var merchantShopId = ""
    /// nil: all.
    public var skus: [String]?
    public var commandId = ""

    public init() {}

    public static let fields = Fields<StockQuery>(
        Field("warehouse", \.warehouseId), Field("merchant", \.merchantShopId), Field("skus", \.skus), Field("command", \.commandId))

    public var aggregate: String { StockMachine.aggregate(warehouseId) }
    public var discriminator: String { commandId }
}
