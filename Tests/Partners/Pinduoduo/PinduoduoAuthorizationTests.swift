import Contracts
import HTTP
import Testing
import Threads

@testable import Partners

@Suite struct PinduoduoAuthorizationTests {
    private static let created = """
        {"pop_auth_token_create_response":{"access_token":"at","expires_in":86399,"expires_at":1700086399,"refresh_token":"rt",\
        "refresh_token_expires_in":2592000,"refresh_token_expires_at":1702592000,"owner_id":"877707","owner_name":"pdd8777073791",\
        "scope":["pdd.fds.order.get"],"r1_expires_at":1700086399,"r2_expires_at":1700003600,"w1_expires_at":1600000000,"w2_expires_in":0}}
        """

    @Test func theLoginPage() {
        let url = ScriptedGateway("").gateway.authorizeURL(state: "s/1", redirectURI: "https://a.example/p?x=1")
        #expect(
            url
                == "https://fuwu.pinduoduo.com/service-market/auth?response_type=code&client_id=testid&redirect_uri=https%3A%2F%2Fa.example%2Fp%3Fx%3D1&state=s%2F1&view=web"
        )
    }

    /// The token is good until the first level of permissions ends; levels that have ended or were not given do not count.
    @Test func exchange() async throws {
        let script = ScriptedGateway(Self.created)
        let grant = try await script.gateway.exchange(code: "c1")
        #expect(
            grant
                == TokenGrant(
                    accessToken: "at", refreshToken: "rt", expiresAt: Timestamp(milliseconds: 1_700_003_600_000),
                    refreshExpiresAt: Timestamp(milliseconds: 1_702_592_000_000), ownerId: "877707", ownerName: "pdd8777073791",
                    scope: ["pdd.fds.order.get"]))
        let fields = try script.fields()
        #expect(fields["type"] == "pdd.pop.auth.token.create")
        #expect(fields["code"] == "c1")
        #expect(fields["access_token"] == nil)
    }

    @Test func refreshWithNumbersAndWithoutTimes() async throws {
        let script = ScriptedGateway(
            #"{"pop_auth_token_refresh_response":{"access_token":"a2","expires_in":"3600","owner_id":877707,"scope":null}}"#)
        let grant = try await script.gateway.refresh(refreshToken: "rt")
        #expect(grant.expiresAt.milliseconds == 1_700_003_600_000)
        #expect(grant.refreshToken == nil)
        #expect(grant.refreshExpiresAt == nil)
        #expect(grant.ownerId == "877707")
        #expect(grant.messageSubscription == nil)
        #expect(try script.fields()["refresh_token"] == "rt")
    }

    @Test(
        arguments: [
            (.json(ScriptedGateway.error(10000, "code已失效")), .rejected), (.json(ScriptedGateway.error(10019)), .tokenInvalid),
            (.json(ScriptedGateway.error(50000)), .outcomeOpen), (.json(ScriptedGateway.error(52102)), .unavailable),
            (.json("{}", status: 500), .outcomeOpen), (.failure(.timeout), .outcomeOpen),
            (.json(#"{"pop_auth_token_create_response":{"expires_in":1}}"#), .outcomeOpen),
            (.json(#"{"pop_auth_token_create_response":{"access_token":"a"}}"#), .outcomeOpen),
        ] as [(ScriptedSender.Answer, PartnerError.Kind)])
    func failures(_ answer: ScriptedSender.Answer, _ kind: PartnerError.Kind) async throws {
        let script = ScriptedGateway(quotaCodes: [], answer)
        let error = try await partnerError { () throws(PartnerError) in try await script.gateway.exchange(code: "secret-code") }
        #expect(error.kind == kind)
        #expect(!"\(error)".contains("secret-code"))
    }
}
