import Contracts
import JSON
import StateMachines
import Testing

/// Which numbers carriers give, which a pool takes and gives, and which an allocation may carry.
@Suite struct NumberTests {
    let service = WaybillService()

    // MARK: Carriers (domain section 5: the strict patterns of 2024, and what was met in public in 2025 and 2026)

    @Test(arguments: [
        ("SF", "SF1234567890123"), ("SF", "SFX234567890123"), ("SF", "sfz234567890123"), ("SF", "SF190000000012"),
        ("SF", "SF19000000000123"),
        ("ZTO", "73123456789012"), ("ZTO", "78123456789012"), ("ZTO", "79190000000012"), ("ZTO", "70190000000012"),
        ("ZTO", "77190000000012"),
        ("YTO", "YT1234567890123"), ("YTO", "YT190000000012"), ("YTO", "YT190000000000000012"), ("STO", "77312345678901"),
        ("STO", "77312345678901234"), ("STO", "431234567890123"), ("YUNDA", "462598779470531"), ("YUNDA", "312345678901234"),
        ("YUNDA", "5123456789012"), ("JD", "JDVA11408814483"), ("JD", "JD0011408814483"), ("JD", "JDX190000000012"),
        ("JD", "JDK190000000012"),
        ("JD", "JDAWX190000000012"), ("JD", "JDAWX19000000012"), ("JT", "JT0006968326954"), ("JT", "JT190000000012"),
        ("JT", "JT19000000000012"), ("EMS", "9123456789012"), ("EMS", "1240921381750"), ("EMS", "PA12345678901"), ("EMS", "pz12345678901"),
        ("EMS", "9812345678901"), ("EMS", "EA190000012CN"), ("EMS", "rb123456785cn"), ("DBL", "DPK364112047425"),
        ("DBL", "DPL190000000012"),
        ("DBL", "DPK3641120474250"), ("CAINIAO", "621123456789012"),
    ])
    func aNumberOfAKnownFormIsReturned(carrier: String, number: String) throws {
        service.allocate("O/1", to: "F")
        service.return("O/1", "F", carrier, number)
        service.simulation.run()
        #expect(service.answer() == ["returned"])
        let returned = try #require(service.events(Returned.self).last)
        #expect(returned.waybillNumber == number.uppercased() && returned.unusual == nil)
        #expect(service.number(carrier, number.uppercased()).holder?.orders == ["O"])
    }

    @Test(arguments: [
        ("SF", "190000000012"), ("SF", "SF12345678901"), ("SF", "SF123456789012345"), ("SF", "XF1234567890123"), ("SF", "SF１２３４５６７"),
        ("ZTO", "731234567890123"), ("ZTO", "7312345678901"), ("ZTO", "7312345678901A"), ("YTO", "YT12345678901"), ("YTO", "G00190000012"),
        ("YTO", "SF1234567890123"), ("STO", "55190000000012"), ("STO", "773123456789012345"), ("STO", "78312345678901"),
        ("YUNDA", "262598779470531"), ("YUNDA", "1190000000012"), ("JD", "JDVA1140881448"), ("JD", "JD-A11408814483"),
        ("JD", "JDVA11408814483-1"), ("JT", "JT00069683269"), ("EMS", "5123456789012"), ("EMS", "KA19000000012"), ("EMS", "EA190000012GB"),
        ("DBL", "DPK364112047425-1"), ("DBL", "190000012"), ("CAINIAO", "LP00123456789012"), ("CAINIAO", "622123456789012"),
    ])
    func aNumberOfAnotherFormIsTakenWhenItIsSaidToBeUnusual(carrier: String, number: String) throws {
        service.allocate("O/1", to: "F")
        for extra in [nil, [number]] {
            service.return("O/1", "F", carrier, extra == nil ? number : Self.known[carrier] ?? "", extra: extra)
            let refusal = try #require(service.refusal())
            #expect(refusal.code == .waybillNumberInvalid && refusal.details == ["unusual": .bool(true)])
            #expect(refusal.field == (extra == nil ? "waybillNumber" : "extraNumbers[0]"))
        }
        service.return("O/1", "F", carrier, Self.known[carrier] ?? "", extra: [number], unusual: true)
        service.simulation.run()
        #expect(service.answer() == ["returned"])
        #expect(service.events(Returned.self).last?.unusual == true)
        service.claim("O/1", carrier, number)
        #expect(service.refusal()?.details == ["unusual": .bool(true)])
        service.claim("O/1", carrier, number, unusual: true)
        service.simulation.run()
        let claimed = try #require(service.events(Claimed.self).last)
        #expect(claimed.waybillNumber == WaybillNumber.normalized(number) && claimed.unusual == true)
        // What the parcel has is its own, whatever its form.
        service.claim("O/1", carrier, number)
        #expect(service.answer() == ["claimed"] && service.events(Claimed.self).last?.unusual == true)
    }

    private static let known = [
        "SF": sf(1), "ZTO": "73123456789012", "YTO": "YT1234567890123", "STO": "773123456789012", "YUNDA": "462598779470531",
        "JD": "JDVA11408814483", "JT": "JT0006968326954", "EMS": "9123456789012", "DBL": "DPK364112047425", "CAINIAO": "621123456789012",
    ]

    /// Too short, too long, with what no number has, or nothing at all.
    @Test(arguments: [
        "   ", "\u{200B}", "SF12345", "SF12345678901234567890123456789", "SF_234567890123", "SF1234567 890123", "SF1234567890123é",
        "SF1234567\u{200B}890123", "SF1234567－890123",
    ])
    func whatCannotBeANumberIsRefusedEvenAsUnusual(number: String) {
        service.allocate("O/1", to: "F")
        service.return("O/1", "F", "SF", number, unusual: true)
        #expect(service.refusal()?.code == .waybillNumberInvalid && service.refusal()?.details == nil)
        #expect(service.refusal()?.field == "waybillNumber")
        service.return("O/1", "F", "SF", sf(1), extra: [number], unusual: true)
        #expect(service.refusal()?.code == .waybillNumberInvalid && service.refusal()?.field == "extraNumbers[0]")
    }

    @Test(arguments: [
        " SF1000000000001\t", "\u{FEFF}SF1000000000001", "SF1000000000001\u{200B}\u{200E}", "\u{202A}SF1000000000001\u{202C}",
        "\u{A0}\u{3000}sf1000000000001\u{2060}", "ＳＦ１０００００００００００１", "ｓｆ1000000000001\r\n",
    ])
    func whatCameAlongWithAPastedNumberIsTakenOff(number: String) {
        #expect(WaybillNumber.normalized(number) == sf(1))
        service.allocate("O/1", to: "F")
        service.return("O/1", "F", "SF", number)
        service.simulation.run()
        #expect(service.events(Returned.self).map(\.waybillNumber) == [sf(1)])
        service.topUp("G", "SF", number, number)
        #expect(service.events(ToppedUp.self).map(\.first) == [sf(1)])
    }

    // MARK: JD's parcels

    @Test(arguments: ["JDX000000000001-1-1-", "jdx000000000001-1-2", "JDX000000000001-1-1", "JDX000000000001"])
    func aPlaceInTheShipmentIsCutOffJDsMainNumber(number: String) throws {
        service.allocate("O/1", to: "F")
        service.return("O/1", "F", "JD", number, extra: ["JDX000000000001-2-2-", "jdx000000000001-3-3", "JDX000000000002-1-1"])
        service.simulation.run()
        let returned = try #require(service.events(Returned.self).last)
        #expect(returned.waybillNumber == "JDX000000000001" && returned.unusual == nil)
        #expect(returned.extraNumbers == ["JDX000000000001-2-2", "JDX000000000001-3-3", "JDX000000000002-1-1"])
        for number in ["JDX000000000001", "JDX000000000002"] { #expect(service.number("JD", number).holder?.orders == ["O"]) }
        #expect(service.number("JD", "JDX000000000001-2-2") == NumberMachine.State())
    }

    @Test func whoeverNamesAPlaceMeansTheSameWaybill() {
        for order in ["A", "B"] { service.allocate("\(order)/1", to: "F") }
        service.return("A/1", "F", "JD", "JDX000000000001", extra: ["JDX000000000003-1-2"])
        service.simulation.run()
        service.return("B/1", "F", "JD", "JDX000000000001-2-2")
        service.simulation.run()
        #expect(service.refusal()?.code == .waybillNumberUsed && service.refusal()?.field == "waybillNumber")
        service.return("B/1", "F", "JD", "JDX000000000002", extra: ["JDX000000000002-2-2", "JDX000000000003-2-2"])
        service.simulation.run()
        #expect(service.refusal()?.code == .waybillNumberUsed && service.refusal()?.field == "extraNumbers[1]")
        #expect(service.number("JD", "JDX000000000002") == NumberMachine.State())
        service.claim("A/1", "JD", "JDX000000000001-1-1-")
        #expect(service.answer() == ["claimed"])
    }

    @Test func anInvalidExtraNumberIsNamed() {
        service.allocate("O/1", to: "F")
        service.return("O/1", "F", "SF", sf(1), extra: [sf(2), "SF3"])
        #expect(service.refusal()?.code == .waybillNumberInvalid)
        #expect(service.refusal()?.field == "extraNumbers[1]")
        service.return("O/1", "F", "SF", sf(1), extra: [sf(2), sf(1).lowercased()])
        #expect(service.refusal()?.code == .invalid)
        #expect(service.refusal()?.field == "extraNumbers[1]")
    }

    @Test(arguments: ["", "sf", "UPS"]) func anUnknownCarrier(carrier: String) {
        service.allocate("O/1", to: "F")
        service.return("O/1", "F", carrier, sf(1))
        #expect(service.refusal()?.code == .carrierUnknown)
        #expect(service.refusal()?.field == "carrier")
        service.obtain("O/1", "F", carrier)
        #expect(service.refusal()?.code == .carrierUnknown)
        service.topUp("F", carrier, sf(1), sf(2))
        #expect(service.refusal()?.code == .carrierUnknown)
    }

    // MARK: Pools

    @Test(arguments: [
        (sf(0), "SF9", RefusalCode.waybillNumberInvalid, "last"), ("SF9", sf(0), .waybillNumberInvalid, "first"),
        (sf(1), sf(0), .invalid, "last"), (sf(0), "SF2" + sf(9).dropFirst(3), .invalid, "last"),
        (sf(0), sf(10_000_000), .invalid, "last"), (sf(110), sf(120), .invalid, "first"), (sf(90), sf(100), .invalid, "first"),
        (sf(0), sf(300), .invalid, "first"), (sf(105), sf(106), .invalid, "first"),
    ])
    func segmentsThatAreRefused(first: String, last: String, code: RefusalCode, field: String) {
        service.topUp("F", "SF", sf(100), sf(110))
        #expect(service.answer() == ["topped-up"])
        service.topUp("F", "SF", first, last)
        #expect(service.refusal()?.code == code)
        #expect(service.refusal()?.field == field)
    }

    @Test func segmentsThatAreTaken() {
        service.topUp("F", "SF", sf(100), sf(110))
        service.topUp("F", "SF", sf(111), sf(111))
        service.topUp("F", "SF", " \(sf(90).lowercased())", sf(99))
        service.topUp("F", "SF", sf(1000), sf(1000 + 9_999_999))
        service.topUp("G", "SF", sf(100), sf(110))
        #expect(service.events(ToppedUp.self).map(\.count) == [11, 1, 10, 10_000_000, 11])
        #expect(service.events(ToppedUp.self)[2].first == sf(90))
        service.topUp("F", "SF", sf(0), sf(1), actor: Actor(.factory, "G"))
        #expect(service.answer() == ["refused forbidden"])
    }

    @Test func unusualSegmentsCountUpTheirLastDigits() throws {
        service.topUp("F", "CAINIAO", "LP00-9", "LP00-9")
        #expect(service.refusal()?.details == nil)
        service.topUp("F", "CAINIAO", "LP0019999", "LP0020001")
        #expect(service.refusal()?.code == .waybillNumberInvalid && service.refusal()?.details == ["unusual": .bool(true)])
        service.topUp("F", "CAINIAO", "LP0019999", "LP0020001", unusual: true)
        let segment = try #require(service.events(ToppedUp.self).last)
        #expect(segment.count == 3 && segment.unusual == true && segment.first == "LP0019999")
        for order in 1...3 {
            service.allocate("O\(order)/1", to: "F")
            service.obtain("O\(order)/1", "F", "CAINIAO")
            service.simulation.run()
        }
        #expect(service.events(Obtained.self).map(\.waybillNumber) == ["LP0019999", "LP0020000", "LP0020001"])
        #expect(service.events(Obtained.self).allSatisfy { $0.unusual == true })
        service.return("O1/1", "F", "CAINIAO", "LP0019999")
        #expect(service.answer() == ["returned"] && service.events(Returned.self).last?.unusual == true)
    }

    @Test(arguments: [
        ("EMS", "EA190000012CN", "EA190000013CN", RefusalCode.invalid, "first"),
        ("DBL", "DPK36411204-A", "DPK36411204-B", .invalid, "first"),
        ("YUNDA", "299999999999990", "300000000000010", .invalid, "first"),
        ("YUNDA", "299999999999990", "2999999999999A0", .invalid, "last"),
    ])
    func unusualSegmentsThatAreRefused(carrier: String, first: String, last: String, code: RefusalCode, field: String) {
        // Its numbers have a known form; those of a segment that begins before it do not.
        service.topUp("F", "YUNDA", "300000000000000", "300000000000001")
        service.topUp("F", carrier, first, last, unusual: true)
        #expect(service.refusal()?.code == code && service.refusal()?.field == field)
    }

    @Test func aSegmentThatWasUsedUpStillCountsForOverlaps() {
        service.topUp("F", "SF", sf(0), sf(0))
        service.allocate("O/1", to: "F")
        service.obtain("O/1", "F", "SF")
        service.simulation.run()
        service.topUp("F", "SF", sf(0), sf(1))
        #expect(service.refusal()?.field == "first")
    }

    @Test func thePoolGivesEachNumberOnceInOrderAndThenNone() {
        service.topUp("F", "SF", sf(8), sf(10))
        service.topUp("F", "SF", sf(20), sf(20))
        for order in 1...5 {
            service.allocate("O\(order)/1", to: "F")
            service.obtain("O\(order)/1", "F", "SF")
            service.simulation.run()
        }
        #expect(service.events(Obtained.self).map(\.waybillNumber) == [sf(8), sf(9), sf(10), sf(20)])
        #expect(service.answer() == ["refused number-pool-empty"])
        service.topUp("F", "SF", sf(30), sf(30))
        service.obtain("O5/1", "F", "SF")
        service.simulation.run()
        #expect(service.answer() == ["obtained"])
    }

    @Test func thePoolPassesOverNumbersThatTheFactoryReturnedWithoutIt() {
        service.topUp("F", "SF", sf(0), sf(3))
        for (order, number) in [("A", 0), ("B", 1), ("C", 3)] {
            service.allocate("\(order)/1", to: "F", mergeKey: "door")
            service.return("\(order)/1", "F", "SF", sf(number))
        }
        service.allocate("D/1", to: "F", mergeKey: "door")
        service.obtain("D/1", "F", "SF")
        service.simulation.run()
        #expect(service.events(Obtained.self).map(\.waybillNumber) == [sf(2)])
        service.allocate("E/1", to: "F")
        service.obtain("E/1", "F", "SF")
        service.simulation.run()
        #expect(service.answer() == ["refused number-pool-empty"])
    }

    // MARK: One number, one parcel

    /// Whether a second allocation may carry the number of the first: (merchant, factory, merge key) of both.
    @Test(
        arguments: [
            (("M", "F", "door"), ("M", "F", "door"), true), (("M", "F", "door"), ("M", "F", "other"), false),
            (("M", "F", nil), ("M", "F", nil), false), (("M", "F", "door"), ("M", "F", nil), false),
            (("M", "F", nil), ("M", "F", "door"), false),
            (("M", "F", "door"), ("N", "F", "door"), false), (("M", "F", "door"), ("M", "G", "door"), false),
        ] as [((String, String, String?), (String, String, String?), Bool)])
    func packedTogetherOrNot(first: (String, String, String?), second: (String, String, String?), together: Bool) {
        service.allocate("A/1", to: first.1, of: first.0, mergeKey: first.2)
        service.allocate("B/1", to: second.1, of: second.0, mergeKey: second.2)
        service.return("A/1", first.1, "SF", sf(1))
        service.simulation.run()
        service.return("B/1", second.1, "SF", sf(1))
        service.simulation.run()
        #expect(service.answer() == [together ? "returned" : "refused waybill-number-used"])
        #expect(service.refusal()?.field == (together ? nil : "waybillNumber"))
    }

    @Test func aNumberOfThePoolMayBeSharedTooAndByAThird() {
        service.topUp("F", "SF", sf(1), sf(9))
        for order in ["A", "B", "C"] { service.allocate("\(order)/1", to: "F", mergeKey: "door") }
        service.obtain("A/1", "F", "SF")
        service.simulation.run()
        service.return("B/1", "F", "SF", sf(1))
        service.return("C/1", "F", "SF", sf(1))
        service.return("A/1", "F", "SF", sf(1))
        service.simulation.run()
        #expect(service.events(Returned.self).map(\.waybillNumber) == [sf(1), sf(1), sf(1)])
        #expect(service.number("SF", sf(1)).holder?.orders.count == 2)
    }

    @Test func theSameNumberOfTwoCarriersIsTwoNumbers() {
        service.allocate("A/1", to: "F")
        service.allocate("B/1", to: "F")
        service.return("A/1", "F", "STO", "431234567890123")
        service.return("B/1", "F", "YUNDA", "431234567890123")
        service.simulation.run()
        #expect(service.events(Returned.self).count == 2)
    }

    @Test func onlyTheSameFactoryMayUseTheNumberOfAnOrderAllocatedAnew() {
        service.allocate("O/1", to: "F")
        service.return("O/1", "F", "SF", sf(1))
        service.simulation.run()
        service.deallocate("O/1", from: "F")
        service.allocate("O/2", to: "G")
        service.return("O/2", "G", "SF", sf(1))
        service.simulation.run()
        #expect(service.answer() == ["refused waybill-number-used"])
        service.deallocate("O/2", from: "G")
        service.allocate("O/3", to: "F")
        service.return("O/3", "F", "SF", sf(1))
        service.simulation.run()
        #expect(service.answer() == ["returned"])
    }

    @Test func anOrderThatGoesToAnotherDoorByNowEndsTheSharing() {
        service.allocate("A/1", to: "F", mergeKey: "old")
        service.return("A/1", "F", "SF", sf(1))
        service.simulation.run()
        service.deallocate("A/1", from: "F")
        service.allocate("A/2", to: "F", mergeKey: "new")
        service.return("A/2", "F", "SF", sf(1))
        for (order, key) in [("B", "old"), ("C", "new")] {
            service.simulation.run()
            service.allocate("\(order)/1", to: "F", mergeKey: key)
            service.return("\(order)/1", "F", "SF", sf(1))
        }
        service.simulation.run()
        #expect(service.events(Returned.self).map(\.allocationId) == ["A/1", "A/2"])
    }

    @Test func anOrderPackedTogetherWithOthersAndAllocatedAnewMustStillGoToTheirDoor() {
        for order in ["A", "B"] {
            service.allocate("\(order)/1", to: "F", mergeKey: "door")
            service.return("\(order)/1", "F", "SF", sf(1))
        }
        service.simulation.run()
        for (allocation, door) in [("A/2", "other"), ("A/3", "door")] {
            service.allocate(allocation, to: "F", mergeKey: door)
            service.return(allocation, "F", "SF", sf(1))
            service.simulation.run()
        }
        #expect(service.events(Returned.self).map(\.allocationId).sorted() == ["A/1", "A/3", "B/1"])
    }

    @Test func aNumberStaysBoundAfterCancelAndVoided() {
        service.topUp("F", "SF", sf(1), sf(2))
        for order in ["A", "B", "C", "D"] { service.allocate("\(order)/1", to: "F") }
        service.obtain("A/1", "F", "SF")
        service.obtain("B/1", "F", "SF")
        service.simulation.run()
        service.cancel("A/1", "F")
        #expect(service.answer() == ["cancelled"])
        service.deallocate("B/1", from: "F")
        service.return("C/1", "F", "SF", sf(1))
        service.simulation.run()
        #expect(service.answer() == ["refused waybill-number-used"])
        service.return("D/1", "F", "SF", sf(2))
        service.simulation.run()
        #expect(service.answer() == ["refused waybill-number-used"])
    }
}
