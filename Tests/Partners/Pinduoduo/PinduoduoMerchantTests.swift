import Contracts
import HTTP
import JSON
import Testing

@testable import Partners

@Suite struct PinduoduoMerchantTests {
    private static func increment(_ numbers: [String], total: Int?, hasNext: Bool? = nil) -> String {
        let rows = numbers.map { #"{"order_sn":"\#($0)","item_list":[]}"# }.joined(separator: ",")
        let counted = total.map { #""total_count":\#($0),"# } ?? ""
        let next = hasNext.map { #""has_next":\#($0),"# } ?? ""
        return #"{"order_sn_increment_get_response":{\#(counted)\#(next)"order_sn_list":[\#(rows)]}}"#
    }

    @Test func anIncrement() async throws {
        let script = ScriptedGateway(
            #"{"order_sn_increment_get_response":{"total_count":1,"order_sn_list":[\#(PinduoduoOrderTests.row),{"order_status":1}]}}"#)
        let page = try await script.gateway.orderIncrement(from: 1_700_000_000, to: 1_700_001_800, page: 3, token: "t")
        #expect(page.rows.map(\.orderSn) == ["240102-123456789012345"])
        #expect(page.unreadable == 1)
        #expect(page.total == 1)
        #expect(page.hasNext == nil)
        let fields = try script.fields()
        let expected = [
            "type": "pdd.order.number.list.increment.get", "start_updated_at": "1700000000", "end_updated_at": "1700001800", "page": "3",
            "page_size": "100", "is_lucky_flag": "0", "order_status": "5", "refund_status": "5",
        ]
        for (name, value) in expected { #expect(fields[name] == value) }
        #expect(fields["use_has_next"] == nil)
    }

    @Test func hasNextInsteadOfATotal() async throws {
        let script = ScriptedGateway(
            Self.increment(["a"], total: nil, hasNext: true), #"{"order_sn_increment_get_response":{"has_next":false}}"#)
        let first = try await script.gateway.orderIncrement(from: 1, to: 2, usesHasNext: true, token: "t")
        #expect(first.hasNext == true && first.total == nil && first.rows.count == 1)
        #expect(try script.fields()["use_has_next"] == "true")
        let last = try await script.gateway.orderIncrement(from: 1, to: 2, page: 2, usesHasNext: true, token: "t")
        #expect(last.hasNext == false && last.rows.isEmpty)
    }

    @Test(arguments: [(10, 10), (10, 9), (0, 1801)])
    func windowsThatThePlatformRefusesAreNotSent(_ from: Int, _ to: Int) async throws {
        let script = ScriptedGateway()
        let orders = try await partnerError { () throws(PartnerError) in
            try await script.gateway.orderIncrement(from: from, to: to, token: "t")
        }
        let refunds = try await partnerError { () throws(PartnerError) in
            try await script.gateway.refundIncrement(from: from, to: to, token: "t")
        }
        #expect(orders.kind == .rejected && refunds.kind == .rejected)
        #expect(script.sender.requests.isEmpty)
    }

    /// Page 1 tells how many there are; then from the last to the first, so that what moves forward is seen twice and not missed.
    @Test func pagesFromTheLastToTheFirst() async throws {
        let script = ScriptedGateway(
            Self.increment(["a"], total: 201), Self.increment(["e"], total: 201), Self.increment(["c"], total: 201),
            Self.increment(["a", "b"], total: 200))
        let all = try await script.gateway.orders(from: 0, to: 1800, token: "t")
        #expect(all.rows.map(\.orderSn) == ["e", "c", "a", "b"])
        #expect(try (0..<4).map { try script.fields($0)["page"] } == ["1", "3", "2", "1"])
    }

    @Test(arguments: [1_000_001, Int.max])
    func aTotalThatNobodyHasIsNotWalkedAndNotCalculatedWith(_ total: Int) async throws {
        let script = ScriptedGateway(Self.increment(["a"], total: total))
        let error = try await partnerError { () throws(PartnerError) in try await script.gateway.orders(from: 0, to: 1800, token: "t") }
        #expect(error.kind == .outcomeOpen)
        #expect(script.sender.requests.count == 1)
    }

    @Test func onePageIsAskedForOnce() async throws {
        let script = ScriptedGateway(Self.increment(["a", "b"], total: 100))
        #expect(try await script.gateway.orders(from: 0, to: 1800, token: "t").rows.count == 2)
        #expect(script.sender.requests.count == 1)
    }

    @Test func aPageThatFailsFailsAll() async throws {
        let script = ScriptedGateway(Self.increment(["a"], total: 101), ScriptedGateway.error(52101))
        let error = try await partnerError { () throws(PartnerError) in try await script.gateway.orders(from: 0, to: 1800, token: "t") }
        #expect(error.kind == .throttled)
    }

    /// "None" must be said.
    @Test func anAnswerWithoutItsListIsNotAnEmptyOne() async throws {
        let empty = ScriptedGateway(
            #"{"order_sn_increment_get_response":{"total_count":0}}"#,
            #"{"refund_increment_get_response":{"total_count":0,"refund_list":null}}"#)
        #expect(try await empty.gateway.orders(from: 0, to: 1, token: "t").rows.isEmpty)
        #expect(try await empty.gateway.refunds(from: 0, to: 1, token: "t").rows.isEmpty)
        let silent = ScriptedGateway(
            #"{"order_sn_increment_get_response":{}}"#, #"{"refund_increment_get_response":{"total_count":3}}"#,
            #"{"refund_status_check_response":{}}"#)
        let gateway = silent.gateway
        let orders = try await partnerError { () throws(PartnerError) in try await gateway.orders(from: 0, to: 1, token: "t") }
        let refunds = try await partnerError { () throws(PartnerError) in try await gateway.refunds(from: 0, to: 1, token: "t") }
        let check = try await partnerError { () throws(PartnerError) in try await gateway.refundStatusCheck(["a"], token: "t") }
        #expect([orders.kind, refunds.kind, check.kind] == [.outcomeOpen, .outcomeOpen, .outcomeOpen])
    }

    @Test func anOrderByItself() async throws {
        let script = ScriptedGateway(
            #"{"order_info_get_response":{"order_info":\#(PinduoduoOrderTests.row)}}"#, #"{"order_info_get_response":{"order_info":null}}"#)
        let gateway = script.gateway
        let order = try await gateway.order("240102-123456789012345", token: "t")
        #expect(order.isPlaceable)
        #expect(try script.fields()["order_sn"] == "240102-123456789012345")
        let error = try await partnerError { () throws(PartnerError) in try await gateway.order("x", token: "t") }
        #expect(error.kind == .outcomeOpen)
    }

    @Test func refunds() async throws {
        let script = ScriptedGateway(
            #"{"refund_increment_get_response":{"refund_list":[{"after_sale_reason":"不想要了","after_sales_status":10,"after_sales_type":2,"created_time":"1551612204","id":1,"order_sn":"190228-355530178612389","updated_time":"1551612204"},{"id":2}],"total_count":2}}"#
        )
        let page = try await script.gateway.refundIncrement(from: 100, to: 200, token: "t")
        #expect(page.rows.map(\.state) == [.refunded])
        #expect(page.unreadable == 1)
        let fields = try script.fields()
        #expect(fields["after_sales_type"] == "1" && fields["after_sales_status"] == "1")
        #expect(fields["start_updated_at"] == "100" && fields["end_updated_at"] == "200")
    }

    @Test func ordersWithAnAfterSale() async throws {
        let script = ScriptedGateway(
            #"{"refund_status_check_response":{"order_sns_exists_refund":[{"order_sn":"b"}]}}"#,
            #"{"refund_status_check_response":{"order_sns_exists_refund":[]}}"#)
        #expect(try await script.gateway.refundStatusCheck(["a", "b"], token: "t") == ["b"])
        #expect(try script.fields()["order_sns"] == "a,b")
        #expect(try await script.gateway.refundStatusCheck(["a"], token: "t").isEmpty)
        #expect(try await script.gateway.refundStatusCheck([], token: "t").isEmpty)
        #expect(script.sender.requests.count == 2)
    }

    @Test func returnAddresses() async throws {
        let script = ScriptedGateway(
            #"{"refund_address_list_get_response":{"refund_address_list":[{"id":779860,"refund_address_id":"RA1","refund_address":"金虹桥国际中心","refund_name":"王先生","refund_phone":"1","mall_id":410104,"is_default":"Y","refund_tel":"","province_id":25,"province_name":"上海","city_id":321,"city_name":"上海","district_id":2703,"district_name":"长宁区","is_legal":true,"is_validated":false},{"id":2,"is_default":"N","is_legal":false},{"is_default":"Y"}]}}"#
        )
        let addresses = try await script.gateway.refundAddresses(token: "t")
        #expect(addresses.map(\.id) == ["RA1", "2"] && addresses.map(\.ids) == [["RA1", "779860"], ["2"]])
        #expect(addresses.map(\.isDefault) == [true, false])
        #expect(addresses.map(\.isLegal) == [true, false])
        #expect(addresses[0].district == "长宁区")
    }

    @Test func carriers() async throws {
        let script = ScriptedGateway(
            #"{"logistics_companies_get_response":{"logistics_companies":[{"id":115,"code":"ZTO","logistics_company":"中通快递","available":1},{"id":"384","code":"JTSD","logistics_company":"极兔速递","available":0},{"code":"X"}]}}"#
        )
        #expect(
            try await script.gateway.logisticsCompanies() == [
                PinduoduoLogisticsCompany(id: 115, code: "ZTO", name: "中通快递", isAvailable: true),
                PinduoduoLogisticsCompany(id: 384, code: "JTSD", name: "极兔速递", isAvailable: false),
            ])
    }

    @Test func shipping() async throws {
        let done = #"{"logistics_online_send_response":{"is_success":true}}"#
        let script = ScriptedGateway(done, done)
        try await script.gateway.shipOnline(orderSn: "o", logisticsId: 9_007_199_254_740_993, trackingNumber: "75312345678901", token: "t")
        var fields = try script.fields()
        #expect(fields["type"] == "pdd.logistics.online.send")
        #expect(fields["order_sn"] == "o" && fields["tracking_number"] == "75312345678901")
        #expect(fields["logistics_id"] == "9007199254740993")
        #expect(fields["redelivery_type"] == "1")
        #expect(fields["refund_address_id"] == nil)
        try await script.gateway.shipOnline(
            orderSn: "o", logisticsId: 1, trackingNumber: "n", returnAddressId: "RA1", delivery: .change, token: "t")
        fields = try script.fields(1)
        #expect(fields["redelivery_type"] == "2" && fields["refund_address_id"] == "RA1")
    }

    @Test(
        arguments: [
            (.json(#"{"logistics_online_send_response":{"is_success":false}}"#), .rejected),
            (.json(#"{"logistics_online_send_response":{}}"#), .outcomeOpen), (.json(ScriptedGateway.error(50000)), .outcomeOpen),
            (.json(ScriptedGateway.error(50001, "业务服务错误", subCode: #""X""#, subMessage: "订单状态不正确")), .rejected),
            (.json(ScriptedGateway.error(52101)), .throttled), (.json(ScriptedGateway.error(52103)), .unavailable),
            (.failure(.timeout), .outcomeOpen),
            (.json(ScriptedGateway.error(10019)), .tokenInvalid),
        ] as [(ScriptedSender.Answer, PartnerError.Kind)])
    func shippingThatFails(_ answer: ScriptedSender.Answer, _ kind: PartnerError.Kind) async throws {
        let script = ScriptedGateway(quotaCodes: [], answer)
        let error = try await partnerError { () throws(PartnerError) in
            try await script.gateway.shipOnline(orderSn: "o", logisticsId: 1, trackingNumber: "n", token: "t")
        }
        #expect(error.kind == kind)
    }

    @Test(arguments: [(PinduoduoExtraParcel.split, "1"), (.resend, "2"), (.gift, "3")])
    func furtherParcels(_ purpose: PinduoduoExtraParcel, _ number: String) async throws {
        let script = ScriptedGateway(
            #"{"upload_extra_logistics_response":{"success":true}}"#, #"{"upload_extra_logistics_response":{"is_success":true}}"#)
        for index in 0..<2 {
            try await script.gateway.extraLogistics(orderSn: "o", tracks: [(115, "n1"), (1, "n2")], purpose: purpose, token: "t")
            let fields = try script.fields(index)
            #expect(fields["extra_track_type"] == number)
            #expect(fields["extra_track_list"] == #"[{"shipping_id":115,"tracking_number":"n1"},{"shipping_id":1,"tracking_number":"n2"}]"#)
        }
    }

    /// The form of the answer is not documented: only a no is one.
    @Test(arguments: [("{}", nil), (#"{"result":true}"#, nil), (#"{"is_success":false}"#, .rejected)] as [(String, PartnerError.Kind?)])
    func furtherParcelsWithoutAFlag(_ content: String, _ kind: PartnerError.Kind?) async {
        let script = ScriptedGateway(#"{"upload_extra_logistics_response":\#(content)}"#)
        do throws(PartnerError) {
            try await script.gateway.extraLogistics(orderSn: "o", tracks: [(115, "n1")], purpose: .split, token: "t")
            #expect(kind == nil)
        } catch { #expect(error.kind == kind) }
    }
}
