import HTTP
import Texts
import Web

/// The login.
struct LoginView {
    let frame: PageFrame
    /// Where to go afterwards.
    let next: String?
    let isSignUpOpen: Bool
    /// Whether people may log in with a provider.
    let hasProvider: Bool
    var user = ""
    var hasEnded = false
    var isSignedOut = false
    /// Why nobody was logged in by the provider.
    var failure: ProviderFailure?
    var errors = FormErrors.none
    /// Of a form that comes back.
    var status = 400

    var response: HTTPResponse {
        let say = frame.say
        return frame.page(say("login.title"), status: errors.isEmpty ? 200 : status, errors: errors) {
            if errors.isEmpty, hasEnded { frame.message(say("login.ended"), style: "warn") }
            if errors.isEmpty, isSignedOut { frame.message(say("login.signedOut")) }
            if errors.isEmpty, let failure { frame.message(say("login.oidc.\(failure.rawValue)"), style: "bad") }
            form(.method("post"), .action(Link("login")), .class("card")) {
                if let next, OwnPath.link(next) != nil { hidden("next", next) }
                frame.field("user", value: user, errors: errors, autocomplete: "username", .autocapitalize("none"), .spellcheck(false))
                frame.password("password", hint: "", isNew: false, errors: errors)
                div(.class("buttons")) { button(say("login.button"), .class("button main")) }
            }
            if hasProvider { p { a(say("login.oidc"), .href(Link("oidc", "begin", query: ["next": OwnPath.link(next)?.text]))) } }
            if isSignUpOpen { p { a(say("login.signup"), .href(Link("signup"))) } }
        }
    }
}

/// Signing up by oneself.
struct SignUpView {
    let frame: PageFrame
    let isOpen: Bool
    var user = ""
    var language: Language
    var errors = FormErrors.none

    init(frame: PageFrame, isOpen: Bool) {
        (self.frame, self.isOpen) = (frame, isOpen)
        language = frame.language
    }

    var response: HTTPResponse {
        let say = frame.say
        guard isOpen else {
            return frame.page(say("signup.title"), status: 403) {
                p(say("signup.closed"))
                p { a(say("login.title"), .href(Link("login"))) }
            }
        }
        return frame.page(say("signup.title"), status: errors.isEmpty ? 200 : 400, errors: errors) {
            form(.method("post"), .action(Link("signup")), .class("card")) {
                frame.field("user", value: user, errors: errors, autocomplete: "username", .autocapitalize("none"), .spellcheck(false))
                frame.password("password", isNew: true, errors: errors)
                frame.languageChoice(language, errors: errors)
                div(.class("buttons")) { button(say("signup.button"), .class("button main")) }
            }
        }
    }
}
