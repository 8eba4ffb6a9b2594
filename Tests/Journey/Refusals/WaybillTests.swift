import Contracts
import JSON
import TestSupport
import Testing

extension JourneySuite {
    /// Rows of the table `waybill`: each command accepted, and each of its codes.
    @Suite struct WaybillTests {
        @Test func segmentsOfOneFactoryDoNotOverlap() async throws {
            let scenario = try await Scenario.start()
            let cast = scenario.cast
            let head = "YT" + Cast.digits(10)
            let topUp = try await scenario.accepted(scenario.factory(cast.topUp("YTO", head + "100", head + "199"))).body(ToppedUp.self)
            #expect(topUp.count == 100)
            try await scenario.refused(scenario.factory(cast.topUp("YTO", head + "150", head + "250")), .invalid, field: "first")
            try await scenario.refused(scenario.factory(cast.topUp("YTO", head + "300", head + "299")), .invalid, field: "last")
            try await scenario.refused(scenario.factory(cast.topUp("DHL", "1", "2")), .carrierUnknown, field: "carrier")
            try await scenario.refused(scenario.factory(cast.topUp("YTO", "1", "2")), .waybillNumberInvalid, field: "first")
        }

        @Test func aPoolFullOfSegmentsIsRefusedUntilOneIsUsedUp() async throws {
            let scenario = try await Scenario.bound()
            let cast = scenario.cast
            let head = "YT1" + Cast.digits(8)
            // One number each, with a gap before the next one.
            func segment(_ index: Int) -> Outgoing {
                let number = head + String(1000 + 2 * index)
                return scenario.factory(cast.topUp("YTO", number, number))
            }
            // The most that a pool holds of one carrier.
            let most = 500
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in 0..<most { group.addTask { try await scenario.accepted(segment(index)) } }
                try await group.waitForAll()
            }
            try await scenario.refused(segment(most), .tooManyPending)
            let (orderId, allocationId) = try await scenario.allocated()
            try await scenario.accepted(scenario.factory(cast.obtain(orderId, allocationId)))
            try await scenario.accepted(segment(most))
        }

        @Test func numbersComeFromThePool() async throws {
            let scenario = try await Scenario.bound()
            let cast = scenario.cast
            let (orderId, allocationId) = try await scenario.allocated()
            try await scenario.refused(scenario.factory(cast.obtain(orderId, allocationId)), .numberPoolEmpty)
            try await scenario.refused(scenario.factory(cast.markPrinted(orderId, allocationId)), .waybillNotObtained)
            try await scenario.refused(scenario.factory(cast.cancel(orderId, allocationId)), .waybillNotObtained)
            try await scenario.refused(
                scenario.factory(cast.obtain(orderId, allocationId, carrier: "DHL")), .carrierUnknown, field: "carrier")
            let number = Cast.waybillNumber()
            try await scenario.accepted(scenario.factory(cast.topUp("YTO", number, number)))
            #expect(
                try await scenario.accepted(scenario.factory(cast.obtain(orderId, allocationId))).body(Obtained.self).waybillNumber
                    == number)
            let again = try await scenario.accepted(scenario.factory(cast.obtain(orderId, allocationId)))
            #expect(try again.body(Obtained.self).waybillNumber == number)
            #expect(try await scenario.accepted(scenario.factory(cast.cancel(orderId, allocationId))).type == WaybillCancelled.type)
            try await scenario.refused(scenario.factory(cast.obtain(orderId, allocationId)), .numberPoolEmpty)
        }

        @Test func aNumberOfUnknownFormIsTakenWhenItIsMeant() async throws {
            let scenario = try await Scenario.bound()
            let cast = scenario.cast
            let (orderId, allocationId) = try await scenario.allocated()
            let number = "G0" + Cast.digits(10)
            var command = cast.return(orderId, allocationId, number: " \(number.lowercased())\u{200B}")
            let refused = try await scenario.refused(scenario.factory(command), .waybillNumberInvalid, field: "waybillNumber")
            #expect(refused.details?["unusual"] == .bool(true))
            command.unusual = true
            let returned = try await scenario.accepted(scenario.factory(command)).body(Returned.self)
            #expect(returned.waybillNumber == number && returned.unusual == true)
            _ = try await scenario.client.event(Ready.self, key: orderId)
            try await scenario.accepted(scenario.merchant(cast.ship(orderId)))
            let further = "G0" + Cast.digits(10)
            var amend = cast.amend(orderId, allocationId, number: further)
            let no = try await scenario.refused(scenario.merchant(amend), .waybillNumberInvalid, field: "waybillNumber")
            #expect(no.details?["unusual"] == .bool(true))
            amend.unusual = true
            let amended = try await scenario.accepted(scenario.merchant(amend)).body(Amended.self)
            #expect(amended.waybillNumber == further && amended.unusual == true)
        }

        @Test func aNumberIsReturnedOnce() async throws {
            let scenario = try await Scenario.bound()
            let cast = scenario.cast
            let (orderId, allocationId) = try await scenario.allocated()
            func give(_ number: String, carrier: String = "YTO", extra: [String]? = nil) -> Outgoing {
                scenario.factory(cast.return(orderId, allocationId, number: number, carrier: carrier, extra: extra))
            }
            try await scenario.refused(give("12345"), .waybillNumberInvalid, field: "waybillNumber")
            try await scenario.refused(give(Cast.waybillNumber(), extra: ["SF1"]), .waybillNumberInvalid, field: "extraNumbers[0]")
            try await scenario.refused(give("1", carrier: "DHL"), .carrierUnknown, field: "carrier")
            let number = Cast.waybillNumber()
            try await scenario.refused(give(number, extra: [number]), .invalid, field: "extraNumbers[0]")
            let extra = Cast.waybillNumber()
            let returned = try await scenario.accepted(give(number.lowercased(), extra: [extra])).body(Returned.self)
            #expect(returned.waybillNumber == number)
            #expect(returned.extraNumbers == [extra])
            try await scenario.refused(give(Cast.waybillNumber()), .waybillAlreadyReturned)
            try await scenario.refused(scenario.factory(cast.obtain(orderId, allocationId)), .waybillAlreadyReturned)
            try await scenario.refused(scenario.factory(cast.cancel(orderId, allocationId)), .waybillAlreadyReturned)
        }

        @Test func aNumberIsForOneParcel() async throws {
            let scenario = try await Scenario.bound()
            let cast = scenario.cast
            let (first, number) = (try await scenario.allocated(), Cast.waybillNumber())
            try await scenario.giveBack(first.orderId, first.allocationId, number: number)
            let second = try await scenario.allocated()
            func give(_ main: String, extra: [String]? = nil) -> Outgoing {
                scenario.factory(cast.return(second.orderId, second.allocationId, number: main, extra: extra))
            }
            try await scenario.refused(give(number), .waybillNumberUsed, field: "waybillNumber")
            let free = Cast.waybillNumber()
            try await scenario.refused(give(free, extra: [number]), .waybillNumberUsed, field: "extraNumbers[0]")
            // All or none: the free one was given back, and another parcel may have it.
            let third = try await scenario.allocated()
            try await scenario.giveBack(third.orderId, third.allocationId, number: free)
            try await scenario.refused(give(free), .waybillNumberUsed, field: "waybillNumber")
        }

        @Test func ordersToOneDoorMayShareAParcel() async throws {
            let scenario = try await Scenario.bound()
            let door = uniqueName("door")
            let number = Cast.waybillNumber()
            for _ in 1...2 {
                let (orderId, allocationId) = try await scenario.allocated(mergeKey: door)
                try await scenario.giveBack(orderId, allocationId, number: number)
            }
            let (orderId, allocationId) = try await scenario.allocated(mergeKey: "another")
            try await scenario.refused(
                scenario.factory(scenario.cast.return(orderId, allocationId, number: number)), .waybillNumberUsed, field: "waybillNumber")
        }

        @Test func allocationsBelongToTheirFactory() async throws {
            let scenario = try await Scenario.bound()
            let (orderId, allocationId) = try await scenario.allocated()
            let other = Cast()
            for command in [
                Outgoing.command(other.obtain(orderId, allocationId), as: other.asFactory),
                .command(other.markPrinted(orderId, allocationId), as: other.asFactory),
                .command(other.return(orderId, allocationId, number: Cast.waybillNumber()), as: other.asFactory),
                .command(other.cancel(orderId, allocationId), as: other.asFactory),
            ] {
                try await scenario.refused(command, .forbidden)
            }
        }

        @Test func whatWasTakenBackIsNotAllocated() async throws {
            let scenario = try await Scenario.bound()
            let cast = scenario.cast
            let (orderId, allocationId) = try await scenario.allocated()
            try await scenario.accepted(scenario.merchant(cast.deallocate(orderId)))
            _ = try await scenario.client.event(Voided.self, key: orderId)
            try await scenario.refused(scenario.factory(cast.return(orderId, allocationId, number: Cast.waybillNumber())), .notAllocated)
            try await scenario.refused(scenario.factory(cast.obtain(orderId, allocationId)), .notAllocated)
        }

        @Test func shippingClaimsAnotherNumber() async throws {
            let scenario = try await Scenario.bound()
            let (orderId, allocationId) = try await scenario.allocated()
            let shipping = Actor(.service, "shipping")
            func claim(_ number: String) -> Outgoing { .command(CommandRows.claim(orderId, allocationId, number: number), as: shipping) }
            try await scenario.refused(claim(Cast.waybillNumber()), .waybillNotReturned)
            let used = try await scenario.giveBack(orderId, allocationId)
            let number = Cast.waybillNumber()
            let claimed = try await scenario.accepted(claim(number))
            #expect(claimed.type == Claimed.type)
            #expect(try claimed.body(Claimed.self).waybillNumber == number)
            let other = try await scenario.allocated()
            let theirs = try await scenario.giveBack(other.orderId, other.allocationId)
            try await scenario.refused(claim(theirs), .waybillNumberUsed, field: "waybillNumber")
            #expect(try await scenario.accepted(claim(used)).type == Claimed.type)
        }
    }
}
