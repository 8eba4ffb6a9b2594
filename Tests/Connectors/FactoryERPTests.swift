import Contracts
import JSON
import PartnerEffects
import Runtime
import StateMachines
import TestSupport
import Testing
import Threads

@testable import Waybill

struct FactoryERPTests {
    private static let create = "oms.trade.ordercreate"
    private static let cancel = "oms.trade.ordercancel"
    private static let query = "oms.trade.fullinfoget"

    private static func scene() throws -> ConnectorScene {
        let scene = try ConnectorScene(.waybill)
        try scene.channel("E-1", .jackyun, factory: "F-1")
        scene.partner.on(create, ScriptedPartner.jackyun(#"{"tradeOrder":{"tradeNo":"JY1"}}"#))
        scene.partner.on(cancel, ScriptedPartner.jackyun("{}"))
        scene.partner.on(query, trades())
        return scene
    }

    private static func trades(_ rows: String..., next: String = "") -> String {
        ScriptedPartner.jackyun(#"{"trades":[\#(rows.joined(separator: ","))],"scrollId":"\#(next)"}"#)
    }

    private static func trade(_ number: String, _ status: Int, _ source: String = "O-1/1", _ more: String = "") -> String {
        #"{"tradeNo":"\#(number)","onlineTradeNo":"\#(source)","tradeStatus":\#(status)\#(more)}"#
    }

    private static var creation: ERPOrderCreation {
        var effect = ERPOrderCreation()
        effect.orderId = "O-1"
        effect.allocationId = "O-1/1"
        effect.channelId = "E-1"
        effect.area = Area(province: "浙江省", city: "金华市", district: "义乌市")
        effect.remark = "轻放"
        effect.allocatedAt = Timestamp(milliseconds: 1_700_000_000_000)
        var goods = ERPGoods()
        goods.goodsNo = "杯子"
        goods.name = "杯子"
        goods.spec = "红"
        goods.quantity = 2
        effect.goods = [goods]
        return effect
    }

    private static var cancellation: ERPOrderCancellation {
        var effect = ERPOrderCancellation()
        effect.orderId = "O-1"
        effect.allocationId = "O-1/1"
        effect.channelId = "E-1"
        effect.erpNumber = "JY1"
        return effect
    }

    private static func erp(_ scene: ConnectorScene) -> FactoryERP {
        FactoryERP(
            access: ChannelAccess(scene.environment), inquiry: OutcomeInquiry(scene.environment), deadline: RetryDeadline(scene.environment)
        )
    }

    /// Nobody brings a channel back that is gone: what may be at the ERP is told.
    @Test func whatAChannelThatIsGoneMayHaveDoneIsTold() async throws {
        let scene = try Self.scene()
        var effect = Self.creation
        effect.channelId = "E-9"
        let erp = Self.erp(scene)
        scene.clocks.pass(3500)
        #expect(await erp.create(effect, .attempt(5, mayHaveRun: true)).retry?.reason == "no-channel")
        scene.clocks.pass(101)
        guard case .refused(let unknown)? = await erp.create(effect, .attempt(5, mayHaveRun: true)).answer,
            case .refused(let unsent)? = await erp.create(effect, .attempt(5)).answer
        else {
            Issue.record("no end")
            return
        }
        #expect(unknown.message == "outcome-unknown" && unsent.message != unknown.message)
        var cancellation = Self.cancellation
        cancellation.channelId = "E-9"
        guard case .refused(let kept)? = await erp.cancel(cancellation, .attempt(5, mayHaveRun: true)).answer else {
            Issue.record("no end")
            return
        }
        #expect(kept.message == "outcome-unknown")
    }

    @Test func theOrderIsKnownByTheAllocationAndHasNoRecipient() async throws {
        let scene = try Self.scene()
        #expect(await Self.erp(scene).create(Self.creation, .attempt()).answer == .created("JY1"))
        #expect(scene.partner.calls().map(\.operation) == [Self.create])
        let order = try #require(scene.partner.calls(Self.create).first)["bizcontent"]["tradeOrder"]
        #expect(order?["onlineTradeNo"]?.string == "O-1/1" && order?["shopName"]?.string == "店" && order?["city"]?.string == "金华市")
        #expect(order?["sellerMemo"]?.string == "轻放" && order?["tradeOrderDetails"]?[0]?["sellCount"]?.string == "2")
        for field in ["receiverName", "mobile", "phone", "address"] { #expect(order?[field] == nil) }
    }

    @Test func afterAnOpenOutcomeTheERPIsAskedBeforeAnythingIsCreated() async throws {
        let scene = try Self.scene()
        scene.partner.next(Self.create, .lost)
        let retry = try #require(await Self.erp(scene).create(Self.creation, .attempt()).retry)
        #expect(retry.mayHaveRun && retry.asked == 1)
        scene.partner.on(Self.query, Self.trades(Self.trade("JY0", 5010), Self.trade("JY9", 1010)))
        #expect(await Self.erp(scene).create(Self.creation, .attempt(1, mayHaveRun: true, asked: 1)).answer == .created("JY9"))
        #expect(scene.partner.calls(Self.create).count == 1)
        #expect(scene.partner.calls(Self.query).first?["bizcontent"]["sourceTradeNos"]?.string == "O-1/1")
    }

    @Test func whatTheERPDoesNotShowAtOnceIsNotCreatedTwice() async throws {
        let scene = try Self.scene()
        for question in 1...2 {
            let retry = await Self.erp(scene).create(Self.creation, .attempt(question, mayHaveRun: true, asked: question)).retry
            #expect(retry?.asked == question + 1 && retry?.mayHaveRun == true)
        }
        #expect(scene.partner.calls(Self.create).isEmpty)
        // It has none, by the last question either: it was not done.
        #expect(await Self.erp(scene).create(Self.creation, .attempt(3, mayHaveRun: true, asked: 3)).answer == .created("JY1"))
        #expect(scene.partner.calls(Self.create).count == 1 && scene.partner.calls(Self.query).count == 3)
    }

    @Test func anUnansweredQuestionCreatesNothing() async throws {
        let scene = try Self.scene()
        scene.partner.next(Self.query, .lost)
        #expect(await Self.erp(scene).create(Self.creation, .attempt(1, mayHaveRun: true, asked: 1)).retry?.mayHaveRun == true)
        #expect(scene.partner.calls(Self.create).isEmpty)
    }

    @Test func whatTheERPRefusesIsAnAnswer() async throws {
        let scene = try Self.scene()
        scene.partner.on(Self.create, #"{"code":0,"msg":"店铺不存在","subCode":"0140"}"#)
        #expect(await Self.erp(scene).create(Self.creation, .attempt()).answer == .refused(ERPRefusal(code: "0140", "店铺不存在")))
        scene.partner.on(Self.cancel, #"{"code":0,"msg":"已发货","subCode":"0141"}"#)
        #expect(await Self.erp(scene).cancel(Self.cancellation, .attempt()).answer == .refused(ERPRefusal(code: "0141", "已发货")))
    }

    @Test func anOrderIsCancelledByTheERPsNumber() async throws {
        let scene = try Self.scene()
        #expect(await Self.erp(scene).cancel(Self.cancellation, .attempt()).answer == .cancelled)
        #expect(scene.partner.calls(Self.cancel).first?["bizcontent"]["tradeNos"]?.string == "JY1")
        scene.partner.next(Self.cancel, .lost)
        #expect(await Self.erp(scene).cancel(Self.cancellation, .attempt()).retry?.mayHaveRun == true)
        scene.partner.on(Self.query, Self.trades(Self.trade("JY1", 5010)))
        #expect(await Self.erp(scene).cancel(Self.cancellation, .attempt(1, mayHaveRun: true)).answer == .cancelled)
        #expect(scene.partner.calls(Self.cancel).count == 2)
    }

    @Test func shippedNumbersAreReadWithTheirCarriers() async throws {
        let scene = try Self.scene()
        scene.partner.on(
            Self.query,
            Self.trades(
                Self.trade("JY1", 6000, "O-1/1", #","mainPostid":"YT1","extraLogisticNo":"YT2,YT1","logisticName":"圆通速递""#),
                Self.trade("JY8", 4110, "O-8/1", #","mainPostid":"YT8""#), Self.trade("JY9", 5010, "O-9/1", #","mainPostid":"YT9""#),
                Self.trade("JY2", 6000, "O-2/1,O-3/1", #","mainPostid":"X1","logisticName":"某某快运""#), Self.trade("JY3", 6000, "O-4/1"),
                next: "s2"))
        var effect = NumberFetch()
        effect.channelId = "E-1"
        effect.from = Timestamp(milliseconds: scene.clocks.now.milliseconds - 60_000)
        guard case .page(let shipments, let next, let to) = try #require(await Self.erp(scene).fetch(effect).answer) else {
            Issue.record("no page")
            return
        }
        #expect(
            shipments == [
                ERPShipment(allocationId: "O-1/1", carrier: "YTO", waybillNumber: "YT1", extraNumbers: ["YT2"]),
                ERPShipment(allocationId: "O-2/1", carrier: "某某快运", waybillNumber: "X1"),
                ERPShipment(allocationId: "O-3/1", carrier: "某某快运", waybillNumber: "X1"),
            ])
        #expect(next == "s2" && to == scene.clocks.now)
    }

    @Test func aWindowIsNoLongerThanTheERPAnswers() async throws {
        let scene = try Self.scene()
        var effect = NumberFetch()
        effect.channelId = "E-1"
        effect.from = Timestamp(milliseconds: scene.clocks.now.milliseconds - 30 * 86_400_000)
        guard case .page(_, nil, let to) = try #require(await Self.erp(scene).fetch(effect).answer) else {
            Issue.record("no last page")
            return
        }
        #expect(to.milliseconds == effect.from.milliseconds + 7 * 86_400_000)
        // Further pages ask for the same window.
        effect.to = Timestamp(milliseconds: effect.from.milliseconds + 1000)
        effect.page = "s2"
        _ = await Self.erp(scene).fetch(effect)
        let content = try #require(scene.partner.calls(Self.query).last)["bizcontent"]
        #expect(content["scrollId"]?.string == "s2")
    }
}
