import Contracts
import HTTP
import JSON
import ReadModel
import Texts
import Web

/// What orders are chosen for.
enum OrderStep: String, Sendable {
    case allocate, deallocate, ship, approve

    /// As ``OrderView/actions`` names it.
    var action: String { self == .approve ? "approve-order" : rawValue }
}

/// Orders that were chosen, and which of them the step is possible for.
struct OrderSelection: Sendable {
    struct Item: Sendable, Equatable {
        var order: OrderView
        /// What the step is done with; none for those that concern the order.
        var allocations: [AllocationView]
    }

    let step: OrderStep
    /// The batch whose refused items these are.
    var retryOf: String?
    private(set) var items: [Item] = []
    /// Orders by the key of the text that says why they are left out.
    private(set) var skipped: [(reason: String, orders: [String])] = []

    /// - Parameter allocationId: only this one; nil: all.
    init(_ step: OrderStep, _ orders: [OrderView], missing: [String] = [], allocationId: String? = nil) {
        self.step = step
        for order in orders {
            let chosen = order.allocations.filter { allocation in
                (allocationId.map { $0 == allocation.allocationId } ?? true) && Self.fits(step, allocation)
            }
            let needsParts = step == .deallocate || step == .ship
            if order.actions.contains(step.action), !needsParts || !chosen.isEmpty {
                items.append(Item(order: order, allocations: needsParts ? chosen : []))
            } else {
                leaveOut(order.orderId, Self.reason(step, order))
            }
        }
        for id in missing { leaveOut(id, "refusal.not-found.happened") }
    }

    private mutating func leaveOut(_ order: String, _ reason: String) {
        if let index = skipped.firstIndex(where: { $0.reason == reason }) {
            skipped[index].orders.append(order)
        } else {
            skipped.append((reason, [order]))
        }
    }

    private static func fits(_ step: OrderStep, _ allocation: AllocationView) -> Bool {
        switch step {
        case .ship: allocation.target.kind == .factory && allocation.state == .ready
        // A warehouse has it for good once it has its order: that is cancelled there.
        case .deallocate: allocation.target.kind == .factory && (allocation.state == .allocated || allocation.state == .ready)
        case .allocate, .approve: true
        }
    }

    private static func reason(_ step: OrderStep, _ order: OrderView) -> String {
        func refusal(_ code: RefusalCode) -> String { "refusal.\(code.rawValue).happened" }
        if order.state == .cancelled { return refusal(.orderCancelled) }
        if step == .approve { return "state.order.\(order.state.rawValue)" }
        if step != .deallocate {
            if order.holds.contains(.afterSale) { return refusal(.afterSaleOpen) }
            if order.holds.contains(.riskControl) { return refusal(.riskHeld) }
            if order.holds.contains(.awaitingAudit) { return refusal(.awaitingAudit) }
        }
        let inForce = order.allocations.filter { $0.state != .deallocated }
        switch step {
        case .allocate: return refusal(.alreadyAllocated)
        case .deallocate: return refusal(inForce.isEmpty ? .notAllocated : .alreadySealed)
        case .ship:
            if inForce.isEmpty { return refusal(.notAllocated) }
            return refusal(inForce.allSatisfy { $0.state == .shipped } ? .alreadyShipped : .waybillNotReturned)
        case .approve: return refusal(.notFound)
        }
    }
}

extension ShopPages {
    /// Orders that may be chosen at once.
    static let mostChosen = ChosenList.most

    /// The orders that a request names, by `order` of its form or address; those that are not the shop's are missing.
    func chosen(_ ids: [String], _ shop: String) throws(Problem) -> (orders: [OrderView], missing: [String]) {
        var seen: Set<String> = []
        let ids = ids.filter { seen.insert($0).inserted }
        guard ids.count <= Self.mostChosen else { throw Problem(.tooLarge) }
        return try read { (model) throws(ReadModelError) in
            var (orders, missing): ([OrderView], [String]) = ([], [])
            for id in ids {
                if let order = try model.order(id, merchant: shop) { orders.append(order) } else { missing.append(id) }
            }
            return (orders, missing)
        }
    }
}

extension PageFrame {
    /// Which orders, folded when they are many.
    func chosenOrders(_ items: [OrderSelection.Item]) -> HTML {
        let list = ul {
            items.map { item in
                li {
                    number(item.order.platformOrderNumber)
                    span(.class("small")) {
                        " "
                        item.order.lines.prefix(2).map { GoodsText.line($0.name, $0.spec, $0.sku) + HTML(" × \($0.quantity) ") }
                    }
                }
            }
        }
        guard items.count > 10 else { return list }
        return details(.class("fold")) {
            summary(say("nav.orders"))
            list
        }
    }

    /// What will be left out, and why.
    func skippedOrders(_ selection: OrderSelection) -> HTML {
        let count = selection.skipped.reduce(0) { $0 + $1.orders.count }
        guard count > 0 else { return selection.items.isEmpty ? p(say("select.none")) : .empty }
        return div(.class("message warn")) {
            if selection.items.isEmpty { p(say("confirm.none")) }
            h2(say("confirm.skipped", count: count))
            ul {
                selection.skipped.map { entry in
                    li(say("confirm.skipped.reason", count: entry.orders.count, ["reason": say(entry.reason)]))
                }
            }
        }
    }
}
