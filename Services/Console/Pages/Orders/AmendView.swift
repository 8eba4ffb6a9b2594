import Contracts
import HTTP
import ReadModel
import Texts
import Web

/// What concerns one part of an order and needs a form or a confirmation.
struct AmendView {
    private static let carriers = ["SF", "ZTO", "YTO", "STO", "YUNDA", "JD", "JT", "EMS", "DBL", "CAINIAO"]

    let frame: PageFrame
    let order: OrderView
    let allocation: AllocationView

    private var back: Link { frame.link("orders", order.orderId) }

    private var hidden: HTML {
        HTML {
            Web.hidden("order", order.orderId)
            Web.hidden("allocation", allocation.allocationId)
        }
    }

    func page(
        _ errors: FormErrors = .none, carrier: String? = nil, number: String = "", offersUnusual: Bool = false, status: Int = 200
    ) -> HTTPResponse {
        let chosen = carrier ?? allocation.carrier ?? ""
        return frame.confirmation(
            frame.say("amend.title"), screen: "orders", status: status, action: frame.link("orders", "amend"),
            button: frame.say("action.amend"), back: back, errors: errors
        ) {
            hidden
            p(
                frame.say(
                    "amend.intro",
                    ["carrier": frame.named("carrier", allocation.carrier ?? ""), "number": allocation.waybillNumber ?? ""]))
            frame.choice("carrier", value: chosen, of: Self.carriers.map { ($0, frame.say("carrier.\($0)")) }, errors: errors)
            frame.field("waybillNumber", value: number, errors: errors, .data("scan", ""), .autocapitalize("off"), .spellcheck(false))
            if offersUnusual { frame.tick("unusual", text: frame.say("field.unusual"), errors: errors) }
        }
    }

    /// The warehouse is asked to cancel; whether it can is its to say.
    var cancelOutbound: HTTPResponse {
        frame.confirmation(
            frame.say("cancelOutbound.title", ["number": allocation.outbound?.partnerNumber ?? allocation.allocationId]), screen: "orders",
            action: frame.link("orders", "cancel-outbound"), button: frame.say("action.cancel-outbound"), back: back, isDangerous: true
        ) {
            hidden
            p(frame.say("cancelOutbound.follows"))
        }
    }
}
