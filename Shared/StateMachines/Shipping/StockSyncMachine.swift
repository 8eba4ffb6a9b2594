public import Contracts
public import JSON
public import Machines
public import Threads

/// The policy of a channel that its owner's stock is kept up to date. Aggregate key `stock-sync:<channelId>`, in the shard of
/// `channel:<channelId>`.
///
/// While it is on, shipping sends itself a `pull-stock` for each warehouse of the merchant, at once and then every
/// `DAIFA_STOCK_INTERVAL`. A factory has no warehouses: its channel pulls nothing.
///
/// | sync | policy on | policy off | policy of a factory | timer |
/// |---|---|---|---|---|
/// | off | on sync-stock | off | off | off |
/// | on | on | off no sync-stock | off no sync-stock | on pull-stock sync-stock |
///
/// Needs the table warehouses.
public enum StockSyncMachine: StateMachine {
    public enum Input: Sendable {
        case policy(PolicySet)
        case due(StockTimer)
    }

    /// Key of a channel's aggregate.
    public static func aggregate(_ channelId: String) -> String { "stock-sync:\(channelId)" }

    public static let emits = Emits(commands: [PullStock.self], effects: [StockTimer.self])

    public static func decide(_ state: StockSyncState, _ input: Input, _ context: Context) -> Decision<StockSyncEvent> {
        switch input {
        case .policy(let policy):
            let merchant = policy.syncStock ? policy.merchantShopId : nil
            guard merchant != state.merchant else { return .ignore }
            var after = state
            after.merchant = merchant
            if merchant == nil { return .accept([.changed(after), .stopped(StockTimer(policy.channelId))]) }
            return .accept([.changed(after), .scheduled(StockTimer(policy.channelId), context.now)])
        case .due(let timer):
            guard let merchant = state.merchant else { return .ignore }
            let next = Timestamp(milliseconds: context.now.milliseconds + context.settings.stockInterval * 1000)
            let pulls = context.tables.warehouses(of: merchant).filter { $0.state == .active }.map { warehouse in
                let command = PullStock(warehouseId: warehouse.warehouseId, merchantShopId: merchant)
                return StockSyncEvent.pull(command, id: "\(aggregate(timer.channelId))/\(context.now.milliseconds)/\(command.warehouseId)")
            }
            return .accept(pulls + [.scheduled(timer, next)])
        }
    }

    public static func evolve(_ state: inout StockSyncState, _ event: StockSyncEvent) {
        if case .changed(let after) = event { state = after }
    }
}

/// The merchant whose warehouses are pulled; nil: nobody's.
public struct StockSyncState: DefaultInitializable, Equatable {
    var merchant: String?

    public init() {}

    public static let fields = Fields<StockSyncState>(Field("merchant", \.merchant))
}

/// When the warehouses are to be pulled.
public struct StockTimer: Effect {
    public typealias Answer = TimerFired

    public static let kind = "sync-stock"
    public var channelId = ""

    public init() {}

    init(_ channelId: String) { self.channelId = channelId }

    public static let fields = Fields<StockTimer>(Field("channelId", \.channelId))

    public var aggregate: String { StockSyncMachine.aggregate(channelId) }
}

/// The events of a policy about stock.
public enum StockSyncEvent: Publishable {
    case changed(StockSyncState)
    case scheduled(StockTimer, Timestamp)
    case stopped(StockTimer)
    case pull(PullStock, id: String)

    public func publish(to outbox: some Outbox) {
        switch self {
        case .changed: break
        case .scheduled(let timer, let due):
            let origin = Origin.step("\(timer.id)/\(due.milliseconds)", key: timer.channelId)
            outbox.schedule(timer, due: due, origin: origin)
        case .stopped(let timer): outbox.cancelEffect(timer.id)
        case .pull(let command, let id):
            let origin = Origin.step(id, key: command.warehouseId)
            outbox.command(command, id: RequestId.make(PullStock.type, id), origin: origin)
        }
    }
}
