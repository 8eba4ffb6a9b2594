import Contracts
import HTTP
import JSON
import ReadModel
import Texts
import Web

/// What will be done with the chosen orders, before it is done.
struct OrderStepView {
    static let newAddress = "new"

    let frame: PageFrame
    let selection: OrderSelection
    let names: TargetNames
    /// Return addresses of the shop.
    let addresses: [StoredAddress]

    private var count: Int { selection.items.count }

    private var title: String {
        selection.step == .approve ? frame.say("action.approve-order.many") : frame.say("\(selection.step.rawValue).title", count: count)
    }

    private var buttonText: String {
        selection.step == .approve ? frame.say("action.approve-order") : frame.say("\(selection.step.rawValue).button", count: count)
    }

    private var back: Link { count == 1 ? frame.link("orders", selection.items[0].order.orderId) : frame.link("orders") }

    func page(_ errors: FormErrors = .none, chosen: String = "", typed: AddressText = AddressText(), status: Int = 200) -> HTTPResponse {
        guard count > 0 else {
            return frame.nothingToConfirm(frame.say("confirm.title"), screen: "orders", back: frame.link("orders")) {
                frame.skippedOrders(selection)
            }
        }
        return frame.confirmation(
            title, screen: "orders", status: status, action: frame.link("orders", selection.step.rawValue), button: buttonText, back: back,
            isDangerous: selection.step == .ship, errors: errors
        ) {
            selection.retryOf.map { Web.hidden("retryOf", $0) }
            selection.items.map { item in
                HTML {
                    Web.hidden("order", item.order.orderId)
                    item.allocations.map { allocation in
                        HTML {
                            Web.hidden("of", item.order.orderId)
                            Web.hidden("allocation", allocation.allocationId)
                        }
                    }
                }
            }
            if count == 1 { parts(selection.items[0]) } else { frame.chosenOrders(selection.items) }
            if selection.step == .ship { returnAddress(errors, chosen, typed) }
            if frame.say.has("\(selection.step.rawValue).follows") {
                h2(frame.say("confirm.follows"))
                p(frame.say("\(selection.step.rawValue).follows"))
            }
            frame.skippedOrders(selection)
        }
    }

    /// The parts of one order that it is done with.
    private func parts(_ item: OrderSelection.Item) -> HTML {
        HTML {
            frame.chosenOrders([item])
            ul {
                item.allocations.map { allocation in
                    li {
                        names.name(allocation.target)
                        " "
                        if let number = allocation.waybillNumber {
                            frame.named("carrier", allocation.carrier ?? "")
                            " "
                            frame.number(number)
                        }
                    }
                }
            }
        }
    }

    private func returnAddress(_ errors: FormErrors, _ chosen: String, _ typed: AddressText) -> HTML {
        let first = addresses.first { $0.default }?.addressId ?? ""
        let selected = chosen.isEmpty ? (addresses.isEmpty ? Self.newAddress : first) : chosen
        return fieldset(.class("field")) {
            legend(frame.say("ship.address"))
            p(frame.say("field.returnAddress.hint"), .class("hint"))
            if let error = errors["returnAddress"] { p(error, .class("error"), .id("returnAddress-error")) }
            div(.class("choices"), .id("returnAddress"), .tabindex(-1)) {
                addresses.enumerated().map { index, row in
                    div(.class("choice")) {
                        input(
                            .type("radio"), .id("address-\(index)"), .name("returnAddress"), .value(row.addressId),
                            .checked(selected == row.addressId))
                        label(.for("address-\(index)")) {
                            "\(row.name) \(row.phone) \(AddressText.line(row.address))"
                            if row.default { span(" \(frame.say("ship.address.default"))", .class("badge")) }
                        }
                    }
                }
                div(.class("choice")) {
                    input(
                        .type("radio"), .id("address-new"), .name("returnAddress"), .value(Self.newAddress),
                        .checked(selected == Self.newAddress))
                    label(frame.say("ship.address.new"), .for("address-new"))
                }
            }
            details(.class("fold"), .open(selected == Self.newAddress)) {
                summary(frame.say("ship.address.new"))
                frame.addressFields(typed, errors: errors, nameLabel: "contact")
            }
        }
    }
}
