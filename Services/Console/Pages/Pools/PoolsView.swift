import Contracts
import HTTP
import JSON
import ReadModel
import Texts
import Web

struct PoolsView {
    /// From so many on there is no warning.
    private static let low = 100

    let frame: PageFrame
    let pools: [PoolView]
    var carrier = CarrierCodes.all[0]
    var first = ""
    var last = ""
    var isUnusual = false
    /// A number is none of the known forms, and was not confirmed yet.
    var asksUnusual = false
    var errors = FormErrors.none
    /// Of the refusal; nil: what was typed is wrong.
    var refusalStatus: Int?

    func again(_ problem: Problem) -> HTTPResponse {
        var view = self
        view.errors = FormErrors(problem, frame)
        view.refusalStatus = problem.status
        view.asksUnusual = problem.details?["unusual"] == .bool(true)
        return view.page
    }

    var page: HTTPResponse {
        let say = frame.say
        return frame.page(
            say("pools.title"), screen: "pools", status: errors.isEmpty ? 200 : refusalStatus ?? 400, errors: errors, isLive: true,
            actions: frame.export("pools")
        ) {
            frame.notice
            if pools.isEmpty {
                frame.empty("pools", isFiltered: false)
            } else {
                frame.tableRegion(say("pools.caption"), head: ["carrier", "first", "last", "total", "left"]) { pools.map { row($0) } }
            }
            section(.class("card")) {
                h2(say("pools.topUp.title"))
                p(say("pools.topUp.hint"))
                form(.method("post"), .action(frame.link("pools"))) {
                    frame.hiddenFields
                    frame.carrierChoice(value: carrier, errors: errors)
                    frame.field("first", value: first, errors: errors, .data("scan", ""), .autocapitalize("off"), .spellcheck(false))
                    frame.field("last", value: last, errors: errors, .data("scan", ""), .autocapitalize("off"), .spellcheck(false))
                    if asksUnusual || isUnusual { frame.tick("unusual", text: say("field.unusual"), isTicked: isUnusual) }
                    div(.class("buttons")) { button(say("action.top-up"), .class("button main")) }
                }
            }
            frame.help("Z12")
        }
    }

    private func row(_ pool: PoolView) -> HTML {
        let left = max(0, pool.total - pool.obtained)
        return tr {
            td(frame.carrierName(pool.carrier), .class("stay"))
            td { pool.segments.map { segment in div { frame.number(segment.first) } } }
            td { pool.segments.map { segment in div { frame.number(segment.last) } } }
            td(frame.language.grouped(pool.total), .class("figure"))
            td(.class("figure")) {
                HTML(frame.language.grouped(left))
                if left < Self.low { span(frame.say("pools.low", count: left), .class("badge \(left == 0 ? "bad" : "warn")")) }
            }
        }
    }
}
