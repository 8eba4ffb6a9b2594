import Contracts
import HTTP
import JSON
import ReadModel
import Texts
import Threads
import Web

/// Messages that could not be read or handled.
struct DeadLettersView {
    let frame: PageFrame
    /// nil: of all services.
    let service: ServiceName?
    let letters: [DeadLetterView]
    let next: String?
    let done: (replayed: Int, refused: Int)?

    var response: HTTPResponse {
        let say = frame.say
        return frame.page(
            say("deadLetters.title"), screen: "deadLetters", modules: ["select.js"], actions: frame.export("dead-letters")
        ) {
            if let done {
                frame.message(
                    say(
                        "deadLetters.replay.done",
                        ["replayed": frame.language.grouped(done.replayed), "refused": frame.language.grouped(done.refused)]),
                    style: done.refused == 0 ? "good" : "warn")
            }
            frame.tabs(say("column.service"), parameter: "service", selected: service?.rawValue, of: tabs, base: ["o", "dead-letters"])
            if letters.isEmpty {
                frame.empty("deadLetters", isFiltered: service != nil)
            } else {
                form(.method("post"), .action(frame.link("dead-letters", "confirm")), .data("select", "")) {
                    frame.hiddenFields
                    div(.class("batch")) {
                        span("", .class("chosen"), .data("select-count", ""), counts("one"), counts("other"))
                        service.map { hidden("service", $0.rawValue) }
                        div(.class("end")) {
                            button(say("deadLetters.replay"), .class("button"))
                            button(say("deadLetters.replay.all"), .class("button"), .name("all"), .value("yes"))
                        }
                    }
                    table
                }
                frame.pager(next: next)
            }
        }
    }

    private var tabs: [(state: String?, text: String, count: Int?)] {
        [(nil, frame.say("app.all"), nil)] + ServiceName.domainServices.map { ($0.rawValue, frame.say("service.\($0.rawValue)"), nil) }
    }

    private func counts(_ form: String) -> Attribute {
        let key = frame.say.has("select.count_\(form)") ? "select.count_\(form)" : "select.count_other"
        return form == "one" ? .data("text-count-one", frame.say(key)) : .data("text-count-other", frame.say(key))
    }

    private var table: HTML {
        frame.tableRegion(frame.say("deadLetters.caption"), head: ["", "reason", "service", "type", "place", "when", "size"]) {
            letters.map { row($0) }
        }
    }

    private func row(_ letter: DeadLetterView) -> HTML {
        let say = frame.say
        return tr {
            td(.class("tick")) {
                input(
                    .type("checkbox"), .name("id"), .value(letter.id), .data("select-row", ""),
                    .aria("label", say("select.row", ["name": letter.id])))
            }
            td(.class("stay")) {
                a(frame.deadReason(letter.reason), .href(frame.link("dead-letters", letter.id)))
                if let at = letter.replayedAt {
                    span(say("deadLetters.replayedAt", ["time": frame.zone?.text(at) ?? at.description]), .class("under"))
                }
            }
            td(say("service.\(letter.service.rawValue)"))
            td {
                if let type = letter.type { frame.number(type) }
                if let key = letter.key { span(.class("under")) { frame.number(key) } }
            }
            td { frame.number(letter.place) }
            td { frame.time(letter.time) }
            td(frame.language.grouped(letter.size), .class("figure"))
        }
    }
}

extension DeadLetterView {
    /// Where it was read from: `daifa.waybill.commands 3/17`.
    var place: String {
        let numbers = [partition, offset].compactMap { $0.map { "\($0)" } }.joined(separator: "/")
        return [topic ?? "", numbers].filter { !$0.isEmpty }.joined(separator: " ")
    }
}

extension PageFrame {
    fileprivate func deadReason(_ reason: String) -> String {
        let code = String(reason.prefix { $0 != ":" })
        return say.has("reason.dead.\(code)") ? say("reason.dead.\(code)") : reason
    }
}

/// One dead letter.
struct DeadLetterPageView {
    let frame: PageFrame
    let letter: DeadLetterView
    /// Whether its contents were asked for.
    var isAsked = false
    /// nil: the log does not hold it any more.
    var body: JSONValue?

    var response: HTTPResponse {
        let say = frame.say
        return frame.page(say("deadLetter.title", ["letter": letter.id]), screen: "deadLetters", modules: ["confirm.js"]) {
            p { a(say("app.back.to", ["page": say("deadLetters.title")]), .href(frame.link("dead-letters"))) }
            dl(.class("facts")) {
                fact("reason", HTML(frame.deadReason(letter.reason)))
                fact("service", HTML(say("service.\(letter.service.rawValue)")))
                fact("type", letter.type.map { frame.number($0) })
                fact("key", letter.key.map { frame.number($0) })
                fact("topic", letter.topic.map { frame.number($0) })
                fact("partition", letter.partition.map { frame.number("\($0)") })
                fact("offset", letter.offset.map { frame.number("\($0)") })
                fact("when", frame.time(letter.time))
                fact("size", HTML(frame.language.grouped(letter.size)))
            }
            if let at = letter.replayedAt {
                frame.message(say("deadLetters.replayedAt", ["time": frame.zone?.text(at) ?? at.description]), style: "")
            }
            contents
            form(.method("post"), .action(frame.link("dead-letters", "confirm")), .class("buttons"), .data("confirm", "")) {
                frame.hiddenFields
                hidden("id", letter.id)
                button(say("deadLetters.replay"), .class("button"))
            }
            frame.confirmDialog
        }
    }

    private func fact(_ name: String, _ value: HTML?) -> HTML {
        guard let value else { return .empty }
        return HTML {
            dt(frame.say("column.\(name)"))
            dd { value }
        }
    }

    private var contents: HTML {
        let say = frame.say
        guard isAsked else {
            return p {
                a(say("deadLetter.bytes"), .class("button"), .href(frame.link("dead-letters", letter.id, query: [("bytes", "true")])))
            }
        }
        switch body {
        case nil: return frame.message(say("deadLetter.bytes.gone"), style: "warn")
        case .int(let count)?: return p(say("deadLetter.bytes.length", count: count))
        case let body?: return pre(Self.text(body), .class("card"), .translate(false))
        }
    }

    /// On several lines, so that a person can read it.
    static func text(_ value: JSONValue, indent: String = "") -> String {
        let inner = indent + "  "
        switch value {
        case .object(let members) where !members.isEmpty:
            let lines = members.map { name, member in
                "\(inner)\(String(decoding: JSONValue.string(name).json, as: UTF8.self)): \(text(member, indent: inner))"
            }
            return "{\n\(lines.joined(separator: ",\n"))\n\(indent)}"
        case .array(let elements) where !elements.isEmpty:
            return "[\n\(elements.map { "\(inner)\(text($0, indent: inner))" }.joined(separator: ",\n"))\n\(indent)]"
        default: return String(decoding: value.json, as: UTF8.self)
        }
    }
}

/// Asks whether letters are to be sent again.
struct ReplayView {
    let frame: PageFrame
    let letters: [DeadLetterView]
    /// Not all that match are among them.
    var hasMore = false

    var response: HTTPResponse {
        let say = frame.say
        guard !letters.isEmpty else {
            return frame.page(say("deadLetters.replay"), screen: "deadLetters", status: 400) {
                p(say("select.none"))
                p { a(say("app.back.to", ["page": say("deadLetters.title")]), .href(frame.link("dead-letters"))) }
            }
        }
        let title = say("deadLetters.replay.title", count: letters.count)
        return frame.page(title, screen: "deadLetters", isHeaded: false) {
            section(.class("card"), .data("confirm-body", "")) {
                h1(title)
                p(say("deadLetters.replay.follows"))
                if hasMore {
                    frame.message(say("deadLetters.replay.limit", ["limit": frame.language.grouped(letters.count)]), style: "warn")
                }
                before
                form(.method("post"), .action(frame.link("dead-letters", "replay")), .class("buttons")) {
                    frame.hiddenFields
                    letters.map { hidden("id", $0.id) }
                    button(say("deadLetters.replay.button", count: letters.count), .class("button main"))
                    a(say("confirm.cancel"), .href(frame.link("dead-letters")), .data("confirm-close", ""))
                }
            }
        }
    }

    /// Where each stands now, and where it goes.
    private var before: HTML {
        frame.tableRegion(frame.say("deadLetters.replay"), head: ["letter", "reason", "before", "after"]) {
            letters.map { letter in
                tr {
                    td(.class("stay")) { frame.number(letter.id) }
                    td(frame.deadReason(letter.reason))
                    td { frame.number(letter.place) }
                    td {
                        frame.number(letter.topic ?? "")
                        if let key = letter.key { span(.class("under")) { frame.number(key) } }
                    }
                }
            }
        }
    }
}
