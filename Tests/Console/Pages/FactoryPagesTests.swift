import Contracts
import HTTP
import JSON
import Testing
import Texts

@testable import Console

@Suite struct FactoryPagesSuite {
    /// Parcels in every state.
    private static var everything: TopicLog {
        var log = TopicLog()
        log.registered()
        log.binding("m1", .active)
        log.binding("m2", .pending, alias: "Newcomer", message: "please")
        for order in ["open", "taken", "printed", "back", "dead"] { log.opened(order) }
        for order in ["taken", "printed", "back", "dead"] { log.obtained(order, "7300000000\(order.utf8.count)00") }
        for order in ["printed", "back", "dead"] { log.printed(order) }
        log.returned("back", "7300000000400")
        log.voided("dead", .printed)
        return log
    }

    // MARK: To do, profile, merchants

    @Test func whatIsToDoLeadsToItsPage() async throws {
        let page = await (try FactoryFixture(Self.everything)).get("/f/f1").page
        for text in ["1 application waits", "1 parcel needs a number", "1 parcel to print", "1 number to return", "Stop 1 parcel"] {
            #expect(page.contains(text), "\(text)")
        }
        #expect(page.contains("href=\"/f/f1/parcels?state=open\""))
    }

    @Test func aNewFactoryIsToldTheFirstSteps() async throws {
        let page = await (try FactoryFixture()).get("/f/f1").page
        #expect(page.contains("Three steps to the first parcel") && page.contains("href=\"/f/f1/setup\""))
    }

    @Test func anotherShopsPageIsNotFound() async throws {
        let fixture = try FactoryFixture()
        #expect(await fixture.get("/f/f2/parcels").status == 404)
    }

    @Test func theShopIdIsShownOnceThereIsAProfile() async throws {
        let new = await (try FactoryFixture()).get("/f/f1/setup").page
        #expect(new.contains("I am a factory") && !new.contains("class=\"big\""))
        let page = await (try FactoryFixture(Self.everything)).get("/f/f1/setup").page
        #expect(page.contains("<p class=\"big\" translate=\"no\">f1</p>") && page.contains("value=\"Works\""))
    }

    @Test func aProfileWithGapsComesBackAsItWasTyped() async throws {
        let fixture = try FactoryFixture()
        let answer = await fixture.post("/f/f1/setup", [("name", "<b>Nine</b>"), ("sender", ""), ("province", "浙江")])
        #expect(answer.status == 400)
        #expect(answer.page.contains("value=\"&lt;b&gt;Nine&lt;/b&gt;\"") && answer.page.contains("value=\"浙江\""))
        #expect(answer.page.contains("href=\"#phone\"") && answer.page.contains("<title>Error: "))
        #expect(fixture.sent.list.isEmpty)
    }

    @Test func aProfileThatWasChangedMeanwhileIsComparedAndNotOverwritten() async throws {
        let fixture = try FactoryFixture(Self.everything)
        let fields = [
            ("name", "Mine"), ("sender", "A"), ("phone", "13800138000"), ("province", "p"), ("city", "c"), ("detail", "d"),
        ]
        let answer = await fixture.post("/f/f1/setup", fields + [("seen", "2")])
        #expect(answer.status == 412 && answer.page.contains("Mine") && answer.page.contains("Works"))
        #expect(fixture.sent.list.isEmpty)
        _ = await fixture.post("/f/f1/setup", fields + [("seen", "3")])
        #expect(fixture.sent.list.map(\.type) == ["binding.update-profile"])
    }

    @Test func applicationsStandOnTopWithTheirMessage() async throws {
        let page = await (try FactoryFixture(Self.everything)).get("/f/f1/merchants").page
        let application = try #require(page.firstRange(of: "please"))
        let bound = try #require(page.firstRange(of: "Bound merchants"))
        #expect(application.lowerBound < bound.lowerBound)
        #expect(page.contains("action=\"/f/f1/merchants/m2/approve\"") && page.contains("href=\"/f/f1/merchants/m1/unbind\""))
    }

    @Test func unbindingAsksFirstAndSendsTheReason() async throws {
        let fixture = try FactoryFixture(Self.everything)
        #expect(await fixture.get("/f/f1/merchants/m1/unbind").page.contains("Unbind Alias"))
        #expect(await fixture.get("/f/f1/merchants/m9/unbind").status == 404)
        _ = await fixture.post("/f/f1/merchants/m1/unbind", [("reason", "late"), ("key", "k1")])
        #expect(fixture.sent.list.first?.type == "binding.unbind" && fixture.sent.list.first?.data["reason"]?.string == "late")
    }

    @Test func aFormOfAnotherPageSendsNothing() async throws {
        let fixture = try FactoryFixture(Self.everything)
        #expect(await fixture.post("/f/f1/merchants/m2/approve", [("key", "k1")], csrf: false).status == 403)
        #expect(fixture.sent.list.isEmpty)
    }

    // MARK: Parcels

    @Test func aTabShowsItsState() async throws {
        let fixture = try FactoryFixture(Self.everything)
        let page = await fixture.get("/f/f1/parcels", [("state", "obtained")]).page
        #expect(page.contains("taken/1") && !page.contains("open/1"))
        #expect(await fixture.get("/f/f1/parcels").page.contains("open/1"))
    }

    @Test func aListSaysWhyItIsEmpty() async throws {
        let fixture = try FactoryFixture()
        #expect(await fixture.get("/f/f1/parcels").page.contains("There are no parcels yet."))
        let page = await (try FactoryFixture(Self.everything)).get("/f/f1/parcels", [("text", "nowhere")]).page
        #expect(page.contains("Nothing matches."))
    }

    @Test func aDayThatIsNoneIsNamed() async throws {
        let answer = await (try FactoryFixture(Self.everything)).get("/f/f1/parcels", [("from", "yesterday")])
        #expect(answer.status == 400 && answer.page.contains("href=\"#from\""))
    }

    @Test func hostileTextsStayTexts() async throws {
        var log = TopicLog()
        log.opened("x", alias: "<script>alert(1)</script>", goods: "\"><img src=x>", spec: "'&<", remark: "</td><script>")
        let fixture = try FactoryFixture(log)
        for path in ["/f/f1/parcels", "/f/f1/parcels/x/1"] {
            let page = await fixture.get(path).page
            #expect(!page.contains("<script>") && !page.contains("<img"))
            #expect(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"))
        }
    }

    @Test func ordersForOneDoorStandTogether() async throws {
        var log = TopicLog()
        log.opened("first", door: "d1")
        log.opened("other", door: "d2")
        log.opened("second", door: "d1")
        let page = await (try FactoryFixture(log)).get("/f/f1/parcels").page
        #expect(page.contains("2 orders for one door"))
        let places = try ["first/1", "second/1", "other/1"].map { try #require(page.firstRange(of: "data-id=\"\($0)\"")).lowerBound }
        #expect((places[2] < places[0]) == (places[2] < places[1]))
    }

    @Test func aSelectionSaysWhatIsSkippedAndSendsOnlyTheRest() async throws {
        let fixture = try FactoryFixture(Self.everything)
        let ids = ["open", "taken", "back"].map { ("allocationId", "\($0)/1") }
        let page = await fixture.post("/f/f1/selection", ids + [("command", "obtain")]).page
        #expect(page.contains("Get a number for 1 parcel") && page.contains("2 will be skipped") && page.contains("Returned: 1"))
        #expect(page.contains("value=\"open/1\"") && !page.contains("value=\"back/1\""))
        #expect(fixture.sent.list.isEmpty)
    }

    @Test func nothingTickedIsSaid() async throws {
        let page = await (try FactoryFixture(Self.everything)).post("/f/f1/selection", [("command", "return")]).page
        #expect(page.contains("Nothing is selected yet"))
    }

    @Test func oneParcelShowsWhatCanBeDone() async throws {
        let fixture = try FactoryFixture(Self.everything)
        let open = await fixture.get("/f/f1/parcels/open/1").page
        #expect(open.contains("value=\"obtain\"") && !open.contains("Give up number"))
        let dead = await fixture.get("/f/f1/parcels/dead/1").page
        #expect(dead.contains("Nothing is left to do") && dead.contains("role=\"alert\""))
        #expect(await fixture.get("/f/f1/parcels/none/1").status == 404)
    }

    @Test func aParcelOfAnotherFactoryIsNotFound() async throws {
        var log = TopicLog()
        log.opened("theirs", factory: "f2")
        let fixture = try FactoryFixture(log)
        #expect(await fixture.get("/f/f1/parcels/theirs/1").status == 404)
        let selection = await fixture.post("/f/f1/selection", [("command", "obtain"), ("allocationId", "theirs/1")]).page
        #expect(!selection.contains("theirs/1"))
    }

    @Test func aPageInChineseHasNoEnglish() async throws {
        let page = await (try FactoryFixture(Self.everything, language: .zh)).get("/f/f1/parcels").page
        #expect(page.contains("lang=\"zh-Hans\"") && page.contains("待取号") && !page.contains("To take a number"))
        #expect(!page.contains("parcels."))
    }

    /// Only a merchant's pages end the hold of an order that is to be looked at first.
    @Test func whatAFactorysChannelDownloadsGoesStraightOn() async throws {
        var log = TopicLog()
        log.row(ChannelRow(channelId: "c1", factoryShopId: "f1", name: "Shop", platform: "pinduoduo", state: .active, version: 1))
        let fixture = try FactoryFixture(log)
        #expect(await fixture.get("/f/f1/channels/c1/policy").page.contains("name=\"transferToAudit\"") == false)
        _ = await fixture.post("/f/f1/channels/c1/policy", [("seen", "1"), ("downloadOrders", "yes"), ("type-own", "yes")])
        let sent = try #require(fixture.sent.list.first)
        #expect(sent.type == "authorization.set-policy" && sent.data["transferToAudit"] == .bool(true))
    }
}
