import Contracts
import HTTP
import JSON
import Testing
import Threads

@testable import Partners

@Suite struct PinduoduoGatewayTests {
    private static let role = #"{"pdd_fds_role_get_response":{"mall_role":2,"request_id":"1"}}"#

    @Test func signatureOfTheKnownVector() {
        let parameters = [
            (name: "version", value: "V1"), ("type", "pdd.fds.role.get"), ("timestamp", "1700000000"), ("data_type", "JSON"),
            ("client_id", "testid"), ("access_token", "tok"),
        ]
        #expect(PinduoduoSignature.sign(parameters, secret: "testsecret") == "3C663F89C5FE7A1F0998B22C132EB91B")
        #expect(PinduoduoSignature.sign(parameters + [("sign", "x")], secret: "testsecret") == "3C663F89C5FE7A1F0998B22C132EB91B")
        #expect(PinduoduoSignature.sign(parameters, secret: "testsecreT") != "3C663F89C5FE7A1F0998B22C132EB91B")
    }

    @Test func namesAreSortedByTheirBytes() {
        #expect(SignatureText.joined([("b", "2"), ("a_b", "1"), ("ab", "0"), ("B", "3")], secret: "s") == "sB3a_b1ab0b2s")
    }

    @Test func aCallIsAFormWithTheKnownSignature() async throws {
        let script = ScriptedGateway(Self.role)
        #expect(try await script.gateway.fdsRole(token: "tok") == .factory)
        let request = try #require(script.sender.requests.first)
        #expect(request.method == "POST")
        #expect(request.url == "https://gw-api.pinduoduo.com/api/router")
        #expect(request.headers.contains { $0.name == "Content-Type" && $0.value.hasPrefix("application/x-www-form-urlencoded") })
        #expect(
            try script.fields() == [
                "access_token": "tok", "client_id": "testid", "data_type": "JSON", "timestamp": "1700000000",
                "type": "pdd.fds.role.get", "version": "V1", "sign": "3C663F89C5FE7A1F0998B22C132EB91B",
            ])
    }

    @Test func withoutATokenNoneIsSent() async throws {
        let script = ScriptedGateway(#"{"time_get_response":{"time":"2024-01-02 03:04:05"}}"#)
        #expect(try await script.gateway.time().milliseconds == 1_704_135_845_000)
        #expect(try script.fields()["access_token"] == nil)
    }

    @Test(
        arguments: [
            (.string("中文 &="), "中文 &="), (.int(9_007_199_254_740_993), "9007199254740993"), (.bool(true), "true"), (.null, nil),
            (.object([("a", .string("中")), ("b", .array([.int(1)]))]), #"{"a":"中","b":[1]}"#), (.array([]), "[]"),
        ] as [(JSONValue, String?)])
    func objectsAndListsAreSentAsJSONText(_ value: JSONValue, _ text: String?) {
        #expect(PinduoduoGateway.text(of: value) == text)
    }

    @Test func whatIsSentIsWhatIsSigned() async throws {
        let script = ScriptedGateway(#"{"x_response":{}}"#)
        _ = try await script.gateway.call("pdd.x", [("name", .string("张三 & 李四+=%")), ("list", .array([.object([("a", .string("é"))])]))])
        var fields = try script.fields()
        let sign = fields.removeValue(forKey: "sign")
        #expect(fields["list"] == #"[{"a":"é"}]"#)
        #expect(sign == PinduoduoSignature.sign(fields.map { (name: $0.key, value: $0.value) }, secret: "testsecret"))
    }

    @Test(
        arguments: [
            ("pdd.fds.order.get", "pdd_fds_order_get_response"), ("pdd.order.list.get", "order_list_get_response"),
            ("pdd.logistics.online.send", "logistics_online_send_response"),
            ("pdd.order.number.list.increment.get", "order_sn_increment_get_response"),
            ("pdd.refund.list.increment.get", "refund_increment_get_response"), ("pdd.pmc.accrue.query", "pmc_user_get_response"),
        ])
    func envelopes(_ type: String, _ name: String) async throws {
        let script = ScriptedGateway(#"{"\#(name)":{"number":7}}"#)
        #expect(try await script.gateway.call(type)["number"] == .int(7))
    }

    @Test(arguments: ["{}", "[]", "7", #"{"result":{}}"#, #"{"a_response":{},"b_response":{}}"#])
    func withoutAnEnvelopeTheOutcomeIsOpen(_ body: String) async throws {
        let script = ScriptedGateway(body)
        let error = try await partnerError { () throws(PartnerError) in try await script.gateway.call("pdd.time.get") }
        #expect(error.kind == .outcomeOpen)
    }

    @Test(
        arguments: [
            (10000, .rejected), (10001, .rejected), (10016, .rejected), (10017, .rejected), (10018, .rejected), (10019, .tokenInvalid),
            (20004, .rejected), (20005, .rejected), (20031, .rejected), (20032, .tokenInvalid), (20034, .rejected), (20035, .rejected),
            (21001, .rejected), (21002, .rejected), (30000, .rejected), (30001, .rejected), (52004, .rejected), (52101, .throttled),
            (52102, .unavailable), (52103, .unavailable), (70031, .throttled), (70032, .rejected), (70033, .unavailable),
            (70034, .rejected), (70035, .rejected), (70036, .quotaExhausted), (39999, .rejected),
        ] as [(Int, PartnerError.Kind)])
    func gatewayCodes(_ code: Int, _ kind: PartnerError.Kind) async throws {
        for changes in [false, true] {
            let script = ScriptedGateway(ScriptedGateway.error(code))
            let error = try await partnerError { () throws(PartnerError) in try await script.gateway.call("pdd.x", changes: changes) }
            #expect(error.kind == kind)
            #expect(error.code == String(code))
            #expect(error.partner == "pinduoduo")
            #expect(error.operation == "pdd.x")
        }
    }

    /// Of a question it means that there is no answer; of a change it leaves open whether it was made. So do codes that no list has.
    @Test(arguments: [50000, 50001, 50002, 52001, 52002, 52003, 1, 9999, 40000, 52005, 70030, 70037, 99999])
    func internalErrors(_ code: Int) async throws {
        for (changes, kind) in [(false, PartnerError.Kind.unavailable), (true, .outcomeOpen)] {
            let script = ScriptedGateway(ScriptedGateway.error(code, "业务服务错误", subCode: "\(code)", subMessage: "业务服务错误"))
            let error = try await partnerError { () throws(PartnerError) in try await script.gateway.call("pdd.x", changes: changes) }
            #expect(error.kind == kind)
            #expect(error.code == String(code))
        }
    }

    @Test func aBusinessRefusalKeepsItsOwnCodeAndWords() async throws {
        let script = ScriptedGateway(
            ScriptedGateway.error(50001, "业务服务错误", subCode: #""ISV_TRACK_ERROR""#, subMessage: "运单号不正确"),
            ScriptedGateway.error(50001, "业务服务错误", subMessage: "订单已发货"),
            ScriptedGateway.error(50001, "业务服务错误", subCode: "17", subMessage: "系统繁忙，请稍后再试"))
        let gateway = script.gateway
        let first = try await partnerError { () throws(PartnerError) in try await gateway.call("pdd.x", changes: true) }
        #expect(first.kind == .rejected)
        #expect(first.code == "50001/ISV_TRACK_ERROR")
        #expect(first.message == "运单号不正确")
        let second = try await partnerError { () throws(PartnerError) in try await gateway.call("pdd.x", changes: true) }
        #expect(second.kind == .rejected)
        #expect(second.code == "50001")
        let third = try await partnerError { () throws(PartnerError) in try await gateway.call("pdd.x", changes: true) }
        #expect(third.kind == .outcomeOpen)
    }

    @Test func anUnknownCodeOfOneElementIsARefusal() async throws {
        let script = ScriptedGateway(
            #"{"open_decrypt_batch_response":{"data_decrypt_list":[{"data_tag":"sn","encrypted_data":"~x~","error_code":7,"error_msg":"无法解密"}]}}"#
        )
        let decryptions = try await script.gateway.decryptBatch([PinduoduoCiphertext(orderSn: "sn", encrypted: "~x~")], token: "t")
        guard case .failure(let error)? = decryptions.first?.result else { throw CancellationError() }
        #expect(error.kind == .rejected && error.code == "7")
    }

    @Test func codesMayBeTextsAndErrorsStandInsideTheEnvelope() async throws {
        let script = ScriptedGateway(
            #"{"error_response":{"error_code":"10019","error_msg":"access_token已过期"}}"#,
            #"{"refund_address_list_get_response":{"error_code":20032,"error_msg":"str","sub_code":0,"sub_msg":"str"}}"#,
            #"{"refund_address_list_get_response":{"error_code":0,"refund_address_list":[]}}"#,
            #"{"error_response":{"error_msg":"?"}}"#)
        let gateway = script.gateway
        for kind in [PartnerError.Kind.tokenInvalid, .tokenInvalid] {
            let error = try await partnerError { () throws(PartnerError) in try await gateway.refundAddresses(token: "t") }
            #expect(error.kind == kind)
        }
        #expect(try await gateway.refundAddresses(token: "t").isEmpty)
        let error = try await partnerError { () throws(PartnerError) in try await gateway.call("pdd.x") }
        #expect(error.kind == .outcomeOpen)
        #expect(error.code == nil)
    }

    @Test(
        arguments: [
            (.json("{}", status: 500), .outcomeOpen), (.json("", status: 502), .outcomeOpen),
            // The status of an error is not documented: the body is the answer.
            (.json(#"{"error_response":{"error_code":10019,"error_msg":"x"}}"#, status: 500), .tokenInvalid),
            (.json(#"{"error_response":{"error_code":20031,"error_msg":"x"}}"#, status: 503), .rejected),
            (.html("<html>502 Bad Gateway</html>"), .outcomeOpen), (.json(#"{"pdd_fds_role_get_resp"#), .outcomeOpen),
            (.json(role, status: 302), .outcomeOpen), (.json("{}", status: 429), .throttled), (.failure(.timeout), .outcomeOpen),
            (.failure(.broken), .outcomeOpen), (.failure(.connection), .unavailable),
        ] as [(ScriptedSender.Answer, PartnerError.Kind)])
    func nonsense(_ answer: ScriptedSender.Answer, _ kind: PartnerError.Kind) async throws {
        let script = ScriptedGateway(quotaCodes: [], answer)
        let error = try await partnerError { () throws(PartnerError) in try await script.gateway.fdsRole(token: "tok") }
        #expect(error.kind == kind)
    }

    @Test func nothingSecretIsPrinted() async throws {
        let script = ScriptedGateway(ScriptedGateway.error(20004, "签名sign校验失败: testsecret, access_token tok-1"))
        let error = try await partnerError { () throws(PartnerError) in try await script.gateway.fdsRole(token: "tok-1") }
        let application = PinduoduoGateway.Application(clientId: "testid", clientSecret: "testsecret")
        var dumped = ""
        dump(application, to: &dumped)
        for text in ["\(error)", "\(application)", "\(script.gateway)", dumped] {
            #expect(!text.contains("testsecret") && !text.contains("tok-1"))
        }
        #expect(error.message.contains("签名sign校验失败"))
    }

    @Test func aCodeThatIsRepeatedIsHidden() async throws {
        let script = ScriptedGateway(ScriptedGateway.error(21001, "code code-77 无效"))
        let error = try await partnerError { () throws(PartnerError) in try await script.gateway.exchange(code: "code-77") }
        #expect(!error.message.contains("code-77") && error.message.contains("无效"))
    }
}
