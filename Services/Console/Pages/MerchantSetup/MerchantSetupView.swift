import Contracts
import HTTP
import Texts
import Web

/// The form of the role, or the profile.
struct MerchantSetupView {
    /// What stands in the inputs.
    struct Typed: Sendable {
        var alias = ""
        /// Of an existing address; empty: a new one.
        var addressId = ""
        var sender = AddressText()
        var terms: [String] = []

        init(_ shop: ParticipantRow) {
            alias = shop.shopAlias ?? ""
            if let row = shop.sender { sender = AddressText(name: row.name, phone: row.phone, row.address) }
        }

        init(_ form: PageForm) {
            alias = form["shopAlias"].trimmedBlanks
            addressId = form["senderAddress"]
            sender = AddressText(form)
            terms = Terms.required.filter { form[$0] == "yes" }
        }
    }

    let frame: PageFrame
    let shop: ParticipantRow
    let typed: Typed

    private var isNew: Bool { shop.role == nil }
    private var addresses: [StoredAddress] { shop.addresses.filter { $0.kind == .sender } }

    /// What is missing, before anything is sent.
    var mistakes: FormErrors {
        var errors = FormErrors()
        if typed.alias.isEmpty { errors.add("shopAlias", frame.required("shopAlias")) }
        if typed.addressId.isEmpty { frame.check(typed.sender, &errors) }
        if isNew, let missing = Terms.required.first(where: { !typed.terms.contains($0) }) { errors.add(missing, frame.say("error.terms")) }
        return errors
    }

    func page(_ errors: FormErrors = .none, isChanged: Bool = false, status: Int = 200) -> HTTPResponse {
        frame.page(frame.say("setup.title"), screen: "setup", status: status, errors: errors) {
            frame.notice
            if isNew {
                div(.class("message warn")) { p(frame.say("setup.merchant.confirm")) }
                p(frame.say("setup.role.merchant.hint"))
            } else {
                p { frame.say("app.shopId", ["shop": shop.shopId]) }
            }
            if isChanged { changed }
            form(.method("post"), .action(frame.link("setup"))) {
                frame.hiddenFields
                Web.hidden("seen", "\(shop.version)")
                p(frame.say("app.required"), .class("small"))
                frame.field("shopAlias", value: typed.alias, errors: errors)
                senderFields(errors)
                if isNew { terms(errors) }
                div(.class("buttons")) {
                    button(frame.say(isNew ? "action.register-merchant" : "action.update-profile"), .class("button main"))
                }
            }
            if isNew { frame.help("Z2", "Z3") } else { frame.help("Z3") }
        }
    }

    private func senderFields(_ errors: FormErrors) -> HTML {
        fieldset(.class("field")) {
            legend(frame.say("field.sender"))
            p(frame.say("field.sender.hint"), .class("hint"))
            if !addresses.isEmpty {
                div(.class("choices")) {
                    radio("", isChosen: typed.addressId.isEmpty) { frame.say("field.address.new") }
                    addresses.map { row in
                        radio(row.addressId, isChosen: typed.addressId == row.addressId) {
                            frame.say("field.address.existing")
                            span("\(row.name) \(row.phone) \(AddressText.line(row.address))", .class("hint"))
                        }
                    }
                }
            }
            frame.addressFields(typed.sender, errors: errors, nameHint: "")
        }
    }

    private func radio(_ id: String, isChosen: Bool, @HTMLBuilder text: () -> HTML) -> HTML {
        let inputId = id.isEmpty ? "senderAddress" : "senderAddress-\(id)"
        let body = text()
        return div(.class("choice")) {
            input(.type("radio"), .id(inputId), .name("senderAddress"), .value(id), .checked(isChosen))
            label(.for(inputId)) { body }
        }
    }

    private func terms(_ errors: FormErrors) -> HTML {
        fieldset(.class("field")) {
            legend(frame.say("setup.terms"))
            Terms.required.map { term in
                frame.tick(term, text: frame.say("field.terms.\(term)"), isTicked: typed.terms.contains(term), errors: errors)
            }
        }
    }

    /// Somebody else has saved meanwhile: both values; what was typed stays in the form.
    private var changed: HTML {
        div(.class("message warn"), .role("alert")) {
            h2(frame.say("form.changed.title"))
            p(frame.say("form.changed.text"))
            p(frame.say("form.changed.theirs"))
            frame.facts([
                (frame.say("field.shopAlias"), HTML(shop.shopAlias ?? "")),
                (
                    frame.say("field.sender"),
                    HTML(shop.sender.map { "\($0.name) \($0.phone) \(AddressText.line($0.address))" } ?? "")
                ),
            ])
        }
    }
}
