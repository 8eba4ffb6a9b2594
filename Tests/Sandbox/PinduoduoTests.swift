import Foundation
import JSON
import Testing

@testable import Sandbox

@Suite struct PinduoduoTests {
    private let merchant = "900000001"
    private let factory = "900000002"
    private let masked: JSONValue = [
        "mall_mask_id": "978623a8d9d7425f8c7ff08d2af28700", "order_mask_sn": "4956c0af9ce548ccb7d9c8c3d2c7cc00",
    ]
    private let orderSn = "261101-000000000000001"

    private func error(_ answer: RunningSandbox.Answer) -> Int? { answer.json?.at("error_response", "error_code")?.int }

    private func waybillRequest(detail: String = "稠州北路1号", wpCode: String = "YTO", object: String = "a_1") -> JSONValue {
        let order = JSONValue.object([("order_channels_type", "PDD"), ("trade_order_list", [masked])])
        return [
            "param_fds_waybill_get_request": [
                "sender": [
                    "name": "工厂", "mobile": "13900000003",
                    "address": ["province": "浙江省", "city": "金华市", "district": "义乌市", "detail": .string(detail)],
                ],
                "wp_code": .string(wpCode),
                "trade_order_info_dtos": [
                    [
                        "object_id": .string(object), "template_url": .string("https://file-link.pinduoduo.com/\(wpCode.lowercased())_one"),
                        "user_id": 900_000_002, "order_info": order, "package_info": ["items": [["name": "玻璃杯", "count": 1]]],
                    ]
                ],
            ]
        ]
    }

    @Test func signatureTokenTimeAndTypeAreChecked() async throws {
        let sandbox = try RunningSandbox()
        let token = try await sandbox.mallToken(merchant)
        #expect(error(try await sandbox.pdd("pdd.fds.role.get", [:], token: token, signed: { $0["sign"] = "0" })) == 20004)
        #expect(error(try await sandbox.pdd("pdd.fds.role.get", [:], token: "unknown")) == 10019)
        #expect(error(try await sandbox.pdd("pdd.none", [:], token: token)) == 10017)
        #expect(try await sandbox.pdd("pdd.time.get", [:], token: nil).json?.at("time_get_response", "time") != nil)
        #expect(try await sandbox.pdd("pdd.fds.role.get", [:], token: token).json?.at("pdd_fds_role_get_response", "mall_role")?.int == 0)
    }

    @Test func aFactorysOrdersComeMaskedByWindowsOf30Minutes() async throws {
        let sandbox = try RunningSandbox()
        let token = try await sandbox.mallToken(factory)
        let now = Int(Date().timeIntervalSince1970 * 1000)
        func list(_ start: Int, _ end: Int) async throws -> RunningSandbox.Answer {
            try await sandbox.pdd(
                "pdd.fds.order.list.get",
                [
                    "param_fds_order_list_get_request": [
                        "start_updated_time": .int(start), "end_updated_time": .int(end), "page": 1, "page_size": 100,
                    ]
                ], token: token)
        }
        let answer = try await list(now - 1_700_000, now + 60_000).json?["pdd_fds_order_list_get_response"]
        #expect(answer?["total"]?.int == 1)
        #expect(answer?["order_list"]?[0]?["order_mask_sn"]?.string == "4956c0af9ce548ccb7d9c8c3d2c7cc00")
        #expect(answer?["order_list"]?[0]?["product_price"]?.int == 990)
        #expect(error(try await list(now - 1_800_001, now)) == 21001)
        let one = try await sandbox.pdd("pdd.fds.order.get", ["param_fds_order_get_request": masked], token: token)
        #expect(one.json?.at("pdd_fds_order_get_response", "status")?.int == 1)
        #expect(
            error(
                try await sandbox.pdd(
                    "pdd.fds.order.get", ["param_fds_order_get_request": masked], token: try await sandbox.mallToken(merchant)))
                == 20031)
    }

    @Test func aNumberIsGotOnceReturnedAndThenStays() async throws {
        let sandbox = try RunningSandbox()
        let token = try await sandbox.mallToken(factory)
        func get() async throws -> JSONValue? {
            try await sandbox.pdd("pdd.fds.waybill.get", waybillRequest(), token: token).json?.at(
                "pdd_fds_waybill_get_response", "modules")?[0]
        }
        let module = try #require(try await get())
        let number = try #require(module["waybill_code"]?.string)
        #expect(number.wholeMatch(of: /YT\d{13}/) != nil)
        #expect(module["object_id"]?.string == "a_1")
        #expect(try await get()?["waybill_code"]?.string == number)
        #expect(try await sandbox.control("creates?key=a_1").array?.count == 1)
        let named = masked.with("waybill_code", .string(number)).with("wp_code", "YTO")
        let returned = try await sandbox.pdd("pdd.fds.waybill.return", ["param_fds_waybill_return_request": named], token: token)
        #expect(returned.json?.at("pdd_fds_waybill_return_response", "return_result")?.bool == true)
        #expect(error(try await sandbox.pdd("pdd.fds.waybill.cancel", ["pdd_fds_waybill_cancel_request": named], token: token)) == 21002)
        let slaves = masked.with("waybill_codes", ["YT9000000000001"]).with("wp_code", "YTO")
        let answer = try await sandbox.pdd("pdd.fds.waybill.return.slave", ["request": slaves], token: token)
        #expect(answer.json?.at("pdd_fds_waybill_return_slave_response", "result")?.bool == true)
    }

    @Test func withoutDeduplicationEachCallTakesANumberAnUnreturnedOneIsCancelled() async throws {
        let sandbox = try RunningSandbox()
        try await sandbox.control("settings", ["deduplication": false])
        let token = try await sandbox.mallToken(factory)
        for _ in 0..<2 { _ = try await sandbox.pdd("pdd.fds.waybill.get", waybillRequest(), token: token) }
        let numbers = try await sandbox.control("creates?key=a_1").array?.compactMap { $0["number"]?.string } ?? []
        #expect(Set(numbers).count == 2)
        let named = masked.with("waybill_code", .string(numbers.last ?? "")).with("wp_code", "YTO")
        let answer = try await sandbox.pdd("pdd.fds.waybill.cancel", ["pdd_fds_waybill_cancel_request": named], token: token)
        #expect(answer.json?.at("pdd_fds_waybill_cancel_response", "return_result")?.bool == true)
    }

    @Test func aSenderThatIsNoAccountsACarrierWithoutOneAnOrderThatWasTakenBack() async throws {
        let sandbox = try RunningSandbox()
        let token = try await sandbox.mallToken(factory)
        #expect(error(try await sandbox.pdd("pdd.fds.waybill.get", waybillRequest(detail: "别处"), token: token)) == 21001)
        #expect(error(try await sandbox.pdd("pdd.fds.waybill.get", waybillRequest(wpCode: "SF"), token: token)) == 21001)
        try await sandbox.control(
            "dropship-order", ["mallMaskId": masked["mall_mask_id"]!, "orderMaskSn": masked["order_mask_sn"]!, "status": 0])
        #expect(error(try await sandbox.pdd("pdd.fds.waybill.get", waybillRequest(), token: token)) == 21002)
    }

    @Test func ordersByIncrementsRecipientsOnlyWhileTheyWaitAndAreNotUnderReview() async throws {
        let sandbox = try RunningSandbox()
        let token = try await sandbox.mallToken(merchant)
        let now = Int(Date().timeIntervalSince1970)
        let window: JSONValue = [
            "start_updated_at": .int(now - 1700), "end_updated_at": .int(now + 60), "is_lucky_flag": 0, "order_status": 5,
            "refund_status": 5,
            "page": 1, "page_size": 100,
        ]
        func orders() async throws -> JSONValue? {
            try await sandbox.pdd("pdd.order.number.list.increment.get", window, token: token).json?["order_sn_increment_get_response"]
        }
        let first = try await orders()
        #expect(first?["total_count"]?.int == 1)
        let order = first?["order_sn_list"]?[0]
        #expect(order?["receiver_name"]?.string?.hasPrefix("~") == true)
        #expect(order?["item_list"]?[0]?["outer_id"]?.string == "TEA-500")
        #expect(order?["pay_amount"] == .double(119.8))
        try await sandbox.control("mall-order", ["orderSn": .string(orderSn), "riskControlStatus": 1])
        let held = try await orders()?["order_sn_list"]?[0]
        #expect(held?["risk_control_status"]?.int == 1)
        #expect(held?["receiver_name"]?.string == "" && held?["address"]?.string == "")
        let next = try await sandbox.pdd("pdd.order.number.list.increment.get", window.with("use_has_next", "true"), token: token)
        #expect(next.json?.at("order_sn_increment_get_response", "has_next")?.bool == false)
        #expect(
            error(
                try await sandbox.pdd(
                    "pdd.order.number.list.increment.get", window.changing("start_updated_at", to: .int(now - 1800)), token: token))
                == 21001)
    }

    @Test func ciphertextIsDecryptedUntilTheQuotaIsUsedUp() async throws {
        let sandbox = try RunningSandbox()
        let token = try await sandbox.mallToken(merchant)
        let order = try await sandbox.pdd("pdd.order.information.get", ["order_sn": .string(orderSn)], token: token)
            .json?.at("order_info_get_response", "order_info")
        func decrypt(_ field: String) async throws -> RunningSandbox.Answer {
            try await sandbox.pdd(
                "pdd.open.decrypt.batch", ["data_list": [["data_tag": .string(orderSn), "encrypted_data": order?[field] ?? ""]]],
                token: token)
        }
        let name = try await decrypt("receiver_name").json?.at("open_decrypt_batch_response", "data_decrypt_list")?[0]
        #expect(name?["decrypted_data"]?.string == "李四" && name?["data_type"]?.int == 5)
        var mall = try await sandbox.control("malls").array?.first { $0["mallId"]?.string == merchant } ?? .null
        mall = mall.changing("decryptQuota", to: 1)
        try await sandbox.control("seed", ["malls": [mall]])
        let refused = try await decrypt("receiver_phone")
        #expect(error(refused) == 21002 && refused.text.contains("额度"))
    }

    @Test func shippingOnceChangingTheNumberMoreParcels() async throws {
        let sandbox = try RunningSandbox()
        let token = try await sandbox.mallToken(merchant)
        func send(_ number: String, _ more: [(String, JSONValue)] = []) async throws -> RunningSandbox.Answer {
            let base: [(String, JSONValue)] = [("order_sn", .string(orderSn)), ("logistics_id", 85), ("tracking_number", .string(number))]
            return try await sandbox.pdd("pdd.logistics.online.send", .object(base + more), token: token)
        }
        #expect(error(try await send("YT1", [("redelivery_type", 2)])) == 21002)
        #expect(error(try await send("YT1", [("refund_address_id", "9")])) == 21001)
        #expect(
            try await send("YT1", [("refund_address_id", "7001")]).json?.at("logistics_online_send_response", "is_success")?.bool == true)
        #expect(error(try await send("YT1")) == 21002)
        #expect(try await send("YT2", [("redelivery_type", 2)]).json?.at("logistics_online_send_response", "is_success")?.bool == true)
        let extra: JSONValue = [
            "order_sn": .string(orderSn), "extra_track_type": 1, "extra_track_list": [["shipping_id": 85, "tracking_number": "YT3"]],
        ]
        let answer = try await sandbox.pdd("pdd.order.upload.extra.logistics", extra, token: token)
        #expect(answer.json?.at("upload_extra_logistics_response", "is_success")?.bool == true)
        let creates = try await sandbox.control("creates?key=\(orderSn)").array?.compactMap { $0["number"]?.string }
        #expect(creates == ["YT1", "YT2"])
    }

    @Test func anAfterSaleIsInTheListAndTheCheckAndKeepsTheOrderFromBeingShipped() async throws {
        let sandbox = try RunningSandbox()
        let token = try await sandbox.mallToken(merchant)
        func check() async throws -> [JSONValue]? {
            try await sandbox.pdd("pdd.refund.status.check", ["order_sns": .string(orderSn)], token: token)
                .json?.at("refund_status_check_response", "order_sns_exists_refund")?.array
        }
        #expect(try await check()?.isEmpty == true)
        try await sandbox.control(
            "refund",
            ["number": 5001, "orderSn": .string(orderSn), "mallId": .string(merchant), "afterSalesStatus": 2, "afterSalesType": 2])
        #expect(try await check()?.first?["order_sn"]?.string == orderSn)
        let now = Int(Date().timeIntervalSince1970)
        let list = try await sandbox.pdd(
            "pdd.refund.list.increment.get",
            ["start_updated_at": .int(now - 600), "end_updated_at": .int(now + 60), "after_sales_type": 1, "page": 1, "page_size": 100],
            token: token)
        #expect(list.json?.at("refund_increment_get_response", "refund_list")?[0]?["id"]?.int == 5001)
        let send = try await sandbox.pdd(
            "pdd.logistics.online.send", ["order_sn": .string(orderSn), "logistics_id": 85, "tracking_number": "YT1"], token: token)
        #expect(error(send) == 21002)
        try await sandbox.control("refund", ["number": 5001, "afterSalesStatus": 11])
        #expect(try await check()?.isEmpty == true)
    }

    @Test func messagesArePermittedByShopWhatWasAnnouncedWaits() async throws {
        let sandbox = try RunningSandbox()
        let token = try await sandbox.mallToken(merchant)
        #expect(
            try await sandbox.control("message", ["mallId": .string(merchant), "type": "pdd_trade_TradeSuccess"])["messages"]?.int == 0)
        let permit = try await sandbox.pdd("pdd.pmc.user.permit", ["topics": "pdd_trade_TradeConfirmed"], token: token)
        #expect(permit.json?.at("pmc_user_permit_response", "is_success")?.bool == true)
        let get = try await sandbox.pdd("pdd.pmc.user.get", ["owner_id": .string(merchant)], token: nil)
        #expect(get.json?.at("pmc_user_get_response", "pmc_user", "topics")?[0]?.string == "pdd_trade_TradeConfirmed")
        let order = try #require(try await sandbox.control("mall-orders").array?.first)
        try await sandbox.control("seed", ["mallOrders": [order.changing("orderSn", to: "261101-000000000000002")]])
        let message = try #require(try await sandbox.control("messages").array?.first)
        #expect(message["number"]?.int ?? 0 > 1 << 53)
        #expect(message["content"]?.string == #"{"mall_id":900000001,"tid":"261101-000000000000002"}"#)
    }
}
