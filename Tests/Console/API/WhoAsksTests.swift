import Contracts
import HTTP
import Identity
import JSON
import Runtime
import TestSupport
import Testing
import Web

@testable import Console

/// Whoever asks gets his own, or is told no; never another's (contract, section 9).
@Suite struct WhoAsksTests {
    /// Routes that nobody is asked for.
    private static let open: Set<String> = [
        "log-in", "sign-up", "show-invitation", "use-invitation", "openapi", "callback", "status",
    ]
    /// Of people with a session alone: a token has none.
    private static let ofSessions: Set<String> = [
        "show-session", "log-out", "change-session", "list-sessions", "end-session", "choose-role",
    ]
    private static let ofMerchants: Set<String> = [
        "list-orders", "count-orders", "show-order", "list-rules", "list-warehouses", "list-stock", "list-inbounds", "import-orders",
        "list-imports", "show-import", "show-bad-rows",
    ]
    private static let ofFactories: Set<String> = [
        "list-parcels", "count-parcels", "show-parcel", "list-pools", "print-labels", "print-with-component",
    ]
    private static let ofOperators: Set<String> = [
        "list-services", "list-dead-letters", "show-dead-letter", "replay-dead-letters", "trace",
    ]
    private static let ofShops: Set<String> = [
        "show-shop", "list-bindings", "list-channels", "list-authorizations", "follow-events",
    ]

    private static func routes(_ scene: ConsoleScene) -> [Web.Route] {
        scene.router.routes.filter { $0.template.text.hasPrefix("/api/v1/") && !open.contains($0.name) }
    }

    /// Of whoever is known, each sees his own.
    private static let ofAll: Set<String> = [
        "send-command", "list-commands", "show-command", "send-batch", "list-batches", "show-batch", "follow-batch", "invite",
        "list-users", "remove-user", "reset-user",
    ]

    /// The route's path with another's ids in it.
    static func path(_ route: Web.Route, shop: String = "m2") -> String {
        let ids = [
            "orderId": "o-only-m2", "allocationId": "o-only-m2/1", "shopId": shop, "batchId": "b-only-m2", "commandId": "c-only-m2",
            "sessionId": "s", "user": "olga", "service": "allocation", "command": "approve-order", "code": "code",
        ]
        var path = route.template.text
        for (name, id) in ids { path = path.replacing("{\(name)...}", with: id).replacing("{\(name)}", with: id) }
        return path
    }

    private static func body(_ route: Web.Route) -> String? {
        guard !route.bodyTypes.isEmpty else { return nil }
        return route.name == "send-command" ? Sample.approve : "{}"
    }

    /// A new route has to say here whose it is.
    @Test func everyRouteIsSomebodys() throws {
        let names = try Set(Self.routes(scene()).map(\.name))
        let groups = [Self.ofSessions, Self.ofMerchants, Self.ofFactories, Self.ofShops, Self.ofOperators, Self.ofAll]
        #expect(groups.reduce(0) { $0 + $1.count } == names.count && groups.reduce(Set()) { $0.union($1) } == names)
    }

    private func scene() throws -> ConsoleScene { try ConsoleScene(records: SceneRecords.twoPairs) }

    private func expectNothingOfOthers(_ answer: SceneAnswer, _ route: Web.Route) {
        #expect(!answer.text.contains("only-m2") && !answer.text.contains("olga"), "\(route.name): \(answer.text)")
        #expect(!answer.text.contains("SEALED"), "\(route.name)")
    }

    @Test func whoShowsNothingIs401() throws {
        let scene = try scene()
        let session = try scene.session("anna", [("merchant:m1", .owner)])
        try scene.people.signOut(token: session.token)
        let guests = [
            Guest.nobody, Guest(session), Guest(bearer: "Bearer nonsense"), Guest(bearer: "Basic YTpi"),
            try scene.token("merchant:m1").setting("Authorization", "Bearer a.b.c"),
            try scene.user("olga").setting("Authorization", "Bearer a.b.c"),
            Guest(bearer: try scene.issuer.bearer(of: "service:shipping")), Guest(bearer: try scene.issuer.bearer(of: "partner:pinduoduo")),
            Guest(bearer: try scene.issuer.bearer(of: "connector:x")),
        ]
        for route in Self.routes(scene) {
            for guest in guests {
                let answer = scene.ask(route.method.rawValue, Self.path(route), as: guest, body: Self.body(route))
                #expect(answer.status == 401 && answer.code == "unauthorized", "\(route.name): \(answer.status) \(answer.text)")
                #expect(answer.header("www-authenticate") == "Bearer")
                expectNothingOfOthers(answer, route)
            }
        }
        #expect(scene.transport.commands.isEmpty)
    }

    @Test func anExpiredSessionIs401() throws {
        let scene = try scene()
        let guest = try scene.user()
        #expect(scene.ask("GET", "/api/v1/session", as: guest).status == 200)
        scene.clock.advance(seconds: 12 * 3600 + 61)
        for route in Self.routes(scene) {
            #expect(scene.ask(route.method.rawValue, Self.path(route), as: guest, body: Self.body(route)).status == 401, "\(route.name)")
        }
    }

    @Test func anUnsafeRequestNeedsTheSessionsToken() throws {
        let scene = try scene()
        let other = try scene.session("olga", [("merchant:m2", .owner)])
        let guest = try scene.user()
        for route in Self.routes(scene) where !route.method.isSafe {
            for token in [nil, "", "nonsense", other.open.session.csrfToken] {
                let answer = scene.ask(route.method.rawValue, Self.path(route), as: guest.csrf(token), body: Self.body(route))
                #expect(answer.status == 403 && answer.field == "X-CSRF-Token", "\(route.name): \(answer.status) \(answer.text)")
            }
            for (name, value) in [("Origin", "https://evil.example"), ("Sec-Fetch-Site", "cross-site"), ("Origin", "null")] {
                let answer = scene.ask(
                    route.method.rawValue, Self.path(route), as: guest.setting(name, value), body: Self.body(route))
                #expect(answer.status == 403, "\(route.name): \(answer.status)")
            }
        }
        #expect(scene.transport.commands.isEmpty)
        #expect(scene.ask("GET", "/api/v1/session", as: guest).status == 200, "nothing has ended it")
    }

    @Test func theOtherRoleIs403() throws {
        let scene = try scene()
        for (actor, foreign) in [
            ("merchant:m1", Self.ofFactories.union(Self.ofOperators)), ("factory:f1", Self.ofMerchants.union(Self.ofOperators)),
            ("operator:x", Self.ofFactories.union(Self.ofMerchants).union(Self.ofShops)),
        ] {
            let guests = [try scene.token(actor), actor == "operator:x" ? nil : try scene.user("u\(actor)", [(actor, .owner)])].compactMap {
                $0
            }
            for route in Self.routes(scene) where foreign.contains(route.name) {
                for guest in guests {
                    let answer = scene.ask(route.method.rawValue, Self.path(route), as: guest, body: Self.body(route))
                    #expect(answer.status == 403 && answer.code == "forbidden", "\(actor) \(route.name): \(answer.status)")
                    expectNothingOfOthers(answer, route)
                }
            }
        }
        let token = try scene.token("merchant:m1")
        for route in Self.routes(scene) where Self.ofSessions.contains(route.name) {
            #expect(scene.ask(route.method.rawValue, Self.path(route), as: token, body: Self.body(route)).status == 403, "\(route.name)")
        }
    }

    /// Whatever a caller asks for, with another's ids: never a word of the other's.
    @Test func anothersIsNotThere() throws {
        let scene = try scene()
        let olga = try scene.user("olga", [("merchant:m2", .owner)])
        scene.transport.reply(.silence)
        let sent = scene.ask(
            "POST", "/api/v1/commands/allocation/approve-order", as: olga.setting("Prefer", "wait=0"), body: Sample.approve)
        let batch = scene.ask(
            "POST", "/api/v1/batches", as: olga,
            body: #"{"service":"allocation","command":"approve-order","items":[\#(Sample.approve)]}"#)
        let commandId = try #require(sent.json["commandId"]?.string)
        let batchId = try #require(batch.json["batchId"]?.string)
        let callers = [try scene.user(), try scene.token("merchant:m1"), try scene.token("factory:f1"), try scene.token("operator:x")]
        for caller in callers {
            for route in Self.routes(scene) where route.method == .get && route.name != "follow-events" {
                let path = Self.path(route).replacing("c-only-m2", with: commandId).replacing("b-only-m2", with: batchId)
                let answer = scene.ask("GET", path, as: caller)
                // An operator sees all users.
                if route.name == "list-users", caller.headers.contains(callers[3].headers[0]) { continue }
                expectNothingOfOthers(answer, route)
                let isOfOne = !route.template.parameters.isEmpty
                let expected: Set<Int> = isOfOne ? [403, 404] : [200, 403]
                #expect(expected.contains(answer.status), "\(route.name): \(answer.status)")
            }
        }
        let anna = callers[0]
        for path in [
            "orders/o-only-m2", "shops/m2", "shops/f1", "commands/\(commandId)", "batches/\(batchId)", "batches/\(batchId)/events",
        ] {
            #expect(scene.ask("GET", "/api/v1/\(path)", as: anna).status == 404, "\(path)")
            #expect(scene.ask("GET", "/api/v1/\(path)", as: anna).code == "not-found")
        }
        #expect(scene.ask("DELETE", "/api/v1/users/olga", as: anna).status == 404)
        #expect(scene.ask("POST", "/api/v1/users/olga/reset", as: anna).status == 404)
    }

    @Test func onesOwnIsThere() throws {
        let scene = try scene()
        for (actor, paths) in [
            (
                "merchant:m1",
                [
                    "orders", "orders/o-only-m1", "shops/m1", "bindings", "rules", "warehouses", "stock", "inbounds", "channels",
                    "authorizations",
                ]
            ),
            ("factory:f1", ["parcels", "parcels/o-only-m1/1", "parcels/o-only-m1%2F1", "shops/f1", "bindings", "channels"]),
        ] {
            for guest in [try scene.token(actor), try scene.user("u\(actor)", [(actor, .clerk)])] {
                for path in paths {
                    let answer = scene.ask("GET", "/api/v1/\(path)", as: guest)
                    #expect(answer.status == 200 && answer.text.contains("only-m1"), "\(path): \(answer.status) \(answer.text)")
                    #expect(!answer.text.contains("only-m2") && !answer.text.contains("SEALED"))
                    #expect(answer.header("cache-control") == "no-store" && answer.header("x-content-type-options") == "nosniff")
                }
            }
        }
        #expect(scene.ask("GET", "/api/v1/pools", as: try scene.token("factory:f1")).text.contains("7777700009"))
        #expect(scene.ask("GET", "/api/v1/orders/counts", as: try scene.token("merchant:m1")).json["allocated"]?.int == 1)
    }

    @Test func whoActsForSeveralNamesOne() throws {
        let scene = try scene()
        let guest = try scene.user("anna", [("merchant:m1", .owner), ("factory:f1", .owner)])
        let unnamed = scene.ask("GET", "/api/v1/orders", as: guest)
        #expect(unnamed.status == 400 && unnamed.field == "X-Daifa-Actor")
        #expect(scene.ask("GET", "/api/v1/orders", as: guest.setting("X-Daifa-Actor", "merchant:m1")).status == 200)
        #expect(scene.ask("GET", "/api/v1/orders?actor=merchant:m1", as: guest).status == 200)
        #expect(scene.ask("GET", "/api/v1/parcels?actor=factory:f1", as: guest).status == 200)
        #expect(scene.ask("GET", "/api/v1/orders?actor=factory:f1", as: guest).status == 403)
        for other in ["merchant:m2", "operator:x", "nonsense", ""] {
            let named = scene.ask("GET", "/api/v1/orders", as: guest.setting("X-Daifa-Actor", other))
            #expect(named.status == 403 && named.code == "forbidden", "\(other)")
            #expect(scene.ask("GET", "/api/v1/orders?actor=\(other)", as: guest).status == 403, "\(other)")
        }
        #expect(scene.ask("GET", "/api/v1/session", as: guest).json["actors"]?.array?.count == 2)
        let nobody = try scene.user("new", [])
        #expect(scene.ask("GET", "/api/v1/orders", as: nobody).status == 403)
    }

    @Test func aClerkSendsNoCommandsOfBinding() throws {
        let scene = try scene()
        let clerk = try scene.user("carl", [("merchant:m1", .clerk)])
        let unbind = #"{"merchantShopId":"m1","factoryShopId":"f1"}"#
        #expect(scene.ask("POST", "/api/v1/commands/binding/unbind", as: clerk, body: unbind).status == 403)
        let batch = scene.ask("POST", "/api/v1/batches", as: clerk, body: #"{"service":"binding","command":"unbind","items":[\#(unbind)]}"#)
        #expect(batch.status == 403)
        #expect(scene.ask("GET", "/api/v1/users", as: clerk).status == 403)
        #expect(scene.ask("POST", "/api/v1/invitations", as: clerk, body: #"{"role":"clerk"}"#).status == 403)
        #expect(scene.transport.commands.isEmpty)
        #expect(scene.ask("POST", "/api/v1/commands/allocation/approve-order", as: clerk, body: Sample.approve).status == 200)
    }

    @Test func whatOnlyServicesAndPartnersSendIs403() throws {
        let scene = try scene()
        for command in ["allocation/seal", "allocation/release", "shipping/report-status", "waybill/open-label", "waybill/claim"] {
            for guest in [try scene.token("merchant:m1"), try scene.token("factory:f1"), try scene.token("operator:x")] {
                #expect(scene.ask("POST", "/api/v1/commands/\(command)", as: guest, body: "{}").status == 403, "\(command)")
            }
        }
        for unknown in ["allocation/nothing", "nothing/allocate", "console/open", "allocation/allocated", "order/placed"] {
            #expect(
                scene.ask("POST", "/api/v1/commands/\(unknown)", as: try scene.token("merchant:m1"), body: "{}").status == 404, "\(unknown)"
            )
        }
        #expect(scene.transport.commands.isEmpty)
    }
}
