import HTTP
import Identity
import JSON
import Threads
import Web

/// `…/people`: who acts for a shop, for its owners.
struct PeoplePage: Sendable {
    let people: PagePeople
    let kit: PageKit

    /// - Parameter group: of a shop.
    func add(to group: inout ConsoleGroup) {
        group.get("/people", name: "page-people") { (call) throws(Problem) in try list(call) }
        group.get("/people/export", name: "page-people-export") { (call) throws(Problem) in
            try people.sheet(for: try call.caller())
        }
        group.post("/people", body: .form(), name: "page-invite") { (call) throws(Problem) in try invite(call) }
        group.post("/people/{user}/role", body: .form(), name: "page-change-role") { (call) throws(Problem) in try change(call) }
        MemberActions(people: people, kit: kit, screen: "people") { (call, errors, link) throws(Problem) in
            try list(call, errors: errors, link: link)
        }
        .add(to: &group)
    }

    private func list(_ call: ConsoleCall, errors: FormErrors = .none, link: NewLink? = nil) throws(Problem) -> HTTPResponse {
        let caller = try call.caller()
        let users = try people.asked { (people, _) throws(PeopleError) in try people.users(for: caller) }
        return PeopleView(frame: kit.frame(call), users: users, link: link, errors: errors).response
    }

    private func change(_ call: ConsoleCall) throws(Problem) -> HTTPResponse {
        let form = try PageForm(call)
        let caller = try call.caller()
        let frame = kit.frame(call)
        guard let role = Role(rawValue: form["role"]) else { throw Problem.invalid("role", "it is owner or clerk") }
        let userId: String
        do throws(PeopleError) { userId = try people.people.setRole(of: call["user"], to: role, by: caller) } catch {
            guard let errors = FormErrors(error, frame) else { throw Problem(error) }
            return try list(call, errors: errors)
        }
        people.streams.look(at: userId, now: people.clock())
        people.events.note(
            "role-changed", about: userId, by: caller,
            .object([("actor", .string(caller.actor)), ("role", .string(role.rawValue))]))
        // Who is an owner no more sees the list no more.
        return .seeOther(userId == frame.open?.user.userId && role != .owner ? frame.link() : frame.link("people", query: [("saved", "1")]))
    }

    private func invite(_ call: ConsoleCall) throws(Problem) -> HTTPResponse {
        let form = try PageForm(call)
        let caller = try call.caller()
        guard let role = Role(rawValue: form["role"]) else { throw Problem.invalid("role", "it is owner or clerk") }
        let code = try people.asked { (people, now) throws(PeopleError) in try people.invite(to: nil, as: role, by: caller, now: now) }
        people.events.invited(by: caller, to: caller.actor, as: role)
        return try list(call, link: NewLink(kind: .invitation, code: code))
    }
}

/// A link that is shown once.
struct NewLink: Sendable {
    enum Kind: Sendable { case invitation, reset }
    var kind: Kind
    var code: NewCode
}

/// What owners and operators do with a user: a new password, removal.
struct MemberActions: Sendable {
    typealias List = @Sendable (ConsoleCall, FormErrors, NewLink?) throws(Problem) -> HTTPResponse

    let people: PagePeople
    let kit: PageKit
    /// Of the list, and its path: `people`, `users`.
    let screen: String
    let list: List

    init(people: PagePeople, kit: PageKit, screen: String, list: @escaping List) {
        (self.people, self.kit, self.screen, self.list) = (people, kit, screen, list)
    }

    func add(to group: inout ConsoleGroup) {
        group.post("/\(screen)/{user}/reset", body: .form(), name: "page-reset-user") { (call) throws(Problem) in try reset(call) }
        group.get("/\(screen)/{user}/remove", name: "page-remove") { (call) throws(Problem) in try confirm(call) }
        group.post("/\(screen)/{user}/remove", body: .form(), name: "page-remove-user") { (call) throws(Problem) in try remove(call) }
    }

    private func reset(_ call: ConsoleCall) throws(Problem) -> HTTPResponse {
        _ = try PageForm(call)
        let caller = try call.caller()
        let code: NewCode
        do throws(PeopleError) { code = try people.people.reset(user: call["user"], by: caller, now: people.clock()) } catch {
            guard let errors = FormErrors(error, kit.frame(call)) else { throw Problem(error) }
            return try list(call, errors, nil)
        }
        return try list(call, .none, NewLink(kind: .reset, code: code))
    }

    private func confirm(_ call: ConsoleCall) throws(Problem) -> HTTPResponse {
        let caller = try call.caller()
        let name = call["user"]
        let users = try people.asked { (people, _) throws(PeopleError) in try people.users(for: caller) }
        guard users.contains(where: { $0.user == name }) else { throw Problem(.notFound) }
        return RemovalView(frame: kit.frame(call), screen: screen, user: name).response
    }

    private func remove(_ call: ConsoleCall) throws(Problem) -> HTTPResponse {
        _ = try PageForm(call)
        let caller = try call.caller()
        let frame = kit.frame(call)
        let sessions: [String]
        let userId =
            try people.asked { (people, _) throws(PeopleError) in try people.users(for: caller) }
            .first { $0.user == call["user"] }?.userId ?? ""
        do throws(PeopleError) { sessions = try people.people.remove(user: call["user"], by: caller) } catch {
            guard error != .forbidden(.ownerOnly), let errors = FormErrors(error, frame) else { throw Problem(error) }
            return RemovalView(frame: frame, screen: screen, user: call["user"], errors: errors).response
        }
        for session in sessions { people.streams.end(key: session) }
        people.events.note("user-removed", about: userId, by: caller, .object([("actor", .string(caller.actor))]))
        // Who has removed himself sees the list no more.
        return .seeOther(sessions.contains(frame.open?.session.sessionId ?? "") ? Link() : frame.link(screen))
    }
}
