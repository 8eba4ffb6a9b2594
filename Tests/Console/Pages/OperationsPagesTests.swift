import HTTP
import Identity
import JSON
import Runtime
import Testing
import Texts
import Threads
import Web

@testable import Console

/// Who did what, who was here, other roles, and lists as files.
@Suite struct OperationsPagesTests {
    private static let form = "application/x-www-form-urlencoded"

    private func post(_ scene: ConsoleScene, _ path: String, _ session: NewSession, _ fields: String = "") -> SceneAnswer {
        scene.ask("POST", path, as: Guest(session), body: "csrf=\(session.open.maskedCSRF)&\(fields)", type: Self.form)
    }

    private func operatorGuest(_ scene: ConsoleScene) throws -> Guest {
        _ = try scene.people.add(
            user: "op", password: ConsoleScene.password, language: .en, actor: "operator", role: .owner, now: scene.clock.now)
        return Guest(
            try scene.people.signIn(
                user: "op", password: ConsoleScene.password, client: Client(address: "", browser: ""), now: scene.clock.now))
    }

    private func sheet(_ answer: SceneAnswer) throws -> String { String(decoding: try answer.response.wholeBody(), as: UTF8.self) }

    @Test func anOperatorSeesWhoDidWhat() throws {
        let scene = try ConsoleScene()
        let owner = try scene.session("olga", [("merchant:m1", .owner)])
        _ = try scene.session("carl", [("merchant:m1", .clerk)])
        #expect(post(scene, "/m/m1/people", owner, "role=clerk").status == 200)
        #expect(post(scene, "/m/m1/people/carl/role", owner, "role=owner").status == 303)
        #expect(post(scene, "/m/m1/people/carl/remove", owner).status == 303)
        let guest = try operatorGuest(scene)
        let page = scene.ask("GET", "/o/audit", as: guest).text
        for text in ["Invited a user", "Changed a role", "Removed a user", "olga", "merchant:m1"] {
            #expect(page.contains(text), "\(text)")
        }
        let only = scene.ask("GET", "/o/audit?type=role-changed&user=OLGA", as: guest).text
        #expect(only.contains("Owner") && !only.contains("<td>Removed a user"))
        let nobody = scene.ask("GET", "/o/audit?user=nobody", as: guest).text
        #expect(!nobody.contains("<tbody>"))
        let text = try sheet(scene.ask("GET", "/o/audit/export?type=user-removed", as: guest))
        #expect(
            text.contains("at,type,user,userId,actor,about,data") && text.contains("user-removed,olga,") && !text.contains("user-invited"))
        #expect(scene.ask("GET", "/o/audit", as: Guest(owner)).status == 403)
    }

    @Test func anOwnerGivesOtherRolesButNotTheLastOwnersAway() throws {
        let scene = try ConsoleScene()
        let owner = try scene.session("olga", [("merchant:m1", .owner)])
        let carl = try scene.user("carl", [("merchant:m1", .clerk)])
        #expect(scene.ask("GET", "/m/m1/stream", as: carl).status == 200 && scene.parts.streams.count == 1)
        let page = scene.ask("GET", "/m/m1/people", as: Guest(owner)).text
        #expect(page.contains("Make owner") && page.contains("Last seen") && page.contains("<time datetime="))
        #expect(post(scene, "/m/m1/people/olga/role", owner, "role=clerk").status == 409)
        #expect(scene.ask("GET", "/m/m1/people", as: carl).status == 403)
        #expect(post(scene, "/m/m1/people/carl/role", owner, "role=owner").header("location") == "/m/m1/people?saved=1")
        #expect(scene.parts.streams.count == 0, "it is opened anew, for the other role")
        #expect(scene.ask("GET", "/m/m1/people", as: carl).status == 200)
        #expect(post(scene, "/m/m1/people/olga/role", owner, "role=clerk").header("location") == "/m/m1")
        #expect(scene.ask("GET", "/m/m1/people", as: Guest(owner)).status == 403)
        #expect(post(scene, "/m/m1/people/nobody/role", owner, "role=clerk").status == 403)
    }

    @Test func listsAreFilesToo() throws {
        let scene = try ConsoleScene(records: SceneRecords.twoPairs)
        let merchant = try scene.user()
        #expect(scene.ask("GET", "/m/m1/orders?state=allocated", as: merchant).text.contains("/m/m1/orders/export?state=allocated"))
        let orders = scene.ask("GET", "/m/m1/orders/export", as: merchant)
        let text = try sheet(orders)
        #expect(orders.header("content-type") == "text/csv; charset=utf-8" && text.contains("o-only-m1") && !text.contains("only-m2"))
        let none = try sheet(scene.ask("GET", "/m/m1/orders/export?state=shipped", as: merchant))
        #expect(!none.contains("o-only-m1"))
        let factory = try scene.user("fang", [("factory:f1", .clerk)])
        let parcels = try sheet(scene.ask("GET", "/f/f1/parcels/export", as: factory))
        #expect(parcels.contains("o-only-m1/1"))
        #expect(scene.ask("GET", "/m/m2/orders/export", as: merchant).status == 404)
        let guest = try operatorGuest(scene)
        let letters = scene.ask("GET", "/o/dead-letters/export", as: guest)
        #expect(letters.header("content-type") == "text/csv; charset=utf-8")
    }
}
