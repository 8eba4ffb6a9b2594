import Contracts
import JSON
import StateMachines
import Testing

/// A recipient that changes after its label was printed.
@Suite struct ReaddressingTests {
    let service = WaybillService()

    /// With a number from the pool.
    private func obtained(_ allocation: String = "O/1", mergeKey: String? = "door") {
        service.topUp("F", "SF", sf(1), sf(9))
        service.allocate(allocation, to: "F", mergeKey: mergeKey)
        service.obtain(allocation, "F", "SF")
        service.simulation.run()
    }

    /// Orders that are packed together under one number.
    private func packed(_ orders: [String], extra: [String]? = nil) {
        for order in orders {
            service.allocate("\(order)/1", to: "F", mergeKey: "door")
            service.return("\(order)/1", "F", "SF", sf(1), extra: extra)
        }
        service.simulation.run()
        #expect(service.events(Returned.self).count == orders.count)
    }

    @Test func aPrintedLabelIsPrintedAnewUnderTheSameNumber() throws {
        obtained()
        service.markPrinted("O/1", "F")
        service.markPrinted("O/1", "F")
        service.changeRecipient("O/1", "F", mergeKey: "other door")
        service.simulation.run()
        let event = try #require(service.events(Readdressed.self).first)
        #expect(event.stage == .printed && event.carrier == "SF" && event.waybillNumber == sf(1))
        #expect(event.merchantShopId == "M" && event.factoryShopId == "F" && event.allocationId == "O/1")
        #expect(service.parcel("O/1")?.phase == .obtained && service.parcel("O/1")?.area?.city == "宁波市")
        #expect(service.events(WaybillCancelled.self).isEmpty)
        service.markPrinted("O/1", "F")
        #expect(service.events(Printed.self).map(\.copies) == [1, 2, 1])
        service.return("O/1", "F", "SF", sf(1))
        #expect(service.answer() == ["returned"])
    }

    @Test func aReturnedNumberIsReturnedAnewWithOrWithoutANewPrint() {
        obtained()
        service.return("O/1", "F", "SF", sf(1), extra: [sf(20)])
        service.simulation.run()
        service.changeRecipient("O/1", "F", mergeKey: "other door")
        service.simulation.run()
        #expect(service.events(Readdressed.self).map(\.stage) == [.returned])
        #expect(service.parcel("O/1")?.extraNumbers == nil)
        service.return("O/1", "F", "SF", sf(1), extra: [sf(20)])
        service.simulation.run()
        #expect(service.answer() == ["returned"])
        // Whoever goes to its new door may be packed with it, nobody of the old one.
        for (order, door, answer) in [("A", "door", "refused waybill-number-used"), ("B", "other door", "returned")] {
            service.allocate("\(order)/1", to: "F", mergeKey: door)
            service.return("\(order)/1", "F", "SF", sf(1), extra: [sf(20)])
            service.simulation.run()
            #expect(service.answer() == [answer])
        }
    }

    @Test func whatIsNotPrintedYetIsNotReaddressed() {
        obtained()
        service.changeRecipient("O/1", "F", mergeKey: "other door")
        service.allocate("P/1", to: "F")
        service.changeRecipient("P/1", "F")
        service.simulation.run()
        #expect(service.events(Readdressed.self).isEmpty)
        #expect(service.parcel("O/1")?.phase == .obtained && service.parcel("P/1")?.phase == .open)
    }

    @Test func theSameChangeAgainChangesNothing() {
        obtained()
        service.markPrinted("O/1", "F")
        service.changeRecipient("O/1", "F")
        service.simulation.run()
        service.markPrinted("O/1", "F")
        #expect(service.changeRecipient("O/1", "F").isEmpty)
        #expect(service.events(Readdressed.self).count == 1 && service.parcel("O/1")?.phase == .printed)
    }

    @Test func aSharedNumberStaysWithThoseThatGoToTheOldDoor() {
        packed(["A", "B"], extra: [sf(2)])
        service.changeRecipient("B/1", "F", mergeKey: "other door")
        service.simulation.run()
        #expect(service.events(Readdressed.self).map(\.orderId) == ["B"])
        #expect(service.events(WaybillCancelled.self).map(\.waybillNumber) == [sf(1)])
        #expect(service.parcel("B/1")?.phase == .open && service.parcel("B/1")?.number == nil)
        #expect(service.parcel("A/1")?.phase == .returned)
        for number in [sf(1), sf(2)] {
            #expect(service.number("SF", number).holder?.orders == ["A"])
            service.return("B/1", "F", "SF", number)
            service.simulation.run()
            #expect(service.answer() == ["refused waybill-number-used"])
        }
        service.return("B/1", "F", "SF", sf(3))
        service.simulation.run()
        #expect(service.answer() == ["returned"])
        service.deallocate("A/1", from: "F")
        #expect(service.number("SF", sf(1)).holder != nil)
    }

    @Test func ordersThatMoveTogetherMayShareTheNumberAgain() {
        packed(["A", "B"])
        for order in ["A", "B"] { service.changeRecipient("\(order)/1", "F", mergeKey: "other door") }
        service.simulation.run()
        #expect(service.events(Readdressed.self).map(\.orderId) == ["A", "B"])
        // The first to ask leaves it to the other.
        #expect(service.events(WaybillCancelled.self).count == 1)
        for order in ["A", "B"] { service.return("\(order)/1", "F", "SF", sf(1)) }
        service.simulation.run()
        #expect(service.events(Returned.self).map(\.orderId).suffix(2).sorted() == ["A", "B"])
        #expect(service.number("SF", sf(1)).holder?.mergeKey == "other door")
    }

    /// Nobody counts how many go to the old door when they were more than two.
    @Test func ofManyThatShareANumberEachThatMovesLeavesIt() {
        packed(["A", "B", "C"])
        for order in ["A", "B", "C"] {
            service.changeRecipient("\(order)/1", "F", mergeKey: "door of \(order)")
            service.simulation.run()
        }
        #expect(service.events(WaybillCancelled.self).map(\.orderId) == ["A", "B", "C"])
        service.allocate("D/1", to: "F", mergeKey: "door of C")
        service.return("D/1", "F", "SF", sf(1))
        service.simulation.run()
        #expect(service.answer() == ["refused waybill-number-used"])
    }

    @Test func aChangeThatLeavesTheDoorLeavesTheNumberShared() {
        packed(["A", "B"])
        service.changeRecipient("B/1", "F", mergeKey: "door")
        service.simulation.run()
        #expect(service.events(Readdressed.self).count == 1 && service.events(WaybillCancelled.self).isEmpty)
        #expect(service.number("SF", sf(1)).holder?.orders.sorted() == ["A", "B"])
        service.return("B/1", "F", "SF", sf(1))
        #expect(service.answer() == ["returned"])
    }

    @Test func aChangeDuringAReturnCountsAfterIt() {
        service.allocate("O/1", to: "F")
        let back = service.return("O/1", "F", "SF", sf(1))
        service.changeRecipient("O/1", "F", city: "杭州市")
        service.changeRecipient("O/1", "F", city: "宁波市")
        #expect(service.parcel("O/1")?.pending?.map(\.kind) == [.return, .readdress])
        let again = service.return("O/1", "F", "SF", sf(1))
        service.simulation.run()
        #expect(service.answer(back) == ["returned"] && service.answer(again) == ["returned"])
        #expect(service.events(Readdressed.self).count == 1)
        #expect(service.parcel("O/1")?.phase == .returned && service.parcel("O/1")?.area?.city == "宁波市")
    }

    @Test func anAllocationThatEndsMeanwhileEndsOnce() {
        obtained()
        service.markPrinted("O/1", "F")
        service.changeRecipient("O/1", "F")
        service.deallocate("O/1", from: "F")
        service.changeRecipient("O/1", "F", city: "杭州市")
        service.simulation.run()
        #expect(service.events(Voided.self).map(\.stage) == [.obtained])
        #expect(service.parcel("O/1")?.pending == nil)
    }

    // MARK: Shipped meanwhile

    @Test func whatIsShippedIsNotReaddressed() {
        obtained()
        service.return("O/1", "F", "SF", sf(1))
        service.ship("O/1", "F")
        service.changeRecipient("O/1", "F")
        #expect(service.events(Readdressed.self).isEmpty && service.parcel("O/1")?.phase == .returned)
    }

    @Test(arguments: [0, 1, 2]) func whatWasSealedBeforeTheChangeIsShippedAsItWas(others: Int) {
        obtained()
        service.return("O/1", "F", "SF", sf(1), extra: [sf(20)])
        service.simulation.run()
        service.changeRecipient("O/1", "F")
        if others > 0 { service.simulation.run() }
        // The factory has begun anew by then.
        if others > 1 { service.return("O/1", "F", "SF", sf(7), extra: [sf(8)]) }
        service.ship("O/1", "F")
        service.simulation.run()
        #expect(service.parcel("O/1")?.phase == .returned && service.parcel("O/1")?.pending == nil)
        #expect(service.parcel("O/1")?.number == (others > 1 ? sf(7) : sf(1)))
        service.claim("O/1", "SF", sf(30))
        service.simulation.run()
        #expect(service.answer() == ["claimed"])
    }

    @Test func whatIsObtainedMeanwhileGivesWayToWhatWasShipped() {
        packed(["A", "B"])
        service.topUp("F", "SF", sf(5), sf(5))
        service.changeRecipient("B/1", "F", mergeKey: "other door")
        service.simulation.run()
        let obtain = service.obtain("B/1", "F", "SF")
        service.ship("B/1", "F")
        service.simulation.run()
        #expect(service.answer(obtain) == ["obtained"])
        #expect(service.parcel("B/1")?.phase == .returned && service.parcel("B/1")?.number == sf(1))
    }
}
