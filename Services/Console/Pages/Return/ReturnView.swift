import HTTP
import Texts
import Web

struct ReturnView {
    let frame: PageFrame
    /// Parcels that are printed and not returned.
    let toReturn: Int
    var results: [ScanResult] = []
    var errors = FormErrors.none

    var page: HTTPResponse {
        let say = frame.say
        return frame.page(
            say("return.title"), screen: "return", status: errors.isEmpty ? 200 : 400, modules: ["scan.js"], errors: errors
        ) {
            frame.notice
            p(say("return.intro"))
            scanForm
            div(.class("field choice")) {
                input(.type("checkbox"), .id("sound"), .checked(), .data("scan-sound", ""))
                label(say("scan.sound"), .for("sound"))
            }
            section {
                h2(say("return.caption"))
                ul(.class("results"), .id("results")) { results.map { line($0) } }
            }
            list
            if toReturn > 0 {
                section(.class("card")) {
                    p {
                        a(say("todo.return", count: toReturn), .href(frame.link("parcels", query: [("state", "printed")])))
                    }
                    form(.method("get"), .action(frame.link("return", "before")), .class("inline")) {
                        div(.class("field")) {
                            label(say("field.before"), .for("before"))
                            input(.id("before"), .name("before"), .type("datetime-local"), .autocomplete("off"))
                        }
                        button(say("return.before.button"), .class("button"))
                    }
                }
            }
            frame.help("Z13")
        }
    }

    private var scanForm: HTML {
        let say = frame.say
        return form(
            .method("post"), .action(frame.link("return")), .class("scan"), .data("scan-form", ""), .data("scan-results", "results"),
            .data("text-already", say("scan.already")), .data("text-composition", say("scan.composition")),
            .data("text-failed", say("scan.failed"))
        ) {
            frame.hiddenFields
            div(.class("field")) {
                label(say("scan.label"), .for("number"))
                p(say("scan.hint"), .class("hint"), .id("number-hint"))
                if let error = errors["number"] { p(error, .class("error"), .id("number-error")) }
                input(
                    .id("number"), .name("number"), .data("scan", ""), .inputmode("none"), .autocapitalize("off"), .autocomplete("off"),
                    .autocorrect(false), .spellcheck(false), .autofocus(errors.isEmpty), .aria("describedby", "number-hint"),
                    .aria("invalid", true).when(errors["number"] != nil))
            }
            button(say("scan.button"), .class("button main"))
            p("", .role("status"), .data("scan-status", ""))
            span(.hidden()) { button(say("scan.keyboard"), .type("button"), .class("button"), .data("scan-keyboard", "")) }
        }
    }

    /// A column that was copied from a table, also where there is no script.
    private var list: HTML {
        let say = frame.say
        return details(.class("fold")) {
            summary(say("return.list.title"))
            form(.method("post"), .action(frame.link("return", "list"))) {
                frame.hiddenFields
                div(.class("field")) {
                    label(say("return.list.label"), .for("numbers"))
                    textarea("", .id("numbers"), .name("numbers"), .rows(8), .spellcheck(false), .autocomplete("off"))
                }
                button(say("return.list.button"), .class("button"))
            }
        }
    }

    /// One scan: the number, its parcels, and what came of it.
    func line(_ result: ScanResult) -> HTML {
        li(result.isGood ? .none : .class("bad")) {
            frame.number(result.number)
            HTML(" ")
            result.texts.map { HTML("\($0) ") }
            result.allocationIds.map { id in
                HTML {
                    a(.href(frame.link("parcels", id)), .class("number"), .translate(false)) { id }
                    HTML(" ")
                }
            }
            if result.asksUnusual {
                form(.method("post"), .action(frame.link("return")), .class("inline")) {
                    frame.hiddenFields
                    Web.hidden("number", result.number)
                    Web.hidden("unusual", "yes")
                    button(frame.say("field.unusual"), .class("button"))
                }
            }
        }
    }
}
