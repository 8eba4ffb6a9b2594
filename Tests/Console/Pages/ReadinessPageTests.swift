import HTTP
import Testing
import Texts
import Threads
import Web

@testable import Console

/// What people see while the console starts, and while its data are late.
@Suite struct ReadinessPageTests {
    private func starting(_ target: String, _ headers: [(String, String)], method: String = "GET") throws -> SceneAnswer {
        let scene = try ConsoleScene()
        let request = HTTPRequest(
            method: method, target: RequestTarget(target), headers: headers.map { HTTPRequest.Field($0.0, $0.1) })
        return SceneAnswer(
            response: FrontDoor.starting(request, FailurePage(texts: scene.parts.texts, assets: scene.parts.assets)))
    }

    @Test(arguments: [("zh", "正在启动"), ("vi", "Đang khởi động"), ("en", "Starting")])
    func aBrowserIsToldInItsLanguageAndAsksAgain(language: String, title: String) throws {
        let answer = try starting("/m/m1/orders", [("Accept", "text/html,*/*"), ("Accept-Language", language)])
        #expect(answer.status == 503 && answer.header("retry-after") == "5" && answer.header("refresh") == "5")
        #expect(answer.text.contains("<h1>\(title)</h1>") && answer.header("content-security-policy") != nil)
        let post = try starting("/m/m1/addresses", [("Accept", "text/html")], method: "POST")
        #expect(post.status == 503 && post.header("refresh") == nil)
    }

    @Test func programsGetAProblemAndPagesTheirStyle() throws {
        let problem = try starting("/api/v1/orders", [("Accept", "text/html")])
        #expect(problem.status == 503 && problem.code == "unavailable" && problem.header("retry-after") != nil)
        #expect(try starting("/m/m1/orders", []).code == "unavailable")
        let page = try starting("/", [("Accept", "text/html")]).text
        let start = try #require(page.firstRange(of: "href=\"/assets/")?.lowerBound)
        let style = String(page[page.index(start, offsetBy: 6)...].prefix { $0 != "\"" })
        #expect(try starting(style, []).status == 200)
    }

    @Test func dataThatAreLateAreSaidToBe() throws {
        let scene = try ConsoleScene(records: SceneRecords.twoPairs)
        let guest = try scene.user()
        let freshness = scene.parts.freshness
        freshness.note(true, asOf: Timestamp(milliseconds: 1_790_000_000_000))
        #expect(!scene.ask("GET", "/m/m1/orders", as: guest).text.contains("Data are late"))
        freshness.note(false, asOf: Timestamp(milliseconds: 1_790_000_009_000))
        #expect(scene.ask("GET", "/m/m1/orders", as: guest).text.contains("this page shows how things stood at 2026-09-21 22:13"))
        freshness.note(true, asOf: Timestamp(milliseconds: 1_790_000_011_000))
        #expect(!scene.ask("GET", "/m/m1/orders", as: guest).text.contains("Data are late"))
    }
}
