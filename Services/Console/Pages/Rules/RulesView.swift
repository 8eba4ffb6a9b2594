import Contracts
import HTTP
import JSON
import Texts
import Web

/// Rules by priority, and the form of one.
struct RulesView {
    static let new = "new"
    private static let priorities = 0...1_000_000

    /// What stands in the inputs.
    struct Typed: Sendable {
        var kind = "skus"
        /// SKUs, one a line; or the beginning of a SKU.
        var match = JSONValue.object([])
        var text = ""
        var target = ""
        var priority = "100"

        var priorityNumber: Int? { Int(priority).flatMap { RulesView.priorities.contains($0) ? $0 : nil } }

        init() {}
        init(_ row: RuleRow) {
            kind = row.match.skuPrefix == nil ? "skus" : "skuPrefix"
            text = row.match.skuPrefix ?? (row.match.skus ?? []).joined(separator: "\n")
            target = "\(row.target.kind.rawValue):\(row.target.id)"
            priority = "\(row.priority)"
        }
        init(_ form: PageForm) {
            kind = form["kind"] == "skuPrefix" ? "skuPrefix" : "skus"
            text = form["match"].trimmedBlanks
            target = form["target"]
            priority = form.text("priority") ?? "100"
            let skus = text.split(whereSeparator: \.isNewline).map { String($0).trimmedBlanks }.filter { !$0.isEmpty }
            match =
                kind == "skuPrefix"
                ? .object([("skuPrefix", .string(text))]) : .object([("skus", .array(skus.map { .string($0) }))])
        }
    }

    let frame: PageFrame
    let rows: [RuleRow]
    let names: TargetNames

    func mistakes(_ typed: Typed) -> FormErrors {
        var errors = FormErrors()
        if typed.text.isEmpty { errors.add("match", frame.required("match.\(typed.kind)")) }
        if AllocateView.target(typed.target) == nil {
            errors.add("target", frame.say("error.choose", ["field": frame.say("field.target")]))
        }
        if typed.priorityNumber == nil {
            let most = frame.language.grouped(Self.priorities.upperBound)
            errors.add("priority", frame.say("error.number", ["field": frame.say("field.priority"), "least": "0", "most": most]))
        }
        return errors
    }

    func list(_ errors: FormErrors = .none, status: Int = 200) -> HTTPResponse {
        let new = a(frame.say("rules.new"), .href(frame.link("rules", Self.new)), .class("button main")) + frame.export("rules")
        return frame.page(frame.say("rules.title"), screen: "rules", status: status, errors: errors, actions: new) {
            frame.notice
            p(frame.say("rules.intro"))
            if rows.isEmpty { frame.empty("rules", isFiltered: false, first: frame.link("rules", Self.new)) } else { table }
        }
    }

    private var table: HTML {
        frame.tableRegion(frame.say("rules.caption"), head: ["match", "target", "priority", ""]) {
            rows.map { row in
                tr {
                    th(.scope("row"), .class("stay")) {
                        if let prefix = row.match.skuPrefix {
                            frame.say("field.match.skuPrefix")
                            span(.class("under")) { frame.number(prefix) }
                        } else {
                            frame.say("field.match.skus")
                            span(.class("under")) { (row.match.skus ?? []).prefix(10).map { frame.number($0) + HTML(" ") } }
                        }
                    }
                    td(frame.say("target.\(row.target.kind.rawValue)", ["name": names.name(row.target)]))
                    td(frame.language.grouped(row.priority), .class("figure"))
                    td(.class("do")) {
                        a(frame.say("form.change"), .href(frame.link("rules", row.ruleId)), .class("button"))
                        frame.action("remove-rule", to: frame.link("rules", "remove"), named: names.name(row.target)) {
                            Web.hidden("ruleId", row.ruleId)
                        }
                    }
                }
            }
        }
    }

    func form(
        _ row: RuleRow?, _ typed: Typed, _ errors: FormErrors = .none, isChanged: Bool = false, status: Int = 200
    ) -> HTTPResponse {
        var targets = names.active
        if let old = AllocateView.target(typed.target), !targets.contains(old) { targets.append(old) }
        return frame.page(
            row == nil ? frame.say("rules.new") : frame.say("rules.title"), screen: "rules", status: status, errors: errors
        ) {
            if isChanged, let row { changed(row) }
            if targets.isEmpty { div(.class("message warn")) { p(frame.say("allocate.target.none")) } }
            Web.form(.method("post"), .action(frame.link("rules"))) {
                frame.hiddenFields
                if let row {
                    Web.hidden("ruleId", row.ruleId)
                    Web.hidden("seen", "\(row.version)")
                }
                frame.choice(
                    "kind", value: typed.kind,
                    of: [("skus", frame.say("field.match.skus")), ("skuPrefix", frame.say("field.match.skuPrefix"))], label: "match")
                div(.class("field")) {
                    label(frame.say("column.sku"), .for("match"))
                    if let error = errors["match"] { p(error, .class("error"), .id("match-error")) }
                    textarea(
                        typed.text, .id("match"), .name("match"), .spellcheck(false), .aria("invalid", true).when(errors["match"] != nil))
                }
                frame.choice(
                    "target", value: typed.target,
                    of: [("", frame.say("form.choose"))]
                        + targets.map {
                            ("\($0.kind.rawValue):\($0.id)", frame.say("target.\($0.kind.rawValue)", ["name": names.name($0)]))
                        }, errors: errors)
                frame.field(
                    "priority", value: typed.priority, errors: errors, isRequired: false, width: "narrow", .inputmode("numeric"))
                frame.buttons(frame.say("action.put-rule"), back: frame.link("rules"))
            }
        }
    }

    /// Somebody else has saved meanwhile: what stands there now; what was typed stays in the form.
    private func changed(_ row: RuleRow) -> HTML {
        div(.class("message warn"), .role("alert")) {
            h2(frame.say("form.changed.title"))
            p(frame.say("form.changed.text"))
            p(frame.say("form.changed.theirs"))
            frame.facts([
                (frame.say("column.match"), HTML(row.match.skuPrefix ?? (row.match.skus ?? []).joined(separator: ", "))),
                (frame.say("field.target"), HTML(names.name(row.target))), (frame.say("field.priority"), HTML("\(row.priority)")),
            ])
        }
    }
}
