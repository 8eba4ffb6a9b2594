import Contracts
import HTTP
import Identity
import Texts
import Threads
import Web

/// `/me`: one's own language, zone, password and sessions.
struct MePage: Sendable {
    let people: PagePeople
    let kit: PageKit

    /// - Parameter group: for those who are logged in.
    func add(to group: inout ConsoleGroup) {
        group.get("/me", name: "page-me") { (call) throws(Problem) in try page(call, done: call.request.query("done")) }
        group.post("/me", body: .form(), name: "page-change-me") { (call) throws(Problem) in try save(call) }
        group.post("/me/password", body: .form(), name: "page-change-password") { (call) throws(Problem) in try password(call) }
        group.post("/me/sessions", body: .form(), name: "page-end-session") { (call) throws(Problem) in try end(call) }
    }

    private func page(
        _ call: ConsoleCall, done: String? = nil, zone: String? = nil, errors: FormErrors = .none
    ) throws(Problem) -> HTTPResponse {
        let frame = kit.frame(call)
        let open = try call.openSession()
        let sessions = try people.asked { (people, now) throws(PeopleError) in try people.sessions(of: open.user.userId, now: now) }
        return MeView(frame: frame, open: open, sessions: sessions, zone: zone ?? open.user.zone, done: done, errors: errors).response
    }

    private func save(_ call: ConsoleCall) throws(Problem) -> HTTPResponse {
        let form = try PageForm(call)
        guard let language = Language(rawValue: form["language"]) else { throw Problem.invalid("language", "it is zh, vi or en") }
        let zone = form.text("zone") ?? ""
        return try change(call, .init(language: language, zone: zone), done: "saved", zone: zone)
    }

    private func password(_ call: ConsoleCall) throws(Problem) -> HTTPResponse {
        let form = try PageForm(call)
        return try change(call, .init(password: form["newPassword"], oldPassword: form["oldPassword"]), done: "password")
    }

    private func change(
        _ call: ConsoleCall, _ change: People.ProfileChange, done: String, zone: String? = nil
    ) throws(Problem) -> HTTPResponse {
        let open = try call.openSession()
        do throws(PeopleError) {
            _ = try people.people.change(change, of: open, client: call.context.client, now: people.clock())
        } catch {
            guard let errors = FormErrors(error, kit.frame(call), inputs: ["password": "newPassword"]) else { throw Problem(error) }
            return try page(call, zone: zone, errors: errors)
        }
        // A new password has ended all other sessions.
        if change.password != nil { people.streams.look(at: open.user.userId, now: people.clock()) }
        return .seeOther(Link("me", query: ["done": done]))
    }

    /// Ends one of the user's sessions, or all but this one.
    private func end(_ call: ConsoleCall) throws(Problem) -> HTTPResponse {
        let form = try PageForm(call)
        let open = try call.openSession()
        let own = open.session.sessionId
        let ended: [String]
        if let session = form.text("session") {
            ended = [session]
        } else {
            ended = try people.asked { (people, now) throws(PeopleError) in try people.sessions(of: open.user.userId, now: now) }
                .map(\.sessionId).filter { $0 != own }
        }
        for session in ended {
            do throws(PeopleError) { try people.people.endSession(session, of: open.user.userId) } catch {
                // It has ended by itself meanwhile.
                if error != .notFound { throw Problem(error) }
            }
            people.streams.end(key: session)
        }
        return ended.contains(own) ? people.closed(Link("login", query: ["out": "1"])) : .seeOther(Link("me"))
    }
}
