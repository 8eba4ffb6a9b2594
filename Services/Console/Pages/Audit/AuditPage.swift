import Contracts
import HTTP
import Identity
import JSON
import Threads
import Web

/// `/o/audit`: who did what at the console, and when.
struct AuditPage: Sendable {
    private static let rowsAtOnce = 200

    let people: PagePeople
    let audit: any AuditLog
    let kit: PageKit

    /// - Parameter group: of operators.
    func add(to group: inout ConsoleGroup) {
        group.get("/audit", name: "page-audit") { (call) throws(Problem) in try show(call) }
        group.get("/audit/export", name: "page-audit-export") { (call) throws(Problem) in try export(call) }
    }

    /// What the address asks for.
    private struct Filter {
        var type: String?
        var user = ""
        /// nil: of everybody; empty: of nobody, there is no such user.
        var userId: String?
    }

    private func filter(_ call: ConsoleCall, _ names: [String: String]) -> Filter {
        var filter = Filter()
        filter.type = call.request.query("type").flatMap { AuditView.types.contains($0) ? $0 : nil }
        filter.user = call.request.query("user")?.trimmedBlanks ?? ""
        if !filter.user.isEmpty { filter.userId = names.first { $0.value.lowercased() == filter.user.lowercased() }?.key ?? "" }
        return filter
    }

    /// Users' names by their ids; of those who are gone there is none.
    private func names() throws(Problem) -> [String: String] {
        let users = try people.asked { (people, _) throws(PeopleError) in try people.allUsers() }
        return Dictionary(users.map { ($0.userId, $0.user) }) { first, _ in first }
    }

    private func show(_ call: ConsoleCall) throws(Problem) -> HTTPResponse {
        let names = try names()
        let filter = filter(call, names)
        let after = call.request.query("after").flatMap { Int($0) }
        let page = try people.asked { (_, _) throws(PeopleError) in
            try audit.entries(of: filter.type, by: filter.userId, PageRange(limit: 50, after: after))
        }
        return AuditView(
            frame: kit.frame(call), entries: page.items, next: page.next.map { "\($0)" }, names: names, type: filter.type, user: filter.user
        ).response
    }

    private func export(_ call: ConsoleCall) throws(Problem) -> HTTPResponse {
        let names = try names()
        let filter = filter(call, names)
        let sheet = ListSheet<AuditEntry>("audit", ["at", "type", "user", "userId", "actor", "about", "data"]) { entry in
            [
                entry.at.description, entry.type, entry.userId.flatMap { names[$0] }, entry.userId, entry.actor, entry.about,
                String(decoding: entry.data, as: UTF8.self),
            ]
        }
        return try people.asked { (_, _) throws(PeopleError) in
            try sheet.response(of: "operator", at: kit.clock()) { [audit] (after: Int?) throws(PeopleError) in
                let page = try audit.entries(of: filter.type, by: filter.userId, PageRange(limit: Self.rowsAtOnce, after: after))
                return (page.items, page.next)
            }
        }
    }
}
