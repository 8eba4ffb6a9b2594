import Contracts
import HTTP
import Partners
import Testing
import Threads

@Suite struct JDOAuthTests {
    private static let jos = #"""
        {"access_token":"at-1","expires_in":86400,"refresh_token":"rt-1","scope":"snsapi_base","open_id":"oid","uid":"uid-9",
        "time":"1704135905000","token_type":"bearer","code":0,"xid":"x"}
        """#

    private func oauth(_ api: JDAPI, _ fixture: JDFixture) -> JDOAuth { fixture.clients.oauth(api, appKey: "ak", appSecret: "sec-ret") }

    @Test func usersAreSentToJDsLogin() {
        let redirect = "https://daifa.example/partners/jd-fulfillment/callback"
        #expect(
            JDOAuth.authorizeURL(.eclp, endpoints: JDEndpoints(), appKey: "ak", state: "s&1", redirectURI: redirect)
                == "https://open-oauth.jd.com/oauth2/to_login?app_key=ak&response_type=code"
                + "&redirect_uri=https%3A%2F%2Fdaifa.example%2Fpartners%2Fjd-fulfillment%2Fcallback&state=s%261&scope=snsapi_base")
        #expect(
            JDOAuth.authorizeURL(
                .isc, endpoints: JDEndpoints(iscOAuth: "http://127.0.0.1:9/isc/"), appKey: "ak", state: "s",
                redirectURI: "urn:ietf:wg:oauth:2.0:oob")
                == "http://127.0.0.1:9/isc/oauth/authorize?client_id=ak&redirect_uri=urn%3Aietf%3Awg%3Aoauth%3A2.0%3Aoob&response_type=code&state=s"
        )
    }

    @Test func aCodeIsExchanged() async throws {
        let fixture = JDFixture(.json(Self.jos))
        let grant = try await oauth(.eclp, fixture).exchange(code: "c-1")
        #expect(
            grant
                == TokenGrant(
                    accessToken: "at-1", refreshToken: "rt-1", expiresAt: Timestamp(milliseconds: JDFixture.now.milliseconds + 86_400_000),
                    ownerId: "uid-9", scope: ["snsapi_base"]))
        #expect(fixture.sender.requests[0].url.hasPrefix("https://open-oauth.jd.com/oauth2/access_token?"))
        #expect(
            try fixture.query() == ["app_key": "ak", "app_secret": "sec-ret", "grant_type": "authorization_code", "code": "c-1"])
    }

    @Test func aTokenIsRefreshed() async throws {
        let fixture = JDFixture(.json(Self.jos))
        #expect(try await oauth(.eclp, fixture).refresh("rt-0").accessToken == "at-1")
        #expect(fixture.sender.requests[0].url.hasPrefix("https://open-oauth.jd.com/oauth2/refresh_token?"))
        #expect(
            try fixture.query() == ["app_key": "ak", "app_secret": "sec-ret", "grant_type": "refresh_token", "refresh_token": "rt-0"])
    }

    @Test(
        arguments: [
            (#""message_subscription":true"#, true), (#""message_subscription":"false""#, false), (#""message_subscription":1"#, true),
            (#""message_subscription":"0""#, false), (#""message_subscription":null"#, nil), (#""other":true"#, nil),
        ] as [(String, Bool?)])
    func theSubscriptionIsReadWhateverItsForm(_ member: String, _ expected: Bool?) async throws {
        let fixture = JDFixture(.json(#"{"access_token":"a","code":"0",\#(member)}"#))
        let grant = try await oauth(.eclp, fixture).exchange(code: "c")
        #expect(grant.messageSubscription == expected)
        // Without a word on it a token is taken to live a day, and not to be refreshable.
        #expect(grant.expiresAt.milliseconds == JDFixture.now.milliseconds + 86_400_000 && grant.refreshToken == nil)
    }

    @Test(arguments: [
        #"{"code":400,"msg":"invalid code","requestId":"r"}"#, #"{"code":"12","msg":"code已失效: sec-ret","requestId":"r"}"#,
        #"{"error_response":{"code":"19","zh_desc":"refresh_token已过期","en_desc":"expired"}}"#,
        #"{"error":"invalid_grant","error_description":"refresh token ended"}"#,
    ])
    func whatJDRefusesStaysRefused(_ answer: String) async throws {
        for status in [200, 400] {
            let exchange = JDFixture(.json(answer, status: status))
            let error = try #require(await failure { () throws(PartnerError) in try await oauth(.eclp, exchange).exchange(code: "c-0de") })
            #expect(error.kind == .rejected && !error.description.contains("sec-ret") && !error.description.contains("c-0de"))
            let refresh = JDFixture(.json(answer, status: status))
            #expect(await failure { () throws(PartnerError) in try await oauth(.eclp, refresh).refresh("rt") }?.kind == .rejected)
        }
    }

    @Test(arguments: [
        ScriptedSender.Answer.failure(.timeout), .failure(.broken), .html("<html>登录</html>"), .json(#"{"access_token":"#),
        .json(#"{"code":0}"#), .json("{}"), .json("[]"), .json(#"{"code":500}"#, status: 500), .json("{}", status: 302),
        .json(#"{"code":65,"msg":"timeout"}"#),
    ])
    func withoutATokenAndWithoutARefusalTheOutcomeIsOpen(_ answer: ScriptedSender.Answer) async {
        let fixture = JDFixture(answer)
        #expect(await failure { () throws(PartnerError) in try await oauth(.eclp, fixture).exchange(code: "c") }?.kind == .outcomeOpen)
    }

    @Test func callLimitsAndOutagesAreWorthAnotherTry() async {
        let limited = JDFixture(.json(#"{"code":2,"msg":"limit"}"#))
        #expect(await failure { () throws(PartnerError) in try await oauth(.eclp, limited).refresh("r") }?.kind == .throttled)
        let away = JDFixture(.failure(.connection))
        #expect(await failure { () throws(PartnerError) in try await oauth(.eclp, away).refresh("r") }?.kind == .unavailable)
    }

    @Test func anAbsurdLifeIsCutAndATextIsRead() async throws {
        let fixture = JDFixture(
            .json(#"{"access_token":"a","expires_in":9223372036854775807,"code":0}"#),
            .json(#"{"access_token":"a","expires_in":"60","code":0}"#))
        let oauth = oauth(.eclp, fixture)
        #expect(try await oauth.exchange(code: "c").expiresAt.milliseconds == JDFixture.now.milliseconds + 10 * 366 * 86_400_000)
        #expect(try await oauth.exchange(code: "c").expiresAt.milliseconds == JDFixture.now.milliseconds + 60_000)
    }

    @Test func jdlsTokensAreInCamelCaseWithBeijingTimes() async throws {
        let fixture = JDFixture(
            .json(#"{"accessToken":"a","accessExpire":"2025-01-02 03:04:05","refreshToken":"r","refreshExpire":"2026-01-02 03:04:05"}"#),
            .json(#"{"code":1000,"message":"success","enMessage":null,"data":{"accessToken":"a2","accessExpire":"2026-01-02 03:04:05"}}"#))
        let oauth = oauth(.isc, fixture)
        let grant = try await oauth.exchange(code: "c")
        #expect(
            grant
                == TokenGrant(
                    accessToken: "a", refreshToken: "r", expiresAt: Timestamp(milliseconds: 1_735_758_245_000),
                    refreshExpiresAt: Timestamp(milliseconds: 1_767_294_245_000)))
        #expect(fixture.sender.requests[0].url.hasPrefix("https://oauth.jdl.com/oauth/token?"))
        #expect(try fixture.query()["client_id"] == "ak" && fixture.query()["code"] == "c")

        #expect(try await oauth.refresh("ref").accessToken == "a2")
        let query = try fixture.query(1)
        #expect(fixture.sender.requests[1].url.hasPrefix("https://oauth.jdl.com/oauth/refresh?"))
        #expect(query["timestamp"] == "2024-01-02 03:05:05" && query["sign"]?.count == 32 && query["app_secret"] == nil)
    }
}
