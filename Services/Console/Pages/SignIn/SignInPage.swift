import Contracts
import HTTP
import Identity
import Texts
import Threads
import Web

/// `/login`, `/logout`, `/language`, `/signup`, and the way through a provider.
struct SignInPage: Sendable {
    let people: PagePeople
    let kit: PageKit
    /// nil: nobody logs in with a provider.
    var provider: ProviderDoor?

    private var isSignUpOpen: Bool { people.people.settings.isSignUpOpen }

    /// - Parameter group: open to everybody.
    func add(to group: inout ConsoleGroup) {
        group.get("/login", name: "page-login") { (call) throws(Problem) in show(call) }
        group.post("/login", body: .form(), name: "page-log-in") { (call) throws(Problem) in try logIn(call) }
        group.post("/logout", body: .form(), name: "page-log-out") { (call) throws(Problem) in try logOut(call) }
        group.get("/signup", name: "page-signup") { (call) throws(Problem) in showSignUp(call) }
        group.post("/signup", body: .form(), name: "page-sign-up") { (call) throws(Problem) in try signUp(call) }
        if let provider {
            ProviderPage(people: people, kit: kit, door: provider).add(to: &group)
        }
        group.post("/language", body: .form(), name: "page-language") { (call) throws(Problem) in try language(call) }
    }

    // MARK: In and out

    private func show(_ call: ConsoleCall) -> HTTPResponse {
        let frame = kit.frame(call)
        let next = call.request.query("next")
        if frame.open != nil { return .seeOther(OwnPath.link(next) ?? Link()) }
        var view = LoginView(frame: frame, next: next, isSignUpOpen: isSignUpOpen, hasProvider: provider != nil)
        view.hasEnded = call.request.query("ended") != nil
        view.failure = call.request.query("oidc").flatMap { ProviderFailure(rawValue: $0) }
        view.isSignedOut = call.request.query("out") != nil
        return view.response
    }

    private func logIn(_ call: ConsoleCall) throws(Problem) -> HTTPResponse {
        let form = try PageForm(ofAnybody: call)
        let frame = kit.frame(call)
        let next = form.text("next")
        var view = LoginView(frame: frame, next: next, isSignUpOpen: isSignUpOpen, hasProvider: provider != nil)
        view.user = form["user"]
        for name in ["user", "password"] where form.form[name]?.isEmpty ?? true {
            view.errors.add(name, frame.say("error.required", ["field": frame.say("field.\(name)")]))
        }
        guard view.errors.isEmpty else { return view.response }
        let new: NewSession
        do throws(PeopleError) {
            new = try people.people.signIn(user: form["user"], password: form["password"], client: call.context.client, now: people.clock())
        } catch {
            switch error {
            case .wrongCredentials:
                view.errors.add("user", "\(frame.say("login.wrong")) \(frame.say("login.wrong.advice"))")
                return view.response
            case .tooMany(let seconds):
                view.errors = FormErrors(error, frame) ?? .none
                view.status = 429
                var response = view.response
                response.headers.append(("Retry-After", "\(max(1, seconds))"))
                return response
            default: throw Problem(error)
            }
        }
        return people.opened(new, OwnPath.link(next) ?? Link())
    }

    private func logOut(_ call: ConsoleCall) throws(Problem) -> HTTPResponse {
        // A page that was open when the session ended: nothing is left to do.
        guard let open = call.context.asker?.open else { return people.closed(Link("login")) }
        _ = try PageForm(call)
        if let token = Cookies(call.request)[SessionCookies.name] {
            try people.asked { (people, _) throws(PeopleError) in try people.signOut(token: token) }
        }
        people.streams.end(key: open.session.sessionId)
        return people.closed(Link("login", query: ["out": "1"]))
    }

    // MARK: Signing up

    private func showSignUp(_ call: ConsoleCall) -> HTTPResponse {
        SignUpView(frame: kit.frame(call), isOpen: isSignUpOpen).response
    }

    private func signUp(_ call: ConsoleCall) throws(Problem) -> HTTPResponse {
        let form = try PageForm(ofAnybody: call)
        let frame = kit.frame(call)
        var view = SignUpView(frame: frame, isOpen: isSignUpOpen)
        view.user = form["user"]
        view.language = Language(rawValue: form["language"]) ?? frame.language
        let new: NewSession
        do throws(PeopleError) {
            new = try people.people.signUp(
                user: form["user"], password: form["password"], language: view.language, client: call.context.client, now: people.clock())
        } catch {
            guard let errors = FormErrors(error, frame) else { throw Problem(error) }
            view.errors = errors
            return view.response
        }
        return people.opened(new, Link())
    }

    // MARK: Language

    private func language(_ call: ConsoleCall) throws(Problem) -> HTTPResponse {
        let open = call.context.asker?.open
        let form = open == nil ? try PageForm(ofAnybody: call) : try PageForm(call)
        guard let language = Language(rawValue: form["language"]) else { throw Problem.invalid("language", "it is zh, vi or en") }
        if let open {
            try people.asked { (people, now) throws(PeopleError) in
                _ = try people.change(.init(language: language), of: open, client: call.context.client, now: now)
            }
        }
        // The login's own page has its address in `next`, and comes back with it.
        let back = RequestTarget(form["next"]).segments?.first
        let link = ["login", "signup"].contains(back ?? "") ? loginLink(form["next"]) : OwnPath.link(form["next"])
        var response = HTTPResponse.seeOther(link ?? Link())
        response.headers += LanguageCookie.set(language)
        return response
    }

    private func loginLink(_ text: String) -> Link? {
        let target = RequestTarget(text)
        return Link(target, query: target.query.filter { $0.name == "next" }.map { ($0.name, $0.value) })
    }
}
