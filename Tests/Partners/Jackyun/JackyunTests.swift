import Contracts
import HTTP
import JSON
import Testing
import Threads

@testable import Partners

@Suite struct JackyunTests {
    private let application = JackyunGateway.Application(appKey: "123", appSecret: "sec")

    /// 2024-01-02 03:04:05 in Beijing.
    private func gateway(_ answers: ScriptedSender.Answer...) -> (JackyunGateway, ScriptedSender) {
        let sender = ScriptedSender(answers)
        return (JackyunGateway(sender: sender, now: { Timestamp(milliseconds: 1_704_135_845_000) }), sender)
    }

    private func fields(_ sender: ScriptedSender, _ index: Int = 0) throws -> [String: String] {
        try #require(index < sender.requests.count)
        let fields = try #require(FormEncoding.decode(String(decoding: sender.requests[index].body, as: UTF8.self)))
        return Dictionary(fields.map { ($0.name, $0.value) }) { _, last in last }
    }

    private func content(_ sender: ScriptedSender, _ index: Int = 0) throws -> JSONValue {
        try JSONValue.decode(#require(try fields(sender, index)["bizcontent"]))
    }

    private static func success(_ data: String) -> ScriptedSender.Answer {
        .json(#"{"code":200,"msg":"","subCode":"","result":{"data":\#(data),"contextId":"2229118837749614720"}}"#)
    }

    @Test func signatureOfTheKnownVector() {
        let parameters = [
            (name: "version", value: "v1.0"), ("timestamp", "2024-01-02 03:04:05"), ("method", "erp.warehouse.get"),
            ("contenttype", "json"),
            ("bizcontent", #"{"pageIndex":0,"pageSize":50}"#), ("appkey", "123"),
        ]
        let expected = "d86179768a6dee5603f2a9584816b41d"
        #expect(JackyunSignature.sign(parameters, secret: "sec") == expected)
        #expect(JackyunSignature.sign(parameters + [("token", "t"), ("contextid", "c"), ("sign", "s")], secret: "sec") == expected)
        // The plain text is lowered, the secret with it.
        #expect(JackyunSignature.sign(parameters, secret: "SEC") == expected)
        #expect(JackyunSignature.sign(parameters + [("other", "x")], secret: "sec") != expected)
    }

    @Test func aCallIsAFormWithTheKnownSignature() async throws {
        let (gateway, sender) = gateway(Self.success(#"{"warehouses":[]}"#))
        let data = try await gateway.call(
            "erp.warehouse.get", .object([("pageIndex", .int(0)), ("pageSize", .int(50))]),
            as: .init(appKey: "123", appSecret: "sec", token: "isv"))
        #expect(data["warehouses"] == .array([]))
        #expect(sender.requests.first?.url == "https://open.jackyun.com/open/openapi/do")
        #expect(
            try fields(sender) == [
                "method": "erp.warehouse.get", "appkey": "123", "version": "v1.0", "contenttype": "json",
                "timestamp": "2024-01-02 03:04:05",
                "bizcontent": #"{"pageIndex":0,"pageSize":50}"#, "token": "isv", "sign": "d86179768a6dee5603f2a9584816b41d",
            ])
    }

    @Test func whatIsNotASCIIIsNotEscaped() async throws {
        let (gateway, sender) = gateway(Self.success("{}"))
        _ = try await gateway.call("m", .object([("shopName", .string("拼多多 A&B"))]), as: application)
        #expect(try fields(sender)["bizcontent"] == #"{"shopName":"拼多多 A&B"}"#)
        #expect(try fields(sender)["token"] == nil)
    }

    @Test(
        arguments: [
            (
                .json(#"{"code":0,"msg":"未知错误","result":{"data":null,"contextId":"1"},"subCode":"0130020001"}"#), .unavailable,
                .outcomeOpen, "0130020001"
            ),
            (.json(#"{"code":0,"msg":"签名错误","subCode":"0010010"}"#), .rejected, .rejected, "0010010"),
            (.json(#"{"code":0,"msg":"","subCode":""}"#), .rejected, .rejected, "0"),
            (.json(#"{"code":0,"msg":"调用过于频繁","subCode":"1"}"#), .throttled, .throttled, "1"),
            (.json(#"{"code":"500","msg":"x"}"#), .rejected, .rejected, "500"), (.json(#"{"result":{}}"#), .outcomeOpen, .outcomeOpen, nil),
            (.json("{}", status: 500), .outcomeOpen, .outcomeOpen, nil), (.html("<html></html>"), .outcomeOpen, .outcomeOpen, nil),
            (.failure(.timeout), .outcomeOpen, .outcomeOpen, nil), (.failure(.connection), .unavailable, .unavailable, nil),
        ] as [(ScriptedSender.Answer, PartnerError.Kind, PartnerError.Kind, String?)])
    func failures(_ answer: ScriptedSender.Answer, asked: PartnerError.Kind, changed: PartnerError.Kind, code: String?) async throws {
        for (changes, kind) in [(false, asked), (true, changed)] {
            let (gateway, _) = gateway(answer)
            let error = try await partnerError { () throws(PartnerError) in
                try await gateway.call("m", .object([]), as: application, changes: changes)
            }
            #expect(error.kind == kind)
            #expect(error.code == code)
            #expect(error.partner == "jackyun" && error.operation == "m")
        }
    }

    @Test func codesMayBeTexts() async throws {
        let (gateway, _) = gateway(.json(#"{"code":"200","result":{"data":{"a":1}}}"#))
        #expect(try await gateway.call("m", .object([]), as: application)["a"] == .int(1))
    }

    private var trade: JackyunTrade {
        JackyunTrade(
            shopName: "拼多多", onlineTradeNo: "pdd:1/1", tradeTime: 1_704_135_845_000,
            recipient: .init(name: "张三", phone: "138", province: "浙江省", city: "杭州市", district: "余杭区", detail: "文一西路"),
            lines: [
                .init(goodsNo: "G1", name: "衣服", spec: "绿", quantity: 2, unitPriceFen: 1205),
                .init(goodsNo: "G2", name: "帽", spec: "", quantity: 1, unitPriceFen: 0),
            ], logisticName: "中通快递", buyerMemo: "快")
    }

    /// Details stand inside `tradeOrder`; numbers are texts.
    @Test func makingASalesOrder() async throws {
        let (gateway, sender) = gateway(Self.success(#"{"tradeOrder":{"tradeNo":"JY1"}}"#), Self.success(#"{"tradeNo":"JY2"}"#))
        #expect(try await gateway.createTrade(trade, as: application) == "JY1")
        #expect(
            try fields(sender)["bizcontent"]
                == #"{"tradeOrder":{"shopName":"拼多多","onlineTradeNo":"pdd:1/1","tradeType":"2","payStatus":"9","chargeType":"1","chargeCurrency":"人民币","totalFee":"24.10","payment":"24.10","tradeTime":"2024-01-02 03:04:05","receiverName":"张三","mobile":"138","phone":"138","state":"浙江省","city":"杭州市","district":"余杭区","address":"文一西路","logisticName":"中通快递","buyerMemo":"快","tradeOrderDetails":[{"goodsNo":"G1","goodsName":"衣服","specName":"绿","sellCount":"2","sellPrice":"12.05","sellTotal":"24.10"},{"goodsNo":"G2","goodsName":"帽","specName":"","sellCount":"1","sellPrice":"0.00","sellTotal":"0.00"}]}}"#
        )
        var masked = trade
        masked.recipient = nil
        #expect(try await gateway.createTrade(masked, as: application) == "JY2")
        #expect(try content(sender, 1)["tradeOrder"]?["receiverName"] == nil)
    }

    @Test func aSalesOrderWithoutANumberIsOpen() async throws {
        let (gateway, _) = gateway(Self.success("{}"))
        let error = try await partnerError { () throws(PartnerError) in try await gateway.createTrade(trade, as: application) }
        #expect(error.kind == .outcomeOpen)
        #expect(!"\(error)".contains("张三"))
    }

    @Test func findingASalesOrder() async throws {
        let (gateway, sender) = gateway(
            Self.success(#"{"scrollId":"s","trades":[{"tradeNo":"JY1","onlineTradeNo":"a","tradeStatus":1010}]}"#),
            Self.success(#"[{"tradeNo":"JY2","onlineTradeNo":"b","tradeStatus":1010}]"#), Self.success(#"{"trades":[]}"#),
            Self.success("{}"))
        let found = try await gateway.trades(sourceTradeNos: ["a", "b"], as: application)
        // An ERP that does not heed the filter has pages of others before them.
        #expect(found.map(\.tradeNo) == ["JY1", "JY2"])
        #expect(try content(sender)["sourceTradeNos"]?.string == "a,b" && content(sender, 1)["scrollId"]?.string == "s")
        #expect(try await gateway.trades(sourceTradeNos: ["c"], as: application).isEmpty)
        // It may have been made: silence must not lead to a second one.
        let error = try await partnerError { () throws(PartnerError) in try await gateway.trades(sourceTradeNos: ["d"], as: application) }
        #expect(error.kind == .outcomeOpen)
        #expect(try await gateway.trades(sourceTradeNos: [], as: application).isEmpty)
        #expect(sender.requests.count == 4)
    }

    @Test(arguments: ["{}", "null"]) func rowsMayEndInSilence(_ last: String) async throws {
        let (gateway, _) = gateway(
            Self.success(#"{"scrollId":"s","trades":[{"tradeNo":"JY1","onlineTradeNo":"a","tradeStatus":1010}]}"#), Self.success(last))
        #expect(try await gateway.trades(sourceTradeNos: ["a"], as: application).map(\.tradeNo) == ["JY1"])
    }

    @Test(arguments: [#"{"tradeList":[{"tradeNo":"JY1"}]}"#, #"{"scrollId":"s"}"#, #""none""#])
    func rowsUnderAnotherNameAreNotTakenForNone(_ data: String) async throws {
        let (gateway, _) = gateway(Self.success(data))
        let error = try await partnerError { () throws(PartnerError) in
            _ = try await gateway.shippedTrades(from: 0, to: 1000, as: application)
        }
        #expect(error.kind == .outcomeOpen)
    }

    @Test func shippedSalesOrdersPageByPage() async throws {
        let (gateway, sender) = gateway(
            Self.success(
                #"{"scrollId":"s1","trades":[{"tradeNo":"JY1","onlineTradeNo":"a, b","sourceTradeNo":"a","tradeStatus":6000,"mainPostid":"75312345678901","extraLogisticNo":"78787,345345","logisticName":"中通速递","logisticCode":"","consignTime":"2024-01-02 03:04:05"},{"tradeNo":"JY2","tradeStatus":"9090","mainPostid":"","logisticName":"安能"},{"tradeNo":"JY3"}]}"#
            ), Self.success(#"{"scrollId":"s2","trades":[]}"#))
        let page = try await gateway.shippedTrades(from: 1_704_135_845_000, to: 1_704_139_445_000, as: application)
        let trade = try #require(page.trades.first)
        #expect(trade.sourceTradeNos == ["a", "b"])
        #expect(trade.status.stage == .shipped)
        #expect(trade.waybillNumber == "75312345678901")
        #expect(trade.extraWaybillNumbers == ["78787", "345345"])
        #expect(trade.carrier?.code == "ZTO")
        #expect(trade.consignedAt == 1_704_135_845_000)
        #expect(page.trades.last?.carrier == nil && page.trades.last?.waybillNumber == nil)
        #expect(page.trades.count == 2 && page.unreadable == 1)
        #expect(page.scrollId == "s1")
        let asked = try content(sender)
        #expect(asked["startModified"]?.string == "2024-01-02 03:04:05" && asked["endModified"]?.string == "2024-01-02 04:04:05")
        #expect(asked["tradeStatusList"] == .array([.int(6000), .int(9090)]))
        #expect(asked["pageSize"]?.int == 200)
        #expect(asked["scrollId"]?.string == "")
        #expect(
            asked["fields"]?.string
                == "tradeNo,onlineTradeNo,sourceTradeNo,tradeStatus,mainPostid,extraLogisticNo,logisticName,logisticCode,consignTime,scrollId"
        )
        let last = try await gateway.shippedTrades(from: 1_704_135_845_000, to: 1_704_139_445_000, scrollId: page.scrollId, as: application)
        #expect(last.trades.isEmpty && last.scrollId == nil)
        #expect(try content(sender, 1)["scrollId"]?.string == "s1")
    }

    @Test func windows() async throws {
        let (gateway, sender) = gateway(Self.success("null"))
        for (from, to) in [(5, 5), (5, 4), (0, 7 * 86_400_000 + 1)] {
            let error = try await partnerError { () throws(PartnerError) in
                try await gateway.shippedTrades(from: from, to: to, as: application)
            }
            #expect(error.kind == .rejected)
        }
        #expect(sender.requests.isEmpty)
        #expect(try await gateway.shippedTrades(from: 0, to: 7 * 86_400_000, as: application).trades.isEmpty)
    }

    @Test func tellingThatOrdersAreOnTheirWay() async throws {
        let (gateway, sender) = gateway(
            Self.success("{}"), Self.success(#"{"isSuccess":false,"failedResults":[{"tradeNo":"JY2","msg":"未找到销售订单信息"}]}"#))
        let zto = try #require(CarrierNames.named("ZTO"))
        let deliveries = ["JY1", "JY2"].map { JackyunDelivery(tradeNo: $0, carrier: zto, waybillNumber: "n\($0)") }
        #expect(try await gateway.completeDelivery(deliveries, as: application).isEmpty)
        #expect(
            try fields(sender)["bizcontent"]
                == #"[{"tradeNo":"JY1","logisticNo":"nJY1","logisticName":"中通快递"},{"tradeNo":"JY2","logisticNo":"nJY2","logisticName":"中通快递"}]"#
        )
        let failed = try await gateway.completeDelivery(deliveries, as: application)
        #expect(failed.map(\.tradeNo) == ["JY2"] && failed.map(\.reason) == ["未找到销售订单信息"])
        #expect(try await gateway.completeDelivery([], as: application).isEmpty)
        #expect(sender.requests.count == 2)
    }

    @Test(
        arguments: [
            (1010, .audit), (1020, .audit), (1030, .audit), (1050, .audit), (2000, .stocking), (2010, .stocking), (2020, .stocking),
            (2030, .stocking), (2040, .stocking), (3010, .shipped), (4040, .shipping), (4041, .shipping), (4110, .shipping),
            (4111, .shipping),
            (4112, .shipping), (4113, .shipping), (4121, .shipping), (4122, .shipping), (4123, .shipping), (4130, .shipping),
            (5010, .ended),
            (5020, .ended), (5030, .ended), (6000, .shipped), (9090, .shipped), (0, .unknown), (7000, .unknown),
        ] as [(Int, JackyunTradeStatus.Stage)])
    func statuses(_ code: Int, _ stage: JackyunTradeStatus.Stage) { #expect(JackyunTradeStatus(code: code).stage == stage) }

    @Test(arguments: [(0, "0.00"), (5, "0.05"), (1205, "12.05"), (100, "1.00")])
    func yuan(_ fen: Int, _ text: String) { #expect(JackyunTrade.yuan(fen) == text) }

    @Test func whatIsRepeatedOfSecretsIsHidden() async throws {
        let (gateway, _) = gateway(.json(#"{"code":0,"msg":"签名错误 hidden, token concealed","subCode":"0130020002"}"#))
        let application = JackyunGateway.Application(appKey: "123", appSecret: "hidden", token: "concealed")
        let error = await #expect(throws: PartnerError.self) { try await gateway.call("erp.warehouse.get", .object([]), as: application) }
        #expect(error?.message == "签名错误 …, token …")
    }

    @Test func theSecretIsNotPrinted() {
        let application = JackyunGateway.Application(appKey: "123", appSecret: "hidden", token: "concealed")
        var dumped = ""
        dump(application, to: &dumped)
        #expect(!"\(application)\(dumped)".contains("hidden") && !dumped.contains("concealed"))
    }
}
