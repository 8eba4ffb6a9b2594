import Contracts
import Foundation
import JSON
import TestSupport

/// A warehouse that a merchant has linked.
struct LinkedWarehouse: Sendable {
    let cast: Cast
    let warehouseId: String
    let isSubscribed: Bool
}

/// What is done with a warehouse order of the kill test.
enum WarehousePath: CaseIterable {
    /// It is delivered.
    case plain
    /// As `plain`, and every message is sent twice.
    case copied
    /// An after-sale is opened while the warehouse works at it, maybe too late.
    case afterSale
    /// The merchant cancels it while the warehouse works at it, maybe too late.
    case cancelled
    /// The merchant cancels it while the partner is being asked for it.
    case early
    /// An after-sale is opened while it is being sealed: one of both wins.
    case race

    /// Six of ten are delivered.
    init(_ order: NumberedOrder) {
        switch order.number % 10 {
        case 0...4: self = .plain
        case 5: self = .copied
        case 6: self = .afterSale
        case 7: self = .cancelled
        case 8: self = .early
        default: self = .race
        }
    }

    var mayBeTakenBack: Bool { self != .plain && self != .copied }
}

/// Orders that partners' warehouses send off: each by its ``WarehousePath``, from one warehouse after the other.
struct WarehouseCourse: Course {
    let warehouses: [LinkedWarehouse]
    let sealer: RecipientSealer
    /// Seconds that the partner takes from an order to handing it over.
    let work: Double

    /// Of every ten orders of a warehouse one goes each path.
    func warehouse(_ order: NumberedOrder) -> LinkedWarehouse { warehouses[order.number / 10 % warehouses.count] }

    func placed(_ order: NumberedOrder) throws -> Outgoing {
        var placed = warehouse(order).cast.placed(order.id, quantities: [1 + order.number % 3])
        placed.lines[0].sku = JDLogin.sku
        let sealed = try sealer.seal(Cast.person(detail: "科技园\(order.number)号"), for: order.id)
        placed.recipient.sealed = Verbatim(sealed)
        return .fact(placed, id: "\(order.id):placed")
    }

    func isCopied(_ order: NumberedOrder) -> Bool { WarehousePath(order) == .copied }

    func steps(after name: String, of service: ServiceName, _ event: Received, _ order: NumberedOrder) -> [Step] {
        let path = WarehousePath(order)
        switch (service, name) {
        case (.allocation, "order-registered"): return [allocate(order)]
        case (.allocation, "allocated") where path == .race: return [.send(.afterSale(order), after: headStart(order))]
        case (.allocation, "sealed") where path == .early: return [.send(cancel(order), after: headStart(order))]
        case (.shipping, "outbound-created"): return created(order, path)
        case (.shipping, "outbound-status"):
            return (try? event.body(OutboundStatus.self).state) == .delivered ? [.end] : []
        case (.allocation, "deallocated"): return [.end]
        case (_, "outbound-rejected"): return [.surprise]
        case (_, "refused"): return isForeseen(event, path) ? [] : [.surprise]
        default: return []
        }
    }

    private func allocate(_ order: NumberedOrder) -> Step {
        let (cast, target) = (warehouse(order).cast, Target(.warehouse, warehouse(order).warehouseId))
        return .send(.command(cast.allocate(order.id, target: target), as: cast.asMerchant, id: "\(order.id):allocate"))
    }

    private func created(_ order: NumberedOrder, _ path: WarehousePath) -> [Step] {
        // A bit longer than the work: some come too late.
        let pause = Duration.seconds(work * 1.2 * Double(order.sum % 17) / 16)
        var steps: [Step] = []
        if path == .afterSale { steps.append(.send(.afterSale(order), after: pause)) }
        if path == .cancelled { steps.append(.send(cancel(order), after: pause)) }
        // Who gets no messages has a look now and then.
        if !warehouse(order).isSubscribed, order.sum % 2 == 0 { steps.append(.send(pull(order, "pull"), after: pause)) }
        return steps
    }

    private func cancel(_ order: NumberedOrder) -> Outgoing {
        let cast = warehouse(order).cast
        return .command(cast.cancelOutbound(order.id, order.allocationId), as: cast.asMerchant, id: "\(order.id):cancel")
    }

    func pull(_ order: NumberedOrder, _ name: String) -> Outgoing {
        let cast = warehouse(order).cast
        return .command(cast.pullStatus(order.id), as: cast.asMerchant, id: "\(order.id):\(name)")
    }

    private func headStart(_ order: NumberedOrder) -> Duration { .milliseconds(10 * (order.sum % 10)) }

    private func isForeseen(_ event: Received, _ path: WarehousePath) -> Bool {
        guard let refused = event.refused else { return false }
        switch refused.commandType {
        // Shipping's own: an after-sale was first.
        case Seal.type: return path == .race && [.afterSaleOpen, .notAllocated].contains(refused.code)
        case CancelOutbound.type: return [.alreadyShipped, .notAllocated].contains(refused.code)
        // It was cancelled meanwhile: there is nothing to ask.
        case PullStatus.type: return refused.code == .notFound && path.mayBeTakenBack
        default: return false
        }
    }
}
