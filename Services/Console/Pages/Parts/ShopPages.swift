import Contracts
import HTTP
import JSON
import ReadModel
import Texts
import Web

/// What the pages of a shop are made from: what is known, and a way to send commands and batches.
struct ShopPages: Sendable {
    /// Rows of a list that is shown whole, or chosen from.
    private static let mostRows = 1000
    static let largestForm = 1 << 20

    let kit: PageKit
    let model: any ReadModel
    let commands: PageCommands
    let batches: BatchRoutes
    let selections: any SelectionKeeping
    /// The public key to seal a secret with, that a service announces.
    var sealKey: @Sendable (ServiceName, KeyPurpose) -> KeyRow? = { _, _ in nil }

    var desk: CommandDesk { commands.desk }

    /// Asks the read model. Answers a page's request: 404 or 400 where it says so.
    func read<Result>(_ body: (any ReadModel) throws(ReadModelError) -> Result) throws(Problem) -> Result {
        do throws(ReadModelError) { return try body(model) } catch { throw Problem(error) }
    }

    /// Every row of a list, up to a thousand.
    func all<Row>(
        most: Int = Self.mostRows, _ page: (any ReadModel, PageRequest) throws(ReadModelError) -> Page<Row>
    ) throws(Problem) -> [Row] {
        try read { (model) throws(ReadModelError) in
            var rows: [Row] = []
            var request = PageRequest(limit: PageRequest.limits.upperBound)
            repeat {
                let next = try page(model, request)
                rows += next.items
                request.after = next.next
            } while request.after != nil && rows.count < most
            return rows
        }
    }

    /// One page of a list by `limit` and `after` of the address.
    func page<Row>(
        _ call: ConsoleCall, _ body: (any ReadModel, PageRequest) throws(ReadModelError) -> Page<Row>
    ) throws(Problem) -> Page<Row> {
        try read { (model) throws(ReadModelError) in
            var parameters = Parameters(
                call.request.query.filter { ["limit", "after"].contains($0.name) }.map { (name: $0.name, value: $0.value) })
            return try body(model, try parameters.pageRequest())
        }
    }
}

extension ShopPages {
    init(_ parts: ConsoleParts, kit: PageKit) {
        self.init(
            kit: kit, model: parts.model, commands: PageCommands(desk: parts.desk, kit: kit),
            batches: BatchRoutes(desk: parts.desk, watch: parts.watch, sessions: parts.streamSessions, texts: parts.texts),
            selections: parts.selections,
            sealKey: parts.sealKey)
    }
}

extension PageFrame {
    /// What the page before has done, when it led here.
    var notice: HTML {
        guard call.request.query("saved") != nil else { return .empty }
        return div(.class("message good"), .role("status")) { p(say("form.saved")) }
    }

    /// The name of a platform, a carrier, a provider: as it stands where there is none.
    func named(_ family: String, _ value: String) -> String { say.has("\(family).\(value)") ? say("\(family).\(value)") : value }

    /// Rows of facts.
    func facts(_ rows: [(label: String, value: HTML)]) -> HTML {
        dl(.class("facts")) {
            rows.map { row in
                HTML {
                    dt(row.label); dd { row.value }
                }
            }
        }
    }

    /// The button of a form, and a way back without doing it.
    func buttons(_ text: String, back: Link, style: String = "main") -> HTML {
        div(.class("buttons")) {
            button(text, .class("button \(style)"))
            a(say("form.cancel"), .href(back), .data("confirm-close", ""))
        }
    }

    /// Why an action is not possible instead of its button.
    func problems(_ problem: Problem) -> FormErrors { FormErrors(problem, self) }

    /// A page with one message and a way back: for an action without a form of its own.
    func refused(_ problem: Problem, title: String, screen: String, back: Link) -> HTTPResponse {
        let errors = FormErrors(problem, self)
        return page(title, screen: screen, status: problem.status, errors: errors) {
            if problem.mayBeCarriedOut { sentAgain }
            p { a(say("app.back"), .href(back)) }
        }
    }

    /// The form that led here, to be sent again as it was: with its key it is the same command.
    private var sentAgain: HTML {
        guard let sent = try? Form(call.request, limits: ShopPages.selectionLimits) else { return .empty }
        return form(.method("post"), .action(here)) {
            hiddenFields(key: sent["key"] ?? "")
            sent.fields.filter { !KeptForms.own.contains($0.name) }.map { Web.hidden($0.name, $0.value) }
            button(say("form.again"), .class("button"))
        }
    }
}
