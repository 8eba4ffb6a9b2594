import Contracts
import HTTP
import Identity
import JSON
import Testing
import Texts
import Web

@testable import Console

/// What HTTP asks of every answer (contract, section 9).
@Suite struct HTTPTests {
    private static let codes = RefusalCode.allCases.map(\.rawValue) + HTTPCode.allCases.map(\.rawValue)

    @Test func theTableIsRight() throws {
        let scene = try ConsoleScene()
        try scene.router.check()
        #expect(scene.router.routes.allSatisfy { !$0.name.isEmpty })
        // Merchants and factories have some pages alike, and those have one name; nothing else is called as another.
        for place in ["/api/", "/partners/", "/m/", "/f/", "/o", ""] {
            let names = scene.router.routes.filter { Self.place(of: $0) == place }.map(\.name)
            #expect(!names.isEmpty && Set(names).count == names.count, "\(place)")
        }
    }

    private static func place(of route: Web.Route) -> String {
        ["/api/", "/partners/", "/m/", "/f/", "/o"].first { route.template.text.hasPrefix($0) } ?? ""
    }

    @Test func everyRouteAnswersToOtherMethods() throws {
        let scene = try ConsoleScene()
        let guest = try scene.token("merchant:m1")
        for route in scene.router.routes {
            let path = WhoAsksTests.path(route).replacing("{provider}", with: "pinduoduo")
            let options = scene.ask("OPTIONS", path)
            #expect(options.status == 204 && options.header("allow")?.contains(route.method.rawValue) == true, "\(route.name)")
            #expect(options.header("cache-control") == "no-store" && options.header("x-content-type-options") == "nosniff")
            #expect(options.header("access-control-allow-origin") == nil)
            for method in ["PATCH", "TRACE", "PROPFIND", "get"] {
                let answer = scene.ask(method, path, as: guest)
                #expect(answer.status == 405 && answer.code == "method-not-allowed", "\(method) \(route.name): \(answer.status)")
                #expect(answer.header("allow") == options.header("allow"))
            }
        }
        let head = scene.ask("HEAD", "/api/v1/commands", as: guest)
        #expect(head.status == 200 && head.header("content-type") == "application/json")
    }

    @Test(arguments: [
        "/api", "/api/v1", "/api/v1/", "/api/v1/nothing", "/api/v1/orders/", "/api/v2/orders", "/api/v1/orders%00",
        "/api/v1/session/x",
    ])
    func aPathThatLeadsNowhere(path: String) throws {
        let answer = try ConsoleScene().ask("GET", path)
        #expect(answer.status == 404 && answer.code == "not-found" && answer.header("content-type") == "application/problem+json")
        #expect(answer.header("cache-control") == "no-store" && answer.header("x-content-type-options") == "nosniff")
    }

    @Test func sizeAndType() throws {
        let scene = try ConsoleScene()
        let guest = try scene.token("merchant:m1")
        let path = "/api/v1/commands/allocation/approve-order"
        let large = scene.ask("POST", path, as: guest, body: String(repeating: " ", count: 1 << 20) + "{}")
        #expect(large.status == 413 && large.code == "too-large")
        #expect(scene.ask("POST", path, body: String(repeating: " ", count: 1 << 20) + "{}").status == 401, "who asks comes first")
        for type in ["text/plain", "application/x-www-form-urlencoded", "application/json-patch+json", ""] {
            let answer = scene.ask("POST", path, as: guest, body: Sample.approve, type: type)
            #expect(answer.status == 415 && answer.code == "media-type" && answer.header("accept") == "application/json", "\(type)")
        }
        #expect(scene.ask("POST", path, as: guest.setting("Content-Encoding", "gzip"), body: Sample.approve).status == 415)
        #expect(scene.ask("POST", path, as: guest, body: Sample.approve, type: "application/json; charset=utf-8").status == 200)
    }

    /// Role and knowledge of a command come before its body is looked at.
    @Test func whoMayComesBeforeTheBody() throws {
        let scene = try ConsoleScene()
        let guest = try scene.token("merchant:m1")
        let huge = String(repeating: " ", count: 1 << 20) + "{}"
        #expect(scene.ask("POST", "/api/v1/commands/allocation/seal", as: guest, body: huge).status == 403)
        #expect(scene.ask("POST", "/api/v1/commands/allocation/nothing", as: guest, body: huge).status == 404)
        #expect(scene.ask("POST", "/api/v1/session/role", as: guest, body: "x", type: "text/plain").status == 403)
    }

    @Test func whoAsksTooOftenIs429() throws {
        let scene = try ConsoleScene(rate: 0.001, burst: 5)
        let (one, other) = (try scene.token("merchant:m1"), try scene.token("merchant:m2"))
        for _ in 0..<5 { #expect(scene.ask("GET", "/api/v1/commands", as: one).status == 200) }
        let answer = scene.ask("GET", "/api/v1/commands", as: one)
        #expect(answer.status == 429 && answer.code == "too-many" && (answer.header("retry-after").flatMap { Int($0) } ?? 0) > 0)
        #expect(scene.ask("GET", "/api/v1/commands", as: other).status == 200, "another caller is not held up")
        // Without a caller by address, whatever is tried: nothing, tokens, log-ins, codes.
        let tries: [() throws -> SceneAnswer] = [
            { scene.ask("GET", "/api/v1/orders") }, { scene.ask("GET", "/api/v1/orders", as: Guest(bearer: "Bearer x")) },
            { scene.ask("GET", "/api/v1/invitations/x") }, { scene.ask("POST", "/api/v1/session", body: "{}") },
            { scene.ask("GET", "/api/v1/orders", as: Guest(bearer: "Bearer y")) },
        ]
        for attempt in tries { #expect(try attempt().status != 429) }
        for attempt in tries { #expect(try attempt().status == 429) }
    }

    private static let texts = Result { try ConsoleScene().parts.texts }

    @Test(arguments: codes) func everyCodeHasItsTextsInThreeLanguages(code: String) throws {
        let texts = try Self.texts.get()
        var titles: Set<String> = []
        for language in Language.allCases {
            let document = try JSONValue.decode(Problem(409, code, nil as LocalizedText?).response(language, texts[language]).body)
            let (title, detail) = (document["title"]?.string ?? "", document["detail"]?.string ?? "")
            #expect(!title.hasPrefix("refusal.") && !title.isEmpty && !title.contains("{"), "\(code) \(language): \(title)")
            #expect(!detail.hasPrefix("refusal.") && !detail.isEmpty && !detail.contains("{"), "\(code) \(language): \(detail)")
            titles.insert(title)
        }
        #expect(titles.count == 3, "\(code)")
    }

    @Test func anAnswerIsInTheLanguageThatIsAskedFor() throws {
        let scene = try ConsoleScene()
        let guest = try scene.user()
        #expect(scene.ask("PUT", "/api/v1/session", as: guest, body: #"{"language":"vi"}"#).status == 200)
        for (wish, tag) in [
            (nil, "vi"), ("zh-CN,zh;q=0.9", "zh-Hans"), ("en-GB", "en"), ("fr", "vi"), ("fr, vi;q=0.1", "vi"),
        ] as [(String?, String)] {
            let asking = wish.map { guest.setting("Accept-Language", $0) } ?? guest
            let answer = scene.ask("GET", "/api/v1/orders/none", as: asking)
            #expect(answer.status == 404 && answer.header("content-language") == tag, "\(wish ?? "none")")
            let language = try #require(Language.allCases.first { $0.tag == tag })
            #expect(answer.json["title"]?.string == scene.parts.texts[language]("refusal.not-found.happened"))
            let field = scene.ask("GET", "/api/v1/orders?limit=0", as: asking)
            let advice = scene.parts.texts[language]("refusal.invalid.advice")
            #expect(field.field == "limit" && (language == .en || field.json["detail"]?.string?.hasPrefix(advice) == true))
        }
        #expect(scene.ask("GET", "/api/v1/orders/none").header("content-language") == "en")
        #expect(scene.ask("GET", "/nothing", as: Guest.nobody.setting("Accept-Language", "zh")).header("content-language") == "zh-Hans")
    }

    @Test func listsSayWhatIsWrongWithTheirParameters() throws {
        let scene = try ConsoleScene(records: SceneRecords.twoPairs)
        let (merchant, factory) = (try scene.token("merchant:m1"), try scene.token("factory:f1"))
        let lists = ["orders", "rules", "warehouses", "stock", "inbounds", "bindings", "channels", "authorizations", "commands", "batches"]
        for (guest, name) in lists.map({ (merchant, $0) }) + [(factory, "parcels"), (factory, "pools")] {
            for (query, field) in [
                ("limit=0", "limit"), ("limit=201", "limit"), ("limit=", "limit"), ("limit=1&limit=2", "limit"),
                ("after=nonsense", "after"),
                ("after=", "after"), ("nothing=1", "nothing"), ("%2F=1", "/"),
            ] {
                let answer = scene.ask("GET", "/api/v1/\(name)?\(query)", as: guest)
                #expect(answer.status == 400 && answer.code == "invalid" && answer.field == field, "\(name)?\(query): \(answer.text)")
            }
            #expect(scene.ask("GET", "/api/v1/\(name)?limit=1", as: guest).status == 200)
        }
        for query in ["state=x", "hold=x", "from=x", "order=x", "shippable=x", "text=" + String(repeating: "x", count: 201)] {
            #expect(scene.ask("GET", "/api/v1/orders?\(query)", as: merchant).status == 400, "\(query)")
        }
        #expect(scene.ask("GET", "/api/v1/orders?state=allocated&state=open", as: merchant).json["items"]?.array?.count == 1)
        #expect(scene.ask("GET", "/api/v1/orders/counts?x=1", as: merchant).field == "x")
        #expect(scene.ask("GET", "/api/v1/orders/o-only-m1?x=1", as: merchant).field == "x")
    }

    @Test func requestsWithoutParametersSaySo() throws {
        let scene = try ConsoleScene()
        let guest = try scene.user()
        for route in scene.router.routes where route.template.text.hasPrefix("/api/v1/") && route.name != "list-parcels" {
            let body: String? = route.bodyTypes.isEmpty ? nil : route.name == "send-command" ? Sample.approve : "{}"
            let answer = scene.ask(route.method.rawValue, WhoAsksTests.path(route, shop: "m1") + "?nothing=1", as: guest, body: body)
            #expect(
                answer.status == 403 || answer.status == 400 && answer.field == "nothing", "\(route.name): \(answer.status) \(answer.text)")
        }
    }
}
