import Contracts
import HTTP
import Identity
import JSON
import Runtime
import TestSupport
import Testing
import Web

@testable import Console

/// Every page and every form of the table of routes, asked by whoever must not have it: nobody sees or changes another's.
@Suite struct WhoSeesPagesTests {
    /// Below what a route stands.
    private enum Place: String, CaseIterable {
        case merchant = "/m/", factory = "/f/", `operator` = "/o", person = "/"

        init(_ route: Web.Route) {
            self = Place.allCases.first { route.template.text.hasPrefix($0.rawValue) } ?? .person
        }
    }

    /// Pages of people who have not logged in.
    private static let open: Set<String> = [
        "page-login", "page-log-in", "page-log-out", "page-signup", "page-sign-up", "page-language", "page-join", "page-use-link",
    ]

    private static func pages(_ scene: ConsoleScene, _ place: Place? = nil) -> [Web.Route] {
        scene.router.routes.filter { route in
            let isPage = !["/api/", "/partners/", "/assets/"].contains { route.template.text.hasPrefix($0) }
            return isPage && (place == nil || Place(route) == place)
        }
    }

    private static let known = ["shop", "kind"]

    /// The route's path with another's ids in it.
    private static func path(_ route: Web.Route, shop: String) -> String {
        let ids = [
            "shop": shop, "orderId": "o-only-m2", "allocationId": "o-only-m2/1", "ruleId": "r-only-m2", "channelId": "c-only-m2-m2",
            "authorizationId": "a-only-m2", "merchant": "m2", "factory": "f2", "batchId": "b-only-m2", "commandId": "c-only-m2",
            "importId": "i-only-m2", "user": "olga", "service": "allocation", "addressId": "x-only-m2", "id": "daifa.allocation.dead:0:1",
            "code": "code", "kind": "merchant",
        ]
        var path = route.template.text
        for name in route.template.parameters {
            let id = ids[name] ?? "nothing"
            path = path.replacing("{\(name)...}", with: id).replacing("{\(name)}", with: id)
        }
        return path
    }

    private static let form = "application/x-www-form-urlencoded"

    /// Fields that forms have, each naming what is another's.
    private static let fields = [
        ("orderId", "o-only-m2"), ("order", "o-only-m2"), ("allocation", "o-only-m2/1"), ("item", "o-only-m2/1"), ("confirmed", "yes"),
        ("allocationId", "o-only-m2/1"),
        ("id", "daifa.allocation.dead:0:1"), ("stop", "o-only-m2/1"), ("ruleId", "r-only-m2"), ("addressId", "x-only-m2"),
        ("merchant", "m2"), ("factory", "f2"), ("factoryShopId", "f2"), ("merchantShopId", "m2"), ("warehouse", "w-only-m2"),
        ("warehouseId", "w-only-m2"), ("inboundId", "i-only-m2"), ("channelId", "c-only-m2-m2"), ("authorizationId", "a-only-m2"),
        ("user", "olga"), ("session", "s"), ("target", "factory:f2"), ("carrier", "ZTO"), ("waybillNumber", "7777700001"),
        ("number", "7777700001"), ("numbers", "7777700001"), ("lines", "1"), ("command", "obtain"), ("role", "owner"),
    ]

    private func ask(
        _ scene: ConsoleScene, _ route: Web.Route, as guest: Guest, shop: String, csrf: String? = nil,
        _ fields: [(String, String)] = WhoSeesPagesTests.fields
    ) -> SceneAnswer {
        let path = Self.path(route, shop: shop)
        guard route.method != .get else { return scene.ask("GET", path, as: guest) }
        let all = fields + (csrf.map { [("csrf", $0)] } ?? [])
        let body = all.map { "\(PercentEncoding.encode($0.0))=\(PercentEncoding.encode($0.1))" }.joined(separator: "&")
        // Forms have no header of their own for the token.
        return scene.ask(route.method.rawValue, path, as: guest.csrf(nil), body: body, type: Self.form)
    }

    private func scene() throws -> ConsoleScene { try ConsoleScene(records: SceneRecords.twoPairs) }

    /// Ids that were asked for may be said again.
    private func expectNothingOfOthers(_ answer: SceneAnswer, _ route: Web.Route, sourceLocation: SourceLocation = #_sourceLocation) {
        var text = answer.text + answer.response.headers.map { "\($0.name): \($0.value)" }.joined(separator: "\n")
        for id in ["o", "r", "c", "a", "b", "i", "w", "x"] { text = text.replacing("\(id)-only-m2", with: "") }
        let place = "\(route.method.rawValue) \(route.template.text)"
        #expect(
            !text.contains("only-m2") && !text.contains("SEALED"), "\(place)", sourceLocation: sourceLocation)
    }

    private func place(_ route: Web.Route, _ answer: SceneAnswer) -> Comment {
        "\(route.method.rawValue) \(route.template.text): \(answer.status) \(answer.text.prefix(300))"
    }

    @Test func theTableOfOpenPagesIsWhole() throws {
        let scene = try scene()
        let names = Set(Self.pages(scene, .person).map(\.name))
        #expect(names.isSuperset(of: Self.open), "\(Self.open.subtracting(names))")
        for route in Self.pages(scene) { #expect(!Self.path(route, shop: "m1").contains("nothing"), "\(route.template.text)") }
        for place in Place.allCases { #expect(Self.pages(scene, place).count > 5, "\(place)") }
    }

    @Test func whoHasNoSessionIsLedToTheLogIn() throws {
        let scene = try scene()
        let ended = try scene.session("anna", [("merchant:m1", .owner), ("factory:f1", .owner)])
        try scene.people.signOut(token: ended.token)
        let late = try scene.user("late", [("merchant:m1", .owner), ("factory:f1", .owner)])
        scene.clock.advance(seconds: 12 * 3600 + 61)
        // A token is of the API alone.
        let guests = [
            Guest.nobody, Guest(ended), late, try scene.token("merchant:m1"), try scene.token("operator:x"),
            Guest.nobody.setting("Cookie", "daifa_session=nonsense"),
        ]
        for route in Self.pages(scene) where !Self.open.contains(route.name) {
            let shop = Place(route) == .factory ? "f1" : "m1"
            for guest in guests {
                let answer = ask(scene, route, as: guest, shop: shop)
                #expect(answer.status == 303 && answer.header("location")?.hasPrefix("/login") == true, place(route, answer))
                expectNothingOfOthers(answer, route)
            }
        }
        #expect(scene.transport.commands.isEmpty)
    }

    @Test func anothersShopIsNotThere() throws {
        let scene = try scene()
        _ = try scene.user("olga", [("merchant:m2", .owner), ("factory:f2", .owner)])
        let guests: [(Guest, own: Set<Place>)] = [
            (try scene.user("anna", [("merchant:m1", .owner)]), [.merchant]),
            (try scene.user("fred", [("factory:f1", .owner)]), [.factory]),
            (try scene.user("oper", [("operator", .owner)]), [.operator]), (try scene.user("new", []), []),
        ]
        for (guest, own) in guests {
            for (place, shops) in [(Place.merchant, ["m2", "f1", "m1 "]), (.factory, ["f2", "m1", "x"]), (.operator, [""])] {
                if place == .operator, own.contains(.operator) { continue }
                for route in Self.pages(scene, place) {
                    for shop in shops + (own.contains(place) || place == .operator ? [] : [place == .merchant ? "m1" : "f1"]) {
                        let answer = ask(scene, route, as: guest, shop: PercentEncoding.encode(shop))
                        #expect(answer.status == (place == .operator ? 403 : 404), self.place(route, answer))
                        expectNothingOfOthers(answer, route)
                    }
                }
            }
        }
        #expect(scene.transport.commands.isEmpty)
    }

    @Test func aFormNeedsTheSessionsToken() throws {
        let scene = try scene()
        let other = try scene.session("olga", [("merchant:m2", .owner)])
        let session = try scene.session("anna", [("merchant:m1", .owner), ("factory:f1", .owner), ("operator", .owner)])
        let guest = Guest(session)
        for route in Self.pages(scene) where !route.method.isSafe {
            let shop = Place(route) == .factory ? "f1" : "m1"
            let isOpen = ["page-log-in", "page-sign-up", "page-use-link"].contains(route.name)
            if !isOpen {
                for token in [nil, "", "nonsense", other.open.maskedCSRF, session.open.session.csrfToken.map { "\($0)x" }.joined()] {
                    let answer = ask(scene, route, as: guest, shop: shop, csrf: token)
                    #expect(answer.status == 403, place(route, answer))
                    expectNothingOfOthers(answer, route)
                }
            }
            for (name, value) in [
                ("Origin", "https://evil.example"), ("Origin", "null"), ("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Site", "same-site"),
            ] {
                let answer = ask(scene, route, as: guest.setting(name, value), shop: shop, csrf: session.open.maskedCSRF)
                #expect(answer.status == 403, place(route, answer))
            }
        }
        #expect(scene.transport.commands.isEmpty)
        #expect(scene.ask("GET", "/me", as: guest).status == 200, "nothing has ended it")
    }

    /// Behind a proxy that names itself to us, a form still comes from the public address.
    @Test func aFormFromThePublicAddressIsOurs() throws {
        let scene = try scene()
        let session = try scene.session("anna", [("merchant:m1", .owner)])
        let guest = Guest(session).csrf(nil).setting("Host", "10.0.0.1:8080").setting("Origin", ConsoleScene.publicURL)
        let answer = scene.ask("POST", "/language", as: guest, body: "language=vi&csrf=\(session.open.maskedCSRF)", type: Self.form)
        #expect(answer.status == 303, "\(answer.text)")
        let open = Guest.nobody.setting("Host", "10.0.0.1:8080").setting("Origin", ConsoleScene.publicURL)
        #expect(scene.ask("POST", "/language", as: open, body: "language=vi", type: Self.form).status == 303)
    }

    /// In his own shop with another's ids, by every page and form: never a word of the other's, and whatever is sent is sent as himself.
    @Test func anothersIdsLeadNowhere() throws {
        let scene = try scene()
        let olga = try scene.user("olga", [("merchant:m2", .owner), ("factory:f2", .owner)])
        #expect(scene.ask("GET", "/m/m2/orders/o-only-m2", as: olga).text.contains("N-only-m2"), "it is there for its owner")
        #expect(scene.ask("GET", "/f/f2/parcels/o-only-m2/1", as: olga).status == 200)
        var commands = 0
        for (actor, place, shop) in [("merchant:m1", Place.merchant, "m1"), ("factory:f1", .factory, "f1")] {
            let session = try scene.session("u-\(shop)", [(actor, .owner)])
            let before = scene.transport.commands.count
            for route in Self.pages(scene, place) {
                let answer = ask(scene, route, as: Guest(session), shop: shop, csrf: session.open.maskedCSRF)
                expectNothingOfOthers(answer, route)
                #expect(answer.status < 500, self.place(route, answer))
                let isOfOne = route.method == .get && route.template.parameters.contains { !Self.known.contains($0) }
                if isOfOne { #expect(answer.status == 404 || answer.status == 303, self.place(route, answer)) }
            }
            let sent = scene.transport.commands.dropFirst(before)
            #expect(sent.allSatisfy { "\($0.envelope.actor)" == actor })
            commands += sent.count
        }
        #expect(commands > 0, "forms were taken")
    }

    @Test func anInvitationIsUsedBySomebodyWhoMeansIt() throws {
        let scene = try scene()
        let other = try scene.session("olga", [("merchant:m2", .owner)])
        let session = try scene.session("anna", [("merchant:m1", .owner)])
        let code = try scene.people.invite(to: "factory:f2", as: .owner, now: scene.clock.now).code
        for token in ["", "nonsense", other.open.maskedCSRF] {
            let answer = scene.ask("POST", "/join/\(code)", as: Guest(session).csrf(nil), body: "csrf=\(token)", type: Self.form)
            #expect(answer.status == 403)
        }
        let nameless = scene.ask("POST", "/join/\(code)", as: Guest(session).csrf(nil), body: "language=en", type: Self.form)
        #expect(nameless.status == 400 && scene.ask("GET", "/f/f2/parcels", as: Guest(session)).status == 404)
        #expect(scene.ask("GET", "/join/\(code)").status == 200, "it is not used up")
        let meant = "csrf=\(session.open.maskedCSRF)"
        let answer = scene.ask("POST", "/join/\(code)", as: Guest(session).csrf(nil), body: meant, type: Self.form)
        let joined = Guest.nobody.setting("Cookie", "daifa_session=\(answer.cookie ?? "")")
        #expect(answer.status == 303 && scene.ask("GET", "/f/f2/parcels", as: joined).status == 200)
    }

    @Test func aClerkHasNoBindingsAndNoPeople() throws {
        let scene = try scene()
        for (actor, shop, place) in [("merchant:m1", "m1", Place.merchant), ("factory:f1", "f1", .factory)] {
            let session = try scene.session("clerk-\(shop)", [(actor, .clerk)])
            for route in Self.pages(scene, place) {
                let answer = ask(scene, route, as: Guest(session), shop: shop, csrf: session.open.maskedCSRF)
                if route.template.text.hasPrefix("\(place.rawValue){shop}/people") {
                    #expect(answer.status == 403, self.place(route, answer))
                }
                #expect(answer.status < 500, self.place(route, answer))
            }
        }
        let forbidden = scene.transport.commands.map(\.envelope.type).filter { type in
            type.hasPrefix("daifa.binding.") || type.hasPrefix("daifa.authorization.") && type != "daifa.authorization.list-providers.v1"
        }
        #expect(forbidden.isEmpty)
    }
}
