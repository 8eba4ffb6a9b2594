import Foundation
import HTTP
import JSON
import Testing

@testable import Sandbox

@Suite struct ConsentTests {
    private let page =
        "/oauth2/to_login?app_key=jd-app&response_type=code&redirect_uri=http%3A%2F%2F127.0.0.1%3A8080%2Fcallback&state=a%26b"

    private func post(_ sandbox: RunningSandbox, _ fields: [String: String]) async throws -> RunningSandbox.Answer {
        try await sandbox.form(page, fields)
    }

    @Test func theLoginPageHasABoxForMessagesAndTwoButtons() async throws {
        let answer = try await RunningSandbox().send("GET", page)
        #expect(answer.status == 200)
        for id in ["account", "password", "subscribe", "approve", "deny"] { #expect(answer.text.contains("id=\"\(id)\"")) }
        #expect(!answer.text.contains("value=\"daifa-demo\""))
    }

    @Test func aBrowserThatApprovesEndsAtTheApplicationWithACodeAndItsState() async throws {
        let sandbox = try RunningSandbox()
        let fields = ["account": "daifa-demo", "password": "sandbox", "subscribe": "1", "decision": "approve"]
        let answer = try await post(sandbox, fields)
        #expect(answer.status == 302)
        let location = try #require(answer.headers["location"])
        #expect(location.hasPrefix("http://127.0.0.1:8080/callback?code="))
        let query = FormText.split(url: location).query
        #expect(query.first { $0.name == "state" }?.value == "a&b")
        let tokens = try await sandbox.jdTokens(code: query.first { $0.name == "code" }?.value ?? "")
        #expect(tokens["code"]?.int == 0)
        #expect(tokens["message_subscription"]?.bool == true)
        #expect(tokens["expires_in"]?.int ?? 0 > 86_000)
    }

    @Test func withoutTheBoxMessagesAreNotSubscribedTo() async throws {
        let sandbox = try RunningSandbox()
        let answer = try await post(sandbox, ["account": "daifa-demo", "password": "sandbox", "decision": "approve"])
        let code = FormText.split(url: answer.headers["location"] ?? "").query.first { $0.name == "code" }?.value
        #expect(try await sandbox.jdTokens(code: try #require(code))["message_subscription"]?.bool == false)
    }

    @Test func aWrongPasswordGivesTheFormAgainADenialGoesBackAsAnError() async throws {
        let sandbox = try RunningSandbox()
        #expect(try await post(sandbox, ["account": "daifa-demo", "password": "wrong", "decision": "approve"]).status == 403)
        let denied = try await post(sandbox, ["decision": "deny"])
        #expect(denied.headers["location"]?.contains("error=access_denied") == true)
    }

    @Test(arguments: [("jd-app", "other"), ("http%3A", "ftp%3A")])
    func anUnknownApplicationAndARedirectToNowhereAreRefused(_ part: String, _ replacement: String) async throws {
        let answer = try await RunningSandbox().send("GET", page.replacingOccurrences(of: part, with: replacement))
        #expect(answer.status == 400)
    }

    @Test func aCodeIsGoodOnceForItsApplication() async throws {
        let sandbox = try RunningSandbox()
        let code = try await sandbox.code("/oauth2/to_login?app_key=jd-app", account: "daifa-demo")
        let wrong = "/oauth2/access_token?app_key=jd-app&app_secret=wrong&grant_type=authorization_code&code=\(code)"
        #expect(try await sandbox.send("GET", wrong).json?["code"]?.int == 12)
        #expect(try await sandbox.jdTokens(code: code)["code"]?.int == 0)
        #expect(try await sandbox.jdTokens(code: code)["code"]?.int == 400)
    }

    @Test func aRefreshEndsTheAccessTokenBeforeAndWorksAgainAfterItsAnswerWasLost() async throws {
        let sandbox = try RunningSandbox()
        let tokens = try await sandbox.jdTokens(code: try await sandbox.code("/oauth2/to_login?app_key=jd-app", account: "daifa-demo"))
        let first = try #require(tokens["access_token"]?.string)
        let path =
            "/oauth2/refresh_token?app_key=jd-app&app_secret=jd-secret&grant_type=refresh_token&refresh_token="
            + (tokens["refresh_token"]?.string ?? "")
        try await sandbox.fault("oauth2/refresh_token", "http-500", [("done", true)])
        #expect(try await sandbox.send("GET", path).status == 500)
        let second = try #require(try await sandbox.send("GET", path).json?["access_token"]?.string)
        #expect(second != first)
        let code = try await sandbox.jos("jingdong.eclp.master.queryDept", [:], token: first).json?.at("error_response", "code")?.string
        #expect(code == "19")
        try await sandbox.control("tokens/expire", ["refresh": true])
        #expect(try await sandbox.send("GET", path).json?["code"]?.int == 400)
    }

    @Test func theCallbackMayReportTheSubscriptionInsteadOfTheToken() async throws {
        let sandbox = try RunningSandbox()
        try await sandbox.control("settings", ["subscriptionReport": "callback"])
        let answer = try await sandbox.control(
            "consent", ["authorizeUrl": .string(sandbox.base + page), "approve": true, "subscribe": true])
        let query = FormText.split(url: answer["redirectUrl"]?.string ?? "").query
        #expect(query.first { $0.name == "message_subscription" }?.value == "true")
        let tokens = try await sandbox.jdTokens(code: query.first { $0.name == "code" }?.value ?? "")
        #expect(tokens["access_token"] != nil)
        #expect(tokens["message_subscription"] == nil)
    }
}
