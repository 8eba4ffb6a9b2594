import JSON
import Testing

@testable import Partners

@Suite struct PinduoduoDecryptTests {
    private let texts = ["n", "p", "a"].map { PinduoduoCiphertext(orderSn: "o1", encrypted: "~\($0)~") }

    private static func row(_ encrypted: String, _ more: String) -> String {
        #"{"data_tag":"o1","encrypted_data":"\#(encrypted)",\#(more)}"#
    }

    private static func answer(_ rows: String...) -> String {
        #"{"open_decrypt_batch_response":{"data_decrypt_list":[\#(rows.joined(separator: ","))]}}"#
    }

    @Test func aRecipient() async throws {
        let script = ScriptedGateway(
            Self.answer(
                Self.row(
                    "~p~",
                    #""data_type":6,"decrypted_data":"$18412345678$#1234#","error_code":0,"virtual_number_type":1,"virtual_identify_number":"1234""#
                ),
                Self.row("~n~", #""data_type":5,"decrypted_data":"张三","error_code":0,"error_msg":"""#),
                Self.row("~a~", #""data_type":8,"decrypted_data":"文一西路1号","error_code":0"#)))
        let results = try await script.gateway.decryptBatch(texts, token: "t")
        #expect(results.map(\.ciphertext) == texts)
        let plain = try results.map { try $0.result.get() }
        #expect(plain.map(\.text) == ["张三", "$18412345678$#1234#", "文一西路1号"])
        #expect(plain.map(\.kind) == [.name, .phone, .detailAddress])
        #expect(plain[1].phone?.description == "18412345678-1234")
        #expect(plain[0].phone == nil)
        #expect(
            try script.fields()["data_list"]
                == #"[{"data_tag":"o1","encrypted_data":"~n~"},{"data_tag":"o1","encrypted_data":"~p~"},{"data_tag":"o1","encrypted_data":"~a~"}]"#
        )
    }

    /// `data_type` 7 is the whole address, 9 a tracking number.
    @Test func otherKinds() async throws {
        let script = ScriptedGateway(
            Self.answer(
                #"{"data_tag":"o1","data_type":7,"decrypted_data":"浙江省杭州市"}"#, #"{"data_tag":"o1","data_type":9,"decrypted_data":"SF1"}"#))
        let plain = try await script.gateway.decryptBatch(Array(texts.prefix(2)), token: "t").map { try $0.result.get() }
        #expect(plain.map(\.kind) == [.fullAddress, nil])
    }

    @Test(
        arguments: [
            ("$18412345678$#1234#", nil, "18412345678-1234"), ("$9501234$#12345678#", nil, "9501234-12345678"),
            ("13800138000", nil, "13800138000"),
            ("18412345678", "5678", "18412345678-5678"), ("18412345678-1234", "9999", "18412345678-1234"),
            ("$18412345678$#12a4#", nil, nil),
            ("$28412345678$#1234#", nil, nil), ("$18412345678#", nil, nil), ("$$##", nil, nil), ("phone", nil, nil),
        ] as [(String, String?, String?)])
    func phones(_ text: String, _ ext: String?, _ expected: String?) {
        #expect(PinduoduoPhone.parse(text, extension: ext)?.description == expected)
    }

    @Test func oneTextFailsByItself() async throws {
        let script = ScriptedGateway(
            Self.answer(
                Self.row("~n~", #""data_type":5,"decrypted_data":"张三","error_code":0"#),
                Self.row("~p~", #""data_type":6,"decrypted_data":"","error_code":70099,"error_msg":"当日解密额度已用完""#)))
        let results = try await script.gateway.decryptBatch(texts, token: "t")
        #expect(try results[0].result.get().text == "张三")
        #expect(
            throws: PartnerError(
                .quotaExhausted, partner: "pinduoduo", operation: "pdd.open.decrypt.batch", code: "70099", message: "当日解密额度已用完")
        ) {
            try results[1].result.get()
        }
        #expect { try results[2].result.get() } throws: { ($0 as? PartnerError)?.kind == .outcomeOpen }
    }

    @Test func emptyIsNoPlaintext() async throws {
        let script = ScriptedGateway(Self.answer(Self.row("~n~", #""data_type":5,"decrypted_data":"","error_code":0"#)))
        let results = try await script.gateway.decryptBatch([texts[0]], token: "t")
        #expect { try results[0].result.get() } throws: { ($0 as? PartnerError)?.kind == .rejected }
    }

    @Test(
        arguments: [
            (ScriptedGateway.error(50001, "业务服务错误", subCode: "4444", subMessage: "解密额度不足"), .quotaExhausted),
            (ScriptedGateway.error(50001, "decrypt Quota exceeded"), .quotaExhausted),
            (ScriptedGateway.error(50001, "业务服务错误", subCode: "4242", subMessage: "次数超限"), .quotaExhausted),
            (ScriptedGateway.error(50001, "业务服务错误", subCode: "4343", subMessage: "密文不正确"), .rejected),
            (ScriptedGateway.error(70031), .throttled), (#"{"open_decrypt_batch_response":{}}"#, .outcomeOpen),
        ] as [(String, PartnerError.Kind)])
    func quotasOfTheWholeCall(_ answer: String, _ kind: PartnerError.Kind) async throws {
        let script = ScriptedGateway(quotaCodes: ["4242"], .json(answer))
        let error = try await partnerError { () throws(PartnerError) in try await script.gateway.decryptBatch(texts, token: "t") }
        #expect(error.kind == kind)
    }

    @Test func aCiphertextThatIsRepeatedIsHidden() async throws {
        let element = #"{"data_tag":"o","encrypted_data":"~abc~","error_code":21001,"error_msg":"密文 ~abc~ 不正确"}"#
        let script = ScriptedGateway(
            ScriptedGateway.error(21001, "密文 ~abc~ 不正确"), #"{"open_decrypt_batch_response":{"data_decrypt_list":[\#(element)]}}"#)
        let asked = [PinduoduoCiphertext(orderSn: "o", encrypted: "~abc~")]
        let whole = try await partnerError { () throws(PartnerError) in try await script.gateway.decryptBatch(asked, token: "t") }
        let single = try await script.gateway.decryptBatch(asked, token: "t").first?.result
        guard case .failure(let one)? = single else { throw CancellationError() }
        #expect(whole.message == "密文 … 不正确" && one.message == "密文 … 不正确")
    }

    /// Words alone are not enough elsewhere: a shop may lack other quotas.
    @Test func elsewhereOnlyCodesTellAQuota() async throws {
        let answer = ScriptedGateway.error(50001, "业务服务错误", subCode: "4444", subMessage: "额度不足")
        for (codes, kind) in [([], PartnerError.Kind.rejected), (["4444"], .quotaExhausted), (["50001/4444"], .quotaExhausted)]
            as [([String], _)]
        {
            let script = ScriptedGateway(quotaCodes: Set(codes), .json(answer))
            let error = try await partnerError { () throws(PartnerError) in try await script.gateway.call("pdd.x") }
            #expect(error.kind == kind)
        }
    }

    @Test func tooManyAndNone() async throws {
        let script = ScriptedGateway()
        let many = (0...100).map { PinduoduoCiphertext(orderSn: "o", encrypted: "~\($0)~") }
        let error = try await partnerError { () throws(PartnerError) in try await script.gateway.decryptBatch(many, token: "t") }
        #expect(error.kind == .rejected)
        #expect(try await script.gateway.decryptBatch([], token: "t").isEmpty)
        #expect(script.sender.requests.isEmpty)
    }

    @Test func plaintextsDoNotPrintThemselves() throws {
        let plain = try #require(PinduoduoPlaintext(try JSONValue.decode(#"{"data_type":6,"decrypted_data":"13800138000"}"#)))
        var dumped = ""
        dump(plain, to: &dumped)
        #expect(!"\(plain)\(dumped)".contains("13800138000"))
    }
}
