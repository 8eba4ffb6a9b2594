import Contracts
import HTTP
import Texts
import Web

struct FactorySetupView {
    let frame: PageFrame
    let profile: ParticipantRow?
    var name: String
    /// The contact, and where the factory is.
    var values: AddressText
    var errors = FormErrors.none
    /// Of the refusal; nil: what was typed is wrong.
    var refusalStatus: Int?
    /// The profile was changed by somebody else while it was typed.
    var isChanged = false

    init(frame: PageFrame, profile: ParticipantRow?) {
        (self.frame, self.profile) = (frame, profile)
        name = profile?.name ?? ""
        values = AddressText()
        if let address = profile?.address {
            values = AddressText(name: profile?.contact?.name ?? "", phone: profile?.contact?.phone ?? "", address)
        }
    }

    var isRegistered: Bool { profile?.role == .factory }
    var version: String { "\(profile?.version ?? 0)" }

    var page: HTTPResponse {
        let say = frame.say
        let status = isChanged ? 412 : errors.isEmpty ? 200 : refusalStatus ?? 400
        return frame.page(say("setup.title"), screen: "setup", status: status, errors: errors) {
            frame.notice
            if isRegistered, let shop = frame.shop {
                section(.class("card")) {
                    h2(say("setup.shopId"))
                    p(shop, .class("big"), .translate(false))
                    p(say("setup.shopId.tell"))
                }
            }
            if isChanged { compared }
            form(.method("post"), .action(frame.link("setup")), .class("card")) {
                frame.hiddenFields
                Web.hidden("seen", version)
                if !isRegistered {
                    h2(say("action.register-factory"))
                    p(say("setup.role.factory.hint"))
                    p(say("setup.factory.confirm"), .class("message warn"))
                }
                p(say("app.required"), .class("hint"))
                frame.field("name", value: name, label: "shopName", errors: errors, autocomplete: "organization")
                frame.addressFields(values, errors: errors, nameLabel: "contact")
                div(.class("buttons")) {
                    button(
                        say(isChanged ? "form.changed.keep" : isRegistered ? "action.update-profile" : "action.register-factory"),
                        .class("button main"))
                    if isChanged { a(say("form.changed.drop"), .href(frame.link("setup"))) }
                }
            }
            frame.help("Z10", "Z4")
        }
    }

    private var compared: HTML {
        let say = frame.say
        return section(.class("message warn"), .role("alert")) {
            h2(say("form.changed.title"))
            p(say("form.changed.text"))
            div(.class("compare")) {
                div {
                    h3(say("form.changed.theirs"))
                    p(profile?.name ?? "")
                    p([profile?.contact?.name ?? "", profile?.contact?.phone ?? ""].joined(separator: " "))
                    p(profile?.address.map { AddressText.line($0) } ?? "")
                }
                div {
                    h3(say("form.changed.yours"))
                    p(name)
                    p([values.name, values.phone].joined(separator: " "))
                    p(
                        [values.province, values.city, values.district, values.town, values.detail].filter { !$0.isEmpty }.joined(
                            separator: " "))
                }
            }
        }
    }
}
