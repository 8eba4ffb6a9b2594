import Contracts
import HTTP
import Identity
import JSON
import Texts
import Threads
import Web

/// A command and what came of it.
struct CommandPageView {
    let frame: PageFrame
    let command: SentCommand

    var response: HTTPResponse {
        let say = frame.say
        let name = say.has("action.\(command.command)") ? say("action.\(command.command)") : command.command
        return frame.page(
            say("command.title", ["command": name]), modules: command.state == .pending ? ["again.js"] : []
        ) {
            outcome
            dl(.class("facts")) {
                dt(say("column.state"))
                dd { frame.badge("command", command.state.rawValue) }
                dt(say("column.service"))
                dd(say("service.\(command.service)"))
                dt(say("column.when"))
                dd { frame.time(command.at) }
                dt(say("column.key"))
                dd { frame.number(command.key) }
                dt(say("column.commandId"))
                dd { frame.number(command.commandId) }
            }
            if !lines.isEmpty {
                h2(say("event.title"))
                TimelinePart(frame: frame, lines: lines).html
            }
            p { a(say("app.back"), .href(back)) }
        }
    }

    private var outcome: HTML {
        let say = frame.say
        switch command.state {
        case .pending:
            return div(.class("message warn"), .role("status")) {
                p(say("form.noAnswer"), .data("again", ""))
                p { a(say("table.refresh"), .href(frame.here)) }
            }
        case .accepted: return frame.message(say("state.command.accepted"))
        case .refused:
            let code = command.refusal?.code ?? ""
            let errors = FormErrors(Problem(command.refusal ?? LedgerRefusal(code: "", detail: ""), of: command.commandId), frame)
            return div(.class("message bad"), .role("status")) {
                errors.entries.map { p($0.text) }
                if say.has("refusal.\(code).link"), let link = frame.remedy(of: code) {
                    p { a(say("refusal.\(code).link"), .href(link)) }
                }
            }
        }
    }

    private var lines: [TimelinePart.Line] {
        command.events.compactMap { bytes in
            guard let event = try? JSONValue.decode(bytes), let type = event["type"]?.string else { return nil }
            let time = event["time"]?.string.flatMap { Timestamp($0) }
            return TimelinePart.Line(time: time ?? command.at, type: type, data: event["data"], in: frame)
        }
    }

    /// Where such commands come from.
    private var back: Link {
        switch (frame.isMerchant, command.service) {
        case (true, "allocation"), (true, "shipping"): frame.link("orders")
        case (false, "waybill"): frame.link("parcels")
        default: frame.link()
        }
    }
}

extension PageFrame {
    /// The page on which somebody can do something about a refusal; nil: there is none for him.
    func remedy(of code: String) -> Link? {
        switch RefusalCode(rawValue: code) {
        case .awaitingAudit: isMerchant ? link("orders", query: [("hold", "awaiting-audit")]) : nil
        case .bindingNotActive: isMerchant ? link("factories") : link("merchants")
        case .factoryNotRegistered: isMerchant ? link("factories") : link("setup")
        case .merchantNotRegistered: isMerchant ? link("setup") : link("merchants")
        case .notAuthorized, .pinLinkedToOtherMerchant: isMerchant ? link("authorizations") : link("channels")
        case .numberPoolEmpty: isFactory ? link("pools") : nil
        case .returnAddressUnknown: isMerchant ? link("addresses") : nil
        case .targetNotAvailable: isMerchant ? link("factories") : nil
        case .waybillNotObtained: isFactory ? link("parcels", query: [("state", "open")]) : nil
        default: nil
        }
    }
}
