import HTTP
import ReadModel
import Texts
import Web

/// The form, and what was found.
struct TracePageView {
    let frame: PageFrame
    /// What was asked for.
    let id: String
    /// nil: nothing was asked for.
    let messages: [TraceView]?

    var response: HTTPResponse {
        let say = frame.say
        return frame.page(say("trace.title"), screen: "trace") {
            p(say("trace.intro"))
            form(.method("get"), .action(frame.link("trace")), .class("filter"), .role("search")) {
                div(.class("field")) {
                    label(say("trace.field"), .for("id"))
                    input(.type("search"), .id("id"), .name("id"), .value(id), .autocomplete("off"), .spellcheck(false))
                }
                button(say("trace.button"), .class("button main"))
            }
            if let messages {
                if messages.isEmpty { div(.class("empty")) { p(say("trace.empty")) } } else { table(messages) }
            }
        }
    }

    private func table(_ messages: [TraceView]) -> HTML {
        frame.tableRegion(frame.say("trace.caption"), head: ["when", "type", "actor", "topic", "cause"]) {
            messages.map { message in
                tr {
                    td { frame.time(message.time) }
                    td {
                        frame.number(message.type)
                        span(.class("under")) { frame.number(message.id) }
                    }
                    td(message.actor.map { frame.actorName($0) } ?? "")
                    td { frame.number(message.topic) }
                    td { if let cause = message.cause { frame.number(cause) } }
                }
            }
        }
    }
}
