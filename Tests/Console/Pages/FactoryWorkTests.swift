import Contracts
import HTTP
import Identity
import JSON
import ReadModel
import Testing
import Threads

@testable import Console

/// Printing, returning, stopping, numbers.
@Suite struct FactoryWorkSuite {
    private static func log(_ fill: (inout TopicLog) -> Void) -> TopicLog {
        var log = TopicLog()
        fill(&log)
        return log
    }

    private static let printed = log { log in
        log.opened("a", door: "d")
        log.opened("b", door: "d")
        log.obtained("a", "73000000000001")
        log.printed("a")
        log.obtained("b", "73000000000002")
    }

    /// Both have numbers, and none a label yet.
    private static let numbered = log { log in
        log.opened("a", door: "d")
        log.opened("b", door: "d")
        log.obtained("a", "73000000000001")
        log.obtained("b", "73000000000002")
    }

    // MARK: Stopping

    @Test func aStopIsOnEveryPageUntilItIsSeen() async throws {
        var log = Self.printed
        log.voided("a", .printed, "73000000000001")
        let fixture = try FactoryFixture(log)
        #expect(await fixture.get("/f/f1/pools").page.contains("1 parcel must be stopped"))
        let page = await fixture.get("/f/f1/stop").page
        let value = try #require(page.firstMatch(of: /name="stop" value="([^"]+)"/)?.1)
        #expect(await fixture.post("/f/f1/stop", [("stop", String(value))]).status == 303)
        #expect(await fixture.get("/f/f1/pools").page.contains("must be stopped") == false)
        #expect(await fixture.get("/f/f1/stop").page.contains("73000000000001"))
    }

    @Test func aParcelThatWasVoidedBeforeItsLabelIsNoAlarm() async throws {
        var log = Self.printed
        log.voided("b", .obtained)
        let fixture = try FactoryFixture(log)
        #expect(await fixture.get("/f/f1/stop").page.contains("There is nothing to stop."))
    }

    @Test func aReaddressedParcelIsAlarmAndIsSeenAnewTheNextTime() async throws {
        var log = Self.printed
        log.readdressed("a", "73000000000001")
        let fixture = try FactoryFixture(log)
        let page = await fixture.get("/f/f1/stop").page
        #expect(page.contains("Print anew") && page.contains("Address changed"))
        let value = try #require(page.firstMatch(of: /name="stop" value="([^"]+)"/)?.1)
        _ = await fixture.post("/f/f1/stop", [("stop", String(value))])
        #expect(try fixture.people.seenStops(of: "factory:f1").count == 1)
        log.printed("a")
        log.readdressed("a", "73000000000001")
        _ = try fixture.model.apply(Array(log.records.suffix(2)))
        #expect(await fixture.get("/f/f1/pools").page.contains("1 parcel must be stopped"))
    }

    // MARK: Printing

    @Test func labelsAreOpenedInTheListsOrder() async throws {
        let fixture = try FactoryFixture(Self.numbered)
        let ids = [("allocationId", "b/1"), ("allocationId", "a/1")]
        let page = await fixture.post("/f/f1/print", ids).page
        #expect(page.contains("target=\"_blank\"") && page.contains("Did the label come out?"))
        let first = try #require(page.firstRange(of: "data-print-row=\"b/1\""))
        let second = try #require(page.firstRange(of: "data-print-row=\"a/1\""))
        #expect(first.lowerBound < second.lowerBound)
        let file = await fixture.post("/f/f1/print/labels", ids)
        #expect(file.headerText("content-type") == "application/pdf" && fixture.labels.asked.read { $0 } == [["b/1", "a/1"]])
    }

    @Test func aLabelIsPrintedAgainForAReasonThatTheHistoryNames() async throws {
        let fixture = try FactoryFixture(Self.printed)
        let ids = [("allocationId", "a/1"), ("allocationId", "b/1")]
        #expect(await fixture.post("/f/f1/print", ids).page.contains("name=\"reason\""))
        for reason in [[], [("reason", "")], [("reason", "just so")]] {
            let asked = await fixture.post("/f/f1/print/labels", ids + reason)
            #expect(asked.status == 400 && asked.page.contains("href=\"#reason\"") && asked.page.contains("Damaged or unreadable"))
        }
        #expect(fixture.labels.asked.read { $0 }.isEmpty && fixture.sent.list.isEmpty)
        // Kafka is away here: what cannot be told is not printed.
        let away = await fixture.post("/f/f1/print/labels", ids + [("reason", "damaged")])
        #expect(away.status == 503 && fixture.labels.asked.read { $0 }.isEmpty)
        #expect(fixture.sent.list.map(\.type) == ["waybill.report-reprint"])
        #expect(
            fixture.sent.list.first?.data["reason"]?.string == "damaged" && fixture.sent.list.first?.data["allocationId"]?.string == "a/1")
        #expect(await !(try FactoryFixture(Self.numbered)).post("/f/f1/print", ids).page.contains("name=\"reason\""))
    }

    @Test func whatCannotBePrintedIsListedBefore() async throws {
        var log = Self.printed
        log.opened("c")
        let page = await (try FactoryFixture(log)).post("/f/f1/print", [("allocationId", "a/1"), ("allocationId", "c/1")]).page
        #expect(page.contains("1 cannot be printed") && !page.contains("data-print-row=\"c/1\""))
    }

    @Test func aRefusedLabelIsAPageWithItsReasonAndTheOthersCanBePrinted() async throws {
        let fixture = try FactoryFixture(Self.numbered)
        fixture.labels.outcome.change { $0 = .refused([LabelRefusal("a/1", .notAllocated)]) }
        let answer = await fixture.post("/f/f1/print/labels", [("allocationId", "a/1"), ("allocationId", "b/1")])
        #expect(answer.status == 409 && answer.page.contains("It is not allocated at the moment."))
        #expect(answer.page.contains("value=\"b/1\"") && !answer.page.contains("value=\"a/1\""))
    }

    @Test func aPlatformsWaybillIsPrintedByItsComponentAlone() async throws {
        let order = "pdd-fds:mall:1"
        let log = Self.log { log in
            log.opened(order)
            log.obtained(order, "73000000000003")
        }
        let answer = await (try FactoryFixture(log)).post("/f/f1/print", [("allocationId", "\(order)/1")])
        #expect(answer.page.contains("data-print-connect") && !answer.page.contains("/print/labels"))
        #expect(answer.headerText("content-security-policy")?.contains("ws://127.0.0.1:13528") == true)
    }

    @Test func whatCameOutIsMarkedPrinted() async throws {
        let fixture = try FactoryFixture(Self.printed)
        _ = await fixture.post("/f/f1/print/printed", [("allocationId", "b/1"), ("key", "k")])
        #expect(fixture.sent.list.map(\.type) == ["waybill.mark-printed"])
        #expect(fixture.sent.list.first?.data["allocationId"]?.string == "b/1")
    }

    // MARK: Returning

    @Test func aScanReturnsTheParcelWithThatNumber() async throws {
        let fixture = try FactoryFixture(Self.printed)
        let answer = await fixture.post("/f/f1/return", [("number", " 73000000000001 "), ("key", "k")], isFragment: true)
        #expect(answer.page.hasPrefix("<li") && !answer.page.contains("<html"))
        let sent = fixture.sent.list
        #expect(sent.map(\.type) == ["waybill.return"] && sent[0].data["waybillNumber"]?.string == "73000000000001")
        #expect(sent[0].data["allocationId"]?.string == "a/1" && sent[0].data["carrier"]?.string == "ZTO")
    }

    @Test func aNumberThatNobodyHasIsABadLine() async throws {
        let fixture = try FactoryFixture(Self.printed)
        let answer = await fixture.post("/f/f1/return", [("number", "7399"), ("key", "k")], isFragment: true)
        #expect(answer.page.hasPrefix("<li class=\"bad\">") && answer.page.contains("No parcel has this number"))
        // The beginning of a number is not the number.
        #expect(await fixture.post("/f/f1/return", [("number", "7300000000000")], isFragment: true).page.contains("No parcel"))
        #expect(fixture.sent.list.isEmpty)
    }

    @Test func whatIsReturnedAlreadyIsNoMistakeAndWhatIsVoidedIs() async throws {
        var log = Self.printed
        log.returned("a", "73000000000001")
        log.voided("b", .obtained, "73000000000002")
        let fixture = try FactoryFixture(log)
        let again = await fixture.post("/f/f1/return", [("number", "73000000000001")], isFragment: true).page
        #expect(again.hasPrefix("<li>") && again.contains("Returned"))
        #expect(await fixture.post("/f/f1/return", [("number", "73000000000002")], isFragment: true).page.hasPrefix("<li class=\"bad\">"))
        #expect(fixture.sent.list.isEmpty)
    }

    @Test func withoutScriptAScanIsAWholePage() async throws {
        let answer = await (try FactoryFixture(Self.printed)).post("/f/f1/return", [("number", "7399")])
        #expect(
            answer.page.contains("<html") && answer.page.contains("No parcel has this number") && answer.page.contains("data-scan-form"))
        let fixture = try FactoryFixture()
        #expect(await fixture.post("/f/f1/return", [("number", " ")]).status == 400)
    }

    @Test func numbersOfOneDoorAreReturnedTogether() async throws {
        let log = Self.log { log in
            for order in ["a", "b"] {
                log.opened(order, door: "d")
                log.obtained(order, "73000000000001")
            }
        }
        let fixture = try FactoryFixture(log)
        _ = await fixture.post("/f/f1/return", [("number", "73000000000001"), ("key", "k")], isFragment: true)
        #expect(Set(fixture.sent.list.compactMap { $0.data["allocationId"]?.string }) == ["a/1", "b/1"])
    }

    @Test func aJDParcelsOwnNumberReturnsItsShipment() async throws {
        let log = Self.log { log in
            log.opened("a")
            log.obtained("a", "JDVB12345678901", carrier: "JD")
        }
        let fixture = try FactoryFixture(log)
        _ = await fixture.post("/f/f1/return", [("number", "jdvb12345678901-1-2-"), ("key", "k")], isFragment: true)
        let data = try #require(fixture.sent.list.first?.data)
        #expect(data["waybillNumber"]?.string == "JDVB12345678901")
        #expect(data["extraNumbers"] == .array([.string("JDVB12345678901-1-2")]))
    }

    @Test func aPastedColumnSaysWhatEachLineIsBeforeAnythingIsSent() async throws {
        let fixture = try FactoryFixture(Self.printed)
        let page = await fixture.post("/f/f1/return/list", [("numbers", "73000000000001\r\n７３０００００００００００２\n\n7399\n73000000000001")]).page
        #expect(page.contains("Return 2 numbers") && page.contains("1 will be skipped") && page.contains("No parcel has this number"))
        #expect(fixture.sent.list.isEmpty)
        let items = [("item", "73000000000001 a/1"), ("item", "73000000000002 b/1")]
        _ = await fixture.post("/f/f1/return/batch", items + [("key", "k")])
        #expect(fixture.sent.list.map(\.type) == ["waybill.return", "waybill.return"])
    }

    @Test func whatWasPrintedBeforeATimeIsListed() async throws {
        let fixture = try FactoryFixture(Self.printed)
        #expect(await fixture.get("/f/f1/return/before", [("before", "2030-01-01T00:00")]).page.contains("73000000000001"))
        #expect(await fixture.get("/f/f1/return/before", [("before", "2020-01-01T00:00")]).page.contains("73000000000001") == false)
        #expect(await fixture.get("/f/f1/return/before", [("before", "noon")]).status == 303)
    }

    // MARK: Numbers

    @Test func whatIsLeftOfAPoolIsShownAndFewIsSaid() async throws {
        let log = Self.log {
            $0.event(ToppedUp(factoryShopId: "f1", carrier: "ZTO", first: "73000000000001", last: "73000000000009", count: 9))
        }
        let page = await (try FactoryFixture(log)).get("/f/f1/pools").page
        #expect(page.contains("ZTO Express") && page.contains("73000000000009") && page.contains("Only 9 numbers left"))
    }

    @Test func aSegmentWithoutItsEndComesBackAndAWholeOneIsSent() async throws {
        let fixture = try FactoryFixture()
        let answer = await fixture.post("/f/f1/pools", [("carrier", "YTO"), ("first", "YT1"), ("last", "")])
        #expect(answer.status == 400 && answer.page.contains("value=\"YT1\"") && answer.page.contains("href=\"#last\""))
        _ = await fixture.post("/f/f1/pools", [("carrier", "YTO"), ("first", "YT1"), ("last", "YT2"), ("key", "k")])
        #expect(fixture.sent.list.map(\.type) == ["waybill.top-up"])
    }
}
