import Contracts
import JSON
import Testing

@testable import StateMachines

struct OrderPropertyTests {
    /// A fact as it is sent: what, and when its sender says it was.
    private typealias Fact = (input: OrderMachine.Input, time: Int)

    private static func facts(_ random: inout Seeded, placed: OrderPlaced) -> [Fact] {
        var facts: [Fact] = [(.placed(placed), 1000)]
        for _ in 0..<Int.random(in: 2...9, using: &random) {
            // Few distinct times: ties are frequent.
            let time = Int.random(in: 998...1003, using: &random)
            let afterSale = random.pick(["A-1", "A-2", "A-3"])
            let input: OrderMachine.Input =
                switch Int.random(in: 0..<22, using: &random) {
                case 0..<4: OrderScene.riskHeld
                case 4..<8: OrderScene.riskCleared
                case 8..<11: OrderScene.afterSaleOpened(afterSale)
                case 11..<14: OrderScene.afterSaleClosed(afterSale)
                case 14: OrderScene.afterSaleClosed(afterSale, outcome: "refunded")
                case 15: OrderScene.cancelled(random.pick([nil, "a", "b"]))
                case 16..<18: OrderScene.unallocated
                case 18: OrderScene.reassigned
                default: OrderScene.addressChanged(random.pick(["福田区", "罗湖区", "宝安区"]))
                }
            facts.append((input, time))
        }
        return facts
    }

    @Test(arguments: 1...20)
    func factsInAnyOrderGiveTheSameState(seed: UInt64) throws {
        var random = Seeded(seed)
        for _ in 0..<30 {
            let facts = Self.facts(&random, placed: OrderScene.placed(awaitsAudit: random.chance(30)))
            var states: [OrderState] = []
            for _ in 0..<6 {
                var scene = OrderScene()
                // Some come twice.
                let copies = facts.filter { _ in random.chance(30) }
                for fact in (facts + copies).shuffled(using: &random) { try scene.send(fact.input, at: fact.time) }
                states.append(scene.state)
            }
            #expect(states.allSatisfy { $0 == states[0] }, "seed \(seed)")
        }
    }

    @Test(arguments: 1...20)
    func factsInAnyOrderLeaveTheSameAllocated(seed: UInt64) throws {
        var random = Seeded(seed)
        for round in 0..<30 {
            let isDropship = round.isMultiple(of: 2)
            let facts = Self.facts(&random, placed: isDropship ? OrderScene.dropship() : OrderScene.placed())
            var outcomes: [[Int]] = []
            for _ in 0..<6 {
                var scene = OrderScene()
                scene.rule("all", prefix: "sku")
                for fact in facts.shuffled(using: &random) { try scene.send(fact.input, at: fact.time) }
                outcomes.append(scene.state.allocations?.flatMap(\.quantities) ?? [])
            }
            #expect(outcomes.allSatisfy { $0 == outcomes[0] }, "seed \(seed)")
        }
    }

    @Test(arguments: 1...20)
    func replayingAnyFactChangesAndPublishesNothing(seed: UInt64) throws {
        var random = Seeded(seed)
        for _ in 0..<30 {
            let facts = Self.facts(&random, placed: random.chance(50) ? OrderScene.dropship() : OrderScene.placed())
                .shuffled(using: &random)
            var scene = OrderScene()
            scene.rule("all", prefix: "sku")
            for (index, fact) in facts.enumerated() {
                try scene.send(fact.input, at: fact.time)
                if random.chance(20) { try scene.deallocate() }
                let state = scene.state
                let again = facts[Int.random(in: 0...index, using: &random)]
                #expect(try scene.send(again.input, at: again.time) == [])
                #expect(scene.state == state)
            }
        }
    }

    /// Holds that are announced tell a reader what the order's holds are at any time.
    @Test(arguments: 1...20)
    func theLastAnnouncementTellsTheHolds(seed: UInt64) throws {
        var random = Seeded(seed)
        for _ in 0..<30 {
            var scene = OrderScene()
            var told: [Hold]?
            for fact in Self.facts(&random, placed: OrderScene.placed(awaitsAudit: true)).shuffled(using: &random) {
                try scene.send(fact.input, at: fact.time)
                for registered in scene.published(OrderRegistered.self) { told = registered.holds }
                for held in scene.published(OrderHeld.self) { told = held.holds }
                for released in scene.published(OrderReleased.self) { told = released.holds }
                if scene.state.merchant != nil { #expect(told == scene.state.holds) } else { #expect(told == nil) }
            }
        }
    }
}
