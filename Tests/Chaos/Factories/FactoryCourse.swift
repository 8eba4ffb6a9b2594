import Contracts
import TestSupport

/// Orders that a factory sends off: each by its ``OrderPath``.
struct FactoryCourse: Course {
    let cast = Cast()

    func placed(_ order: NumberedOrder) -> Outgoing { .fact(cast.placed(order.id), id: "\(order.id):placed") }
    func isCopied(_ order: NumberedOrder) -> Bool { OrderPath(order) == .copied }

    func steps(after name: String, of service: ServiceName, _ event: Received, _ order: NumberedOrder) -> [Step] {
        let path = OrderPath(order)
        switch (service, name) {
        case (.allocation, "order-registered"):
            return [.send(.command(cast.allocate(order.id), as: cast.asMerchant, id: "\(order.id):allocate"))]
        case (.waybill, "opened"): return opened(order, path)
        case (.waybill, "obtained"):
            guard let obtained = try? event.body(Obtained.self) else { return [.surprise] }
            return [giveNumber(obtained.waybillNumber, order)]
        case (.shipping, "ready"):
            let ship = Step.send(.command(cast.ship(order.id), as: cast.asMerchant, id: "\(order.id):ship"))
            return path == .race ? [ship, .send(.afterSale(order), after: headStart(order))] : [ship]
        case (.shipping, "shipped"), (.waybill, "voided"): return [.end]
        case (.shipping, "refused") where path == .race, (.allocation, "refused") where path == .race: return []
        case (_, "refused"): return [.surprise]
        default: return []
        }
    }

    private func opened(_ order: NumberedOrder, _ path: OrderPath) -> [Step] {
        switch path {
        case .plain, .copied, .race: [giveNumber(number(order), order)]
        case .obtained: [.send(.command(cast.obtain(order.id, order.allocationId), as: cast.asFactory, id: "\(order.id):obtain"))]
        case .takenBack: [.send(.command(cast.deallocate(order.id), as: cast.asMerchant, id: "\(order.id):deallocate"))]
        case .afterSale: [.send(.afterSale(order))]
        }
    }

    private func giveNumber(_ number: String, _ order: NumberedOrder) -> Step {
        let command = cast.return(order.id, order.allocationId, number: number)
        return .send(.command(command, as: cast.asFactory, id: "\(order.id):return"))
    }

    /// How long a `ship` is ahead of the after-sale that it races with: around what sealing takes, so that either may win.
    private func headStart(_ order: NumberedOrder) -> Duration { .milliseconds(20 * (order.sum % 10)) }

    /// Numbers of YTO's, `YT` and 13 digits, that no segment of the pool holds.
    private func number(_ order: NumberedOrder) -> String {
        let digits = "\(order.number)"
        return "YT9" + String(repeating: "0", count: 12 - digits.count) + digits
    }
}

extension Outgoing {
    /// The customer wants his money back.
    static func afterSale(_ order: NumberedOrder) -> Outgoing {
        let fact = AfterSaleOpened(orderId: order.id, afterSaleId: "\(order.id)-sale")
        return .fact(fact, id: "\(order.id):after-sale")
    }
}
