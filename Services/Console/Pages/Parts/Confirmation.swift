import HTTP
import Texts
import Web

extension PageFrame {
    /// A page that says what will be done before it is done; a script may show it in a dialog.
    /// - Parameters:
    ///   - text: of the button: "Ship 128 orders".
    ///   - isDangerous: it cannot be undone, and the page says so.
    ///   - fields: what the form carries and shows.
    func confirmation(
        _ title: String, screen: String, status: Int = 200, action link: Link, button text: String, back: Link, isDangerous: Bool = false,
        errors: FormErrors = .none, modules: [String] = [], @HTMLBuilder fields: () -> HTML
    ) -> HTTPResponse {
        let content = fields()
        return page(title, screen: screen, status: status, modules: modules, errors: errors, isHeaded: false) {
            section(.data("confirm-body", "")) {
                h1(title)
                if let shop { p(say("confirm.for", ["shop": shop]), .class("small")) }
                form(.method("post"), .action(link)) {
                    hiddenFields
                    Web.hidden("confirmed", "yes")
                    content
                    if isDangerous { p(say("confirm.final")) }
                    div(.class("buttons")) {
                        button(text, .class(isDangerous ? "button danger" : "button main"))
                        a(say("confirm.cancel"), .href(back), .data("confirm-close", ""))
                    }
                }
            }
        }
    }

    /// Nothing was chosen, or nothing of it can be done: why, and the way back.
    func nothingToConfirm(_ title: String, screen: String, back: Link, @HTMLBuilder why: () -> HTML) -> HTTPResponse {
        let reasons = why()
        return page(title, screen: screen, isHeaded: false) {
            section(.data("confirm-body", "")) {
                h1(title)
                reasons
                p { a(say("app.back"), .href(back), .data("confirm-close", "")) }
            }
        }
    }

    /// What `confirm.js` opens confirmation pages in.
    var confirmDialog: HTML {
        template(.data("confirm-dialog", "")) {
            dialog { button(say("confirm.close"), .type("button"), .class("link close"), .data("confirm-close", "")) }
        }
    }
}
