public import Contracts
public import JSON
public import Machines

/// One allocation's order in a factory's ERP.
public struct ERPOrder: Declared, Equatable {
    public enum Stage: String, JSONEnumeration {
        case creating, created, cancelling
    }

    public var allocationId = ""
    public var factoryShopId = ""
    public var channelId = ""
    public var stage = Stage.creating
    /// The ERP's own.
    public var erpNumber: String?
    /// The allocation was taken back before the ERP had answered.
    public var isVoided: Bool?

    public init() {}

    public static let fields = Fields<ERPOrder>(
        Field("allocationId", \.allocationId), Field("factory", \.factoryShopId), Field("channelId", \.channelId), Field("stage", \.stage),
        Field("number", \.erpNumber), Field("voided", \.isVoided))
}

/// The events of parcels' orders in factories' ERPs.
public enum ERPEvent: Publishable {
    case creating(ERPOrder, ERPOrderCreation, Origin)
    /// Taken back while the ERP is asked to create it.
    case voided(allocationId: String)
    case created(ERPOrderCreated)
    case cancelling(ERPOrderCancellation, Origin)
    case cancelled(ERPOrderCancelled)
    case failed(ERPOrderFailed)

    public func publish(to outbox: some Outbox) {
        switch self {
        case .creating(_, let effect, let origin): outbox.schedule(effect, due: nil, origin: origin)
        case .voided: break
        case .created(let message): outbox.event(message)
        case .cancelling(let effect, let origin): outbox.schedule(effect, due: nil, origin: origin)
        case .cancelled(let message): outbox.event(message)
        case .failed(let message): outbox.event(message)
        }
    }
}

// Parcels in the ERP of their factory.
//
/// An allocation becomes an order in the ERP when the factory has a channel there whose policy downloads factory-dropship orders. It is
/// cancelled there when the allocation is taken back; one that the ERP is being asked to create is cancelled after that. A final refusal
/// of the ERP is published, and the call is not tried again.
///
/// | erp | opened | voided | created | cancelled | refused |
/// |---|---|---|---|---|---|
/// | none | create-erp-order | – | – | – | – |
/// | creating | – | – | erp-order-created | – | erp-order-failed |
/// | creating, voided | – | – | erp-order-created cancel-erp-order | – | erp-order-failed |
/// | created | – | cancel-erp-order | – | – | – |
/// | cancelling | – | – | – | erp-order-cancelled | erp-order-failed |
extension ParcelMachine {
    /// The events, with the calls to the ERP that follow from them.
    static func withERP(_ state: State, _ events: [Event], _ context: Context) -> [Event] {
        var more: [Event] = []
        for event in events {
            switch event {
            case .opened(let message, let parcel):
                let isGone = events.contains {
                    if case .voided(let end, _) = $0 { end.allocationId == message.allocationId } else { false }
                }
                if !isGone, let event = create(message, parcel, context) { more.append(.erp(event)) }
            case .voided(let message, _):
                guard let order = state.erpOrder(message.allocationId) else { continue }
                switch order.stage {
                case .creating: more.append(.erp(.voided(allocationId: order.allocationId)))
                case .created: more.append(.erp(cancel(order, message.orderId, context.origin)))
                case .cancelling: continue
                }
            default: continue
            }
        }
        return events + more
    }

    private static func create(_ message: Opened, _ parcel: Parcel, _ context: Context) -> ERPEvent? {
        let channel = context.tables.channels(of: message.factoryShopId).first {
            $0.factoryShopId == message.factoryShopId && $0.platform == Platform.jackyun.rawValue && $0.state == .active
                && $0.policy?.downloadOrders == true && $0.policy?.orderTypes.contains(.factoryDropship) == true
        }
        guard let channel else { return nil }
        var order = ERPOrder()
        order.allocationId = message.allocationId
        order.factoryShopId = message.factoryShopId
        order.channelId = channel.channelId
        var effect = ERPOrderCreation()
        effect.orderId = message.orderId
        effect.allocationId = message.allocationId
        effect.channelId = channel.channelId
        effect.remark = message.remark
        effect.area = message.area
        effect.allocatedAt = context.now
        effect.goods = message.lines.enumerated().map { index, line in
            var goods = ERPGoods()
            // A merchant's codes are none of the factory's business; those that a platform shows it are.
            goods.goodsNo = parcel.platform?.goods[index].goodsNo ?? line.name
            goods.name = line.name
            goods.spec = line.spec
            goods.quantity = line.quantity
            return goods
        }
        return .creating(order, effect, step("create", message.allocationId, message.orderId, after: context.origin))
    }

    private static func cancel(_ order: ERPOrder, _ orderId: String, _ cause: Origin) -> ERPEvent {
        var effect = ERPOrderCancellation()
        effect.orderId = orderId
        effect.allocationId = order.allocationId
        effect.channelId = order.channelId
        effect.erpNumber = order.erpNumber ?? ""
        return .cancelling(effect, step("cancel", order.allocationId, orderId, after: cause))
    }

    private static func step(_ name: String, _ allocationId: String, _ orderId: String, after cause: Origin) -> Origin {
        Origin(
            id: "\(allocationId)/erp/\(name)", type: "", key: orderId, correlationId: cause.correlationId, traceparent: cause.traceparent)
    }

    // MARK: The ERP's answers

    static func erpCreated(
        _ state: State, _ effect: ERPOrderCreation, _ outcome: ERPOrderCreation.Outcome, _ context: Context
    ) -> [Event] {
        guard var order = state.erpOrder(effect.allocationId), order.stage == .creating else { return [] }
        switch outcome {
        case .created(let number):
            var message = ERPOrderCreated()
            message.orderId = effect.orderId
            message.allocationId = order.allocationId
            message.factoryShopId = order.factoryShopId
            message.channelId = order.channelId
            message.erpNumber = number
            order.erpNumber = number
            return [.erp(.created(message))] + (order.isVoided == true ? [.erp(cancel(order, effect.orderId, context.origin))] : [])
        case .refused(let refusal): return [.erp(failed(order, effect.orderId, .create, refusal))]
        }
    }

    static func erpCancelled(_ state: State, _ effect: ERPOrderCancellation, _ outcome: ERPOrderCancellation.Outcome) -> [Event] {
        guard let order = state.erpOrder(effect.allocationId), order.stage == .cancelling else { return [] }
        switch outcome {
        case .cancelled:
            var message = ERPOrderCancelled()
            message.orderId = effect.orderId
            message.allocationId = order.allocationId
            message.factoryShopId = order.factoryShopId
            message.channelId = order.channelId
            message.erpNumber = effect.erpNumber
            return [.erp(.cancelled(message))]
        case .refused(let refusal): return [.erp(failed(order, effect.orderId, .cancel, refusal))]
        }
    }

    private static func failed(_ order: ERPOrder, _ orderId: String, _ step: ERPStep, _ refusal: ERPRefusal) -> ERPEvent {
        var message = ERPOrderFailed()
        message.orderId = orderId
        message.allocationId = order.allocationId
        message.factoryShopId = order.factoryShopId
        message.channelId = order.channelId
        message.step = step
        message.erpNumber = order.erpNumber
        message.partnerCode = refusal.code
        message.reason = refusal.message
        return .failed(message)
    }
}

extension ParcelMachine.State {
    func erpOrder(_ allocationId: String) -> ERPOrder? { erpOrders?.first { $0.allocationId == allocationId } }

    mutating func evolve(_ event: ERPEvent) {
        switch event {
        case .creating(let order, _, _): erpOrders = (erpOrders ?? []) + [order]
        case .voided(let id): change(id) { $0.isVoided = true }
        case .created(let message):
            change(message.allocationId) { order in
                order.stage = .created
                order.erpNumber = message.erpNumber
            }
        case .cancelling(let effect, _): change(effect.allocationId) { $0.stage = .cancelling }
        case .cancelled(let message): remove(message.allocationId)
        case .failed(let message): remove(message.allocationId)
        }
    }

    private mutating func change(_ allocationId: String, _ body: (inout ERPOrder) -> Void) {
        guard let index = erpOrders?.firstIndex(where: { $0.allocationId == allocationId }) else { return }
        if var order = erpOrders?[index] {
            body(&order)
            erpOrders?[index] = order
        }
    }

    private mutating func remove(_ allocationId: String) {
        erpOrders?.removeAll { $0.allocationId == allocationId }
        if erpOrders?.isEmpty == true { erpOrders = nil }
    }
}
