import Contracts
import HTTP
import Identity
import Texts
import Threads
import Web

/// `/join/<code>`: the link of an invitation, of the first operator, and of a new password. Looking at it uses nothing up.
struct JoinPage: Sendable {
    let people: PagePeople
    let kit: PageKit

    /// - Parameter group: open to everybody.
    func add(to group: inout ConsoleGroup) {
        group.get("/join/{code}", name: "page-join") { (call) throws(Problem) in try show(call) }
        group.post("/join/{code}", body: .form(), name: "page-use-link") { (call) throws(Problem) in try use(call) }
    }

    /// - Returns: nil for a link that is used, late or unknown.
    private func offer(_ call: ConsoleCall) throws(Problem) -> People.Offer? {
        let code = call["code"]
        do throws(PeopleError) { return try people.people.offer(code: code, now: people.clock()) } catch {
            if error == .notFound { return nil }
            throw Problem(error)
        }
    }

    private func show(_ call: ConsoleCall) throws(Problem) -> HTTPResponse {
        let frame = kit.frame(call)
        guard let offer = try offer(call) else { return JoinView.gone(frame) }
        return JoinView(frame: frame, code: call["code"], offer: offer).response
    }

    private func use(_ call: ConsoleCall) throws(Problem) -> HTTPResponse {
        let anybody = try PageForm(ofAnybody: call)
        // The form for somebody who is logged in has the session's token, the other one a name and a password.
        let isOwn = call.context.asker?.open != nil && anybody.form["csrf"] != nil
        let form = isOwn ? try PageForm(call) : anybody
        let frame = kit.frame(call)
        guard let offer = try offer(call) else { return JoinView.gone(frame) }
        var view = JoinView(frame: frame, code: call["code"], offer: offer)
        view.user = form["user"]
        view.language = Language(rawValue: form["language"]) ?? frame.language
        do throws(PeopleError) {
            return try use(call, form, offer, view.language, isOwn ? call.context.asker?.open : nil)
        } catch {
            if error == .notFound { return JoinView.gone(frame) }
            guard let errors = FormErrors(error, frame) else { throw Problem(error) }
            view.errors = errors
            return view.response
        }
    }

    private func use(
        _ call: ConsoleCall, _ form: PageForm, _ offer: People.Offer, _ language: Language, _ open: OpenSession?
    ) throws(PeopleError) -> HTTPResponse {
        let (code, client, now) = (call["code"], call.context.client, people.clock())
        guard case .invitation = offer.kind else {
            let new = try people.people.setPassword(code: code, password: form["password"], client: client, now: now)
            people.streams.look(at: new.open.user.userId, now: now)
            people.events.passwordReset(new.open)
            return people.opened(new, Link("me", query: ["done": "password"]))
        }
        let new: NewSession
        if let open {
            new = try people.people.join(code: code, session: open, client: client, now: now)
            people.streams.end(key: open.session.sessionId)
        } else {
            new = try people.people.join(
                code: code, user: form["user"], password: form["password"], language: language, client: client, now: now)
        }
        people.joined(new.open, before: open?.memberships ?? [])
        return people.opened(new, Link())
    }
}
