import Contracts
import JSON
import Machines
import Testing
import Threads

@testable import StateMachines

struct OrderRulesTests {
    @Test func matchingLinesAreAllocatedOnArrival() throws {
        var scene = OrderScene()
        scene.rule("by-name", skus: ["red", "blue"])
        scene.rule("by-prefix", prefix: "shoe-", to: OrderScene.otherFactory)
        #expect(
            try scene.place([1, 2, 3, 4], skus: ["red", "shoe-42", "green", "blue"]) == ["order-registered", "allocated", "allocated"])
        let allocated = scene.published(Allocated.self)
        #expect(allocated.map(\.target) == [OrderScene.factory, OrderScene.otherFactory])
        #expect(allocated.map { $0.lines.map(\.sku) } == [["red", "blue"], ["shoe-42"]])
        #expect(allocated.map(\.ruleId) == ["by-name", "by-prefix"])
        #expect(allocated.map(\.allocationId) == ["O-1/1", "O-1/2"])
        #expect(try scene.allocate() == ["allocated"])
        #expect(scene.published(Allocated.self).first?.lines.map(\.sku) == ["green"])
    }

    @Test func theLowestPriorityNumberTakesALineOnce() throws {
        var scene = OrderScene()
        scene.rule("a", 200, prefix: "s")
        scene.rule("b", 50, skus: ["sku-2"], to: OrderScene.otherFactory)
        scene.rule("c", 50, prefix: "sku", to: OrderScene.otherFactory)
        #expect(try scene.place([1, 1, 1]) == ["order-registered", "allocated"])
        // b and c have one target: one allocation, under the name of the first; nothing is left for a.
        let allocated = try #require(scene.published(Allocated.self).first)
        #expect(allocated.target == OrderScene.otherFactory && allocated.ruleId == "b" && allocated.lines.map(\.quantity) == [1, 1, 1])
    }

    @Test func aRuleWithoutAnActiveTargetIsPassedOver() throws {
        var scene = OrderScene()
        scene.rule("unbound", 1, prefix: "sku", to: Target(.factory, "F-9"))
        scene.rule("no-warehouse", 2, prefix: "sku", to: Target(.warehouse, "W-9"))
        scene.rule("bound", 3, skus: ["sku-1"])
        #expect(try scene.place([1, 1]) == ["order-registered", "allocated"])
        #expect(scene.published(Allocated.self).first?.ruleId == "bound")
        #expect(scene.published(Allocated.self).first?.lines.map(\.sku) == ["sku-1"])
    }

    @Test func rulesWaitForTheEndOfTheLastHold() throws {
        var scene = OrderScene()
        scene.rule("all", prefix: "sku")
        try scene.send(OrderScene.riskHeld, at: 1000)
        try scene.send(OrderScene.afterSaleOpened())
        #expect(try scene.place(awaitsAudit: true) == ["order-registered"])
        #expect(try scene.send(OrderScene.riskCleared, at: 2000) == ["order-released"])
        #expect(try scene.approve() == ["order-released"])
        #expect(try scene.send(OrderScene.afterSaleClosed()) == ["order-released", "allocated"])
        #expect(scene.emissions.map(\.answers) == ["message-6", "message-6"])
    }

    @Test func approvingAnswersFirstAndThenAllocates() throws {
        var scene = OrderScene()
        scene.rule("all", prefix: "sku")
        try scene.place(awaitsAudit: true)
        #expect(try scene.approve() == ["order-released", "allocated"])
        try scene.deallocate()
        // No hold ends by approving again.
        #expect(try scene.approve() == ["order-released"])
    }

    @Test func whatTheMerchantTookBackIsNotAllocatedUntilAHoldEnds() throws {
        var scene = OrderScene()
        scene.rule("all", prefix: "sku")
        try scene.place()
        #expect(try scene.deallocate() == ["deallocated"])
        #expect(try scene.send(OrderScene.addressChanged("福田区"), at: 2000) == [])
        #expect(try scene.send(OrderScene.riskHeld, at: 2000) == ["order-held"])
        #expect(try scene.send(OrderScene.riskCleared, at: 3000) == ["order-released", "allocated"])
    }

    @Test func aCancelledOrderIsNotAllocatedByARule() throws {
        var scene = OrderScene()
        scene.rule("all", prefix: "sku")
        try scene.send(OrderScene.cancelled())
        #expect(try scene.place() == ["order-registered", "order-cancelled"])
    }

    @Test func aDropshipOrderGoesToItsFactoryWithoutABindingAndBackAgain() throws {
        var scene = OrderScene()
        scene.tables.bindings = [:]
        scene.rule("all", prefix: "sku", to: OrderScene.otherFactory)
        #expect(try scene.send(.placed(OrderScene.dropship())) == ["order-registered", "allocated"])
        let allocated = try #require(scene.published(Allocated.self).first)
        #expect(allocated.target == OrderScene.factory && allocated.shopAlias == "masked alias")
        #expect(allocated.sender == nil && allocated.recipientSealed == nil && allocated.ruleId == nil)
        #expect(try scene.send(OrderScene.afterSaleOpened()) == ["order-held", "deallocated"])
        #expect(try scene.send(OrderScene.afterSaleClosed()) == ["order-released", "allocated"])
        #expect(scene.published(Allocated.self).first?.allocationId == "O-1/2")
    }
}

struct RuleMachineTests {
    private struct Scene {
        var state = RuleState()
        var emissions: [Emission] = []

        mutating func send(_ input: RuleMachine.Input, _ actor: Actor = OrderScene.owner) throws -> [String] {
            let origin = Origin(id: "c", type: "", key: "M-1", correlationId: "")
            let outbox = RecordingOutbox(handling: origin, of: RuleMachine.self, input)
            let context = Context(
                origin: origin, actor: actor, time: Timestamp(milliseconds: 0), now: Timestamp(milliseconds: 0), tables: MemoryTables())
            switch RuleMachine.decide(state, input, context) {
            case .refuse(let refusal): outbox.refuse(refusal, origin: origin)
            case .accept(let events):
                for event in events {
                    RuleMachine.evolve(&state, event)
                    event.publish(to: outbox)
                }
            }
            state = try RuleState.decode(state.json)
            emissions = outbox.emissions
            return emissions.map(\.name)
        }
    }

    private static func put(skus: [String]? = ["a"], prefix: String? = nil, priority: Int? = nil) -> RuleMachine.Input {
        let command = PutRule(
            merchantShopId: "M-1", ruleId: "R", match: RuleMatch(skus: skus, skuPrefix: prefix), target: OrderScene.factory,
            priority: priority)
        return .put(command)
    }

    private static var remove: RuleMachine.Input {
        let command = RemoveRule(merchantShopId: "M-1", ruleId: "R")
        return .remove(command)
    }

    @Test func machineDoesWhatTheTableSays() throws {
        let rows = try docstringRows(
            of: "Shared/StateMachines/Allocation/RuleMachine.swift", header: "| rule | put-rule | remove-rule |")
        #expect(rows.map(\.first) == ["unknown", "known"])
        for row in rows {
            for (input, expected) in zip([Self.put(), Self.remove], row.dropFirst()) {
                var scene = Scene()
                if row[0] == "known" { _ = try scene.send(Self.put()) }
                #expect(try scene.send(input).first?.replacing("refused ", with: "") == expected, "\(row[0])")
            }
        }
    }

    @Test func aRuleIsARowUntilItIsRemoved() throws {
        var scene = Scene()
        #expect(try scene.send(Self.put()) == ["rule-put", "row rules"])
        guard case .row(let row as RuleRow) = scene.emissions[1] else { throw Refusal(.invalid, "no row") }
        #expect(row.key == "M-1~R" && row.priority == 100 && row.version == 1 && row.match.skus == ["a"])
        #expect(try scene.send(Self.put(skus: nil, prefix: "p", priority: 7)) == ["rule-put", "row rules"])
        guard case .row(let changed as RuleRow) = scene.emissions[1] else { throw Refusal(.invalid, "no row") }
        #expect(changed.priority == 7 && changed.version == 2 && changed.match.skuPrefix == "p")
        #expect(try scene.send(Self.remove) == ["rule-removed", "remove rules"])
        #expect(try scene.send(Self.remove) == ["refused not-found"])
        #expect(try scene.send(Self.put()) == ["rule-put", "row rules"])
        guard case .row(let anew as RuleRow) = scene.emissions[1] else { throw Refusal(.invalid, "no row") }
        #expect(anew.version == 4)
    }

    @Test func aRuleMatchesByExactlyOneOfTheTwo() throws {
        var scene = Scene()
        for (skus, prefix) in [(nil, nil), (["a"], "p")] as [([String]?, String?)] {
            #expect(try scene.send(Self.put(skus: skus, prefix: prefix)) == ["refused invalid"])
            if case .refusal(let refusal, _) = scene.emissions[0] { #expect(refusal.field == "match") }
        }
    }

    @Test(arguments: [Actor(.merchant, "M-2"), Actor(.operator, "M-1"), Actor(.factory, "M-1")])
    func rulesAreTheMerchants(actor: Actor) throws {
        var scene = Scene()
        #expect(try scene.send(Self.put(), actor) == ["refused forbidden"])
        #expect(try scene.send(Self.remove, actor) == ["refused forbidden"])
    }
}
