import Contracts
import JSON
import PartnerEffects
import Runtime
import StateMachines
import TestSupport
import Testing

@testable import Shipping

struct MarketplaceUploadTests {
    private static let send = "pdd.logistics.online.send"
    private static let extra = "pdd.order.upload.extra.logistics"
    private static let check = "pdd.refund.status.check"
    private static let order = "pdd.order.information.get"
    private static let addresses = "pdd.refund.address.list.get"
    private static let companies = "pdd.logistics.companies.get"

    /// A marketplace that has the order, unshipped, and does what it is asked.
    private static func scene() throws -> ConnectorScene {
        let scene = try ConnectorScene(.shipping)
        try scene.channel("C-1", .pinduoduo, merchant: "M-1")
        scene.partner.on(
            companies,
            #"{"logistics_companies_get_response":{"logistics_companies":[{"id":3,"code":"YTO","logistics_company":"圆通","available":0},"#
                + #"{"id":85,"code":"YTO","logistics_company":"圆通快递","available":1}]}}"#)
        scene.partner.on(addresses, #"{"refund_address_list_get_response":{"refund_address_list":[{"id":77},{"id":78,"is_legal":false}]}}"#)
        scene.partner.on(check, #"{"refund_status_check_response":{"order_sns_exists_refund":[]}}"#)
        scene.partner.on(send, #"{"logistics_online_send_response":{"is_success":true}}"#)
        scene.partner.on(extra, #"{"upload_extra_logistics_response":{"is_success":true}}"#)
        return scene
    }

    private static func order(_ status: Int, number: String = "", company: Int = 0) -> String {
        #"{"order_info_get_response":{"order_info":{"order_sn":"sn","order_status":\#(status),"tracking_number":"\#(number)","#
            + #""logistics_id":\#(company),"item_list":[]}}}"#
    }

    private static func task(_ mode: UploadTask.Mode = .first, extra: [String]? = nil, carrier: String = "YTO") -> UploadTask {
        var task = UploadTask()
        task.orderId = "pdd:sn"
        task.number = 1
        task.channelId = "C-1"
        task.platformOrderNumber = "sn"
        task.carrier = carrier
        task.waybillNumber = "YT1"
        task.extraNumbers = extra
        task.returnAddressId = "pdd:77"
        task.mode = mode
        return task
    }

    private static func perform(
        _ scene: ConnectorScene, _ task: UploadTask, _ attempt: EffectAttempt = .attempt()
    ) async -> Performed<UploadOutcome> {
        await MarketplaceUploads(ChannelAccess(scene.environment), RetryDeadline(scene.environment)).perform(task, attempt)
    }

    @Test func theOrderIsShippedAfterTheCheckForAfterSales() async throws {
        let scene = try Self.scene()
        #expect(await Self.perform(scene, Self.task()).answer == .confirmed)
        #expect(scene.partner.calls().map(\.operation) == [Self.companies, Self.addresses, Self.check, Self.send])
        let sent = try #require(scene.partner.calls(Self.send).first?.fields)
        #expect(sent["order_sn"] == "sn" && sent["logistics_id"] == "85" && sent["tracking_number"] == "YT1")
        #expect(sent["refund_address_id"] == "77" && sent["redelivery_type"] == "1" && sent["access_token"] == "token-1")
        #expect(scene.partner.calls(Self.check).first?.fields["order_sns"] == "sn")
    }

    @Test func anAddressOfOurOwnIsNoneOfThePlatforms() async throws {
        let scene = try Self.scene()
        var task = Self.task()
        task.returnAddressId = "back-1"
        #expect(await Self.perform(scene, task).answer == .confirmed)
        #expect(try #require(scene.partner.calls(Self.send).first).fields["refund_address_id"] == nil)
    }

    @Test func anAddressThatReturnsCannotGoToStopsIt() async throws {
        let scene = try Self.scene()
        var task = Self.task()
        task.returnAddressId = "pdd:78"
        let failure = try #require(await Self.perform(scene, task).answer?.failure)
        #expect(failure.reason == .returnAddressInvalid && failure.message.contains("78"))
        #expect(scene.partner.calls(Self.send).isEmpty)
    }

    @Test func anAddressOfAnotherShopIsNoneOfThisOnes() async throws {
        let scene = try Self.scene()
        var task = Self.task()
        task.returnAddressId = "pdd:79"
        #expect(await Self.perform(scene, task).answer == .confirmed)
        #expect(try #require(scene.partner.calls(Self.send).first).fields["refund_address_id"] == nil)
    }

    /// It judges them when they are sent.
    @Test func aMarketplaceThatDoesNotListAddressesIsSentThem() async throws {
        let scene = try Self.scene()
        scene.partner.next(Self.addresses, ScriptedPartner.pinduoduoError(10_001), .json(#"{"refund_address_list_get_response":{}}"#))
        for _ in 1...2 { #expect(await Self.perform(scene, Self.task()).answer == .confirmed) }
        scene.partner.next(Self.addresses, ScriptedPartner.pinduoduoError(52_102))
        #expect(await Self.perform(scene, Self.task()).retry?.reason == "unavailable")
    }

    @Test func anAfterSaleStopsIt() async throws {
        let scene = try Self.scene()
        scene.partner.on(Self.check, #"{"refund_status_check_response":{"order_sns_exists_refund":[{"order_sn":"sn"}]}}"#)
        let outcome = try #require(await Self.perform(scene, Self.task()).answer)
        #expect(outcome.failure?.reason == .afterSaleOpen && !outcome.isShipped)
        #expect(scene.partner.calls(Self.send).isEmpty)
    }

    @Test func whetherThereIsAnAfterSaleIsNotGuessed() async throws {
        let scene = try Self.scene()
        scene.partner.next(Self.check, .lost)
        #expect(await Self.perform(scene, Self.task()).retry?.reason == "outcome-open")
        #expect(scene.partner.calls(Self.send).isEmpty)
    }

    @Test func afterAnOpenOutcomeTheOrderIsAskedAboutFirst() async throws {
        let scene = try Self.scene()
        scene.partner.next(Self.send, .lost)
        let retry = try #require(await Self.perform(scene, Self.task()).retry)
        #expect(retry.mayHaveRun)
        scene.partner.on(Self.order, Self.order(2, number: "YT1", company: 85))
        #expect(await Self.perform(scene, Self.task(), .attempt(1, mayHaveRun: true)).answer == .confirmed)
        #expect(scene.partner.calls(Self.send).count == 1)
        // It was not done after all.
        scene.partner.on(Self.order, Self.order(1))
        #expect(await Self.perform(scene, Self.task(), .attempt(1, mayHaveRun: true)).answer == .confirmed)
        #expect(scene.partner.calls(Self.send).last?.fields["redelivery_type"] == "1")
    }

    @Test func anOrderThatSomebodyElseShippedIsLeftAlone() async throws {
        let scene = try Self.scene()
        scene.partner.on(Self.order, Self.order(2, number: "SF9", company: 44))
        let outcome = try #require(await Self.perform(scene, Self.task(), .attempt(1, mayHaveRun: true)).answer)
        #expect(outcome.failure?.reason == .partnerRejected && !outcome.isShipped)
        #expect(scene.partner.calls(Self.send).isEmpty)
    }

    @Test(arguments: [(1, "1"), (2, "2")])
    func aChangeReplacesWhatIsThere(status: Int, delivery: String) async throws {
        let scene = try Self.scene()
        scene.partner.on(Self.order, Self.order(status, number: "YT0", company: 85))
        #expect(await Self.perform(scene, Self.task(.change)).answer == .confirmed)
        #expect(scene.partner.calls(Self.send).map { $0.fields["redelivery_type"] } == [delivery])
    }

    @Test func aChangeThatIsThereIsNotSent() async throws {
        let scene = try Self.scene()
        scene.partner.on(Self.order, Self.order(2, number: "YT1", company: 85))
        #expect(await Self.perform(scene, Self.task(.change)).answer == .confirmed)
        #expect(scene.partner.calls(Self.send).isEmpty)
        // The same number with another carrier is not there.
        scene.partner.on(Self.order, Self.order(2, number: "YT1", company: 44))
        #expect(await Self.perform(scene, Self.task(.change)).answer == .confirmed)
        #expect(scene.partner.calls(Self.send).count == 1)
    }

    @Test func furtherNumbersGoBesideTheFirst() async throws {
        let scene = try Self.scene()
        #expect(await Self.perform(scene, Self.task(extra: ["YT2", "YT3"])).answer == .confirmed)
        #expect(await Self.perform(scene, Self.task(.further, extra: ["YT4"])).answer == .confirmed)
        #expect(scene.partner.calls(Self.send).count == 1)
        let lists = scene.partner.calls(Self.extra).map { call in
            (call["extra_track_list"].array ?? []).compactMap { $0["tracking_number"]?.string }
        }
        #expect(lists == [["YT2", "YT3"], ["YT1", "YT4"]])
        #expect(scene.partner.calls(Self.extra).allSatisfy { $0.fields["extra_track_type"] == "1" })
    }

    @Test func whatFailsAfterTheOrderWasShippedSaysSo() async throws {
        let scene = try Self.scene()
        scene.partner.next(Self.extra, ScriptedPartner.pinduoduoError(21_002), ScriptedPartner.pinduoduoError(52_101))
        let outcome = try #require(await Self.perform(scene, Self.task(extra: ["YT2"])).answer)
        #expect(outcome.failure?.reason == .partnerRejected && outcome.failure?.partnerCode == "21002" && outcome.isShipped)
        let retry = try #require(await Self.perform(scene, Self.task(extra: ["YT2"])).retry)
        #expect(retry.reason == "throttled" && retry.mayHaveRun)
        scene.partner.on(Self.order, Self.order(2, number: "YT1", company: 85))
        #expect(await Self.perform(scene, Self.task(extra: ["YT2"]), .attempt(1, mayHaveRun: true)).answer == .confirmed)
        #expect(scene.partner.calls(Self.send).count == 2)
    }

    @Test func aCarrierThatTheMarketplaceLacksIsSaid() async throws {
        let scene = try Self.scene()
        for carrier in ["CAINIAO", "NONE"] {
            #expect(await Self.perform(scene, Self.task(carrier: carrier)).answer?.failure?.reason == .carrierUnknown)
        }
        #expect(scene.partner.calls(Self.send).isEmpty)
    }

    @Test func aRefusalIsForAPersonToSee() async throws {
        let scene = try Self.scene()
        scene.partner.next(Self.send, ScriptedPartner.pinduoduoError(21_002, "订单已取消"))
        let failure = try #require(await Self.perform(scene, Self.task()).answer?.failure)
        #expect(failure.reason == .partnerRejected && failure.partnerCode == "21002" && failure.message.contains("订单已取消"))
    }

    @Test func aRefusedTokenIsReported() async throws {
        let scene = try Self.scene()
        scene.partner.next(Self.companies, ScriptedPartner.pinduoduoError(10_019))
        let retry = try #require(await Self.perform(scene, Self.task()).retry)
        let report = try #require(retry.report)
        #expect(retry.reason == "token-invalid" && (report.command as? ReportToken)?.version == 1)
        #expect(report.key == "channel:C-1" && report.id == "auth-C-1~shipping~1/refused")
    }

    @Test func withoutConsentItWaitsAndThenSaysSo() async throws {
        let scene = try ConnectorScene(.shipping)
        #expect(await Self.perform(scene, Self.task()).retry?.reason == "no-channel")
        try scene.channel("C-1", .pinduoduo, merchant: "M-1", state: .suspended)
        #expect(await Self.perform(scene, Self.task()).retry?.reason == "suspended")
        #expect(await Self.perform(scene, Self.task(), .attempt(5, age: 3601)).answer?.failure?.reason == .notAuthorized)
    }

    @Test func patienceHasAnEndButNotBeforeAFewAttempts() async throws {
        let scene = try Self.scene()
        scene.partner.on(Self.send) { _ in .broken }
        scene.partner.on(Self.order, Self.order(1))
        scene.clocks.pass(3500)
        #expect(await Self.perform(scene, Self.task(), .attempt(7, mayHaveRun: true)).retry != nil)
        scene.clocks.pass(101)
        #expect(await Self.perform(scene, Self.task(), .attempt(1, mayHaveRun: true)).retry != nil)
        let failure = await Self.perform(scene, Self.task(), .attempt(2, mayHaveRun: true)).answer?.failure
        #expect(failure?.reason == .partnerUnavailable)
    }

    @Test func carriersAreAskedForOnceAnHourAndAddressesEveryTenMinutes() async throws {
        let scene = try Self.scene()
        let uploads = MarketplaceUploads(ChannelAccess(scene.environment), RetryDeadline(scene.environment))
        for _ in 0..<3 { #expect(await uploads.perform(Self.task(), .attempt()).answer == .confirmed) }
        #expect(scene.partner.calls(Self.companies).count == 1 && scene.partner.calls(Self.addresses).count == 1)
        scene.clocks.pass(601)
        #expect(await uploads.perform(Self.task(), .attempt()).answer == .confirmed)
        #expect(scene.partner.calls(Self.companies).count == 1 && scene.partner.calls(Self.addresses).count == 2)
        scene.clocks.pass(3000)
        #expect(await uploads.perform(Self.task(), .attempt()).answer == .confirmed)
        #expect(scene.partner.calls(Self.companies).count == 2)
    }
}
