import Contracts
import Crypto
import HTTP
import Identity
import Texts
import Web

/// A form that was sent from a page, with what a view needs to show it again.
struct PageForm: Sendable {
    let form: Form
    /// Of the command that the form becomes: a double click, a reload and the way back are the same one.
    let key: String

    /// - Throws: 400 for what is no form; 403 for one that is not of a page of this session.
    init(_ call: ConsoleCall, limits: Form.Limits = Form.Limits()) throws(Problem) {
        try self.init(ofAnybody: call, limits: limits)
        guard let open = call.context.asker?.open else { throw Problem(.unauthorized) }
        guard open.accepts(csrf: form["csrf"]) else { throw Problem(.forbidden, field: "csrf") }
    }

    /// The same where nobody needs a session. That it is of a page of ours has been looked at by the door.
    init(ofAnybody call: ConsoleCall, limits: Form.Limits = Form.Limits()) throws(Problem) {
        do throws(Form.Failure) { form = try Form(call.request, limits: limits) } catch {
            throw Problem.invalid(error.field ?? "form", error.description)
        }
        let named = form["key"] ?? ""
        key = (1...128).contains(named.utf8.count) ? named : RandomUUID.v4()
    }

    subscript(name: String) -> String { form[name] ?? "" }
    func all(_ name: String) -> [String] { form.all(name) }

    /// A text without blanks around it; nil where nothing was typed.
    func text(_ name: String) -> String? {
        let trimmed = self[name].trimmedBlanks
        return trimmed.isEmpty ? nil : trimmed
    }
}

extension String {
    var trimmedBlanks: String {
        let blanks: (Character) -> Bool = { $0.isWhitespace }
        return String(drop(while: blanks).reversed().drop(while: blanks).reversed())
    }
}

extension OpenSession {
    /// Whether the token of a form is the session's; it is masked anew in each page.
    func accepts(csrf token: String?) -> Bool {
        guard let secret = Base64URL.decode(session.csrfToken), let csrf = CSRFToken(secret: secret) else { return false }
        return csrf.accepts(token)
    }

    /// For one page.
    var maskedCSRF: String {
        guard let secret = Base64URL.decode(session.csrfToken) else { return "" }
        return (try? CSRFToken(secret: secret)?.masked()) ?? ""
    }
}

extension PageFrame {
    /// What each form that is sent carries.
    var hiddenFields: HTML { hiddenFields(key: RandomUUID.v4()) }

    /// - Parameter key: of the command; a form that comes back corrected gets a new one.
    func hiddenFields(key: String) -> HTML {
        HTML {
            Web.hidden("csrf", open?.maskedCSRF ?? "")
            Web.hidden("key", key)
            // Whose form it is, should his session have ended when it is sent.
            Web.hidden("by", open?.user.userId ?? "")
        }
    }

    /// A text input with its label, hint and error.
    /// - Parameters:
    ///   - name: of the input, and its id; the label is `field.<name>` unless another key is given.
    ///   - hint: below the label; nil: that of the label's key, where there is one; empty: none.
    ///   - width: `wide`, `narrow` or empty.
    func field(
        _ name: String, value: String = "", label key: String? = nil, hint: String? = nil, errors: FormErrors = .none,
        type: String = "text",
        autocomplete: String = "off", isRequired: Bool = true, width: String = "", _ attributes: Attribute...
    ) -> HTML {
        let error = errors[name]
        let known = say.has("field.\(key ?? name).hint") ? say("field.\(key ?? name).hint") : nil
        let hintText = hint.map { $0.isEmpty ? nil : $0 } ?? known
        let described = [hintText.map { _ in "\(name)-hint" }, error.map { _ in "\(name)-error" }].compactMap { $0 }.joined(separator: " ")
        return div(.class("field")) {
            label(.for(name)) {
                say("field.\(key ?? name)")
                if isRequired { span(" \(say("app.required.mark"))", .class("mark")) }
            }
            if let hintText { p(hintText, .class("hint"), .id("\(name)-hint")) }
            if let error { p(error, .class("error"), .id("\(name)-error")) }
            input(
                [
                    .id(name), .name(name), .type(type), .value(value), .autocomplete(autocomplete), .class(width).when(!width.isEmpty),
                    .aria("describedby", described).when(!described.isEmpty), .aria("invalid", true).when(error != nil),
                ] + attributes)
        }
    }

    /// A choice of one among few.
    func choice(
        _ name: String, value: String, of options: [(value: String, text: String)], label key: String? = nil, errors: FormErrors = .none
    ) -> HTML {
        div(.class("field")) {
            label(say("field.\(key ?? name)"), .for(name))
            if let error = errors[name] { p(error, .class("error"), .id("\(name)-error")) }
            select(.id(name), .name(name), .aria("invalid", true).when(errors[name] != nil)) {
                options.map { entry in option(entry.text, .value(entry.value), Attribute.selected(entry.value == value)) }
            }
        }
    }

    /// A box that is ticked or not.
    func tick(_ name: String, text: String, isTicked: Bool = false, value: String = "yes", errors: FormErrors = .none) -> HTML {
        div(.class("field choice")) {
            input(
                .type("checkbox"), .id(name), .name(name), .value(value), .checked(isTicked),
                .aria("invalid", true).when(errors[name] != nil))
            label(text, .for(name))
            if let error = errors[name] { p(error, .class("error"), .id("\(name)-error")) }
        }
    }
}
