import Contracts
import HTTP
import Identity
import Texts
import Threads
import Web

/// `/prove`: the password again, before what concerns people and secrets.
struct ProvePage: Sendable {
    let people: PagePeople
    let kit: PageKit
    let hasProvider: Bool

    /// - Parameter group: for those who are logged in.
    func add(to group: inout ConsoleGroup) {
        group.get("/prove", name: "page-prove") { (call) throws(Problem) in
            ProveView(frame: kit.frame(call), next: call.request.query("next"), hasProvider: hasProvider).response
        }
        group.post("/prove", body: .form(), name: "page-give-password") { (call) throws(Problem) in try prove(call) }
    }

    private func prove(_ call: ConsoleCall) throws(Problem) -> HTTPResponse {
        let form = try PageForm(call)
        let (frame, open, next) = (kit.frame(call), try call.openSession(), form.text("next"))
        var view = ProveView(frame: frame, next: next, hasProvider: hasProvider)
        do throws(PeopleError) {
            try people.people.prove(open, password: form["password"], client: call.context.client, now: people.clock())
        } catch {
            if error == .wrongCredentials {
                view.errors.add("password", frame.say("prove.wrong"))
            } else if let errors = FormErrors(error, frame) {
                view.errors = errors
            } else {
                throw Problem(error)
            }
            return view.response
        }
        return .seeOther(OwnPath.link(next) ?? Link())
    }
}

struct ProveView {
    let frame: PageFrame
    /// Where to go afterwards.
    let next: String?
    let hasProvider: Bool
    var errors = FormErrors.none

    var response: HTTPResponse {
        let say = frame.say
        return frame.page(say("prove.title"), status: errors.isEmpty ? 200 : 400, errors: errors) {
            p(say("prove.text"))
            if frame.open?.user.provider != nil {
                if hasProvider {
                    p { a(say("prove.oidc"), .href(Link("oidc", "begin", query: ["again": "1", "next": OwnPath.link(next)?.text]))) }
                }
            } else {
                form(.method("post"), .action(Link("prove")), .class("card")) {
                    frame.hiddenFields
                    if let next, OwnPath.link(next) != nil { hidden("next", next) }
                    // For programs that keep passwords.
                    input(
                        .type("text"), .name("user"), .value(frame.open?.user.name ?? ""), .autocomplete("username"), .hidden(),
                        .aria("hidden", true))
                    frame.password("password", hint: "", isNew: false, errors: errors)
                    div(.class("buttons")) { button(say("prove.button"), .class("button main")) }
                }
            }
        }
    }
}
