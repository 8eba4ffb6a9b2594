import Contracts
import HTTP
import Identity
import JSON
import Texts
import Web

/// What people have done.
struct AuditView {
    /// As `audit.<type>` names them.
    static let types = [
        "session-opened", "user-invited", "user-joined", "user-removed", "role-changed", "password-reset", "labels-opened", "trace-read",
        "letters-replayed",
    ]

    let frame: PageFrame
    let entries: [AuditEntry]
    let next: String?
    /// By users' ids.
    let names: [String: String]
    let type: String?
    let user: String

    private var isFiltered: Bool { type != nil || !user.isEmpty }

    var response: HTTPResponse {
        let say = frame.say
        let export = a(
            say("export.button"), .class("button"), .download(),
            .href(frame.link("audit", "export", query: [("type", type), ("user", user.isEmpty ? nil : user)])))
        return frame.page(say("audit.title"), screen: "audit", actions: export) {
            form(.method("get"), .action(frame.link("audit")), .class("filter")) {
                frame.choice(
                    "type", value: type ?? "", of: [("", say("filter.any"))] + Self.types.map { ($0, say("audit.\($0)")) },
                    label: "audit.type")
                frame.field("user", value: user, isRequired: false, .spellcheck(false), .autocapitalize("none"))
                button(say("filter.apply"), .class("button"))
                if isFiltered { a(say("filter.clear"), .href(frame.link("audit"))) }
            }
            if entries.isEmpty {
                frame.empty("audit", isFiltered: isFiltered)
            } else {
                frame.tableRegion(say("audit.title"), head: ["when", "user", "audit.what", "audit.about"]) { entries.map { row($0) } }
                frame.pager(next: next)
            }
        }
    }

    private func row(_ entry: AuditEntry) -> HTML {
        tr {
            td(.class("stay")) { frame.time(entry.at) }
            td {
                if let id = entry.userId {
                    if let name = names[id] { span(name, .translate(false)) } else { frame.number(id) }
                } else {
                    frame.number(entry.actor)
                }
            }
            td {
                HTML(frame.say.has("audit.\(entry.type)") ? frame.say("audit.\(entry.type)") : entry.type)
                detail(entry)
            }
            td { names[entry.about].map { span($0, .translate(false)) } ?? frame.number(entry.about) }
        }
    }

    /// What the event says beyond its kind: actors, roles, how many.
    private func detail(_ entry: AuditEntry) -> HTML {
        guard let data = try? JSONValue.decode(entry.data) else { return .empty }
        var parts: [HTML] = []
        for name in ["actor", "user", "traced", "jobId"] { if let text = data[name]?.string { parts.append(frame.number(text)) } }
        if let role = data["role"]?.string { parts.append(HTML(frame.say.has("role.\(role)") ? frame.say("role.\(role)") : role)) }
        for name in ["allocationIds", "ids"] { if let list = data[name]?.array { parts.append(HTML(frame.language.grouped(list.count))) } }
        guard !parts.isEmpty else { return .empty }
        return span(.class("under")) { parts.map { $0 + HTML(" ") } }
    }
}
