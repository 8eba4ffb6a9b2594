import Contracts
import JSON
import StateMachines
import Testing
import Threads

/// What happens to a parcel, above all when two things happen at once.
@Suite struct ParcelTests {
    let service = WaybillService()

    // MARK: Facts

    @Test func aFactorySeesAClosedList() throws {
        service.allocate("O/1", to: "F", mergeKey: "door")
        let opened = try #require(service.events(Opened.self).first)
        let json = try JSONValue.decode(opened.json)
        guard case .object(let members) = json else {
            Issue.record("opened is no object")
            return
        }
        #expect(
            members.map(\.0) == [
                "orderId", "allocationId", "merchantShopId", "shopAlias", "factoryShopId", "lines", "remark", "area", "mergeKey", "sender",
            ])
        guard case .object(let line) = json["lines"]?[0] else {
            Issue.record("a line is no object")
            return
        }
        #expect(line.map(\.0) == ["lineId", "name", "spec", "quantity"])
        #expect(opened.area.city == "金华市")
        #expect(service.parcel("O/1")?.recipientSealed?.bytes == Sealed(keyId: "k", enc: "e", ciphertext: "c").json)
    }

    @Test(arguments: [ParcelStage.open, .obtained, .printed, .returned]) func voidedTellsHowFarTheParcelWas(stage: ParcelStage)
        throws
    {
        service.topUp("F", "SF", sf(1), sf(2))
        service.allocate("O/1", to: "F")
        if stage != .open { service.obtain("O/1", "F", "SF") }
        service.simulation.run()
        if stage == .printed { service.markPrinted("O/1", "F") }
        if stage == .returned { service.return("O/1", "F", "SF", sf(1)) }
        service.deallocate("O/1", from: "F")
        let voided = try #require(service.events(Voided.self).first)
        #expect(voided.stage == stage)
        #expect(voided.waybillNumber == (stage == .open ? nil : sf(1)))
        #expect(voided.merchantShopId == "M")
        #expect(service.parcel("O/1")?.recipientSealed == nil)
    }

    /// Of the changes of one recipient the last one counts; they come in their order, so only the others are mixed.
    @Test func factsInAnyOrderGiveTheSameState() {
        let facts: [(any Message, ParcelMachine.Input)] = [
            { ($0, .allocated($0)) }(WaybillService.allocated("O/1", to: "F", mergeKey: "a")),
            { ($0, .recipientChanged($0)) }(WaybillService.recipientChanged("O/1", at: "F", city: "杭州市", mergeKey: "b")),
            { ($0, .deallocated($0)) }(WaybillService.deallocated("O/1", from: "F")),
            { ($0, .allocated($0)) }(WaybillService.allocated("O/2", to: "G", mergeKey: "c")),
            { ($0, .recipientChanged($0)) }(WaybillService.recipientChanged("O/2", at: "G", city: "宁波市", mergeKey: "d")),
            { ($0, .recipientChanged($0)) }(WaybillService.recipientChanged("O/2", at: "G", city: "温州市")),
        ]
        var states: Set<String> = []
        for order in permutations(Array(facts.indices)) where order.firstIndex(of: 4) ?? 0 < order.firstIndex(of: 5) ?? 0 {
            let service = WaybillService()
            for index in order { service.fact(facts[index].0, facts[index].1, "O") }
            let state = service.simulation.state(ParcelMachine.self, "order:O")
            for index in order where index != 4 {
                #expect(service.fact(facts[index].0, facts[index].1, "O").isEmpty)
            }
            #expect(service.simulation.state(ParcelMachine.self, "order:O") == state)
            states.insert(String(decoding: state.json, as: UTF8.self))
            #expect(service.events(Opened.self).count == 2)
            #expect(service.events(Voided.self).map(\.allocationId) == ["O/1"])
        }
        #expect(states.count == 1)
        #expect(states.first?.contains("温州市") == true)
    }

    /// Whatever the clocks of the hosts say that told of them.
    @Test func theChangeThatComesLastCounts() {
        service.allocate("O/1", to: "F")
        for (city, time) in [("杭州市", 2_000), ("宁波市", 1_000)] {
            let fact = WaybillService.recipientChanged("O/1", at: "F", city: city)
            service.fact(fact, .recipientChanged(fact), "O", time: Timestamp(milliseconds: time))
        }
        #expect(service.parcel("O/1")?.area?.city == "宁波市")
        #expect(service.parcel("O/1")?.recipientSealed?.bytes == Sealed(keyId: "k", enc: "宁波市", ciphertext: "c").json)
    }

    @Test func aReprintIsReportedWithItsReasonAndChangesNothing() {
        service.topUp("F", "SF", sf(1), sf(9))
        service.allocate("O/1", to: "F")
        service.obtain("O/1", "F", "SF")
        // It waits for the number, and then finds that nothing was printed.
        let early = service.reportReprint("O/1", "F", "torn")
        service.simulation.run()
        #expect(service.answer(early) == ["refused waybill-not-obtained"])
        service.markPrinted("O/1", "F")
        let before = service.parcel("O/1")
        service.reportReprint("O/1", "F", "torn")
        service.reportReprint("O/1", "G", "torn")
        #expect(service.answer() == ["refused forbidden"])
        service.reportReprint("O/1", "F", "torn", actor: Actor(.merchant, "M"))
        #expect(service.answer() == ["refused forbidden"])
        #expect(service.parcel("O/1") == before)
        service.return("O/1", "F", "SF", sf(1))
        service.reportReprint("O/1", "F", "lost")
        let told = service.events(ReprintReported.self)
        #expect(told.map(\.reason) == ["torn", "lost"])
        #expect(told.allSatisfy { $0.orderId == "O" && $0.allocationId == "O/1" && $0.merchantShopId == "M" && $0.factoryShopId == "F" })
    }

    private func permutations(_ elements: [Int]) -> [[Int]] {
        guard elements.count > 1 else { return [elements] }
        return elements.flatMap { first in permutations(elements.filter { $0 != first }).map { [first] + $0 } }
    }

    // MARK: Commands

    @Test func onlyTheFactoryThatHasTheAllocationAndOnlyShippingForAClaim() {
        service.allocate("O/1", to: "F")
        let strangers = [Actor(.factory, "G"), Actor(.merchant, "F"), Actor(.operator, "F"), Actor(.service, "waybill")]
        for actor in strangers {
            service.obtain("O/1", "F", "SF", actor: actor)
            #expect(service.answer() == ["refused forbidden"])
            service.markPrinted("O/1", "F", actor: actor)
            #expect(service.answer() == ["refused forbidden"])
            // Our own service returns what a factory's ERP has shipped.
            if actor.kind != .service {
                service.return("O/1", "F", "SF", sf(1), actor: actor)
                #expect(service.answer() == ["refused forbidden"])
            }
            service.cancel("O/1", "F", actor: actor)
            #expect(service.answer() == ["refused forbidden"])
            service.claim("O/1", "SF", sf(1), actor: actor)
            #expect(service.answer() == ["refused forbidden"])
        }
        service.obtain("O/1", "G", "SF")
        #expect(service.answer() == ["refused forbidden"])
        service.obtain("O/2", "G", "SF")
        #expect(service.answer() == ["refused not-found"])
        #expect(service.simulation.hasItems == false)
    }

    @Test func copiesAreCountedForEachLabel() {
        service.topUp("F", "SF", sf(1), sf(9))
        service.allocate("O/1", to: "F")
        service.obtain("O/1", "F", "SF")
        service.simulation.run()
        service.markPrinted("O/1", "F")
        service.markPrinted("O/1", "F")
        service.cancel("O/1", "F")
        service.obtain("O/1", "F", "SF")
        service.simulation.run()
        service.markPrinted("O/1", "F")
        service.return("O/1", "F", "SF", sf(2))
        service.markPrinted("O/1", "F")
        #expect(service.events(Printed.self).map(\.copies) == [1, 2, 1, 2])
        #expect(service.events(Obtained.self).map(\.waybillNumber) == [sf(1), sf(2)])
    }

    @Test func countingCopiesEndsWhereTheirRuleDoes() throws {
        service.topUp("F", "SF", sf(1), sf(1))
        service.allocate("O/1", to: "F")
        service.obtain("O/1", "F", "SF")
        service.simulation.run()
        let printed = Printed(orderId: "O", allocationId: "O/1", merchantShopId: "", factoryShopId: "", copies: Printed.mostCopies - 1)
        var state = service.simulation.state(ParcelMachine.self, "order:O")
        ParcelMachine.evolve(&state, .printed(printed, .absent))
        service.simulation.put(state, "order:O")
        for _ in 1...3 { service.markPrinted("O/1", "F") }
        #expect(service.events(Printed.self).map(\.copies) == [1_000_000, 1_000_000, 1_000_000])
        for event in service.events(Printed.self) { #expect(try Printed.decode(event.json) == event) }
    }

    @Test func obtainingAgainAnswersWithTheSameNumberAndLeavesAPrintedLabelPrinted() {
        service.topUp("F", "SF", sf(1), sf(9))
        service.allocate("O/1", to: "F")
        service.obtain("O/1", "F", "SF")
        service.obtain("O/1", "F", "SF")
        service.simulation.run()
        service.markPrinted("O/1", "F")
        service.obtain("O/1", "F", "SF")
        #expect(service.events(Obtained.self).map(\.waybillNumber) == [sf(1), sf(1), sf(1)])
        #expect(service.parcel("O/1")?.phase == .printed)
        service.obtain("O/1", "F", "ZTO")
        #expect(service.refusal()?.field == "carrier")
    }

    @Test func amendingClaimsAnotherNumberForAReturnedParcel() throws {
        service.allocate("O/1", to: "F")
        service.allocate("P/1", to: "F")
        service.return("O/1", "F", "SF", sf(1), extra: [sf(2)])
        service.return("P/1", "F", "SF", sf(3))
        service.simulation.run()
        service.claim("O/1", "SF", sf(3))
        service.simulation.run()
        #expect(service.refusal()?.code == .waybillNumberUsed)
        #expect(service.refusal()?.field == "waybillNumber")
        service.claim("O/1", "ZTO", "73123456789012")
        service.simulation.run()
        let claimed = try #require(service.events(Claimed.self).first)
        #expect(claimed.carrier == "ZTO")
        #expect(claimed.factoryShopId == "F")
        #expect(service.number("SF", sf(1)).holder?.orders == ["O"])
        service.claim("O/1", "SF", "SF1")
        #expect(service.refusal()?.code == .waybillNumberInvalid)
        service.claim("O/1", "XX", sf(4))
        #expect(service.refusal()?.code == .carrierUnknown)
    }

    // MARK: At once

    @Test func ofTwoReturnsTheSecondGoesOnWhenTheFirstIsRefused() {
        service.allocate("A/1", to: "F")
        service.return("A/1", "F", "SF", sf(1))
        service.simulation.run()
        service.allocate("B/1", to: "F")
        let first = service.return("B/1", "F", "SF", sf(1))
        let second = service.return("B/1", "F", "SF", sf(2))
        let third = service.return("B/1", "F", "SF", sf(3))
        service.simulation.run()
        #expect(service.answer(first) == ["refused waybill-number-used"])
        #expect(service.answer(second) == ["returned"])
        #expect(service.answer(third) == ["refused waybill-already-returned"])
        #expect(service.number("SF", sf(3)).holder == nil)
    }

    @Test func anAllocationThatEndsWhileANumberIsClaimedEndsRightAfter() throws {
        service.allocate("O/1", to: "F")
        let command = service.return("O/1", "F", "SF", sf(1))
        service.deallocate("O/1", from: "F")
        service.deallocate("O/1", from: "F")
        let late = service.obtain("O/1", "F", "SF")
        service.simulation.run()
        #expect(service.answer(command) == ["returned"])
        #expect(service.events(Voided.self).map(\.stage) == [.returned])
        #expect(service.answer(late) == ["refused not-allocated"])
        #expect(service.parcel("O/1")?.pending == nil)
    }

    @Test func whatWaitsIsDecidedInTheOrderInWhichItCame() {
        service.topUp("F", "SF", sf(1), sf(9))
        service.allocate("O/1", to: "F")
        let obtain = service.obtain("O/1", "F", "SF")
        let print = service.markPrinted("O/1", "F")
        let cancel = service.cancel("O/1", "F")
        let none = service.cancel("O/1", "F")
        let again = service.obtain("O/1", "F", "SF")
        let back = service.return("O/1", "F", "SF", sf(2), extra: [sf(20)])
        service.simulation.run()
        let answers = [obtain, print, cancel, none, again, back].map { service.answer($0) }
        #expect(
            answers == [["obtained"], ["printed"], ["cancelled"], ["refused waybill-not-obtained"], ["obtained"], ["returned"]])
        #expect(service.events(Obtained.self).map(\.waybillNumber) == [sf(1), sf(2)])
    }

    @Test(arguments: 1...40 as ClosedRange<UInt64>) func oneNumberTwoOrdersAtOnceOneWins(seed: UInt64) {
        let service = WaybillService(seed: seed)
        service.allocate("A/1", to: "F")
        service.allocate("B/1", to: "G")
        let first = service.return("A/1", "F", "SF", sf(1))
        let second = service.return("B/1", "G", "SF", sf(1))
        service.simulation.run()
        #expect(Set([service.answer(first), service.answer(second)]) == [["returned"], ["refused waybill-number-used"]])
    }

    @Test(arguments: 1...40 as ClosedRange<UInt64>) func theSameNumbersCrosswiseOneWins(seed: UInt64) {
        let service = WaybillService(seed: seed)
        var commands: [String] = []
        for (order, numbers) in [("A", [1, 2, 3]), ("B", [3, 1, 2]), ("C", [2, 3, 1])] {
            service.allocate("\(order)/1", to: "F")
            commands.append(service.return("\(order)/1", "F", "SF", sf(numbers[0]), extra: numbers.dropFirst().map(sf)))
        }
        service.simulation.run()
        #expect(commands.count { service.answer($0) == ["returned"] } == 1)
        #expect(commands.count { service.answer($0) == ["refused waybill-number-used"] } == 2)
    }

    @Test(arguments: 1...40 as ClosedRange<UInt64>) func nobodyIsRefusedBecauseOfAReturnThatIsRefused(seed: UInt64) {
        let service = WaybillService(seed: seed)
        for order in ["A", "B", "C"] { service.allocate("\(order)/1", to: "F") }
        service.return("A/1", "F", "SF", sf(9))
        service.simulation.run()
        service.topUp("F", "SF", sf(1), sf(1))
        let refused = service.return("B/1", "F", "SF", sf(1), extra: [sf(2), sf(9)])
        for _ in 0..<Int(seed % 5) { service.simulation.step() }
        let obtain = service.obtain("C/1", "F", "SF")
        service.simulation.run()
        #expect(service.answer(refused) == ["refused waybill-number-used"])
        #expect(service.refusal(refused)?.field == "extraNumbers[1]")
        #expect(service.answer(obtain) == ["obtained"])
        #expect(service.number("SF", sf(2)) == NumberMachine.State())
    }

    @Test(arguments: 1...40 as ClosedRange<UInt64>) func numbersPackedTogetherAtOnce(seed: UInt64) {
        let service = WaybillService(seed: seed)
        for order in ["A", "B", "C"] {
            service.allocate("\(order)/1", to: "F", mergeKey: "door")
            service.return("\(order)/1", "F", "SF", sf(2), extra: [sf(1), sf(3)])
        }
        service.simulation.run()
        #expect(service.events(Returned.self).count == 3)
        for number in 1...3 { #expect(service.number("SF", sf(number)).holder?.orders.count == 2) }
    }
}
