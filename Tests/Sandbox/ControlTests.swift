import Foundation
import JSON
import Testing

@testable import Sandbox

@Suite struct ControlTests {
    @Test func thePageShowsWhatIsHeldWithoutSecretsTokensAndWholeNames() async throws {
        let sandbox = try RunningSandbox()
        let token = try await sandbox.jdToken()
        _ = try await sandbox.jos("jingdong.eclp.order.addOrder", RunningSandbox.outbound, token: token)
        let page = try await sandbox.send("GET", "/").text
        #expect(page.contains("<td>order-1_1</td>") && page.contains("<td>daifa-demo</td>"))
        for secret in ["jd-secret", token, "张三", "13900000001", "世纪大道"] { #expect(!page.contains(secret)) }
    }

    @Test func whatIsOnThePageIsText() async throws {
        let sandbox = try RunningSandbox()
        try await sandbox.control("seed", ["apps": [["partner": "jd", "key": "<script>", "secret": "s"]]])
        let page = try await sandbox.send("GET", "/").text
        #expect(page.contains("&lt;script&gt;") && !page.contains("<script>"))
    }

    @Test func settingsChangeOneByOneAndAreChecked() async throws {
        let sandbox = try RunningSandbox()
        #expect(try await sandbox.control("settings", ["cancelOutcome": 1])["cancelOutcome"]?.int == 1)
        #expect(try await sandbox.control("settings", ["deduplication": false])["cancelOutcome"]?.int == 1)
        #expect(try await sandbox.control("settings", ["cancelOutcome": nil])["cancelOutcome"] == nil)
        #expect(try await sandbox.send("POST", "/sandbox/settings", body: #"{"cancelOutcome":7}"#).status == 400)
        #expect(try await sandbox.send("POST", "/sandbox/settings", body: "nonsense").status == 400)
    }

    @Test func aResetEmptiesItAndPutsTheSeedInAgain() async throws {
        let sandbox = try RunningSandbox()
        try await sandbox.control("seed", ["apps": [["partner": "jd", "key": "other", "secret": "s"]]])
        _ = try await sandbox.jos("jingdong.eclp.order.addOrder", RunningSandbox.outbound, token: try await sandbox.jdToken())
        try await sandbox.control("reset", [:])
        #expect(try await sandbox.control("creates").array?.isEmpty == true)
        #expect(try await sandbox.control("outbound").array?.isEmpty == true)
        #expect(try await sandbox.send("GET", "/").text.contains("jd-app"))
    }

    @Test func everyCallIsInTheLogWithHowItEnded() async throws {
        let sandbox = try RunningSandbox()
        let add = "jingdong.eclp.order.addOrder"
        try await sandbox.fault(add, "http-500")
        let token = try await sandbox.jdToken()
        for inner in [RunningSandbox.outbound, RunningSandbox.outbound, RunningSandbox.outbound.changing("quantity", to: nil)] {
            _ = try await sandbox.jos(add, inner, token: token)
        }
        let calls = try await sandbox.control("calls?operation=\(add)").array ?? []
        #expect(calls.compactMap { $0["outcome"]?.string } == ["http-500", "ok", "missing"])
        #expect(calls[1]["key"]?.string == "order-1_1")
    }

    @Test func whatIsNotThereIsToldWithWhatIs() async throws {
        let sandbox = try RunningSandbox()
        #expect(try await sandbox.send("GET", "/sandbox/none").json?["error"]?.string?.contains("POST /sandbox/advance") == true)
        #expect(try await sandbox.send("POST", "/sandbox/advance", body: #"{"number":"ESL9","status":"10020"}"#).status == 400)
        #expect(try await sandbox.send("GET", "/nowhere").status == 404)
    }
}
