import Contracts
import JSON
import PartnerEffects
import Runtime
import StateMachines
import TestSupport
import Testing

@testable import Shipping

struct ERPUploadTests {
    private static let query = "oms.trade.fullinfoget"
    private static let complete = "oms.trade.order.completeDelivery"

    private static func scene(_ trades: String...) throws -> ConnectorScene {
        let scene = try ConnectorScene(.shipping)
        try scene.channel("C-2", .jackyun, merchant: "M-1")
        scene.partner.on(query, ScriptedPartner.jackyun(#"{"trades":[\#(trades.joined(separator: ","))]}"#))
        scene.partner.on(complete, ScriptedPartner.jackyun(#"{"failedResults":[]}"#))
        return scene
    }

    private static func trade(_ number: String, _ status: Int, waybill: String = "") -> String {
        #"{"tradeNo":"\#(number)","onlineTradeNo":"sn","tradeStatus":\#(status),"mainPostid":"\#(waybill)"}"#
    }

    private static func task(_ mode: UploadTask.Mode = .first) -> UploadTask {
        var task = UploadTask()
        task.orderId = "O-1"
        task.number = 1
        task.channelId = "C-2"
        task.platformOrderNumber = "sn"
        task.carrier = "YTO"
        task.waybillNumber = "YT1"
        task.mode = mode
        return task
    }

    private static func perform(
        _ scene: ConnectorScene, _ mode: UploadTask.Mode = .first, _ attempt: EffectAttempt = .attempt()
    ) async -> Performed<UploadOutcome> {
        await ERPUploads(access: ChannelAccess(scene.environment), deadline: RetryDeadline(scene.environment)).perform(task(mode), attempt)
    }

    private static func told(_ scene: ConnectorScene) -> [String] {
        scene.partner.calls(complete).flatMap { call in
            let content = call["bizcontent"]
            return (content.array ?? content["list"]?.array ?? []).compactMap { $0["tradeNo"]?.string }
        }
    }

    @Test func theOrderIsFoundByTheMarketplacesNumber() async throws {
        let scene = try Self.scene(Self.trade("T0", 5030), Self.trade("T1", 4110))
        #expect(await Self.perform(scene).answer == .confirmed)
        #expect(scene.partner.calls(Self.query).first?["bizcontent"]["sourceTradeNos"]?.string == "sn")
        #expect(Self.told(scene) == ["T1"])
    }

    @Test func anAfterSaleAtTheMarketplaceStopsIt() async throws {
        let check = "pdd.refund.status.check"
        let scene = try Self.scene(Self.trade("T1", 4110))
        try scene.channel("C-1", .pinduoduo, merchant: "M-1")
        var task = Self.task()
        task.marketplaceChannelId = "C-1"
        let uploads = ERPUploads(access: ChannelAccess(scene.environment), deadline: RetryDeadline(scene.environment))
        scene.partner.on(check, #"{"refund_status_check_response":{"order_sns_exists_refund":[{"order_sn":"sn"}]}}"#)
        #expect(await uploads.perform(task, .attempt()).answer?.failure?.reason == .afterSaleOpen)
        #expect(Self.told(scene) == [])
        scene.partner.on(check, #"{"refund_status_check_response":{"order_sns_exists_refund":[]}}"#)
        #expect(await uploads.perform(task, .attempt()).answer == .confirmed)
        #expect(Self.told(scene) == ["T1"])
    }

    @Test func aNumberThatIsThereIsNotToldAgain() async throws {
        let scene = try Self.scene(Self.trade("T1", 6000, waybill: "YT1"))
        #expect(await Self.perform(scene, .first, .attempt(1, mayHaveRun: true)).answer == .confirmed)
        #expect(Self.told(scene) == [])
    }

    @Test func aFurtherParcelGoesToAPartThatHasNone() async throws {
        let scene = try Self.scene(Self.trade("T1", 6000, waybill: "YT0"), Self.trade("T2", 4110), Self.trade("T3", 4110))
        #expect(await Self.perform(scene, .further).answer == .confirmed)
        #expect(Self.told(scene) == ["T2"])
        let full = try Self.scene(Self.trade("T1", 6000, waybill: "YT0"))
        #expect(await Self.perform(full, .further).answer?.failure?.reason == .partnerRejected)
        #expect(Self.told(full) == [])
    }

    @Test func whatTheERPRefusesIsSaid() async throws {
        let none = try Self.scene()
        #expect(await Self.perform(none).answer?.failure?.reason == .orderUnknown)
        let scene = try Self.scene(Self.trade("T1", 6000, waybill: "YT0"))
        scene.partner.on(Self.complete, ScriptedPartner.jackyun(#"{"failedResults":[{"tradeNo":"T1","msg":"销售单已发货"}]}"#))
        let failure = try #require(await Self.perform(scene, .change).answer?.failure)
        #expect(failure.reason == .partnerRejected && failure.message == "销售单已发货")
        scene.partner.on(Self.complete, #"{"code":0,"msg":"参数错误","subCode":"0140"}"#)
        #expect(await Self.perform(scene, .change).answer?.failure?.partnerCode == "0140")
    }

    @Test func anOpenOutcomeIsTriedAgainUntilPatienceEnds() async throws {
        let scene = try Self.scene(Self.trade("T1", 4110))
        scene.partner.on(Self.complete) { _ in .lost }
        #expect(await Self.perform(scene).retry?.mayHaveRun == true)
        scene.clocks.pass(3601)
        #expect(await Self.perform(scene, .first, .attempt(3)).answer?.failure?.reason == .partnerUnavailable)
    }
}
