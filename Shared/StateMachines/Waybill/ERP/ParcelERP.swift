public import Contracts
public import JSON
public import Machines

/// An order's parcels in the ERPs of their factories: the part of a parcel's aggregate that keeps them there.
///
/// An allocation becomes an order in the ERP when the factory has a channel there whose policy downloads factory-dropship orders. It is
/// cancelled there when the allocation is taken back; one that the ERP is being asked to create is cancelled after that. What the ERP
/// refuses for good is told, and not tried again.
///
/// | erp | opened | voided | created | cancelled | refused |
/// |---|---|---|---|---|---|
/// | none | create-erp-order | – | – | – | – |
/// | creating | – | – | erp-order-created | – | erp-order-failed |
/// | creating, voided | – | – | erp-order-created cancel-erp-order | – | erp-order-failed |
/// | created | – | cancel-erp-order | – | – | – |
/// | cancelling | – | – | – | erp-order-cancelled | erp-order-failed |
public struct ParcelERP: DefaultInitializable, Equatable {
    /// What a factory's ERP knows of one allocation.
    public struct Order: DefaultInitializable, Equatable {
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

        public static let fields = Fields<Order>(
            Field("allocationId", \.allocationId), Field("factory", \.factoryShopId), Field("channelId", \.channelId),
            Field("stage", \.stage), Field("number", \.erpNumber), Field("voided", \.isVoided))
    }

    /// Those that an ERP has, or is asked to have.
    public var orders: [Order] = []

    public init() {}

    public static let fields = Fields<ParcelERP>(Field("orders", \.orders))

    public enum Input: Sendable {
        /// A factory sees an allocation.
        /// - Parameter goods: the codes that its platform shows it, by line; nil: none are shown.
        case opened(Opened, goods: [String?]?)
        /// The allocation was taken back.
        case voided(Voided)
        case created(ERPOrderCreation, ERPOrderCreation.Outcome)
        case cancelled(ERPOrderCancellation, ERPOrderCancellation.Outcome)
    }

    public enum Step: Publishable {
        case creates(Order, ERPOrderCreation, Origin)
        /// Taken back while the ERP is asked to create it.
        case voided(allocationId: String)
        case created(ERPOrderCreated)
        case cancels(ERPOrderCancellation, Origin)
        case cancelled(ERPOrderCancelled)
        case failed(ERPOrderFailed)

        public func publish(to outbox: some Outbox) {
            switch self {
            case .creates(_, let effect, let origin): outbox.schedule(effect, due: nil, origin: origin)
            case .voided: break
            case .created(let message): outbox.event(message)
            case .cancels(let effect, let origin): outbox.schedule(effect, due: nil, origin: origin)
            case .cancelled(let message): outbox.event(message)
            case .failed(let message): outbox.event(message)
            }
        }
    }

    mutating func apply(_ step: Step) {
        switch step {
        case .creates(let order, _, _): orders.append(order)
        case .voided(let id): change(id) { $0.isVoided = true }
        case .created(let message):
            change(message.allocationId) { order in
                order.stage = .created
                order.erpNumber = message.erpNumber
            }
        case .cancels(let effect, _): change(effect.allocationId) { $0.stage = .cancelling }
        case .cancelled(let message): orders.removeAll { $0.allocationId == message.allocationId }
        case .failed(let message): orders.removeAll { $0.allocationId == message.allocationId }
        }
    }

    private mutating func change(_ allocationId: String, _ body: (inout Order) -> Void) {
        guard let index = orders.firstIndex(where: { $0.allocationId == allocationId }) else { return }
        body(&orders[index])
    }

    private func order(_ allocationId: String) -> Order? { orders.first { $0.allocationId == allocationId } }
}

extension ParcelERP {
    func steps(_ input: Input, _ context: Context) -> [Step] {
        switch input {
        case .opened(let message, let goods): create(message, goods, context).map { [$0] } ?? []
        case .voided(let message): voided(message, context)
        case .created(let effect, let outcome): created(effect, outcome, context)
        case .cancelled(let effect, let outcome): cancelled(effect, outcome)
        }
    }

    private func create(_ message: Opened, _ goods: [String?]?, _ context: Context) -> Step? {
        let channel = context.tables.channels(of: message.factoryShopId).first {
            $0.factoryShopId == message.factoryShopId && $0.platform == Platform.jackyun.rawValue && $0.state == .active
                && $0.policy?.downloadOrders == true && $0.policy?.orderTypes.contains(.factoryDropship) == true
        }
        guard let channel else { return nil }
        var order = Order()
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
            var item = ERPGoods()
            // A merchant's codes are none of the factory's business; those that a platform shows it are.
            item.goodsNo = goods?[index] ?? line.name
            item.name = line.name
            item.spec = line.spec
            item.quantity = line.quantity
            return item
        }
        return .creates(order, effect, Self.origin("create", message.allocationId, message.orderId, after: context.origin))
    }

    private func voided(_ message: Voided, _ context: Context) -> [Step] {
        guard let order = order(message.allocationId) else { return [] }
        return switch order.stage {
        case .creating: [.voided(allocationId: order.allocationId)]
        case .created: [cancel(order, message.orderId, context)]
        case .cancelling: []
        }
    }

    private func cancel(_ order: Order, _ orderId: String, _ context: Context) -> Step {
        var effect = ERPOrderCancellation()
        effect.orderId = orderId
        effect.allocationId = order.allocationId
        effect.channelId = order.channelId
        effect.erpNumber = order.erpNumber ?? ""
        return .cancels(effect, Self.origin("cancel", order.allocationId, orderId, after: context.origin))
    }

    private static func origin(_ name: String, _ allocationId: String, _ orderId: String, after cause: Origin) -> Origin {
        Origin(
            id: "\(allocationId)/erp/\(name)", type: "", key: orderId, correlationId: cause.correlationId, traceparent: cause.traceparent)
    }

    // MARK: The ERP's answers

    private func created(_ effect: ERPOrderCreation, _ outcome: ERPOrderCreation.Outcome, _ context: Context) -> [Step] {
        guard var order = order(effect.allocationId), order.stage == .creating else { return [] }
        switch outcome {
        case .created(let number):
            let message = ERPOrderCreated(
                orderId: effect.orderId, allocationId: order.allocationId, factoryShopId: order.factoryShopId, channelId: order.channelId,
                erpNumber: number)
            order.erpNumber = number
            return [.created(message)] + (order.isVoided == true ? [cancel(order, effect.orderId, context)] : [])
        case .refused(let refusal): return [failed(order, effect.orderId, .create, refusal)]
        }
    }

    private func cancelled(_ effect: ERPOrderCancellation, _ outcome: ERPOrderCancellation.Outcome) -> [Step] {
        guard let order = order(effect.allocationId), order.stage == .cancelling else { return [] }
        switch outcome {
        case .cancelled:
            let message = ERPOrderCancelled(
                orderId: effect.orderId, allocationId: order.allocationId, factoryShopId: order.factoryShopId, channelId: order.channelId,
                erpNumber: effect.erpNumber)
            return [.cancelled(message)]
        case .refused(let refusal): return [failed(order, effect.orderId, .cancel, refusal)]
        }
    }

    private func failed(_ order: Order, _ orderId: String, _ step: ERPStep, _ refusal: ERPRefusal) -> Step {
        let message = ERPOrderFailed(
            orderId: orderId, allocationId: order.allocationId, factoryShopId: order.factoryShopId, channelId: order.channelId, step: step,
            erpNumber: order.erpNumber, partnerCode: refusal.code, reason: refusal.message)
        return .failed(message)
    }
}
