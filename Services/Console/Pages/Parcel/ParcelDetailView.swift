import Contracts
import HTTP
import Identity
import JSON
import ReadModel
import Texts
import Threads
import Web

struct ParcelDetailView {
    let frame: PageFrame
    let parcel: ParcelView
    let history: [HistoryView]
    /// For the same door.
    let others: [ParcelView]
    var carrier: String
    var number: String
    var further = ""
    var isUnusual = false
    /// The number is none of the carrier's known forms: it is asked once more.
    var asksUnusual = false
    var errors = FormErrors.none
    /// Of the refusal; nil: what was typed is wrong.
    var refusalStatus: Int?

    init(frame: PageFrame, parcel: ParcelView, history: [HistoryView], others: [ParcelView]) {
        (self.frame, self.parcel, self.history, self.others) = (frame, parcel, history, others)
        let shared = parcel.waybillNumber == nil ? others.first { $0.waybillNumber != nil } : nil
        carrier = parcel.carrier ?? shared?.carrier ?? CarrierCodes.all[0]
        number = parcel.waybillNumber ?? shared?.waybillNumber ?? ""
        further = (parcel.extraNumbers ?? []).joined(separator: "\n")
    }

    func again(_ problem: Problem) -> HTTPResponse {
        var view = self
        view.errors = FormErrors(problem, frame)
        view.refusalStatus = problem.status
        view.asksUnusual = problem.details?["unusual"] == .bool(true)
        return view.page
    }

    private var mustBeStopped: Bool {
        parcel.readdressed == true || parcel.state == .voided && (parcel.stage == .printed || parcel.stage == .returned)
    }

    var page: HTTPResponse {
        let say = frame.say
        return frame.page(
            say("parcel.title", ["allocation": parcel.allocationId]), screen: "parcels",
            status: errors.isEmpty ? 200 : refusalStatus ?? 400,
            modules: ["scan.js", "confirm.js"], errors: errors, isLive: true
        ) {
            frame.notice
            if mustBeStopped {
                p(.class("message bad"), .role("alert")) {
                    HTML(
                        parcel.state == .voided
                            ? say("state.stage.\(parcel.stage?.rawValue ?? "printed")") : say("state.parcel.readdressed"))
                }
            }
            div(.class("columns")) {
                facts
                actions
            }
            if !others.isEmpty { door }
            section(.class("card")) {
                h2(say("event.title"))
                ParcelTimeline(frame: frame, parcel: parcel, history: history).html
            }
            p(say("parcel.privacy"), .class("hint"))
            frame.confirmDialog
            frame.help("Z12", "Z13")
        }
    }

    private var facts: HTML {
        let say = frame.say
        return section(.class("card")) {
            frame.facts([
                (say("column.state"), frame.parcelState(parcel)), (say("column.merchant"), HTML(parcel.shopAlias)),
                (say("column.goods"), frame.goods(parcel)), (say("column.area"), HTML(frame.area(parcel))),
                (say("column.number"), frame.numbers(parcel)), (say("column.allocatedAt"), frame.time(parcel.openedAt)),
            ])
            if let sender = parcel.sender.flatMap({ try? Sender.decodeStored($0.bytes) }) {
                h2(say("parcel.sender"))
                p(sender.name, .translate(false))
                p { frame.number(sender.phone) }
                p(AddressText.line(sender.address), .translate(false))
            }
        }
    }

    private var door: HTML {
        section(.class("card")) {
            h2(frame.say("parcels.door", count: others.count + 1))
            ul {
                others.map { other in
                    li {
                        frame.parcelLink(other)
                        HTML(" ")
                        frame.badge("parcel", other.state.rawValue)
                        if let number = other.waybillNumber {
                            HTML(" ")
                            frame.number(number)
                        }
                    }
                }
            }
        }
    }

    // MARK: Actions

    private var target: Link { frame.link("parcels", parcel.allocationId) }

    private var actions: HTML {
        let say = frame.say
        return section(.class("card")) {
            h2(say("table.actions"))
            if ParcelCommand.obtain.isPossible(parcel) {
                form(.method("post"), .action(target)) {
                    frame.hiddenFields
                    Web.hidden("command", "obtain")
                    div(.class("field")) {
                        label(say("field.carrier"), .for("obtain-carrier"))
                        select(.id("obtain-carrier"), .name("carrier")) {
                            CarrierCodes.all.map {
                                option(frame.carrierName($0), .value($0), Attribute.selected($0 == carrier))
                            }
                        }
                    }
                    button(say("action.obtain"), .class("button main"))
                }
            }
            div(.class("buttons")) {
                if parcel.waybillNumber != nil, parcel.state != .voided, parcel.state != .shipped {
                    form(.method("post"), .action(frame.link("print")), .class("inline")) {
                        frame.hiddenFields
                        frame.parcelFields([parcel.allocationId])
                        button(say("action.print"), .class("button \(parcel.state == .obtained ? "main" : "")".trimmedBlanks))
                    }
                }
                if ParcelCommand.markPrinted.isPossible(parcel) {
                    frame.action("mark-printed", to: target) { Web.hidden("command", "mark-printed") }
                }
                if ParcelCommand.cancel.isPossible(parcel) {
                    form(.method("post"), .action(frame.link("selection")), .class("inline"), .data("confirm", "")) {
                        frame.hiddenFields
                        Web.hidden("command", "cancel")
                        frame.parcelFields([parcel.allocationId])
                        Web.hidden("back", frame.here.text)
                        button(say("action.cancel"), .class("button danger"))
                    }
                }
            }
            if parcel.actions.contains("return") { returnForm }
            if parcel.actions.isEmpty { p(say("parcel.over")) }
        }
    }

    private var returnForm: HTML {
        let say = frame.say
        return form(.method("post"), .action(target)) {
            h3(say("action.return"))
            frame.hiddenFields
            Web.hidden("command", "return")
            frame.carrierChoice(value: carrier, errors: errors)
            frame.field(
                "waybillNumber", value: number, errors: errors, .data("scan", ""), .autocapitalize("off"), .spellcheck(false))
            div(.class("field")) {
                label(say("field.extraNumbers"), .for("extraNumbers"))
                if let error = errors["extraNumbers"] { p(error, .class("error"), .id("extraNumbers-error")) }
                textarea(further, .id("extraNumbers"), .name("extraNumbers"), .rows(2), .spellcheck(false))
            }
            if asksUnusual || isUnusual {
                p(say("return.unusual", ["number": number]), .class("message warn"))
                frame.tick("unusual", text: say("field.unusual"), isTicked: isUnusual)
            }
            button(
                say("action.return"), .class("button \(parcel.state == .printed ? "main" : "")".trimmedBlanks))
        }
    }
}

/// What happened to a parcel, oldest first.
struct ParcelTimeline {
    let frame: PageFrame
    let parcel: ParcelView
    let history: [HistoryView]

    var html: HTML {
        var copies = 0
        return ol(.class("timeline")) {
            history.map { entry in
                if entry.type == Printed.type { copies += 1 }
                return line(entry, copies)
            }
        }
    }

    private func line(_ entry: HistoryView, _ copies: Int) -> HTML {
        let say = frame.say
        let short = Self.short(entry.type)
        let key = say.has("event.\(short)") ? "event.\(short)" : "event.other"
        let text = say(
            key,
            [
                "type": short, "carrier": parcel.carrier.map { frame.carrierName($0) } ?? "", "number": parcel.waybillNumber ?? "",
                "copies": frame.language.grouped(copies), "reason": reason(entry), "target": "", "state": "",
            ])
        let isBad = entry.code != nil || [Voided.type, Readdressed.type].contains(entry.type)
        return li(isBad ? .class("bad") : [Returned.type, Shipped.type].contains(entry.type) ? .class("good") : .none) {
            HTML(text)
            span(.class("under")) {
                frame.time(entry.time)
                HTML(" · \(say("event.by", ["actor": actor(entry)]))")
            }
        }
    }

    private func reason(_ entry: HistoryView) -> String {
        guard let code = entry.code else { return entry.reason.map { frame.reason($0) } ?? "" }
        return frame.say.has("refusal.\(code).happened") ? frame.say("refusal.\(code).happened") : code
    }

    /// The factory itself, its merchant by the alias, a partner by its name.
    private func actor(_ entry: HistoryView) -> String {
        guard entry.actor != frame.caller?.actor else { return frame.say("actor.you") }
        switch Actor(entry.actor)?.kind {
        case .merchant: return parcel.shopAlias
        case .partner: return frame.say("actor.partner", ["name": Actor(entry.actor)?.id ?? ""])
        default: return frame.say("actor.service")
        }
    }

    /// `waybill.printed` of `daifa.waybill.printed.v1`.
    static func short(_ type: String) -> String {
        let parts = type.split(separator: ".")
        return parts.count == 4 ? "\(parts[1]).\(parts[2])" : type
    }
}
