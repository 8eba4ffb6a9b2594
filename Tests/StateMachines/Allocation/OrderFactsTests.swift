import Contracts
import JSON
import Testing

@testable import StateMachines

struct OrderFactsTests {
    @Test func placedRegistersTheOrderWithItsHolds() throws {
        var scene = OrderScene()
        try scene.send(OrderScene.riskHeld)
        try scene.send(OrderScene.afterSaleOpened())
        #expect(try scene.place(awaitsAudit: true) == ["order-registered"])
        let registered = try #require(scene.published(OrderRegistered.self).first)
        #expect(registered.holds == [.afterSale, .riskControl, .awaitingAudit])
        #expect(registered.merchantShopId == "M-1" && registered.platformOrderNumber == "260728-000000000000001")
    }

    @Test func onlyTheFirstPlacedCounts() throws {
        var scene = OrderScene()
        try scene.place([2])
        var second = OrderScene.placed([9])
        second.merchantShopId = "M-2"
        #expect(try scene.send(.placed(second), at: 9000) == [])
        #expect(scene.state.merchant == "M-1" && scene.state.order.lines.map(\.quantity) == [2])
    }

    @Test func aFactThatSaysNothingNewPublishesNothing() throws {
        var scene = OrderScene()
        try scene.place()
        try scene.send(OrderScene.riskHeld, at: 2000)
        #expect(try scene.send(OrderScene.riskHeld, at: 2000) == [])
        #expect(try scene.send(OrderScene.riskHeld, at: 3000) == [])
        #expect(try scene.send(OrderScene.riskCleared, at: 2500) == [])
        #expect(try scene.send(OrderScene.afterSaleOpened()) == ["order-held"])
        #expect(try scene.send(OrderScene.afterSaleOpened()) == [])
        #expect(try scene.send(OrderScene.cancelled("a")) == ["order-cancelled"])
        #expect(try scene.send(OrderScene.cancelled("b")) == [])
    }

    @Test func aRiskTieIsHeld() throws {
        for facts in [[OrderScene.riskHeld, OrderScene.riskCleared], [OrderScene.riskCleared, OrderScene.riskHeld]] {
            var scene = OrderScene()
            try scene.place()
            for fact in facts { try scene.send(fact, at: 2000) }
            #expect(scene.state.holds == [.riskControl])
            #expect(try scene.send(OrderScene.riskCleared, at: 2001) == ["order-released"])
        }
    }

    @Test func aClosedAfterSaleStaysClosed() throws {
        var scene = OrderScene()
        try scene.send(OrderScene.afterSaleClosed())
        try scene.place()
        #expect(try scene.send(OrderScene.afterSaleOpened()) == [])
        #expect(try scene.allocate() == ["allocated"])
    }

    @Test func aRefundHoldsForGood() throws {
        var scene = OrderScene()
        try scene.place()
        try scene.send(OrderScene.afterSaleOpened())
        // Refunded after open: the order was held already, and stays so.
        #expect(try scene.send(OrderScene.afterSaleClosed(outcome: "refunded")) == [])
        #expect(try scene.send(OrderScene.afterSaleClosed()) == [])
        #expect(try scene.allocate() == ["refused after-sale-open"])
    }

    @Test func holdsAreAnnouncedOneByOneAndAlsoAfterShipping() throws {
        var scene = OrderScene()
        try scene.place()
        try scene.allocate()
        try scene.seal()
        #expect(try scene.send(OrderScene.riskHeld, at: 2000) == ["order-held"])
        #expect(scene.published(OrderHeld.self).first?.holds == [.riskControl])
        #expect(try scene.send(OrderScene.afterSaleOpened()) == ["order-held"])
        #expect(scene.published(OrderHeld.self).first?.holds == [.afterSale, .riskControl])
        #expect(try scene.send(OrderScene.riskCleared, at: 3000) == ["order-released"])
        #expect(scene.published(OrderReleased.self).first?.holds == [.afterSale])
        #expect(try scene.send(OrderScene.afterSaleClosed()) == ["order-released"])
        #expect(scene.published(OrderReleased.self).first?.holds == [])
        #expect(scene.state.allocations?.map(\.isSealed) == [true])
    }

    @Test(arguments: [
        (OrderScene.afterSaleOpened(), DeallocationReason.afterSale), (OrderScene.afterSaleClosed(outcome: "refunded"), .afterSale),
        (OrderScene.riskHeld, .riskControl), (OrderScene.cancelled(), .orderCancelled),
    ])
    func whatIsNotSealedIsTakenBackWithItsReason(fact: OrderMachine.Input, reason: DeallocationReason) throws {
        var scene = OrderScene()
        try scene.place()
        try scene.allocate([LineQuantity(lineId: "L1", quantity: 1)])
        try scene.allocate([LineQuantity(lineId: "L1", quantity: 1)], to: OrderScene.otherFactory)
        try scene.allocate([LineQuantity(lineId: "L2", quantity: 1)])
        try scene.seal("O-1/2")
        try scene.send(fact, at: 2000)
        let back = scene.published(Deallocated.self)
        #expect(back.map(\.allocationId) == ["O-1/1", "O-1/3"])
        #expect(back.map(\.reason) == [reason, reason])
        #expect(back.map(\.target) == [OrderScene.factory, OrderScene.factory])
        #expect(scene.state.allocations?.map(\.number) == [2])
    }

    @Test func aChangedAddressReachesWhatIsNotSealed() throws {
        var scene = OrderScene()
        try scene.place()
        try scene.allocate([LineQuantity(lineId: "L1", quantity: 1)])
        try scene.allocate([LineQuantity(lineId: "L2", quantity: 1)])
        try scene.seal("O-1/1")
        #expect(try scene.send(OrderScene.addressChanged("福田区"), at: 2000) == ["recipient-changed"])
        let changed = try #require(scene.published(RecipientChanged.self).first)
        #expect(changed.allocationId == "O-1/2" && changed.area.district == "福田区" && changed.mergeKey == "door 福田区")
        #expect(try changed.recipientSealed?.value.ciphertext == "for 福田区")
        #expect(try scene.send(OrderScene.addressChanged("罗湖区"), at: 1999) == [])
        try scene.allocate()
        #expect(scene.published(Allocated.self).first?.area.district == "福田区")
    }

    @Test func anAddressChangeAtTheSameTimeAsPlacedWins() throws {
        var scene = OrderScene()
        try scene.send(OrderScene.addressChanged("福田区"), at: 1000)
        try scene.place()
        try scene.allocate()
        #expect(scene.published(Allocated.self).first?.area.district == "福田区")
    }

    @Test func aCancellationBeforePlacedIsAnnouncedWithIt() throws {
        var scene = OrderScene()
        #expect(try scene.send(OrderScene.cancelled("changed my mind")) == [])
        #expect(try scene.place() == ["order-registered", "order-cancelled"])
        #expect(scene.published(OrderCancellationNoted.self).first?.reason == "changed my mind")
    }

    /// Else whoever writes facts could give a factory orders of merchants that it never took on.
    @Test func onlyWhatAuthorizationDownloadsComesAllocated() throws {
        var elsewhere = OrderScene.dropship()
        elsewhere.orderId = OrderScene.orderId
        let authorization = Actor(.service, "authorization")
        let others = [
            Actor(.connector, "pinduoduo"), Actor(.merchant, OrderScene.merchant), Actor(.service, "shipping"), Actor(.factory, "F-1"),
        ]
        for (fact, actor) in others.map({ (OrderScene.dropship(), $0) }) + [(elsewhere, authorization)] {
            var scene = OrderScene()
            let state = scene.state
            #expect(try scene.send(.placed(fact), actor) == ["refused forbidden"], "\(actor)")
            #expect(scene.refusal?.field == "allocatedTo" && scene.state == state)
        }
        var scene = OrderScene()
        #expect(try scene.send(.placed(OrderScene.dropship()), authorization) == ["order-registered", "allocated"])
    }

    @Test func whatThePlatformTookBackIsNotAllocated() throws {
        var scene = OrderScene()
        try scene.send(OrderScene.unallocated)
        #expect(try scene.send(.placed(OrderScene.dropship())) == ["order-registered"])
        var other = OrderScene()
        #expect(try other.send(.placed(OrderScene.dropship())) == ["order-registered", "allocated"])
        #expect(try other.send(OrderScene.unallocated) == ["deallocated"])
        #expect(other.published(Deallocated.self).first?.reason == .merchant)
        #expect(try other.send(OrderScene.unallocated) == [])
    }

    @Test func whatThePlatformGivesAgainIsAllocatedAnew() throws {
        var scene = OrderScene()
        try scene.send(.placed(OrderScene.dropship()))
        try scene.send(OrderScene.unallocated, at: 2000)
        #expect(try scene.send(OrderScene.reassigned, at: 3000) == ["allocated"])
        #expect(scene.published(Allocated.self).first?.allocationId == "\(OrderScene.orderId)/2")
        // Late, or of the same time: the newest counts, and the taking back wins a tie.
        #expect(try scene.send(OrderScene.unallocated, at: 2500) == [])
        #expect(try scene.send(OrderScene.unallocated, at: 3000) == ["deallocated"])
        #expect(try scene.send(OrderScene.reassigned, at: 3000) == [])
    }

    @Test func whatIsGivenAgainWhileItIsHeldIsAllocatedAfter() throws {
        var scene = OrderScene()
        try scene.send(.placed(OrderScene.dropship()))
        try scene.send(OrderScene.unallocated, at: 2000)
        try scene.send(OrderScene.riskHeld, at: 2100)
        #expect(try scene.send(OrderScene.reassigned, at: 3000) == [])
        #expect(try scene.send(OrderScene.riskCleared, at: 3100) == ["order-released", "allocated"])
    }

    @Test func unallocatedMeansNothingToAnyOtherOrder() throws {
        var scene = OrderScene()
        try scene.place()
        try scene.allocate()
        #expect(try scene.send(OrderScene.unallocated) == [])
        #expect(try scene.send(OrderScene.reassigned, at: 2000) == [])
        #expect(scene.state.allocations?.count == 1)
    }

    @Test func factsThatCannotBeAreRefused() throws {
        var scene = OrderScene()
        var repeated = OrderScene.placed([1, 1, 1])
        repeated.lines[2].lineId = "L1"
        #expect(try scene.send(.placed(repeated)) == ["refused invalid"])
        #expect(scene.refusal?.field == "lines[2].lineId")
        var open = OrderScene.placed()
        open.recipient.sealed = nil
        #expect(try scene.send(.placed(open)) == ["refused invalid"])
        #expect(scene.refusal?.field == "recipient.sealed")
        let change = AddressChanged(orderId: OrderScene.orderId, recipient: OrderScene.recipient("福田区", sealed: false))
        #expect(try scene.send(.addressChanged(change)) == ["refused invalid"])
        #expect(scene.refusal?.field == "recipient.sealed")
        #expect(scene.state == OrderState())
    }
}
