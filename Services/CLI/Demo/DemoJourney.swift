import Contracts
import Kafka
import OrderImports
import Partners
import Runtime

/// Takes the shops and orders of a scenario through the whole of Daifa, over topics only, each stage once the one before is answered.
struct DemoJourney {
    /// Commands that a person sends at once.
    private static let batchSize = 100
    /// Of commands that must be refused, so many are tried.
    private static let trials = 10

    let scenario: DemoScenario
    let plan: DemoPlan
    let steps: DemoSteps
    let kafka: KafkaConfiguration
    let proof: SenderProof
    let mergeSecret: MergeSecret
    let driver: DemoDriver

    /// - Returns: what the imports reported, one for each merchant.
    func run(_ exports: [DemoScenario.Export]) throws -> [ImportReport] {
        try setUp()
        // The merchant without rules comes first. His refusals below prove that every shard has read the tables up to the rule and its
        // binding: a refusal that rests on a table is given only then (contract, section 3).
        let second = try importOrders(of: 1, exports[1])
        try driver.perform("Allocate to a stranger", try allocationsToStranger())
        let first = try importOrders(of: 0, exports[0])
        try allocate()
        try takeBackEarly()
        try returnNumbers()
        try takeBackLate()
        try ship()
        return [first, second]
    }

    private func setUp() throws {
        try driver.perform("Register shops", steps.registrations())
        try driver.perform("Apply", steps.returnAddresses() + steps.applications())
        try driver.perform("Approve and decline", steps.decisions())
        try driver.perform("Rule and number pools", [steps.needlessApplication(), steps.rule()] + steps.pools())
    }

    private func importOrders(of merchant: Int, _ export: DemoScenario.Export) throws -> ImportReport {
        let shopId = scenario.merchants[merchant].shopId
        let run = ImportRun(merchantShopId: shopId, kafka: kafka, proof: proof, keyWait: 60, mergeSecret: mergeSecret)
        let report = try run.run(export.result)
        try driver.wait("Orders of \(scenario.merchants[merchant].alias)", plan.indices { $0.merchant == merchant }) { world, index in
            world.registered.contains(plan.orders[index].orderId)
        }
        return report
    }

    /// One order of each partition, allocated to a factory that its merchant is not bound to.
    private func allocationsToStranger() throws -> [DemoStep] {
        let admin = try Admin(kafka)
        let partitions = try admin.metadata(timeout: 30).topics[ServiceName.allocation.commands] ?? 1
        var seen: Set<Int32> = []
        let chosen = plan.indices { order in
            guard order.merchant == 1, !order.isHeld else { return false }
            return seen.insert(Partitioner.partition(forKey: order.orderId, count: partitions)).inserted
        }
        return chosen.map { steps.allocate($0, to: DemoScenario.ruleFactory, name: "stranger", refused: .bindingNotActive) }
    }

    private func allocate() throws {
        let byRule = plan.indices { $0.byRule && !$0.isHeld }
        try wait(byRule, "Allocated by the rule", 1) { $0.isOpened }
        let manual = plan.indices { !$0.byRule && !$0.isHeld }
        let held = plan.indices { $0.isHeld }.map { index in
            steps.allocate(index, refused: plan.orders[index].fate == .held(.risk) ? .riskHeld : .afterSaleOpen)
        }
        try driver.perform("Allocate", batched(manual, "allocate") { steps.allocate($0) } + held)
        let again = byRule.prefix(Self.trials).map { steps.allocate($0, name: "again", refused: .alreadyAllocated) }
        try driver.perform("Allocate again", again)
        try wait(manual, "At the factories", 1) { $0.isOpened }
    }

    private func takeBackEarly() throws {
        let merchant = plan.indices { order in
            if case .reallocated = order.fate { return true }
            return order.fate == .takenBack(.merchant, afterReturn: false)
        }
        let facts = takenBackByFact(afterReturn: false)
        try driver.perform("Take back", merchant.map(steps.deallocate) + facts.steps)
        try wait(merchant + facts.indices, "Stopped at the factories", 1) { $0.takenBack != nil && $0.voidedAt != nil }
        let again = plan.indices { if case .reallocated = $0.fate { true } else { false } }
        try driver.perform("Allocate anew", again.map { steps.allocate($0, to: plan.orders[$0].lastFactory, name: "anew") })
        try wait(again, "At the other factories", 2) { $0.isOpened }
    }

    private func takeBackLate() throws {
        let facts = takenBackByFact(afterReturn: true)
        try driver.perform("Take back what is packed", facts.steps)
        try wait(facts.indices, "Parcels stopped", 1) { $0.takenBack != nil && $0.voidedAt != nil }
    }

    private func takenBackByFact(afterReturn: Bool) -> (indices: [Int], steps: [DemoStep]) {
        var indices: [Int] = []
        var facts: [DemoStep] = []
        for (index, order) in plan.orders.enumerated() {
            guard case .takenBack(let by, afterReturn) = order.fate, by != .merchant else { continue }
            indices.append(index)
            facts.append(steps.fact(index, by))
        }
        return (indices, facts)
    }

    private func ship() throws {
        let shipped = plan.indices { $0.isShipped }
        try driver.perform("Ship", batched(shipped, "ship") { steps.ship($0) })
        let again = shipped.prefix(Self.trials).map { steps.ship($0, name: "ship-again", refused: .alreadyShipped) }
        try driver.perform("Ship again", again)
    }

    /// Some singly, the others in batches of each merchant's.
    private func batched(_ indices: [Int], _ name: String, _ step: (Int) -> DemoStep) -> [DemoStep] {
        var counts = [Int](repeating: 0, count: scenario.merchants.count)
        return indices.map { index in
            var made = step(index)
            let order = plan.orders[index]
            if order.isSingle { return made }
            made.batchId = steps.id(scenario.merchants[order.merchant].shopId, "\(name)-batch-\(counts[order.merchant] / Self.batchSize)")
            counts[order.merchant] += 1
            return made
        }
    }

    /// Waits until something holds for the orders' allocations of this number.
    func wait(_ indices: [Int], _ stage: String, _ number: Int, until holds: (DemoWorld.Allocation) -> Bool) throws {
        try driver.wait(stage, indices) { world, index in
            world.allocations["\(plan.orders[index].orderId)/\(number)"].map(holds) ?? false
        }
    }
}
