import HTTP
import Identity
import Runtime
import Testing
import Texts
import Threads
import Web

@testable import Console

/// Forms whose session has ended, and what asks for the password again.
@Suite struct KeptFormTests {
    private static let form = "application/x-www-form-urlencoded"

    /// A browser in a scene: keeps cookies, says where it comes from.
    private final class Tab {
        let scene: ConsoleScene
        var cookies: [String: String] = [:]
        var at = ""

        init(_ scene: ConsoleScene) { self.scene = scene }

        private var guest: Guest {
            let cookie = cookies.filter { !$0.value.isEmpty }.map { "\($0.key)=\($0.value)" }.sorted().joined(separator: "; ")
            var guest = Guest.nobody.setting("Host", "daifa.example").setting("Origin", "https://daifa.example")
            if !cookie.isEmpty { guest = guest.setting("Cookie", cookie) }
            return at.isEmpty ? guest : guest.setting("Referer", "https://daifa.example\(at)")
        }

        private func took(_ answer: SceneAnswer) -> SceneAnswer {
            for header in answer.response.headers where header.name == "Set-Cookie" {
                let pair = header.value.prefix { $0 != ";" }.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                cookies[String(pair[0])] = String(pair[1])
            }
            return answer
        }

        func open(_ path: String) -> SceneAnswer {
            let answer = took(scene.ask("GET", path, as: guest))
            at = path
            return answer
        }

        /// - Returns: the answer; the tab stays where it is.
        func send(_ path: String, _ fields: [(String, String)]) -> SceneAnswer {
            let body = fields.map { "\(PercentEncoding.encode($0.0))=\(PercentEncoding.encode($0.1))" }.joined(separator: "&")
            return took(scene.ask("POST", path, as: guest, body: body, type: KeptFormTests.form))
        }

        func logIn(_ user: String, next: String?) -> SceneAnswer {
            _ = open("/login")
            return send("/login", [("user", user), ("password", ConsoleScene.password)] + (next.map { [("next", $0)] } ?? []))
        }

        func log(in session: NewSession) { cookies["daifa_session"] = session.token }
    }

    private static func value(_ name: String, _ page: String) -> String? {
        guard let start = page.firstRange(of: "name=\"\(name)\" value=\"")?.upperBound else { return nil }
        return String(page[start...].prefix { $0 != "\"" })
    }

    private static let page = "/m/m1/addresses/new?kind=sender"
    private static let typed = [
        ("kind", "sender"), ("country", "CN"), ("sender", "Lý <Thị> Ánh"), ("phone", "13800000001"), ("province", "浙江省"), ("city", "杭州市"),
        ("district", "西湖区"), ("detail", "文三路 1 号"),
    ]

    @Test func theSameUserGetsTheFormBackFilledAndNotSent() throws {
        let scene = try ConsoleScene(records: SceneRecords.twoPairs)
        let tab = Tab(scene)
        let session = try scene.session("anna", [("merchant:m1", .owner)])
        tab.log(in: session)
        let page = tab.open(Self.page)
        let by = try #require(Self.value("by", page.text))
        #expect(page.status == 200 && by == session.open.user.userId)
        let path = "/m/m1/addresses"
        scene.clock.advance(seconds: 13 * 3600)
        let answer = tab.send(path, Self.typed + [("by", by), ("csrf", "x"), ("password", "hidden")])
        let login = try #require(answer.header("location"))
        #expect(
            answer.status == 303 && login == "/login?next=\(PercentEncoding.encode(Self.page))&ended=1"
                && tab.cookies["daifa_form"]?.isEmpty == false)
        #expect(tab.logIn("anna", next: Self.page).header("location") == Self.page)
        let back = tab.open(Self.page).text
        #expect(back.contains("What you typed is here again, but was not sent") && back.contains("value=\"Lý &lt;Thị&gt; Ánh\""))
        #expect(Self.value("csrf", back) != "x" && scene.transport.commands.isEmpty)
        // Once it is sent it is over.
        let sent = tab.send(path, Self.typed + [("csrf", Self.value("csrf", back) ?? ""), ("key", "k1"), ("by", by)])
        #expect(sent.status == 303 && scene.transport.commands.count == 1 && tab.cookies["daifa_form"] == "")
        #expect(!tab.open(Self.page).text.contains("was not sent"))
    }

    @Test func nobodyElseGetsIt() throws {
        let scene = try ConsoleScene(records: SceneRecords.twoPairs)
        let anna = try scene.session("anna", [("merchant:m1", .owner)])
        _ = try scene.session("carl", [("merchant:m1", .owner)])
        let tab = Tab(scene)
        tab.at = Self.page
        _ = tab.send("/m/m1/addresses", Self.typed + [("by", anna.open.user.userId)])
        #expect(tab.logIn("carl", next: Self.page).status == 303)
        #expect(!tab.open(Self.page).text.contains("13800000001"))
        // Another site's form is not kept for anybody.
        let foreign = Tab(scene)
        let guest = Guest.nobody.setting("Host", "daifa.example").setting("Origin", "https://evil.example")
            .setting("Referer", "https://evil.example/m/m1/addresses")
        let answer = scene.ask(
            "POST", "/m/m1/addresses", as: guest, body: "by=\(anna.open.user.userId)&sender=x", type: Self.form)
        #expect(answer.status == 303 && answer.header("set-cookie") == nil && foreign.cookies.isEmpty)
    }

    @Test func whatConcernsPeopleAsksForThePasswordAfterAQuarterOfAnHour() throws {
        let scene = try ConsoleScene(records: SceneRecords.twoPairs)
        let tab = Tab(scene)
        tab.log(in: try scene.session("anna", [("merchant:m1", .owner)]))
        let fresh = tab.open("/m/m1/people")
        #expect(fresh.status == 200)
        scene.clock.advance(seconds: 901)
        let late = tab.send("/m/m1/people", [("csrf", Self.value("csrf", fresh.text) ?? ""), ("role", "owner")])
        #expect(late.status == 303 && late.header("location") == "/prove?next=%2Fm%2Fm1%2Fpeople")
        #expect(tab.open("/m/m1/people").status == 303 && tab.open("/m/m1/orders").status == 200, "other pages go on")
        let prove = tab.open("/prove?next=%2Fm%2Fm1%2Fpeople")
        let csrf = try #require(Self.value("csrf", prove.text))
        let wrong = tab.send("/prove", [("csrf", csrf), ("password", "wrong horse battery"), ("next", "/m/m1/people")])
        #expect(wrong.status == 400 && wrong.text.contains("The password is wrong."))
        #expect(tab.open("/m/m1/people").status == 303)
        let right = tab.send("/prove", [("csrf", csrf), ("password", ConsoleScene.password), ("next", "/m/m1/people")])
        #expect(right.status == 303 && right.header("location") == "/m/m1/people")
        let back = tab.open("/m/m1/people").text
        #expect(back.contains("was not sent") && back.contains(#"value="owner" selected"#))
        #expect(scene.transport.events.filter { $0.envelope.type.contains("invited") }.isEmpty)
    }

    @Test func everySensitiveRouteIsThere() throws {
        let scene = try ConsoleScene()
        let names = Set(scene.router.routes.filter { !$0.template.text.hasPrefix("/api/") }.map(\.name))
        #expect(PageDoor.sensitive.subtracting(names).sorted() == [])
        let guest = try scene.user()
        scene.clock.advance(seconds: 901)
        for path in ["/m/m1/fulfilment/begin", "/m/m1/authorizations/a/revoke", "/m/m1/channels/new", "/m/m1/people/carl/remove"] {
            #expect(scene.ask("GET", path, as: guest).header("location")?.hasPrefix("/prove?") == true, "\(path)")
        }
        for path in ["/m/m1/fulfilment/begin", "/m/m1/authorizations/a/revoke", "/m/m1/channels", "/m/m1/people/carl/reset"] {
            #expect(scene.ask("POST", path, as: guest, body: "a=b", type: Self.form).header("location")?.hasPrefix("/prove") == true)
        }
    }
}
