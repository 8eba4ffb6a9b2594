import Contracts
import HTTP
import Identity
import JSON
import Texts
import Threads

/// Lists of what callers asked for as comma-separated text.
struct LedgerSheets: Sendable {
    private static let rowsAtOnce = 200

    let ledger: any RequestLedger
    let clock: @Sendable () -> Timestamp

    func commands(of caller: Caller, in state: CommandState?, after position: Int? = nil) throws(PeopleError) -> HTTPResponse {
        try ListSheet<SentCommand>.commands.response(of: Self.shop(caller), at: clock()) { [ledger] (after: Int?) throws(PeopleError) in
            let page = try ledger.commands(of: caller.actor, in: state, PageRange(limit: Self.rowsAtOnce, after: after ?? position))
            return (page.items, page.next)
        }
    }

    func batches(of caller: Caller) throws(PeopleError) -> HTTPResponse {
        try ListSheet<Batch>.batches.response(of: Self.shop(caller), at: clock()) { [ledger] (after: Int?) throws(PeopleError) in
            let page = try ledger.batches(of: caller.actor, PageRange(limit: Self.rowsAtOnce, after: after))
            return (page.items, page.next)
        }
    }

    func imports(of merchant: String) throws(PeopleError) -> HTTPResponse {
        try ListSheet<ImportRecord>.imports.response(of: merchant, at: clock()) { [ledger] (after: Int?) throws(PeopleError) in
            let page = try ledger.imports(of: merchant, PageRange(limit: Self.rowsAtOnce, after: after))
            return (page.items, page.next)
        }
    }

    private static func shop(_ caller: Caller) -> String { Actor(caller.actor)?.id ?? "" }
}

extension ListSheet where Row == SentCommand {
    fileprivate static var commands: ListSheet {
        ListSheet("commands", ["commandId", "type", "key", "at", "state", "code", "field", "detail"]) {
            [
                $0.commandId, "daifa.\($0.service).\($0.command).v1", $0.key, $0.at.description, $0.state.rawValue, $0.refusal?.code,
                $0.refusal?.field, $0.refusal?.detail,
            ]
        }
    }
}

extension ListSheet where Row == Batch {
    fileprivate static var batches: ListSheet {
        ListSheet("batches", ["batchId", "service", "command", "user", "at", "retryOf", "total", "accepted", "refused", "pending"]) {
            [
                $0.batchId, $0.service, $0.command, $0.user, $0.at.description, $0.retryOf, "\($0.total)", "\($0.accepted)",
                "\($0.refused)", "\($0.pending)",
            ]
        }
    }
}

extension ListSheet where Row == ImportRecord {
    /// Counts have the names of `GET /imports/<id>`.
    private static var counts: [String] { ["records", "placed", "afterSale", "riskHeld", "known", "copies"] }

    fileprivate static var imports: ListSheet {
        ListSheet("imports", ["importId", "user", "at", "state"] + counts + ["badRows"]) { record in
            let counted = try? JSONValue.decode(record.counts)
            return [record.importId, record.user, record.at.description, record.state.rawValue]
                + counts.map { name in counted?[name]?.int.map { "\($0)" } } + ["\(record.badRows)"]
        }
    }
}

extension ListSheet where Row == ListedUser {
    /// Those who act for a shop, or of all shops.
    static var users: ListSheet {
        ListSheet("users", ["user", "userId", "actor", "role", "language", "seen"]) {
            [$0.user, $0.userId, $0.actor, $0.role?.rawValue, $0.language.rawValue, $0.seen?.description]
        }
    }
}
