import Contracts
import HTTP
import JSON
import Texts
import Web

/// Addresses, and the form of one.
struct AddressesView {
    /// In the address of the form of a new one.
    static let new = "new"

    /// What stands in the inputs.
    struct Typed: Sendable {
        var kind = AddressKind.return
        var person = AddressText()
        var isDefault = false

        init(kind: String?) { self.kind = AddressKind(rawValue: kind ?? "") ?? .return }
        init(_ row: StoredAddress) {
            (kind, isDefault) = (row.kind, row.default)
            person = AddressText(name: row.name, phone: row.phone, row.address)
        }
        init(_ form: PageForm) {
            kind = AddressKind(rawValue: form["kind"]) ?? .return
            person = AddressText(form)
            isDefault = form["default"] == "yes"
        }
    }

    let frame: PageFrame
    let rows: [StoredAddress]

    func list(_ errors: FormErrors = .none, status: Int = 200) -> HTTPResponse {
        let new = a(frame.say("addresses.new"), .href(frame.link("addresses", Self.new)), .class("button main"))
        return frame.page(frame.say("addresses.title"), screen: "addresses", status: status, errors: errors, actions: new) {
            frame.notice
            if rows.isEmpty { frame.empty("addresses", isFiltered: false, first: frame.link("addresses", Self.new)) } else { table }
        }
    }

    private var table: HTML {
        frame.tableRegion(frame.say("addresses.caption"), head: ["name", "kind", "address", "default", ""]) {
            rows.map { row in
                tr {
                    th(.scope("row"), .class("stay")) {
                        row.name
                        span(row.phone, .class("under"))
                    }
                    td(frame.say("field.kind.\(row.kind.rawValue)"))
                    td(AddressText.line(row.address))
                    td(row.default ? frame.say("app.yes") : "")
                    td(.class("do")) {
                        a(frame.say("form.change"), .href(frame.link("addresses", row.addressId)), .class("button"))
                        frame.action("remove-address", to: frame.link("addresses", "remove"), named: row.name) {
                            Web.hidden("addressId", row.addressId)
                        }
                    }
                }
            }
        }
    }

    func form(_ row: StoredAddress?, _ typed: Typed, _ errors: FormErrors = .none, status: Int = 200) -> HTTPResponse {
        frame.page(
            row == nil ? frame.say("addresses.new") : frame.say("addresses.title"), screen: "addresses", status: status, errors: errors
        ) {
            Web.form(.method("post"), .action(frame.link("addresses"))) {
                frame.hiddenFields
                if let row { Web.hidden("addressId", row.addressId) }
                frame.choice(
                    "kind", value: typed.kind.rawValue,
                    of: AddressKind.allCases.map { ($0.rawValue, frame.say("field.kind.\($0.rawValue)")) },
                    label: "kind", errors: errors)
                frame.addressFields(typed.person, errors: errors, nameLabel: "contact")
                frame.tick("default", text: frame.say("field.default"), isTicked: typed.isDefault)
                frame.buttons(frame.say("action.put-address"), back: frame.link("addresses"))
            }
        }
    }
}
