import CommandLine
import Contracts
import Runtime

extension DemoJourney {
    /// Waybill numbers: from pools and the factories' own, right ones, invalid ones, ones that are used, and ones for merged parcels.
    func returnNumbers() throws {
        let returned = plan.indices { $0.isReturned }
        let pool = returned.filter { plan.orders[$0].number == .pool }
        try driver.perform("Numbers from the pools", pool.map { steps.obtain($0) })
        let empty = returned.filter { plan.orders[$0].number == .emptyPool }
        try driver.perform("Numbers from empty pools", empty.map { steps.obtain($0, refused: .numberPoolEmpty) })
        try driver.perform("Print", pool.map(steps.markPrinted))

        var first: [DemoStep] = []
        var second: [DemoStep] = []
        var third: [DemoStep] = []
        for index in returned {
            let own = steps.numbers.own(index)
            switch plan.orders[index].number {
            case .pool: first.append(try fromPool(index))
            case .own, .emptyPool: first.append(steps.giveBack(index, own))
            case .ownWithExtra: first.append(steps.giveBack(index, own, extra: [steps.numbers.extra(index)]))
            case .invalid:
                first.append(steps.giveBack(index, steps.numbers.invalid(index), name: "return-invalid", refused: .waybillNumberInvalid))
                second.append(steps.giveBack(index, own))
            case .used(let other):
                second.append(steps.giveBack(index, steps.numbers.own(other), name: "return-used", refused: .waybillNumberUsed))
                third.append(steps.giveBack(index, own))
            case .merged(let other): second.append(steps.giveBack(index, steps.numbers.own(other)))
            }
        }
        try driver.perform("Return numbers", first)
        try driver.perform("Return merged and corrected numbers", second)
        try driver.perform("Return what is left", third)
        try driver.wait("Ready to ship", returned) { world, index in
            world.allocations[plan.orders[index].allocationId]?.isReady ?? false
        }
    }

    private func fromPool(_ index: Int) throws -> DemoStep {
        let order = plan.orders[index]
        guard let number = driver.world.allocations[order.allocationId]?.obtained else {
            throw CommandFailure(.bug, "\(order.allocationId) got no number from the pool although waybill accepted the command")
        }
        return steps.giveBack(index, number, carrier: scenario.factories[order.lastFactory].carrier)
    }
}
