import Contracts
import JSON
import PartnerEffects
import Runtime
import StateMachines
import TestSupport
import Testing

@testable import Waybill

struct PlatformCallsTests {
    private static let get = "pdd.fds.waybill.get"
    private static let giveBack = "pdd.fds.waybill.return"
    private static let slaves = "pdd.fds.waybill.return.slave"
    private static let cancel = "pdd.fds.waybill.cancel"
    private static let order = "pdd.fds.order.get"

    /// A factory in Yiwu that has ordered YTO's electronic waybills there.
    private static func scene(district: String = "义乌市") throws -> ConnectorScene {
        let scene = try ConnectorScene(.waybill)
        try scene.channel("C-1", .pinduoduo, factory: "F-1")
        let factory = ParticipantRow(
            shopId: "F-1", role: .factory, contact: Contact(name: "老李", phone: "13900000000"),
            address: Address(country: "CN", province: "浙江省", city: "金华市", district: "义乌市", detail: "北苑街道1号"), addresses: [], version: 0)
        scene.put(factory)
        scene.partner.on(
            "pdd.waybill.search",
            #"{"pdd_waybill_search_response":{"waybill_apply_subscription_cols":[{"wp_code":"YTO","branch_account_cols":[{"branch_code":"1","#
                + #""quantity":5,"shipp_address_cols":[{"province":"浙江省","city":"金华市","district":"\#(district)","detail":"仓库2号"}]}]}]}}"#)
        scene.partner.on(
            "pdd.cloudprint.stdtemplates.get",
            #"{"pdd_cloudprint_stdtemplates_get_response":{"result":{"datas":[{"wp_code":"YTO","standard_templates":["#
                + #"{"standard_template_url":"https://t/1","standard_waybill_type":1}]}]}}}"#)
        scene.partner.on(
            get,
            #"{"pdd_fds_waybill_get_response":{"modules":[{"object_id":"pdd-fds:m:s_1","waybill_code":"YT7","print_data":"cipher"}]}}"#)
        scene.partner.on(giveBack, #"{"pdd_fds_waybill_return_response":{"return_result":true}}"#)
        scene.partner.on(slaves, #"{"pdd_fds_waybill_return_slave_response":{"result":true}}"#)
        scene.partner.on(cancel, #"{"pdd_fds_waybill_cancel_response":{"return_result":true}}"#)
        return scene
    }

    private static func orderState(returned: Int, status: Int = 1) -> String {
        #"{"pdd_fds_order_get_response":{"mall_mask_id":"m","order_mask_sn":"s","goods_number":1,"status":\#(status),"#
            + #""return_status":\#(returned)}}"#
    }

    private static func call(_ step: PlatformCall.Step, extra: [String]? = nil, hasMain: Bool? = nil) -> PlatformCall {
        var call = PlatformCall()
        call.step = step
        call.orderId = "pdd-fds:m:s"
        call.allocationId = "pdd-fds:m:s/1"
        call.factoryShopId = "F-1"
        call.channelId = "C-1"
        call.carrier = "YTO"
        call.number = step == .obtain ? nil : "YT7"
        call.extraNumbers = extra
        call.goods = [PlatformGoods(name: "杯子", count: 2, goodsNo: nil)]
        call.hasMain = hasMain
        return call
    }

    private static func perform(
        _ scene: ConnectorScene, _ call: PlatformCall, _ attempt: EffectAttempt = .attempt()
    ) async -> Performed<PlatformCall.Outcome> {
        await PlatformCalls(
            access: ChannelAccess(scene.environment), tables: scene.environment.tables, deadline: RetryDeadline(scene.environment),
            inquiry: OutcomeInquiry(scene.environment)
        ).perform(call, attempt)
    }

    @Test func aNumberIsAskedForFromTheFactorysAddress() async throws {
        let scene = try Self.scene()
        let label = PlatformLabel(template: "https://t/1", data: "cipher")
        #expect(await Self.perform(scene, Self.call(.obtain)).answer == .obtained(number: "YT7", label))
        let request = try #require(scene.partner.calls(Self.get).first)["param_fds_waybill_get_request"]
        #expect(request["sender"]?["address"]?["detail"]?.string == "仓库2号" && request["sender"]?["name"]?.string == "老李")
        let parcel = request["trade_order_info_dtos"]?[0]
        #expect(parcel?["object_id"]?.string == "pdd-fds:m:s_1" && parcel?["template_url"]?.string == "https://t/1")
        #expect(parcel?["user_id"]?.int == 1000 && parcel?["package_info"]?["items"]?[0]?["count"]?.int == 2)
        let named = parcel?["order_info"]?["trade_order_list"]?[0]
        #expect(named?["mall_mask_id"]?.string == "m" && named?["order_mask_sn"]?.string == "s")
        // Nobody tells the platform who the recipient is.
        #expect(parcel?["recipient"] == nil)
    }

    @Test func afterAnOpenOutcomeTheOrderIsAskedForBeforeTheSameParcelIs() async throws {
        let scene = try Self.scene()
        scene.partner.next(Self.get, .lost)
        scene.partner.on(Self.order, Self.orderState(returned: 0))
        var attempt = EffectAttempt.attempt()
        for question in 1...3 {
            let retry = try #require(await Self.perform(scene, Self.call(.obtain), attempt).retry)
            #expect(retry.mayHaveRun && retry.asked == question)
            #expect(scene.partner.calls(Self.get).count == 1 && scene.partner.calls(Self.order).count == question - 1)
            attempt = .attempt(question, mayHaveRun: retry.mayHaveRun, asked: retry.asked)
        }
        let label = PlatformLabel(template: "https://t/1", data: "cipher")
        #expect(await Self.perform(scene, Self.call(.obtain), attempt).answer == .obtained(number: "YT7", label))
        let parcels = scene.partner.calls(Self.get).map { $0["param_fds_waybill_get_request"]["trade_order_info_dtos"]?[0] }
        #expect(parcels.count == 2 && parcels[0] == parcels[1])
    }

    @Test(arguments: [(1, 1), (0, 0)]) func anOrderThatTakesNoNumberAnyMoreIsNotAskedForAgain(returned: Int, status: Int) async throws {
        let scene = try Self.scene()
        scene.partner.on(Self.order, Self.orderState(returned: returned, status: status))
        let attempt = EffectAttempt.attempt(1, mayHaveRun: true, asked: 1)
        guard case .refused? = await Self.perform(scene, Self.call(.obtain), attempt).answer else {
            Issue.record("not refused")
            return
        }
        #expect(scene.partner.calls(Self.get).isEmpty)
    }

    @Test func withoutTheCarriersAccountThereItIsRefused() async throws {
        let scene = try Self.scene(district: "东阳市")
        guard case .refused(let refusal) = try #require(await Self.perform(scene, Self.call(.obtain)).answer) else {
            Issue.record("not refused")
            return
        }
        #expect(refusal.message.contains("义乌市") && scene.partner.calls(Self.get).isEmpty)
    }

    @Test func aFactoryWithoutAProfileIsTold() async throws {
        let scene = try Self.scene()
        var call = Self.call(.obtain)
        call.factoryShopId = "F-2"
        guard case .refused = try #require(await Self.perform(scene, call).answer) else {
            Issue.record("not refused")
            return
        }
        #expect(scene.partner.calls().isEmpty)
    }

    @Test func aNumberIsReturnedAndItsFurtherOnesAfterIt() async throws {
        let scene = try Self.scene()
        #expect(await Self.perform(scene, Self.call(.return, extra: ["YT8"])).answer == .done)
        #expect(scene.partner.calls().map(\.operation) == [Self.giveBack, Self.slaves])
        let back = try #require(scene.partner.calls(Self.giveBack).first)["param_fds_waybill_return_request"]
        #expect(back["waybill_code"]?.string == "YT7" && back["wp_code"]?.string == "YTO")
        #expect(scene.partner.calls(Self.slaves).first?["request"]["waybill_codes"]?[0]?.string == "YT8")
    }

    @Test func afterAnOpenOutcomeThePlatformIsAskedFirst() async throws {
        let scene = try Self.scene()
        scene.partner.next(Self.giveBack, .lost)
        #expect(await Self.perform(scene, Self.call(.return)).retry?.mayHaveRun == true)
        scene.partner.on(Self.order, Self.orderState(returned: 1))
        #expect(await Self.perform(scene, Self.call(.return), .attempt(1, mayHaveRun: true)).answer == .done)
        #expect(scene.partner.calls(Self.giveBack).count == 1)
        scene.partner.on(Self.order, Self.orderState(returned: 0))
        #expect(await Self.perform(scene, Self.call(.return), .attempt(1, mayHaveRun: true)).answer == .done)
        #expect(scene.partner.calls(Self.giveBack).count == 2)
    }

    @Test func aRefusedFurtherNumberSaysThatTheMainOneIsThere() async throws {
        let scene = try Self.scene()
        scene.partner.next(Self.slaves, ScriptedPartner.pinduoduoError(21_002), ScriptedPartner.pinduoduoError(52_101))
        let call = Self.call(.return, extra: ["YT8"])
        guard case .refused(let refusal) = try #require(await Self.perform(scene, call).answer) else {
            Issue.record("not refused")
            return
        }
        #expect(refusal.hasMain && refusal.code == "21002")
        #expect(await Self.perform(scene, call).retry?.mayHaveRun == true)
        #expect(await Self.perform(scene, Self.call(.return, extra: ["YT8"], hasMain: true)).answer == .done)
        #expect(scene.partner.calls(Self.giveBack).count == 2)
    }

    @Test func furtherNumbersThatWereTakenBeforeAreTaken() async throws {
        let scene = try Self.scene()
        scene.partner.next(Self.slaves, .lost)
        let call = Self.call(.return, extra: ["YT8"])
        #expect(await Self.perform(scene, call).retry?.mayHaveRun == true)
        scene.partner.on(Self.order, Self.orderState(returned: 1))
        scene.partner.next(Self.slaves, ScriptedPartner.pinduoduoError(21_002))
        #expect(await Self.perform(scene, call, .attempt(1, mayHaveRun: true)).answer == .done)
        // What the platform does not let this application do says nothing of them.
        scene.partner.next(Self.slaves, ScriptedPartner.pinduoduoError(20_031))
        guard case .refused(let refusal)? = await Self.perform(scene, call, .attempt(1, mayHaveRun: true)).answer else {
            Issue.record("not refused")
            return
        }
        #expect(refusal.hasMain)
    }

    @Test func aRefusalForGoodIsAnAnswer() async throws {
        let scene = try Self.scene()
        for (step, operation) in [(PlatformCall.Step.return, Self.giveBack), (.cancel, Self.cancel), (.obtain, Self.get)] {
            scene.partner.next(operation, ScriptedPartner.pinduoduoError(21_002, "订单已取消分配"))
            guard case .refused(let refusal)? = await Self.perform(scene, Self.call(step)).answer else {
                Issue.record("\(step) is not refused")
                continue
            }
            #expect(refusal.code == "21002" && refusal.message.contains("订单已取消分配") && !refusal.hasMain)
        }
    }

    @Test func whatWasTakenBackBeforeIsTakenBack() async throws {
        let scene = try Self.scene()
        scene.partner.next(Self.cancel, .lost)
        #expect(await Self.perform(scene, Self.call(.cancel)).retry?.mayHaveRun == true)
        scene.partner.on(Self.order, Self.orderState(returned: 0))
        scene.partner.next(Self.cancel, ScriptedPartner.pinduoduoError(21_001))
        #expect(await Self.perform(scene, Self.call(.cancel), .attempt(1, mayHaveRun: true)).answer == .done)
    }

    @Test func whatIsInForceIsNotTakenForTakenBack() async throws {
        let scene = try Self.scene()
        scene.partner.on(Self.cancel) { _ in ScriptedPartner.pinduoduoError(21_001) }
        scene.partner.on(Self.order, Self.orderState(returned: 1))
        guard case .refused? = await Self.perform(scene, Self.call(.cancel), .attempt(1, mayHaveRun: true)).answer else {
            Issue.record("not refused")
            return
        }
        // What the platform does not let this application do says nothing of the number.
        scene.partner.on(Self.order, Self.orderState(returned: 0))
        scene.partner.on(Self.cancel) { _ in ScriptedPartner.pinduoduoError(20_031) }
        guard case .refused? = await Self.perform(scene, Self.call(.cancel), .attempt(1, mayHaveRun: true)).answer else {
            Issue.record("not refused")
            return
        }
        // Without an answer to the question it is asked again.
        scene.partner.on(Self.cancel) { _ in ScriptedPartner.pinduoduoError(21_001) }
        scene.partner.on(Self.order) { _ in ScriptedPartner.pinduoduoError(52_102) }
        #expect(await Self.perform(scene, Self.call(.cancel), .attempt(1, mayHaveRun: true)).retry?.reason == "unavailable")
    }

    @Test func aNumberThatMayHaveBeenTakenIsNotForgotten() async throws {
        let scene = try Self.scene()
        scene.partner.on(Self.get) { _ in .lost }
        for mayHaveRun in [true, false] {
            let attempt = EffectAttempt.attempt(5, mayHaveRun: mayHaveRun, asked: mayHaveRun ? 3 : 0, age: 3601)
            scene.partner.on(Self.order, Self.orderState(returned: 0))
            guard case .refused(let refusal)? = await Self.perform(scene, Self.call(.obtain), attempt).answer else {
                Issue.record("no end")
                return
            }
            #expect(refusal.isUnknown)
        }
    }

    @Test func patienceEndsOnlyWhereNothingCanHaveBeenDone() async throws {
        let scene = try Self.scene()
        scene.partner.on(Self.giveBack) { _ in ScriptedPartner.pinduoduoError(52_102) }
        scene.clocks.pass(3500)
        #expect(await Self.perform(scene, Self.call(.return), .attempt(5)).retry?.reason == "unavailable")
        scene.clocks.pass(101)
        guard case .refused? = await Self.perform(scene, Self.call(.return), .attempt(5)).answer else {
            Issue.record("not refused")
            return
        }
        scene.partner.on(Self.order, Self.orderState(returned: 0))
        #expect(await Self.perform(scene, Self.call(.return), .attempt(5, mayHaveRun: true, age: 9999)).retry != nil)
        scene.partner.on(Self.giveBack) { _ in .lost }
        #expect(await Self.perform(scene, Self.call(.return), .attempt(5, age: 9999)).retry != nil)
    }
}

struct PinduoduoDecryptorTests {
    private static let decrypt = "pdd.open.decrypt.batch"

    private static func scene() throws -> ConnectorScene {
        let scene = try ConnectorScene(.waybill)
        try scene.channel("C-1", .pinduoduo, merchant: "M-1")
        scene.partner.on(decrypt, answer(address: "广东省深圳市南山区科技园1号"))
        return scene
    }

    private static func answer(address: String, name: String = "张三", phone: String = "$13800000000$#1234#") -> String {
        let rows = [(5, "n", name), (6, "p", phone), (8, "a", address)].map { kind, cipher, text in
            #"{"data_tag":"sn","encrypted_data":"\#(cipher)","data_type":\#(kind),"decrypted_data":"\#(text)","error_code":0}"#
        }
        return #"{"open_decrypt_batch_response":{"data_decrypt_list":[\#(rows.joined(separator: ","))]}}"#
    }

    private static func effect(channel: String? = "C-1", merchant: String = "M-1") -> Resealing {
        var effect = Resealing()
        effect.orderId = "pdd:sn"
        effect.allocationId = "pdd:sn/1"
        effect.merchantShopId = merchant
        effect.channelId = channel
        effect.area = Area(province: "广东省", city: "深圳市", district: "南山区")
        return effect
    }

    private static func decrypt(_ scene: ConnectorScene, _ effect: Resealing = effect()) async throws(RecipientFailure) -> Recipient {
        try await PinduoduoDecryptor(access: ChannelAccess(scene.environment), tables: scene.environment.tables).decrypt(
            ConnectorScene.encryptedRecipient, of: RecipientSource(effect))
    }

    private static func retry(_ scene: ConnectorScene, _ effect: Resealing = effect()) async -> EffectRetry? {
        if case .again(let retry) = await failure(scene, effect) { retry } else { nil }
    }

    private static func refusal(_ scene: ConnectorScene) async -> PartnerRefusal? {
        if case .refused(let refusal) = await failure(scene, effect()) { refusal } else { nil }
    }

    private static func failure(_ scene: ConnectorScene, _ effect: Resealing) async -> RecipientFailure? {
        do throws(RecipientFailure) {
            _ = try await decrypt(scene, effect)
            return nil
        } catch { return error }
    }

    @Test func aRecipientIsNamePhoneAndStreet() async throws {
        let scene = try Self.scene()
        let recipient = try await Self.decrypt(scene)
        #expect(recipient.name == "张三" && recipient.phone == "13800000000-1234")
        #expect(recipient.address.province == "广东省" && recipient.address.district == "南山区" && recipient.address.detail == "科技园1号")
        let list = try #require(scene.partner.calls(Self.decrypt).first)["data_list"]
        #expect(list[0]?["data_tag"]?.string == "sn" && list.array?.count == 3)
        scene.partner.on(Self.decrypt, Self.answer(address: "科技园2号"))
        #expect(try await Self.decrypt(scene).address.detail == "科技园2号")
    }

    @Test func withoutTheOrdersChannelItIsAnotherOfTheMerchants() async throws {
        let scene = try Self.scene()
        #expect(try await Self.decrypt(scene, Self.effect(channel: nil)).name == "张三")
        #expect(try await Self.decrypt(scene, Self.effect(channel: "C-9")).name == "张三")
        #expect(await Self.retry(scene, Self.effect(merchant: "M-2"))?.reason == "no-channel")
    }

    @Test func aQuotaThatIsUsedUpWaits() async throws {
        let scene = try Self.scene()
        scene.partner.next(Self.decrypt, ScriptedPartner.pinduoduoError(21_002, "解密额度已用完"))
        let retry = try #require(await Self.retry(scene))
        #expect(retry.reason == "quota-exhausted" && retry.after == 600)
    }

    @Test func oneTextThatIsRefusedRefusesAll() async throws {
        let scene = try Self.scene()
        let row = #"{"data_tag":"sn","encrypted_data":"n","data_type":5,"decrypted_data":"","error_code":21001,"error_msg":"no"}"#
        scene.partner.on(Self.decrypt, #"{"open_decrypt_batch_response":{"data_decrypt_list":[\#(row)]}}"#)
        #expect(await Self.refusal(scene)?.code == "21001")
        #expect(scene.partner.calls(Self.decrypt).count == 1)
    }

    @Test func whatTheOperatorHasToMendWaits() async throws {
        let scene = try Self.scene()
        scene.partner.next(Self.decrypt, ScriptedPartner.pinduoduoError(20_005, "IP不在白名单"))
        let retry = try #require(await Self.retry(scene))
        #expect(retry.reason == "rejected" && retry.after == 600)
    }

    @Test func whatIsNoRecipientIsNotSealedAndNotQuoted() async throws {
        let scene = try Self.scene()
        scene.partner.on(Self.decrypt, Self.answer(address: "科技园1号", phone: "7"))
        let refusal = try #require(await Self.refusal(scene))
        #expect(!refusal.reason.contains("科技园") && !refusal.reason.contains("张三"))
    }
}
