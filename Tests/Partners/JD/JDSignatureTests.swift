import Partners
import Testing

@Suite struct JDSignatureTests {
    private static let credential = JDCredential(appKey: "ak", appSecret: "sec", accessToken: "tok")
    private static let path = "/integratedsupplychain/order/cancel/v1"

    @Test func josSignsAllParametersInTheirOrder() {
        let parameters = [
            (name: "v", value: "2.0"), (name: "timestamp", value: "2024-01-02 03:04:05"), (name: "app_key", value: "ak"),
            (name: "method", value: "jingdong.eclp.order.cancelOrder"), (name: "access_token", value: "tok"),
            (name: "360buy_param_json", value: #"{"eclpSoNo":"ESL4398046641940"}"#),
        ]
        #expect(JOSSignature.make(parameters, secret: "sec") == "75D9D85645A4F49746A969E7E8C9AA37")
        #expect(JOSSignature.make(parameters.reversed(), secret: "sec") == "75D9D85645A4F49746A969E7E8C9AA37")
        #expect(JOSSignature.make(parameters, secret: "sec2") != "75D9D85645A4F49746A969E7E8C9AA37")
    }

    // The MD5 is a published client's; the others are Python's hmac over the same content.
    @Test(
        arguments: [
            (.md5Salt, "709789d28c238a0be5f7d14539836995"), (.hmacMD5, "nzCiXhxi/xTAOskI/GMm4w=="),
            (.hmacSHA1, "3eAfidcZteJu+MVHs0VIi7OR2Is="), (.hmacSHA256, "5uzvtSrFdi/l0VyG3HOLczXvSAN4Mo90wdqgDhbqcBw="),
            (.hmacSHA512, "+OutzFCgVOedktCBd0xLtZXq2OSiF7cJXMLhOUgGys/5HLBxXSLlRTqy/YsdyfgclsFd2J23SV8w+aqz6V9ajw=="),
        ] as [(ISCSignature.Algorithm, String)])
    func iscSignsByEachAlgorithm(_ algorithm: ISCSignature.Algorithm, _ expected: String) {
        let made = ISCSignature.make(
            algorithm, path: Self.path, body: Array("[{}]".utf8), timestamp: "2024-01-02 03:04:05", credential: Self.credential)
        #expect(made == expected)
        #expect(ISCSignature.matches(made, expected, algorithm))
        #expect(!ISCSignature.matches(made + "0", expected, algorithm))
        // Hexadecimal was seen in both cases; base 64 has only one.
        #expect(ISCSignature.matches(made.uppercased(), expected, algorithm) == (algorithm == .md5Salt))
    }

    @Test func theSignedBodyIsTheSentOne() {
        func sign(_ body: String) -> String {
            ISCSignature.make(path: Self.path, body: Array(body.utf8), timestamp: "2024-01-02 03:04:05", credential: Self.credential)
        }
        #expect(sign("[{}]") == "709789d28c238a0be5f7d14539836995" && sign("[{ }]") != sign("[{}]"))
    }

    @Test func pushesAreVerified() {
        let body = Array(#"{"messageId":"m1"}"#.utf8)
        let signature = "KXaXCm8iWGb3DHU+S8zFht59P/yKnmXpAcptD7lNbng="
        #expect(JDPushSignature.make(timestamp: "1704135845000", body: body, secret: "secret") == signature)
        #expect(JDPushSignature.verify(signature, timestamp: "1704135845000", body: body, secret: "secret"))
        #expect(!JDPushSignature.verify(signature, timestamp: "1704135845001", body: body, secret: "secret"))
        #expect(!JDPushSignature.verify(signature, timestamp: "1704135845000", body: body + [0x20], secret: "secret"))
        #expect(!JDPushSignature.verify(signature, timestamp: "1704135845000", body: body, secret: "secreT"))
        #expect(!JDPushSignature.verify("", timestamp: "1704135845000", body: body, secret: "secret"))
        #expect(!JDPushSignature.verify(String(signature.dropLast()), timestamp: "1704135845000", body: body, secret: "secret"))
    }

    @Test func nothingPrintsASecret() {
        let grant = TokenGrant(accessToken: "t0p-secret", refreshToken: "t0p-secret", expiresAt: JDFixture.now)
        let credential = JDCredential(appKey: "ak", appSecret: "t0p-secret", accessToken: "t0p-secret")
        for text in ["\(grant)", String(reflecting: grant), "\(credential)", String(reflecting: credential)] {
            #expect(!text.contains("t0p-secret"))
        }
        var dumped = ""
        dump(credential, to: &dumped)
        dump(grant, to: &dumped)
        dump(JDFixture.order, to: &dumped)
        #expect(!dumped.contains("t0p-secret") && !dumped.contains("王小明") && !"\(JDFixture.order)".contains("王小明"))
    }
}
