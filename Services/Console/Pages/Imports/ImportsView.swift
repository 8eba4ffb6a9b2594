import Contracts
import HTTP
import Identity
import JSON
import Texts
import Threads
import Web

/// Imports, and the form that uploads one.
struct ImportsView {
    let frame: PageFrame
    let records: [ImportRecord]
    let next: String?

    func list(_ errors: FormErrors = .none, status: Int = 200) -> HTTPResponse {
        frame.page(
            frame.say("imports.title"), screen: "imports", status: status, modules: ["upload.js"], errors: errors,
            actions: frame.export("imports")
        ) {
            p(frame.say("imports.intro"))
            upload(errors)
            if records.isEmpty { frame.empty("imports", isFiltered: false, first: .place("file")) } else { table }
            frame.pager(next: next)
        }
    }

    private func upload(_ errors: FormErrors) -> HTML {
        let limit = frame.language.grouped(ImportRoutes.maximumBody >> 20)
        return form(
            .method("post"), .action(frame.link("imports")), .enctype("multipart/form-data"), .data("upload", ""),
            .data("upload-limit", "\(ImportRoutes.maximumBody)")
        ) {
            frame.hiddenFields
            div(.class("field drop")) {
                label(frame.say("field.file"), .for("file"))
                if let error = errors["file"] { p(error, .class("error"), .id("file-error")) }
                p(frame.say("imports.privacy"), .class("hint"), .id("file-hint"))
                input(
                    .type("file"), .id("file"), .name("file"), .accept(".csv,.xlsx,text/csv"), .aria("describedby", "file-hint"),
                    .aria("invalid", true).when(errors["file"] != nil))
            }
            progress(0, of: 100, .hidden(), text: "")
            p(
                .role("status"), .data("upload-status", ""), .data("text-progress", frame.say("file.progress", ["percent": "{percent}"])),
                .data("text-reading", frame.say("file.reading")), .data("text-failed", frame.say("file.failed")),
                .data("text-too-large", frame.say("file.tooLarge", ["limit": limit]))
            ) {}
            button(frame.say("imports.button"), .class("button main"))
        }
    }

    private var table: HTML {
        frame.tableRegion(frame.say("imports.caption"), head: ["when", "rows", "placed", "known", "bad", "state"]) {
            records.map { record in
                let counts = ImportCounts(record)
                return tr {
                    th(.scope("row"), .class("stay")) { a(.href(frame.link("imports", record.importId))) { frame.time(record.at) } }
                    td(frame.language.grouped(counts["records"]), .class("figure"))
                    td(frame.language.grouped(counts["placed"]), .class("figure"))
                    td(frame.language.grouped(counts["known"]), .class("figure"))
                    td(frame.language.grouped(record.badRows), .class("figure"))
                    td { frame.badge("import", record.state.rawValue) }
                }
            }
        }
    }
}

/// Numbers of an import, by the names of the contract; what is not counted is 0.
struct ImportCounts {
    private let document: JSONValue?

    init(_ record: ImportRecord) { document = try? JSONValue.decode(record.counts) }

    subscript(name: String) -> Int { document?[name]?.int ?? 0 }

    /// Orders that are not to be shipped, of all their states.
    var notToShip: Int {
        guard case .object(let states)? = document?["notToShip"] else { return 0 }
        return states.reduce(0) { $0 + ($1.1.int ?? 0) }
    }
}

/// What came of a file.
struct ImportView {
    let frame: PageFrame
    let record: ImportRecord
    /// The first bad ones.
    let rows: [BadRow]

    var page: HTTPResponse {
        frame.page(
            frame.say("imports.result.title"), screen: "imports", modules: record.state == .running ? ["again.js"] : []
        ) {
            nav(.class("crumbs"), .aria("label", frame.say("nav.breadcrumb"))) {
                a(frame.say("nav.imports"), .href(frame.link("imports")))
            }
            p {
                frame.badge("import", record.state.rawValue)
                " "
                frame.time(record.at)
            }
            if record.state == .running {
                p(frame.say("form.working"), .data("again", ""))
                p { a(frame.say("table.refresh"), .href(frame.here), .class("button")) }
            }
            results
            if !rows.isEmpty { badRows }
            p { a(frame.say("nav.orders"), .href(frame.link("orders", query: [("state", "open")])), .class("button main")) }
        }
    }

    private var results: HTML {
        let counts = ImportCounts(record)
        let lines = [
            ("placed", counts["placed"]), ("afterSale", counts["afterSale"]), ("riskHeld", counts["riskHeld"]),
            ("notToShip", counts.notToShip), ("known", counts["known"]), ("copies", counts["copies"]), ("bad", record.badRows),
        ]
        let isWhole = record.state == .done && record.badRows == 0
        return div(.class(record.state == .failed ? "message bad" : isWhole ? "message good" : "message warn")) {
            ul {
                lines.filter { $0.0 == "placed" || $0.1 > 0 }.map { name, count in li(frame.say("imports.result.\(name)", count: count)) }
            }
        }
    }

    private var badRows: HTML {
        let file = Link(
            segments: ["api", "v1", "imports", record.importId, "bad-rows.csv"], query: [("actor", frame.caller?.actor)])
        return HTML {
            h2(frame.say("imports.badRows.caption"))
            if record.badRows > rows.count { p(frame.say("imports.result.first", ["limit": frame.language.grouped(rows.count)])) }
            p { a(frame.say("imports.result.download"), .href(file), .download(), .class("button")) }
            frame.tableRegion(frame.say("imports.badRows.caption"), head: ["line", "order", "column", "reason"]) {
                rows.map { row in
                    tr {
                        th("\(row.line)", .scope("row"), .class("stay"))
                        td { row.orderNumber.map { frame.number($0) } }
                        td(row.column ?? "")
                        td(row.reason(in: frame.say))
                    }
                }
            }
        }
    }
}
