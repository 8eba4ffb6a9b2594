import Contracts
import JSON
import Testing
import Threads

@testable import StateMachines

struct OrderCommandsTests {
    @Test func allocatedCarriesWhatTheFactoryAndWaybillNeed() throws {
        var scene = OrderScene()
        try scene.place()
        #expect(try scene.allocate() == ["allocated"])
        let allocated = try #require(scene.published(Allocated.self).first)
        #expect(allocated.allocationId == "O-1/1" && allocated.merchantShopId == "M-1" && allocated.target == OrderScene.factory)
        #expect(allocated.lines.map(\.lineId) == ["L1", "L2"] && allocated.lines.map(\.quantity) == [2, 3])
        #expect(allocated.lines.map(\.sku) == ["sku-1", "sku-2"] && allocated.lines.map(\.spec) == ["spec 1", "spec 2"])
        #expect(allocated.shopAlias == "alias at F-1")
        #expect(try allocated.sender?.value.name == "sender at F-1")
        #expect(allocated.area == Area(province: "广东省", city: "深圳市", district: "南山区") && allocated.mergeKey == "door 南山区")
        #expect(try allocated.recipientSealed?.value.ciphertext == "for 南山区")
        #expect(allocated.remark == "请尽快发货" && allocated.shipBy == Timestamp(milliseconds: 9_000_000))
        #expect(allocated.allocatedAt == Timestamp(milliseconds: 5_000_000))
        #expect(allocated.platform == "pinduoduo" && allocated.channelId == "C-1" && allocated.ruleId == nil)
    }

    @Test func aWarehouseGetsTheMerchantsProfile() throws {
        var scene = OrderScene()
        try scene.place()
        #expect(try scene.allocate(to: OrderScene.warehouse) == ["allocated"])
        let allocated = try #require(scene.published(Allocated.self).first)
        #expect(allocated.shopAlias == "profile alias")
        #expect(try allocated.sender?.value.name == "profile sender")
    }

    @Test func anOrderIsAllocatedInPartsUpToWhatWasOrdered() throws {
        var scene = OrderScene()
        try scene.place([2, 3])
        #expect(try scene.allocate([LineQuantity(lineId: "L2", quantity: 2)]) == ["allocated"])
        #expect(
            try scene.allocate([LineQuantity(lineId: "L1", quantity: 1), LineQuantity(lineId: "L2", quantity: 2)]) == [
                "refused quantity-exceeded"
            ])
        #expect(scene.refusal?.field == "lines[1].quantity")
        #expect(try scene.allocate(to: OrderScene.otherFactory) == ["allocated"])
        let rest = try #require(scene.published(Allocated.self).first)
        #expect(rest.allocationId == "O-1/2" && rest.lines.map(\.quantity) == [2, 1] && rest.shopAlias == "alias at F-2")
        #expect(try scene.allocate() == ["refused already-allocated"])
        #expect(try scene.allocate([LineQuantity(lineId: "L1", quantity: 1)]) == ["refused already-allocated"])
        try scene.deallocate(1)
        #expect(try scene.allocate() == ["allocated"])
        let again = try #require(scene.published(Allocated.self).first)
        #expect(again.allocationId == "O-1/3" && again.lines.map(\.lineId) == ["L2"] && again.lines.map(\.quantity) == [2])
    }

    @Test func linesAreNamedOnceAndExist() throws {
        var scene = OrderScene()
        let twice = [LineQuantity(lineId: "L1", quantity: 1), LineQuantity(lineId: "L1", quantity: 1)]
        // A field is checked before the order is looked for.
        #expect(try scene.allocate(twice) == ["refused invalid"])
        #expect(scene.refusal?.field == "lines[1].lineId")
        try scene.place()
        #expect(
            try scene.allocate([LineQuantity(lineId: "L1", quantity: 1), LineQuantity(lineId: "X", quantity: 1)]) == ["refused invalid"])
        #expect(scene.refusal?.field == "lines[1].lineId")
    }

    @Test func checksComeInTheOrderOfTheContract() throws {
        var scene = OrderScene()
        scene.tables.bindings = [:]
        try scene.send(OrderScene.cancelled())
        #expect(try scene.allocate(by: Actor(.merchant, "M-2")) == ["refused forbidden"])
        #expect(try scene.allocate() == ["refused not-found"])
        try scene.send(OrderScene.riskHeld)
        try scene.send(OrderScene.afterSaleOpened())
        try scene.place([1], awaitsAudit: true)
        #expect(try scene.allocate(of: "M-2", by: Actor(.merchant, "M-2")) == ["refused forbidden"])
        #expect(try scene.allocate() == ["refused order-cancelled"])

        var held = OrderScene()
        held.tables.bindings = [:]
        try held.place([1], awaitsAudit: true)
        try held.send(OrderScene.afterSaleOpened())
        try held.send(OrderScene.riskHeld, at: 2000)
        #expect(try held.allocate() == ["refused risk-held"])
        try held.send(OrderScene.riskCleared, at: 3000)
        #expect(try held.allocate() == ["refused after-sale-open"])
        try held.send(OrderScene.afterSaleClosed())
        #expect(try held.allocate() == ["refused awaiting-audit"])
        try held.approve()
        #expect(try held.allocate([LineQuantity(lineId: "L1", quantity: 2)]) == ["refused quantity-exceeded"])
        #expect(try held.allocate() == ["refused binding-not-active"])
    }

    @Test func onlyAnActiveBindingOrAWarehouseOfOnesOwnIsATarget() throws {
        var scene = OrderScene()
        try scene.place()
        for state in PairState.allCases where state != .active {
            scene.tables.put(OrderScene.binding("M-1", "F-1", state))
            #expect(try scene.allocate() == ["refused binding-not-active"])
            #expect(scene.refusal?.restsOnTable == true)
        }
        for state in WarehouseState.allCases where state != .active {
            scene.tables.warehouses["W-1"]?.state = state
            #expect(try scene.allocate(to: OrderScene.warehouse) == ["refused target-not-available"])
            #expect(scene.refusal?.restsOnTable == true)
        }
        scene.tables.warehouses["W-1"]?.state = .active
        scene.tables.warehouses["W-1"]?.merchantShopId = "M-2"
        #expect(try scene.allocate(to: OrderScene.warehouse) == ["refused target-not-available"])
        #expect(try scene.allocate(to: Target(.warehouse, "W-9")) == ["refused target-not-available"])
    }

    @Test(arguments: [
        Actor(.merchant, "M-2"), Actor(.factory, "M-1"), Actor(.operator, "M-1"), Actor(.service, "shipping"), Actor(.partner, "M-1"),
    ])
    func theMerchantsCommandsAreHisAlone(actor: Actor) throws {
        var scene = OrderScene()
        try scene.place(awaitsAudit: true)
        #expect(try scene.allocate(by: actor) == ["refused forbidden"])
        #expect(try scene.deallocate(by: actor) == ["refused forbidden"])
        #expect(try scene.approve(by: actor) == ["refused forbidden"])
        let stranger = Actor(.merchant, "M-2")
        #expect(try scene.allocate(of: "M-2", by: stranger) == ["refused forbidden"])
        #expect(try scene.deallocate(of: "M-2", by: stranger) == ["refused forbidden"])
        #expect(try scene.approve(of: "M-2", by: stranger) == ["refused forbidden"])
    }

    @Test func anOrderThatCameAllocatedIsApprovedByItsFactory() throws {
        var fact = OrderScene.dropship()
        fact.orderId = "pdd-fds:mall:1"
        fact.holds = [.awaitingAudit]
        let command = ApproveOrder(orderId: fact.orderId, merchantShopId: fact.merchantShopId)
        var scene = OrderScene()
        #expect(try scene.send(.approve(command), Actor(.factory, "F-1")) == ["refused not-found"])
        #expect(try scene.send(.placed(fact)) == ["order-registered"])
        #expect(try scene.send(.approve(command), Actor(.factory, "F-2")) == ["refused forbidden"])
        #expect(try scene.send(.approve(command), Actor(.merchant, "M-2")) == ["refused forbidden"])
        #expect(try scene.send(.approve(command), Actor(.factory, "F-1")) == ["order-released", "allocated"])
    }

    @Test(arguments: [OrderScene.owner, Actor(.operator, "shipping"), Actor(.service, "waybill"), Actor(.service, "allocation")])
    func sealAndReleaseAreShippings(actor: Actor) throws {
        var scene = OrderScene()
        #expect(try scene.seal(by: actor) == ["refused forbidden"])
        try scene.place()
        try scene.allocate(to: OrderScene.warehouse)
        #expect(try scene.seal(by: actor) == ["refused forbidden"])
        try scene.seal()
        #expect(try scene.release(by: actor) == ["refused forbidden"])
    }

    @Test func deallocateTakesBackOneOrAllThatIsNotSealed() throws {
        var scene = OrderScene()
        try scene.place([5])
        for _ in 1...4 { try scene.allocate([LineQuantity(lineId: "L1", quantity: 1)]) }
        try scene.seal("O-1/1")
        #expect(try scene.deallocate(2, reason: "wrong factory") == ["deallocated"])
        let one = try #require(scene.published(Deallocated.self).first)
        #expect(one.allocationId == "O-1/2" && one.reason == .merchant && one.note == "wrong factory")
        #expect(try scene.deallocate(1) == ["refused already-sealed"])
        #expect(try scene.deallocate(2) == ["refused not-allocated"])
        #expect(try scene.deallocate(9) == ["refused not-allocated"])
        #expect(try scene.deallocate() == ["deallocated", "deallocated"])
        #expect(scene.published(Deallocated.self).map(\.allocationId) == ["O-1/3", "O-1/4"])
        #expect(try scene.deallocate() == ["refused already-sealed"])
    }

    @Test func sealingAgainAnswersAgain() throws {
        var scene = OrderScene()
        try scene.place()
        try scene.allocate()
        #expect(try scene.seal() == ["sealed"])
        let state = scene.state
        #expect(try scene.seal() == ["sealed"])
        #expect(scene.state == state)
    }

    @Test(arguments: ["O-1/0", "O-1/01", "O-1/", "O-1", "O-1/1/1", "O-2/1", "O-1/1x", "O-1/99999999999999999999", ""])
    func anIdThatIsNoneOfThisOrdersIsNotAllocated(allocationId: String) throws {
        var scene = OrderScene()
        try scene.place()
        try scene.allocate()
        #expect(try scene.seal(allocationId) == ["refused not-allocated"])
    }

    @Test func releaseFreesASealedWarehouseAllocation() throws {
        var scene = OrderScene()
        try scene.place()
        try scene.allocate(to: OrderScene.warehouse)
        try scene.seal()
        try scene.send(OrderScene.riskHeld, at: 2000)
        #expect(try scene.release("O-1/1", .riskControl) == ["deallocated"])
        #expect(scene.published(Deallocated.self).first?.reason == .riskControl)
        #expect(try scene.release() == ["refused not-allocated"])
    }

    @Test func approvingEndsTheAuditAlone() throws {
        var scene = OrderScene()
        try scene.place(awaitsAudit: true)
        try scene.send(OrderScene.riskHeld)
        #expect(try scene.approve() == ["order-released"])
        #expect(scene.published(OrderReleased.self).first?.holds == [.riskControl])
        // What was asked for is so: it is answered, and nothing changes.
        let state = scene.state
        #expect(try scene.approve() == ["order-released"])
        #expect(scene.state == state)
    }
}
