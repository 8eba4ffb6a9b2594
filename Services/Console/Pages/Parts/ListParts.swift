import HTTP
import ReadModel
import Texts
import Web

/// Columns whose cells are counts: their heads stand above the last digit.
private enum FigureColumns {
    static let names: Set<String> = [
        "ordered", "allocated", "shipped", "total", "accepted", "refused", "lag", "outbox", "good", "damaged", "rows", "placed", "known",
        "bad",
        "left", "priority", "size",
    ]
}

extension PageFrame {
    /// A table in a region that scrolls by keyboard.
    /// - Parameters:
    ///   - head: names of columns; an empty one has no text.
    ///   - first: a cell before them: the box that ticks all rows.
    func tableRegion(_ captionText: String, head: [String], first: HTML = .empty, @HTMLBuilder rows: () -> HTML) -> HTML {
        let body = rows()
        return div(.class("region"), .tabindex(0), .role("region"), .aria("label", captionText)) {
            table {
                caption(captionText, .class("hidden"))
                thead {
                    tr {
                        first
                        head.enumerated().map { index, name in
                            th(
                                .scope("col"), Attribute.class("stay").when(index == 0),
                                Attribute.class("figure").when(index > 0 && FigureColumns.names.contains(name))
                            ) {
                                if name.isEmpty { span(say("table.actions"), .class("hidden")) } else { say("column.\(name)") }
                            }
                        }
                    }
                }
                tbody { body }
            }
        }
    }

    /// The whole list, as it is filtered, for a spreadsheet.
    func export(_ list: String) -> HTML {
        let dropped: Set<String> = ["after", "limit", "selection", "chosen", "ticked"]
        let query = call.request.query.filter { !dropped.contains($0.name) }.map { (name: $0.name, value: Optional($0.value)) }
        return a(say("export.button"), .class("button"), .download(), .href(link(list, "export", query: query)))
    }

    /// Older and newer pages of a list; the filter stays.
    func pager(next: String?) -> HTML {
        let query = call.request.query.filter { $0.name != "after" }.map { (name: $0.name, value: Optional($0.value)) }
        let isFirst = call.request.query("after") == nil
        guard next != nil || !isFirst else { return .empty }
        return nav(.class("pager"), .aria("label", say("pager.label"))) {
            if !isFirst, let first = Link(call.request.target, query: query) { a(say("pager.first"), .href(first), .rel("prev")) }
            if let next, let older = Link(call.request.target, query: query + [("after", next)]) {
                a(say("pager.older"), .href(older), .rel("next"))
            }
        }
    }

    /// Tabs that filter by state, with counts that the projections keep.
    func tabs(
        _ name: String, parameter: String, selected: String?, of states: [(state: String?, text: String, count: Int?)], base: [String],
        keeping: [(name: String, value: String?)] = []
    ) -> HTML {
        ul(.class("tabs"), .aria("label", name)) {
            states.map { entry in
                li {
                    a(
                        .href(Link(segments: base, query: (entry.state.map { [(parameter, Optional($0))] } ?? []) + keeping)),
                        Attribute.aria("current", "page").when(entry.state == selected)
                    ) {
                        entry.text
                        if let count = entry.count { span(" \(language.grouped(count, atMost: 9999))", .class("count")) }
                    }
                }
            }
        }
    }

    /// Nothing to show: nothing yet (what to do first), or nothing matches.
    func empty(_ screen: String, isFiltered: Bool, first: Link? = nil) -> HTML {
        div(.class("empty")) {
            if isFiltered {
                p(say("empty.matches"))
                p { a(say("empty.matches.action"), .href(Link(segments: call.request.target.segments ?? []))) }
            } else {
                p(say("\(screen).empty"))
                if say.has("\(screen).empty.first") {
                    p {
                        if let first {
                            a(say("\(screen).empty.first"), .href(first), .class("button"))
                        } else {
                            HTML(say("\(screen).empty.first"))
                        }
                    }
                }
            }
        }
    }

    /// A form with one button.
    func action(
        _ action: String, to link: Link, named name: String? = nil, style: String = "", confirms: Bool = false,
        @HTMLBuilder fields: () -> HTML = { .empty }
    ) -> HTML {
        form(.method("post"), .action(link), .class("inline"), Attribute.data("confirm", "").when(confirms)) {
            hiddenFields
            fields()
            button(
                say("action.\(action)"), .class("button \(style)".trimmedBlanks),
                name.map {
                    .aria(
                        "label", say.has("action.\(action).named") ? say("action.\(action).named", ["name": $0]) : say("action.\(action)"))
                } ?? .none)
        }
    }
}
