import Contracts
import HTTP
import JSON
import Synchronization
import Testing

@testable import Partners

@Suite struct WireTests {
    private func ask(_ answer: ScriptedSender.Answer) async -> Result<JSONValue, PartnerError> {
        let wire = Wire(partner: "jd", sender: ScriptedSender(answer))
        do throws(PartnerError) {
            return .success(try await wire.json("jingdong.call", HTTPClientRequest(url: "https://api.jd.com/routerjson?secret=s3cret")))
        } catch { return .failure(error) }
    }

    @Test func anAnswerIsReadAndTheTimeoutIsOurs() async throws {
        let sender = ScriptedSender(.json(#"{"a":[1,"二"]}"#))
        let value = try await Wire(partner: "jd", sender: sender, timeout: 3).json("call", HTTPClientRequest(url: "https://a.example/"))
        #expect(value["a"]?[1]?.string == "二")
        #expect(sender.requests.map(\.timeout) == [3])
    }

    @Test(arguments: [
        ScriptedSender.Answer.html("<html><body>系统繁忙</body></html>"), .html("<html>502 Bad Gateway</html>", status: 502),
        .json(#"{"code":"0","result":{"#), .json(""), .json(#"{"code":0}"#, status: 500), .json("{}", status: 302),
        .json("OK"), .bytes([0xFF, 0xFE, 0xFD], contentType: "application/json"),
        .failure(.timeout), .failure(.broken), .failure(.tooLarge),
    ])
    func withoutAWholeAnswerTheOutcomeIsOpen(_ answer: ScriptedSender.Answer) async throws {
        let error = try #require(await ask(answer).failure)
        #expect(error.kind == .outcomeOpen && error.partner == "jd" && error.operation == "jingdong.call")
        #expect(!error.description.contains("s3cret"))
    }

    @Test func whatWasNeverSentIsUnavailableAndAWrongURLRejected() async throws {
        #expect(await ask(.failure(.connection)).failure?.kind == .unavailable)
        #expect(await ask(.failure(.cancelled)).failure?.kind == .unavailable)
        #expect(await ask(.failure(.url)).failure?.kind == .rejected)
        #expect(await ask(.json("{}", status: 429)).failure?.kind == .throttled)
    }

    @Test func errorsInTheBodyAreAnswersWhateverTheStatus() async throws {
        let answer = try await ask(.json(#"{"error_response":{"code":"19"}}"#, status: 403)).get()
        #expect(answer["error_response"]?["code"]?.wireInt == 19)
    }

    @Test(arguments: ["application/json;charset=GBK", "application/json;charset=UTF-8", "text/plain"])
    func gbkIsReadWhateverTheHeaderSays(_ type: String) async throws {
        // "{"msg":"成功"}" in GBK.
        let body = Array(#"{"msg":""#.utf8) + [0xB3, 0xC9, 0xB9, 0xA6] + Array(#""}"#.utf8)
        #expect(try await ask(.bytes(body, contentType: type)).get()["msg"]?.string == "成功")
    }

    /// An even number of bytes of UTF-8 is often GBK too.
    @Test(arguments: ["成", "成功"]) func utf8IsReadThoughTheHeaderSaysGBK(_ text: String) async throws {
        let answer = try await ask(.bytes(Array(#"{"msg":"\#(text)"}"#.utf8), contentType: "text/json; charset=gb2312")).get()
        #expect(answer["msg"]?.string == text)
    }

    @Test func aByteOrderMarkIsSkipped() async throws {
        let answer = try await ask(.bytes([0xEF, 0xBB, 0xBF] + Array(#"{"a":1}"#.utf8), contentType: "application/json")).get()
        #expect(answer["a"]?.int == 1)
    }

    @Test func tooManyCallsWaitOrAreNotMade() async throws {
        let sender = ScriptedSender(Array(repeating: .json("{}"), count: 4))
        let rates = CallRates(["slow": .init(total: 0.01), "shops": .init(perShop: 0.01)])
        let seen = Mutex<[String]>([])
        let control = CallControl(RateLimiter(rates, longestWait: .milliseconds(1))) { operation, failure, _ in
            seen.withLock { $0.append("\(operation) \(failure?.rawValue ?? "ok")") }
        }
        let wire = Wire(partner: "jd", sender: sender, control: control)
        func call(_ operation: String, shop: String? = nil) async throws(PartnerError) {
            _ = try await wire.call(operation, shop: shop, hiding: []) { () async throws(PartnerError) in
                try await wire.json(operation, HTTPClientRequest(url: "https://a.example/"))
            }
        }
        try await call("slow")
        let error = await #expect(throws: PartnerError.self) { try await call("slow") }
        #expect(error?.kind == .throttled && sender.requests.count == 1)
        // Other operations have their own turn, and so have other shops where the limit is a shop's.
        try await call("quick")
        try await call("shops", shop: "A")
        try await call("shops", shop: "B")
        let again = await #expect(throws: PartnerError.self) { try await call("shops", shop: "B") }
        #expect(again?.kind == .throttled && sender.requests.count == 4)
        #expect(seen.withLock { $0 } == ["slow ok", "slow throttled", "quick ok", "shops ok", "shops ok", "shops throttled"])
    }

    @Test(
        arguments: [
            (nil, .rejected), ("7", .rejected), ("4242", .quotaExhausted), ("50001/4242", .quotaExhausted), ("50001/X", .quotaExhausted),
            ("50001", .rejected), ("4242/7", .quotaExhausted),
        ] as [(String?, PartnerError.Kind)])
    func codesThatAreSetTellAQuota(_ code: String?, _ kind: PartnerError.Kind) async throws {
        let seen = Mutex<[PartnerError.Kind?]>([])
        let control = CallControl(RateLimiter(CallRates()), quotaCodes: ["4242", "50001/X"]) { _, failure, _ in
            seen.withLock { $0.append(failure) }
        }
        let wire = Wire(partner: "jd", sender: ScriptedSender([]), control: control)
        let error = await #expect(throws: PartnerError.self) {
            try await wire.call("op", hiding: []) { () async throws(PartnerError) in
                throw PartnerError(.rejected, partner: "jd", operation: "op", code: code, message: "no")
            }
        }
        #expect(error?.kind == kind && error?.code == code && seen.withLock { $0 } == [kind])
    }
}

/// What a partner repeats of what it was sent.
@Suite struct HiddenTests {
    private func hidden(_ message: String, _ secrets: [String]) -> String {
        PartnerError(.rejected, partner: "jd", operation: "a", message: message).hiding(secrets).message
    }

    @Test func nothingSecretIsInAnError() {
        let secrets = ["张三", "a b/c"]
        #expect(hidden("not 张三, not a b/c", secrets) == "not …, not …")
        #expect(hidden("name=%E5%BC%A0%E4%B8%89&x=a%20b%2Fc", secrets) == "name=…&x=…")
        #expect(hidden("name=%e5%bc%a0%e4%b8%89&x=a%20b%2fc&y=a+b%2Fc", secrets) == "name=…&x=…&y=…")
        #expect(hidden("100% of 张", secrets) == "100% of 张")
    }

    @Test(arguments: [
        ("the street 文三路9号 is unknown", "the street … is unknown"), ("no street 三路9", "no street …"), ("文三", "文三"),
        ("call 1371111", "call …"), ("code 13711", "code 13711"), ("at=%E6%96%87%E4%B8%89%E8%B7%AF", "at=…"),
        ("西湖区文三路 and 13711111111", "… and …"),
    ])
    func aPartOfWhatIsSecretIsHiddenWhatIsShorterThanAPartIsNot(_ message: String, _ expected: String) {
        #expect(hidden(message, ["浙江省杭州市西湖区文三路9号", "13711111111"]) == expected)
    }

    @Test func aMessageIsNotCutInTheMiddleOfASecret() {
        let token = "0123456789abcdef"
        for length in 280..<300 {
            let message = hidden(String(repeating: "x", count: length) + token + "…", [token, "张三李四"])
            #expect(message == String(repeating: "x", count: length) + "…" || message == String(repeating: "x", count: length) + "……")
        }
        let name = hidden(String(repeating: "x", count: 299) + "张三李四", [token, "张三李四"])
        #expect(name == String(repeating: "x", count: 299) + "…")
        // Its encoded form may be cut too.
        let encoded = hidden(String(repeating: "x", count: 290) + "%E5%BC%A0%E4%B8%89", ["张三"])
        #expect(encoded == String(repeating: "x", count: 290) + "…")
        // One that was not cut ends as it ends.
        #expect(hidden("ends with 01", [token]) == "ends with 01")
    }
}

@Suite struct WireValueTests {
    private func value(_ text: String) throws -> JSONValue { try JSONValue.decode(Array(text.utf8)) }

    @Test(
        arguments: [
            (#""a""#, "a"), (#"["a"]"#, "a"), ("12", "12"), ("[12]", "12"), (#"{"v1":"a"}"#, "a"), (#"{"v1":["a"]}"#, "a"),
            ("4398046641940", "4398046641940"), ("null", nil), ("[null]", nil), (#""""#, nil), ("[]", nil), (#"["a","b"]"#, nil),
            ("{}", nil), ("true", nil),
        ] as [(String, String?)])
    func texts(_ json: String, _ expected: String?) throws {
        #expect(try value(json).wireText == expected)
    }

    @Test(
        arguments: [
            ("12", 12), (#""12""#, 12), (#"["12"]"#, 12), (#""12.0""#, 12), ("12.0", 12), (#""-3""#, -3), (#""12.5""#, nil), ("12.5", nil),
            (#""1e400""#, nil), (#""zwölf""#, nil), ("null", nil), (#""""#, nil), ("[]", nil), (#"[{"a":1}]"#, nil),
        ] as [(String, Int?)])
    func numbers(_ json: String, _ expected: Int?) throws {
        #expect(try value(json).wireInt == expected)
    }

    @Test(
        arguments: [
            ("true", true), ("false", false), (#""true""#, true), (#""false""#, false), ("1", true), ("0", false), (#""1""#, true),
            (#"["0"]"#, false), ("2", nil), (#""ja""#, nil), ("null", nil),
        ] as [(String, Bool?)])
    func truthValues(_ json: String, _ expected: Bool?) throws {
        #expect(try value(json).wireBool == expected)
    }

    @Test(
        arguments: [
            (#"[{"n":1},{"n":2}]"#, [1, 2]), (#"[{"v1":{"n":1}},{"v1":{"n":2}}]"#, [1, 2]), (#"{"n":1}"#, [1]), (#"{"v1":{"n":1}}"#, [1]),
            (#"{"v1":[{"n":1},{"n":2}]}"#, [1, 2]), (#"[{"v1":{"n":["1"]}}]"#, [1]), ("[]", []), ("null", []), (#""a""#, []),
        ] as [(String, [Int])])
    func lists(_ json: String, _ expected: [Int]) throws {
        #expect(try value(json).wireList.map { $0["n"]?.wireInt } == expected)
    }
}

@Suite struct FormEncodingTests {
    @Test func whatIsEncodedIsReadAgain() {
        let fields = [(name: "a b", value: "1+1=2&x%"), (name: "名", value: "代发"), (name: "empty", value: "")]
        let text = FormEncoding.encode(fields)
        #expect(text == "a%20b=1%2B1%3D2%26x%25&%E5%90%8D=%E4%BB%A3%E5%8F%91&empty=")
        let read = FormEncoding.decode(text)
        #expect(read?.map(\.name) == fields.map(\.name) && read?.map(\.value) == fields.map(\.value))
    }

    @Test func browsersWriteSpacesAsPlus() {
        #expect(FormEncoding.decode("a=x+y&b")?.map(\.value) == ["x y", ""])
    }

    @Test(arguments: ["a=%", "a=%4", "a=%zz", "a=%FF"])
    func brokenEscapesAreRefused(_ text: String) {
        #expect(FormEncoding.decode(text) == nil)
    }
}

extension Result {
    /// Why it failed; nil when it did not.
    var failure: Failure? { if case .failure(let error) = self { error } else { nil } }
}
