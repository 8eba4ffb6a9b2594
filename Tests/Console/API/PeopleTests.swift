import Contracts
import Foundation
import HTTP
import Identity
import JSON
import Runtime
import Testing
import Threads
import Web

@testable import Console

/// Sessions, users and invitations over HTTP (contract, section 10).
@Suite struct PeopleTests {
    private static let password = ConsoleScene.password

    private func guest(_ answer: SceneAnswer) throws -> Guest {
        let cookie = try #require(answer.cookie)
        return Guest(bearer: "").without("Authorization").setting("Cookie", "daifa_session=\(cookie)").csrf(
            answer.json["csrfToken"]?.string)
    }

    private func logIn(_ scene: ConsoleScene, _ user: String, _ password: String = password) -> SceneAnswer {
        scene.ask("POST", "/api/v1/session", body: #"{"user":"\#(user)","password":"\#(password)"}"#)
    }

    @Test func inAndOut() throws {
        let scene = try ConsoleScene()
        let first = try scene.user()
        let answer = logIn(scene, "ANNA")
        #expect(answer.status == 200 && answer.json["user"]?.string == "anna")
        #expect(answer.json["actors"]?.array?.first?["actor"]?.string == "merchant:m1")
        #expect(answer.json["language"]?.string == "en" && answer.json["zone"]?.string == "Asia/Shanghai")
        let header = answer.header("set-cookie") ?? ""
        for part in ["daifa_session=", "; Path=/", "; HttpOnly", "; Secure", "; SameSite=Lax"] { #expect(header.contains(part), "\(part)") }
        let guest = try guest(answer)
        let shown = scene.ask("GET", "/api/v1/session", as: guest)
        #expect(shown.status == 200 && shown.json == answer.json)
        let list = scene.ask("GET", "/api/v1/sessions", as: guest).json["items"]?.array ?? []
        #expect(list.count == 2 && list.filter { $0["current"]?.bool == true }.count == 1)
        #expect(scene.ask("DELETE", "/api/v1/session", as: guest).status == 204)
        #expect(scene.ask("GET", "/api/v1/session", as: guest).status == 401, "the cookie is void at once")
        #expect(scene.ask("GET", "/api/v1/session", as: first).status == 200)
        let event = try #require(scene.transport.events.first)
        #expect(event.topic == "daifa.console.events" && event.envelope.type == "daifa.console.session-opened.v1" && event.key == "m1")
        #expect(!String(decoding: event.body, as: UTF8.self).contains("anna"))
    }

    @Test func wrongUserAndWrongPasswordAreTold() throws {
        let scene = try ConsoleScene()
        _ = try scene.user()
        let (unknown, wrong) = (logIn(scene, "nobody"), logIn(scene, "anna", "wrong password"))
        #expect(unknown.status == 401 && wrong.status == 401 && unknown.text == wrong.text && wrong.header("set-cookie") == nil)
        for (body, field) in [("{}", "user"), (#"{"user":"a"}"#, "password"), (#"{"user":7,"password":"x"}"#, "user"), ("[]", "body")] {
            #expect(scene.ask("POST", "/api/v1/session", body: body).field == field)
        }
        let form = scene.ask("POST", "/api/v1/session", body: "user=anna", type: "application/x-www-form-urlencoded")
        #expect(form.status == 415 && form.code == "media-type")
        for _ in 0..<9 { #expect(logIn(scene, "anna", "wrong password").status == 401) }
        let locked = logIn(scene, "anna")
        #expect(locked.status == 429 && locked.code == "too-many" && (locked.header("retry-after").flatMap { Int($0) } ?? 0) > 0)
    }

    @Test func aNewPasswordEndsTheOtherSessions() throws {
        let scene = try ConsoleScene()
        let (first, second) = (try scene.user(), try guest(logIn(scene, "anna")))
        func change(_ body: String) -> SceneAnswer { scene.ask("PUT", "/api/v1/session", as: second, body: body) }
        #expect(change(#"{"password":"another horse","oldPassword":"wrong"}"#).field == "oldPassword")
        #expect(change(#"{"password":"short","oldPassword":"\#(Self.password)"}"#).field == "password")
        #expect(change(#"{"zone":"Mars/Olympus"}"#).field == "zone" && change(#"{"language":"fr"}"#).field == "language")
        #expect(scene.ask("GET", "/api/v1/session", as: first).status == 200)
        let stream = scene.ask("GET", "/api/v1/events", as: first)
        #expect(stream.status == 200 && scene.parts.streams.count == 1)
        #expect(change(#"{"language":"vi","zone":"Asia/Tokyo"}"#).json["zone"]?.string == "Asia/Tokyo")
        #expect(change(#"{"password":"another horse","oldPassword":"\#(Self.password)"}"#).status == 200)
        #expect(
            scene.ask("GET", "/api/v1/session", as: first).status == 401 && scene.ask("GET", "/api/v1/session", as: second).status == 200)
        #expect(scene.parts.streams.count == 0, "their streams end too")
        #expect(logIn(scene, "anna").status == 401 && logIn(scene, "anna", "another horse").status == 200)
    }

    @Test func sessionsEndOneByOne() throws {
        let scene = try ConsoleScene()
        let (first, second) = (try scene.user(), try guest(logIn(scene, "anna")))
        let list = scene.ask("GET", "/api/v1/sessions", as: second).json["items"]?.array ?? []
        let other = try #require(list.first { $0["current"]?.bool == false }?["id"]?.string)
        let olga = try scene.user("olga", [("merchant:m2", .owner)])
        #expect(scene.ask("DELETE", "/api/v1/sessions/\(other)", as: olga).status == 404)
        #expect(scene.ask("DELETE", "/api/v1/sessions/\(other)", as: second).status == 204)
        #expect(scene.ask("GET", "/api/v1/session", as: first).status == 401)
        #expect(scene.ask("DELETE", "/api/v1/sessions/\(other)", as: second).status == 404)
    }

    @Test func aStreamEndsWithItsSessionsTime() throws {
        let scene = try ConsoleScene()
        let (guest, token) = (try scene.user(), try scene.token("merchant:m1"))
        for asking in [guest, token] { #expect(scene.ask("GET", "/api/v1/events", as: asking).status == 200) }
        scene.parts.streamSessions.look(now: scene.clock.now)
        #expect(scene.parts.streams.count == 2)
        scene.clock.advance(seconds: 12 * 3600 + 61)
        scene.parts.streamSessions.look(now: scene.clock.now)
        #expect(scene.parts.streams.count == 1, "the token's goes on")
    }

    @Test func aSessionHasSixStreams() throws {
        let scene = try ConsoleScene()
        let guest = try scene.user()
        for _ in 0..<6 { #expect(scene.ask("GET", "/api/v1/events", as: guest).status == 200) }
        let seventh = scene.ask("GET", "/api/v1/events", as: guest)
        #expect(seventh.status == 429 && seventh.code == "too-many")
        #expect(scene.ask("DELETE", "/api/v1/session", as: guest).status == 204 && scene.parts.streams.count == 0)
    }

    @Test func whoRegistersChoosesARoleOnce() throws {
        let closed = try ConsoleScene()
        let body = #"{"user":"lan","password":"\#(Self.password)","language":"vi"}"#
        #expect(closed.ask("POST", "/api/v1/users", body: body).status == 403)
        let scene = try ConsoleScene(signUp: true)
        let answer = scene.ask("POST", "/api/v1/users", body: body)
        #expect(answer.status == 201 && answer.json["actors"]?.array?.isEmpty == true && answer.json["zone"]?.string == "Asia/Ho_Chi_Minh")
        let taken = scene.ask("POST", "/api/v1/users", body: body)
        #expect(taken.status == 400 && taken.field == "user")
        for (damaged, field) in [
            (#"{"user":"x","password":"short","language":"vi"}"#, "password"),
            (#"{"user":" ","password":"\#(Self.password)","language":"vi"}"#, "user"),
            (#"{"user":"x","password":"\#(Self.password)"}"#, "language"),
        ] { #expect(scene.ask("POST", "/api/v1/users", body: damaged).field == field) }
        let guest = try guest(answer)
        #expect(scene.ask("GET", "/api/v1/orders", as: guest).status == 403)
        #expect(scene.ask("POST", "/api/v1/session/role", as: guest, body: #"{"role":"operator"}"#).field == "role")
        let chosen = scene.ask("POST", "/api/v1/session/role", as: guest, body: #"{"role":"factory"}"#)
        let actor = chosen.json["actors"]?.array?.first
        #expect(chosen.status == 200 && actor?["actor"]?.string == "factory:900000000000001" && actor?["role"]?.string == "owner")
        let again = scene.ask("POST", "/api/v1/session/role", as: guest, body: #"{"role":"merchant"}"#)
        #expect(again.status == 409 && again.code == "role-already-chosen")
        #expect(scene.ask("GET", "/api/v1/parcels", as: guest).status == 200)
    }

    @Test func anInvitationIsUsedOnce() throws {
        let scene = try ConsoleScene()
        let owner = try scene.user()
        let invited = scene.ask("POST", "/api/v1/invitations", as: owner, body: #"{"role":"clerk"}"#)
        let code = try #require(invited.json["code"]?.string)
        #expect(invited.status == 201 && invited.json["link"]?.string == "\(ConsoleScene.publicURL)/join/\(code)")
        let path = "/api/v1/invitations/\(code)"
        for _ in 0..<2 {
            let shown = scene.ask("GET", path)
            #expect(shown.status == 200 && shown.json["actor"]?.string == "merchant:m1" && shown.json["role"]?.string == "clerk")
        }
        #expect(scene.ask("POST", path, body: "{}").field == "user")
        let joined = scene.ask("POST", path, body: #"{"user":"carl","password":"\#(Self.password)","language":"zh"}"#)
        #expect(joined.status == 201 && joined.cookie != nil && joined.json["actors"]?.array?.first?["role"]?.string == "clerk")
        for method in ["GET", "POST"] {
            let used = scene.ask(
                method, path, body: method == "POST" ? #"{"user":"x","password":"\#(Self.password)","language":"zh"}"# : nil)
            #expect(used.status == 404 && used.code == "not-found")
        }
        #expect(scene.ask("GET", "/api/v1/invitations/unknown").status == 404)
        for (body, field) in [("{}", "role"), (#"{"role":"boss"}"#, "role")] {
            #expect(scene.ask("POST", "/api/v1/invitations", as: owner, body: body).field == field)
        }
        #expect(scene.ask("POST", "/api/v1/invitations", as: owner, body: #"{"role":"owner","actor":"merchant:m2"}"#).status == 403)
        let late = try #require(scene.ask("POST", "/api/v1/invitations", as: owner, body: #"{"role":"clerk"}"#).json["code"]?.string)
        scene.clock.advance(seconds: 7 * 86_400 + 1)
        #expect(scene.ask("GET", "/api/v1/invitations/\(late)").status == 404)
        #expect(scene.transport.events.contains { $0.envelope.type == "daifa.console.user-invited.v1" && $0.key == "m1" })
        #expect(scene.transport.events.contains { $0.envelope.type == "daifa.console.user-joined.v1" && $0.key == "m1" })
    }

    @Test func whoIsLoggedInJoinsWithHisSessionsToken() throws {
        let scene = try ConsoleScene()
        let owner = try scene.user()
        let olga = try scene.user("olga", [("merchant:m2", .owner)])
        let code = try #require(scene.ask("POST", "/api/v1/invitations", as: owner, body: #"{"role":"clerk"}"#).json["code"]?.string)
        let without = scene.ask("POST", "/api/v1/invitations/\(code)", as: olga.csrf(nil), body: "{}")
        #expect(without.status == 403 && without.field == "X-CSRF-Token")
        let joined = scene.ask("POST", "/api/v1/invitations/\(code)", as: olga, body: "{}")
        #expect(joined.status == 201 && joined.json["actors"]?.array?.count == 2)
        #expect(scene.ask("GET", "/api/v1/session", as: olga).status == 401, "a new session takes the old one's place")
    }

    @Test func theOwnerListsResetsAndRemoves() throws {
        let scene = try ConsoleScene()
        let owner = try scene.user()
        let carl = try scene.user("carl", [("merchant:m1", .clerk)])
        _ = try scene.user("both", [("merchant:m1", .clerk), ("merchant:m2", .clerk)])
        let users = scene.ask("GET", "/api/v1/users", as: owner).json["items"]?.array ?? []
        #expect(users.compactMap { $0["user"]?.string } == ["anna", "both", "carl"] && users[0]["role"]?.string == "owner")
        let reset = scene.ask("POST", "/api/v1/users/carl/reset", as: owner)
        let code = try #require(reset.json["code"]?.string)
        #expect(reset.status == 201)
        #expect(scene.ask("POST", "/api/v1/users/both/reset", as: owner).status == 403, "he acts for others too")
        let changed = scene.ask("POST", "/api/v1/invitations/\(code)", body: #"{"password":"yet another horse"}"#)
        #expect(changed.status == 201 && scene.ask("GET", "/api/v1/session", as: carl).status == 401)
        let again = try guest(changed)
        #expect(scene.ask("GET", "/api/v1/events", as: again).status == 200 && scene.parts.streams.count == 1)
        #expect(scene.ask("DELETE", "/api/v1/users/carl", as: owner).status == 204)
        #expect(scene.ask("GET", "/api/v1/session", as: again).status == 401 && scene.parts.streams.count == 0)
        #expect(scene.ask("DELETE", "/api/v1/users/carl", as: owner).status == 404)
        let last = scene.ask("DELETE", "/api/v1/users/anna", as: owner)
        #expect(last.status == 409 && last.code == "last-owner")
        #expect(scene.transport.events.contains { $0.envelope.type == "daifa.console.password-reset.v1" })
    }
}

extension Guest {
    func without(_ name: String) -> Guest {
        var guest = self
        guest.headers.removeAll { $0.name == name }
        return guest
    }
}
