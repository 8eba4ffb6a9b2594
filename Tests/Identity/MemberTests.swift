import Testing
import Texts
import Threads

@testable import Identity

@Suite struct MemberTests {
    @Test func aRoleIsChosenOnceAndGivesAShopIdThatNoMarketplaceHas() throws {
        let scene = try Scene()
        let (anna, owner) = try scene.owner("Anna", .factory)
        #expect(owner.actor == "factory:900000000000001" && owner.role == .owner)
        #expect(refusal { _ = try scene.people.chooseRole(.merchant, of: anna.open) } == .roleAlreadyChosen)
        try scene.reopen()
        let ben = try scene.owner("Ben")
        #expect(ben.caller.actor == "merchant:900000000000002")
    }

    @Test func aShopIdThatAnOperatorHasGivenIsNotGivenAgain() throws {
        let scene = try Scene()
        _ = try scene.insert("Root", Membership(actor: "factory:900000000000001", role: .owner))
        #expect(try scene.owner("Anna").caller.actor == "merchant:900000000000002")
    }

    @Test func aUserWhoHadAShopChoosesNoOther() throws {
        let scene = try Scene()
        let (_, owner) = try scene.owner("Anna")
        let code = try scene.people.invite(to: nil, as: .clerk, by: owner, now: scene.now)
        _ = try scene.join("Ben", code)
        try scene.people.remove(user: "ben", by: owner)
        let session = try scene.signIn("Ben")
        #expect(session.open.memberships.isEmpty)
        #expect(refusal { _ = try scene.people.chooseRole(.merchant, of: session.open) } == .roleAlreadyChosen)
    }

    struct Invitation: Sendable {
        var caller: Caller
        var actor: String?
        var error: PeopleError?
    }

    static let invitations: [Invitation] = {
        let owner = Caller(userId: "1", actor: "merchant:7", role: .owner)
        let clerk = Caller(userId: "2", actor: "merchant:7", role: .clerk)
        let root = Caller(userId: "3", actor: "operator:3", role: .owner)
        let token = Caller(userId: nil, actor: "factory:9", role: .owner)
        return [
            Invitation(caller: owner), Invitation(caller: owner, actor: "merchant:7"),
            Invitation(caller: owner, actor: "merchant:8", error: .forbidden(.ownerOnly)),
            Invitation(caller: owner, actor: "operator", error: .forbidden(.ownerOnly)),
            Invitation(caller: clerk, error: .forbidden(.ownerOnly)), Invitation(caller: token, actor: "factory:9"),
            Invitation(caller: root), Invitation(caller: root, actor: "merchant:8"), Invitation(caller: root, actor: "operator"),
            Invitation(caller: root, actor: "operator:4", error: .invalid(field: "actor", .unknown)),
            Invitation(caller: root, actor: "merchant:", error: .invalid(field: "actor", .unknown)),
            Invitation(caller: root, actor: "service:binding", error: .invalid(field: "actor", .unknown)),
            Invitation(caller: root, actor: "merchant:a\u{7}", error: .invalid(field: "actor", .unknown)),
        ]
    }()

    @Test(arguments: invitations) func whoMayInviteForWhom(_ invitation: Invitation) throws {
        let scene = try Scene()
        let got = refusal { _ = try scene.people.invite(to: invitation.actor, as: .clerk, by: invitation.caller, now: scene.now) }
        #expect(got == invitation.error)
    }

    @Test func anInvitationIsShownAndUsedOnceWithinAWeek() throws {
        let scene = try Scene()
        let (_, owner) = try scene.owner("Anna")
        let code = try scene.people.invite(to: nil, as: .clerk, by: owner, now: scene.now)
        #expect(code.link == "http://127.0.0.1:8080/join/\(code.code)" && code.expiresAt == scene.now.after(seconds: 7 * 86_400))
        for _ in 0..<2 {
            let offer = try scene.people.offer(code: code.code, now: scene.now)
            #expect(offer.kind == .invitation(actor: owner.actor, role: .clerk) && offer.expiresAt == code.expiresAt)
        }
        // A name that is taken does not use it up.
        #expect(refusal { _ = try scene.join("anna", code) } == .invalid(field: "user", .taken))
        let ben = try scene.join("Ben", code)
        #expect(ben.open.memberships == [Membership(actor: owner.actor, role: .clerk)] && ben.open.user.language == .vi)
        #expect(ben.open.caller(for: owner.actor)?.role == .clerk && ben.open.caller(for: "merchant:1") == nil)
        #expect(refusal { _ = try scene.join("Carl", code) } == .notFound)
        #expect(refusal { _ = try scene.people.offer(code: code.code, now: scene.now) } == .notFound)
        let late = try scene.people.invite(to: nil, as: .clerk, by: owner, now: scene.now)
        scene.pass(seconds: 7 * 86_400)
        #expect(refusal { _ = try scene.join("Carl", late) } == .notFound)
        #expect(refusal { _ = try scene.people.offer(code: "guess", now: scene.now) } == .notFound)
    }

    @Test func aUserWithASessionJoinsAndGetsANewOne() throws {
        let scene = try Scene()
        let (_, first) = try scene.owner("Anna")
        let (ben, second) = try scene.owner("Ben", .factory)
        let code = try scene.people.invite(to: nil, as: .clerk, by: first, now: scene.now)
        let joined = try scene.people.join(code: code.code, session: ben.open, client: scene.client, now: scene.now)
        #expect(
            Set(joined.open.memberships) == [Membership(actor: first.actor, role: .clerk), Membership(actor: second.actor, role: .owner)])
        #expect(!scene.isOpen(ben) && scene.isOpen(joined))
    }

    @Test func anInvitationMakesAClerkAnOwnerAndNoOwnerAClerk() throws {
        let scene = try Scene()
        let (anna, owner) = try scene.owner("Anna")
        func join(_ role: Role, _ session: NewSession) throws -> NewSession {
            let code = try scene.people.invite(to: nil, as: role, by: owner, now: scene.now)
            return try scene.people.join(code: code.code, session: session.open, client: scene.client, now: scene.now)
        }
        #expect(try join(.clerk, anna).open.memberships[0].role == .owner)
        let ben = try scene.join("Ben", scene.people.invite(to: nil, as: .clerk, by: owner, now: scene.now))
        #expect(try join(.owner, ben).open.memberships[0].role == .owner)
    }

    @Test func aMemberWhoIsRemovedActsForTheShopNoMoreAtOnce() throws {
        let scene = try Scene()
        let (_, first) = try scene.owner("Anna")
        let (_, second) = try scene.owner("Ben")
        let carl = try scene.join("Carl", scene.people.invite(to: nil, as: .clerk, by: first, now: scene.now))
        let code = try scene.people.invite(to: nil, as: .clerk, by: second, now: scene.now)
        let both = try scene.people.join(code: code.code, session: carl.open, client: scene.client, now: scene.now)
        #expect(refusal { try scene.people.remove(user: "Anna", by: second) } == .notFound)
        try scene.people.remove(user: "CARL", by: first)
        #expect(try scene.look(both).caller(for: first.actor) == nil)
        #expect(try scene.look(both).caller(for: second.actor)?.role == .clerk)
        try scene.people.remove(user: "Carl", by: second)
        #expect(refusal { _ = try scene.look(both) } == .noSession)
        #expect(refusal { try scene.people.remove(user: "Carl", by: second) } == .notFound)
    }

    @Test func theLastOwnerStaysAndAClerkRemovesNobody() throws {
        let scene = try Scene()
        let (anna, owner) = try scene.owner("Anna")
        let ben = try scene.join("Ben", scene.people.invite(to: nil, as: .clerk, by: owner, now: scene.now))
        let clerk = try #require(ben.open.caller(for: owner.actor))
        #expect(refusal { try scene.people.remove(user: "Ben", by: clerk) } == .forbidden(.ownerOnly))
        #expect(refusal { _ = try scene.people.users(for: clerk) } == .forbidden(.ownerOnly))
        #expect(refusal { _ = try scene.people.reset(user: "Anna", by: clerk, now: scene.now) } == .forbidden(.ownerOnly))
        #expect(refusal { try scene.people.remove(user: "Anna", by: owner) } == .lastOwner)
        #expect(scene.isOpen(anna))
        _ = try scene.join("Carl", scene.people.invite(to: nil, as: .owner, by: owner, now: scene.now))
        #expect(
            try scene.people.users(for: owner).map { [$0.user, $0.role?.rawValue] } == [
                ["Anna", "owner"], ["Ben", "clerk"], ["Carl", "owner"],
            ])
        try scene.people.remove(user: "Anna", by: owner)
        #expect(!scene.isOpen(anna))
    }

    @Test func anOperatorRemovesAUserEverywhereButNotTheLastOperator() throws {
        let scene = try Scene()
        let root = Caller(userId: "id-Root", actor: "operator:id-Root", role: .owner)
        _ = try scene.insert("Root", Membership(actor: "operator:id-Root", role: .owner))
        let (anna, owner) = try scene.owner("Anna")
        #expect(refusal { try scene.people.remove(user: "Root", by: root) } == .lastOwner)
        #expect(refusal { try scene.people.remove(user: "Anna", by: root) } == .lastOwner)
        _ = try scene.join("Ben", scene.people.invite(to: owner.actor, as: .owner, by: root, now: scene.now))
        try scene.people.remove(user: "Anna", by: root)
        #expect(!scene.isOpen(anna))
        _ = try scene.join("Second", scene.people.invite(to: nil, as: .owner, by: root, now: scene.now))
        try scene.people.remove(user: "Root", by: root)
        let lines = try scene.people.users(for: root).map { "\($0.user) \($0.actor?.prefix { $0 != ":" } ?? "-")" }
        #expect(lines == ["Anna -", "Ben merchant", "Root -", "Second operator"])
    }

    @Test func aResetIsGoodForAnHourOnceAndEndsAllSessions() throws {
        let scene = try Scene()
        let (_, owner) = try scene.owner("Anna")
        let ben = try scene.join("Ben", scene.people.invite(to: nil, as: .clerk, by: owner, now: scene.now))
        let void = try scene.people.reset(user: "ben", by: owner, now: scene.now)
        let code = try scene.people.reset(user: "ben", by: owner, now: scene.now)
        func set(_ code: NewCode) throws -> NewSession {
            try scene.people.setPassword(code: code.code, password: "a new password", client: scene.client, now: scene.now)
        }
        #expect(refusal { _ = try set(void) } == .notFound)
        #expect(refusal { _ = try scene.join("Carl", code) } == .notFound)
        guard case .reset(let user) = try scene.people.offer(code: code.code, now: scene.now).kind else { throw PeopleError.notFound }
        #expect(user.name == "Ben" && code.expiresAt == scene.now.after(seconds: 3600))
        let new = try set(code)
        #expect(!scene.isOpen(ben) && scene.isOpen(new))
        #expect(refusal { _ = try set(code) } == .notFound)
        _ = try scene.signIn("Ben", "a new password")
        let late = try scene.people.reset(user: "Ben", by: owner, now: scene.now)
        scene.pass(seconds: 3600)
        #expect(refusal { _ = try set(late) } == .notFound)
        let invitation = try scene.people.invite(to: nil, as: .clerk, by: owner, now: scene.now)
        #expect(refusal { _ = try set(invitation) } == .notFound)
    }

    @Test func anOwnerResetsNobodyWhoActsForOthersAndAnOperatorMay() throws {
        let scene = try Scene()
        let (_, first) = try scene.owner("Anna")
        let (ben, _) = try scene.owner("Ben")
        let code = try scene.people.invite(to: nil, as: .clerk, by: first, now: scene.now)
        _ = try scene.people.join(code: code.code, session: ben.open, client: scene.client, now: scene.now)
        #expect(refusal { _ = try scene.people.reset(user: "Ben", by: first, now: scene.now) } == .forbidden(.actsForOthers))
        _ = try scene.signUp("Stranger")
        #expect(refusal { _ = try scene.people.reset(user: "Stranger", by: first, now: scene.now) } == .notFound)
        let root = Caller(userId: nil, actor: "operator:1", role: .owner)
        _ = try scene.people.reset(user: "Ben", by: root, now: scene.now)
    }

    @Test func aClerkDoesEverythingButBindingAuthorizationAndUsers() {
        let cases: [(String, String, Bool)] = [
            ("binding", "register-merchant", false), ("binding", "put-address", false), ("authorization", "begin", false),
            ("authorization", "revoke", false), ("authorization", "list-providers", true), ("allocation", "allocate", true),
            ("shipping", "ship", true), ("waybill", "obtain", true),
        ]
        for (service, command, may) in cases {
            #expect(Rights.maySend(.clerk, service: service, command: command) == may, "\(service)/\(command)")
            #expect(Rights.maySend(.owner, service: service, command: command))
        }
        #expect(Rights.mayManageUsers(.owner) && !Rights.mayManageUsers(.clerk))
    }
}

@Suite struct FirstOperatorTests {
    private func code(_ scene: Scene) throws -> String {
        let link = String(decoding: try Shelf.bytes(scene.linkFile), as: UTF8.self)
        return String(try #require(link.split(separator: "/").last).dropLast())
    }

    @Test func theFirstStartWritesALinkThatMakesTheFirstOperatorOnce() throws {
        let scene = try Scene()
        #expect(try scene.people.firstOperatorLink(now: scene.now) == scene.linkFile)
        #expect(try Shelf.mode(scene.linkFile) == 0o600)
        let code = try code(scene)
        #expect(try scene.people.offer(code: code, now: scene.now).kind == .invitation(actor: "operator", role: .owner))
        let root = try scene.people.join(
            code: code, user: "Root", password: Scene.password, language: .en, client: scene.client, now: scene.now)
        #expect(root.open.memberships == [Membership(actor: "operator:\(root.open.user.userId)", role: .owner)])
        #expect(!Shelf.exists(scene.linkFile))
        try scene.reopen()
        #expect(try scene.people.firstOperatorLink(now: scene.now) == nil)
        #expect(!Shelf.exists(scene.linkFile))
    }

    @Test func aRestartKeepsALinkThatIsGoodAndWritesANewOneForALateOne() throws {
        let scene = try Scene()
        _ = try scene.people.firstOperatorLink(now: scene.now)
        let first = try code(scene)
        scene.pass(seconds: 3599)
        try scene.reopen()
        _ = try scene.people.firstOperatorLink(now: scene.now)
        #expect(try code(scene) == first)
        scene.pass(seconds: 1)
        #expect(refusal { _ = try scene.people.offer(code: first, now: scene.now) } == .notFound)
        _ = try scene.people.firstOperatorLink(now: scene.now)
        #expect(try code(scene) != first)
        _ = try scene.people.offer(code: code(scene), now: scene.now)
    }

    @Test func theLinkIsVoidOnceThereIsAnOperator() throws {
        let scene = try Scene()
        _ = try scene.people.firstOperatorLink(now: scene.now)
        let code = try code(scene)
        _ = try scene.people.add(user: "Root", password: Scene.password, language: .en, actor: "operator", role: .owner, now: scene.now)
        #expect(refusal { _ = try scene.people.offer(code: code, now: scene.now) } == .notFound)
        #expect(try scene.people.firstOperatorLink(now: scene.now) == nil && !Shelf.exists(scene.linkFile))
    }
}
