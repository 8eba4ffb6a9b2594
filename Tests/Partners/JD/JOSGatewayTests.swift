import Contracts
import HTTP
import JSON
import Partners
import Testing

@Suite struct JOSGatewayTests {
    private static let method = "jingdong.eclp.order.cancelOrder"

    private func gateway(_ fixture: JDFixture) -> JOSGateway {
        JOSGateway(
            wire: Wire(partner: "jd", sender: fixture.sender), endpoint: "https://api.jd.com/routerjson",
            credential: JDCredential(appKey: "ak", appSecret: "sec", accessToken: "tok")
        ) { JDFixture.now }
    }

    private func ask(_ answer: ScriptedSender.Answer) async -> Result<JSONValue, PartnerError> {
        do throws(PartnerError) {
            return .success(try await gateway(JDFixture(answer)).call(Self.method, [("eclpSoNo", .string("ESL4398046641940"))]))
        } catch { return .failure(error) }
    }

    @Test func requestsAreSignedAndOneMinuteBehindTheClock() async throws {
        let fixture = JDFixture(.json(#"{"jingdong_eclp_order_cancelOrder_responce":{"code":"0"}}"#))
        _ = try await gateway(fixture).call(Self.method, [("eclpSoNo", .string("ESL4398046641940"))])
        #expect(
            try fixture.form() == [
                "360buy_param_json": #"{"eclpSoNo":"ESL4398046641940"}"#, "access_token": "tok", "app_key": "ak", "method": Self.method,
                "timestamp": "2024-01-02 03:04:05", "v": "2.0", "sign": "75D9D85645A4F49746A969E7E8C9AA37",
            ])
        let request = fixture.sender.requests[0]
        #expect(request.method == "POST" && request.url == "https://api.jd.com/routerjson")
    }

    @Test(arguments: ["responce", "response"], [#""0""#, "0", #"["0"]"#])
    func bothSpellingsAndAnyZeroAreSuccess(_ spelling: String, _ code: String) async throws {
        let answer = #"{"jingdong_eclp_order_cancelOrder_\#(spelling)":{"code":\#(code),"cancelorder_result":{"code":1}}}"#
        #expect(try await ask(.json(answer)).get()["cancelorder_result"]?["code"]?.wireInt == 1)
    }

    @Test(
        arguments: [
            ("2", .throttled), ("8", .rejected), ("12", .rejected), ("15", .rejected), ("19", .tokenInvalid), ("21", .rejected),
            ("24", .rejected), ("43", .unavailable), ("60", .rejected), ("61", .rejected), ("62", .rejected), ("63", .rejected),
            ("65", .outcomeOpen), ("66", .unavailable), ("67", .outcomeOpen), ("71", .rejected), ("99999", .rejected), ("abc", .rejected),
        ] as [(String, PartnerError.Kind)])
    func codesSayWhatCanBeDone(_ code: String, _ kind: PartnerError.Kind) async {
        let answers = [
            #"{"error_response":{"code":"\#(code)","zh_desc":"原因","en_desc":"reason"}}"#,
            #"{"jingdong_eclp_order_cancelOrder_responce":{"code":"\#(code)","msg":"原因"}}"#,
        ]
        for answer in answers {
            let error = await ask(.json(answer)).failure
            #expect(error?.kind == kind && error?.code == code && error?.message == "原因" && error?.operation == Self.method)
        }
    }

    @Test func errorsOfAnyStatusAreRead() async {
        let answer = #"{"error_response":{"code":19,"zh_desc":"token已过期","en_desc":"expired"}}"#
        for status in [200, 400, 401, 403] { #expect(await ask(.json(answer, status: status)).failure?.kind == .tokenInvalid) }
        // Whatever a 5xx says, it may have been done.
        #expect(await ask(.json(answer, status: 502)).failure?.kind == .outcomeOpen)
    }

    @Test func aReasonInGBKIsRead() async {
        let body = Array(#"{"error_response":{"code":"24","zh_desc":""#.utf8) + [0xCE, 0xDE, 0xC8, 0xA8, 0xCF, 0xDE] + Array(#""}}"#.utf8)
        let error = await ask(.bytes(body, contentType: "text/json;charset=GBK")).failure
        #expect(error?.message == "无权限" && error?.kind == .rejected)
    }

    @Test(arguments: [
        ScriptedSender.Answer.json("{}"), .json("null"), .json("[]"), .json(#""OK""#), .json(#"{"code":"0"}"#),
        .json(#"{"jingdong_eclp_order_queryOrder_responce":{"code":"0"}}"#), .json(#"{"jingdong_eclp_order_cancelOrder_responce":null}"#),
        .json(#"{"jingdong_eclp_order_cancelOrder_responce":"0"}"#), .json(#"{"error_response":{}}"#),
        .json(#"{"error_response":"broken"}"#), .html("<html>系统维护中</html>"),
        .json(#"{"jingdong_eclp_order_cancelOrder_responce":{"code":"#), .failure(.timeout),
    ])
    func whatIsNoAnswerLeavesTheOutcomeOpen(_ answer: ScriptedSender.Answer) async {
        #expect(await ask(answer).failure?.kind == .outcomeOpen)
    }

    @Test func whatJDRepeatsIsNotInTheError() async throws {
        let fixture = JDFixture(.json(#"{"error_response":{"code":"60","zh_desc":"王小明 tok 无效 sec","en_desc":"x"}}"#))
        let error = try #require(
            await failure { () throws(PartnerError) in try await gateway(fixture).call(Self.method, [], hiding: ["王小明", ""]) })
        #expect(error.message == "… … 无效 …")
    }
}
