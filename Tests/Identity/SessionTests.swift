import Testing
import Threads
import Texts

@testable import Identity

@Suite struct SessionTests {
    @Test func aSessionEndsWithoutARequestAfterTheIdleTimeAndAnyhowAfterItsLifetime() throws {
        let scene = try Scene()
        let idle = try scene.signUp("Anna")
        scene.pass(seconds: 12 * 3600 - 1)
        let used = try scene.signIn("Anna")
        #expect(scene.isOpen(idle))
        scene.pass(seconds: 1)
        #expect(!scene.isOpen(idle))
        #expect(refusal { _ = try scene.look(idle) } == .noSession)
        for _ in 0..<15 {
            scene.pass(seconds: 11 * 3600)
            _ = try scene.look(used)
        }
        scene.now = used.open.session.created.after(seconds: 7 * 86_400 - 1)
        _ = try scene.look(used)
        scene.pass(seconds: 1)
        #expect(refusal { _ = try scene.look(used) } == .noSession)
    }

    @Test func settingsSayHowLongASessionLasts() throws {
        var settings = PeopleSettings()
        (settings.sessionIdle, settings.sessionLifetime) = (2, 5)
        let scene = try Scene(settings)
        let session = try scene.signUp("Anna")
        for _ in 0..<4 {
            scene.pass(seconds: 1)
            _ = try scene.look(session)
        }
        scene.pass(seconds: 1)
        #expect(!scene.isOpen(session))
    }

    @Test func theLastUseIsWrittenAtMostOnceAMinute() throws {
        let scene = try Scene()
        let session = try scene.signUp("Anna")
        let userId = session.open.user.userId
        func lastUsed() throws -> Timestamp { try scene.people.sessions(of: userId, now: scene.now)[0].lastUsed }
        let first = scene.now
        scene.pass(seconds: 59)
        _ = try scene.look(session)
        #expect(try lastUsed() == first)
        scene.pass(seconds: 1)
        _ = try scene.people.session(token: session.token, client: nil, now: scene.now)
        #expect(try lastUsed() == first)
        _ = try scene.people.session(
            token: session.token, client: Client(address: "2001:db8::1", browser: "Chrome\r\n"), now: scene.now)
        let written = try scene.people.sessions(of: userId, now: scene.now)[0]
        #expect(written.lastUsed == scene.now && written.address == "2001:db8::1" && written.browser == "Chrome")
    }

    @Test func eachLogInHasANewIdThatTheFileDoesNotHold() throws {
        let scene = try Scene()
        let first = try scene.signUp("Anna")
        let second = try scene.signIn("Anna")
        #expect(first.token != second.token && first.open.session.csrfToken != second.open.session.csrfToken)
        #expect(first.token.utf8.count == 43)
        #expect(second.open.isValid(csrfToken: second.open.session.csrfToken))
        #expect(!second.open.isValid(csrfToken: first.open.session.csrfToken) && !second.open.isValid(csrfToken: nil))
        scene.store.close()
        let file = try Shelf.bytes(scene.store.path)
        #expect(!file.contains(sequence: Array(first.token.utf8)) && file.contains(sequence: Array(second.open.session.csrfToken.utf8)))
    }

    @Test func sessionsAreEndedOneByOneByTheirUserAlone() throws {
        let scene = try Scene()
        let anna = try scene.signUp("Anna")
        let again = try scene.signIn("Anna")
        let ben = try scene.signUp("Ben")
        let annaId = anna.open.user.userId
        #expect(refusal { try scene.people.endSession(ben.open.session.sessionId, of: annaId) } == .notFound)
        try scene.people.endSession(anna.open.session.sessionId, of: annaId)
        #expect(!scene.isOpen(anna) && scene.isOpen(again) && scene.isOpen(ben))
        try scene.people.signOut(token: again.token)
        try scene.people.signOut(token: again.token)
        #expect(!scene.isOpen(again))
        #expect(refusal { _ = try scene.people.session(token: "", client: nil, now: scene.now) } == .noSession)
    }

    @Test func aNewPasswordEndsAllOtherSessionsAndNeedsTheOldOne() throws {
        let scene = try Scene()
        let mine = try scene.signUp("Anna")
        let other = try scene.signIn("Anna")
        func change(_ password: String, _ old: String?) throws {
            _ = try scene.people.change(
                .init(password: password, oldPassword: old), of: mine.open, client: scene.client, now: scene.now)
        }
        #expect(refusal { try change("a new password", nil) } == .invalid(field: "oldPassword", .missing))
        #expect(refusal { try change("a new password", "wrong horse!") } == .invalid(field: "oldPassword", .wrong))
        #expect(refusal { try change("short", Scene.password) } == .invalid(field: "password", .tooShort(10)))
        #expect(scene.isOpen(other))
        try change("a new password", Scene.password)
        #expect(scene.isOpen(mine) && !scene.isOpen(other))
        #expect(refusal { _ = try scene.signIn("Anna") } == .wrongCredentials)
        _ = try scene.signIn("Anna", "a new password")
        // The session that was read before the change does not know the present password.
        #expect(refusal { try change("another password", "a new password") } == .invalid(field: "oldPassword", .wrong))
    }

    @Test func languageAndZoneAreTheUsersOwn() throws {
        let scene = try Scene()
        let session = try scene.signUp("Anna")
        #expect(session.open.user.zone == "Asia/Shanghai" && Language.vi.firstZone == "Asia/Ho_Chi_Minh")
        for zone in ["", "Asia", "Mars/Base", "../../../etc/passwd", "/etc/passwd", "Asia/../Asia/Shanghai", "Asia/Shanghai\0"] {
            let got = refusal { _ = try scene.people.change(.init(zone: zone), of: session.open, client: scene.client, now: scene.now) }
            #expect(got == .invalid(field: "zone", .unknown), "\(zone)")
        }
        let changed = try scene.people.change(
            .init(language: .vi, zone: "Asia/Ho_Chi_Minh"), of: session.open, client: scene.client, now: scene.now)
        #expect(changed.user.language == .vi && changed.user.zone == "Asia/Ho_Chi_Minh")
        #expect(try scene.look(session).user == changed.user)
    }

    @Test func whatHasEndedIsRemoved() throws {
        let scene = try Scene()
        let (session, owner) = try scene.owner("Anna")
        _ = try scene.people.invite(to: nil, as: .clerk, by: owner, now: scene.now)
        scene.pass(seconds: 8 * 86_400)
        try scene.people.prune(now: scene.now)
        let left = try scene.store.read { (rows) throws(PeopleError) in try rows.sessions(of: session.open.user.userId).count }
        #expect(left == 0)
    }
}
