import Contracts
import HTTP
import Identity
import JSON
import ReadModel
import Runtime
import Texts
import Web

/// `/f/<shopId>/print`: labels of chosen parcels. Nothing is marked printed by looking: a person or the platform's component says so.
struct PrintPage: Sendable {
    private static let form = BodyRule.form(256 << 10)

    let pages: ShopPages
    let labels: any LabelOpening

    func add(to group: inout ConsoleGroup) {
        group.get("/print", name: "factory-to-print") { (call) throws(Problem) in try waiting(call) }
        group.post("/print", body: Self.form, name: "factory-print") { (call) throws(Problem) in
            let form = try PageForm(call, limits: ShopPages.selectionLimits)
            let parcels = try pages.parcels(try pages.chosen(call, form, .parcels), of: call["shop"])
            return PrintView(frame: pages.kit.frame(call), parcels: parcels).page
        }
        group.on(.post, "/print/labels", body: Self.form, name: "factory-labels") { (call) throws(Problem) in try open(call, as: .pdf) }
        group.on(.post, "/print/jobs", body: Self.form, name: "factory-print-jobs") { (call) throws(Problem) in
            try open(call, as: .component)
        }
        group.on(.post, "/print/printed", body: Self.form, name: "factory-printed") { (call) throws(Problem) in try mark(call) }
    }

    /// What has a number and no label yet, the most urgent first.
    private func waiting(_ call: ConsoleCall) throws(Problem) -> HTTPResponse {
        var query = ParcelQuery(factoryShopId: call["shop"])
        (query.states, query.order) = ([.obtained], .shipBy)
        query.page.limit = PageRequest.limits.upperBound
        let asked = query
        let page = try pages.read { (model) throws(ReadModelError) in try model.parcels(asked) }
        return PrintListView(frame: pages.kit.frame(call), parcels: page.items).page
    }

    private func open(_ call: ConsoleCall, as product: PrintRequest.Product) throws(Problem) -> RouteAnswer {
        let form = try PageForm(call)
        guard let caller = call.context.asker?.caller else { throw Problem(.forbidden) }
        let request = try PrintRequest(form.all("allocationId"), as: product, isPartial: form["partial"] == "yes")
        let (later, frame) = (LaterAnswer(), pages.kit.frame(call))
        let labels = labels
        let traceparent = call.request.traceparent
        let open: @Sendable () -> Void = {
            do throws(Problem) {
                try labels.open(request, of: caller, traceparent: traceparent) { outcome in later.send(Self.answer(outcome, request, frame))
                }
            } catch { later.send(Self.answer(.problem(error), request, frame)) }
        }
        let again = try pages.parcels(request.allocationIds, of: call["shop"]).filter(Reprint.isOne)
        guard !again.isEmpty else {
            open()
            return .later(later)
        }
        guard let reason = Reprint(rawValue: form["reason"]) else {
            if product == .component { throw Problem.invalid("reason", "say why the label is printed again") }
            var view = PrintView(frame: frame, parcels: try pages.parcels(request.allocationIds, of: call["shop"]))
            view.errors.add("reason", frame.say("error.choose", ["field": frame.say("field.reason")]))
            return .now(view.page)
        }
        try report(again, reason, call, caller, key: form.key) { problem in
            if let problem { later.send(Self.answer(.problem(problem), request, frame)) } else { open() }
        }
        return .later(later)
    }

    /// Tells waybill, and so the histories, that labels are printed again.
    /// - Parameter done: nil: it was told.
    private func report(
        _ parcels: [ParcelView], _ reason: Reprint, _ call: ConsoleCall, _ caller: Caller, key: String,
        _ done: @escaping @Sendable (Problem?) -> Void
    ) throws(Problem) {
        guard let name = CommandName(service: ServiceName.waybill.rawValue, command: "report-reprint") else { throw Problem(.notFound) }
        let items = parcels.map { reason.data($0) }
        let digest = JSONValue.array(items).json
        try pages.batches.send(
            BatchOrder(name, items: items.map(\.json)), caller,
            PageCommands.idempotency(caller, NamedId.make("reprint", key), "batch waybill/report-reprint", digest), call.request.traceparent
        ) { answer in
            switch answer {
            case .success: done(nil)
            case .failure(let problem): done(problem)
            }
        }
    }

    /// A file for the browser, JSON for the component's script; why nothing was printed is a page for people.
    static func answer(_ outcome: LabelDesk.Outcome, _ request: PrintRequest, _ frame: PageFrame) -> HTTPResponse {
        switch outcome {
        case .refused(let refusals) where request.product != .component:
            UnprintableView(frame: frame, refusals: refusals, asked: request.allocationIds).page
        case .problem(let problem) where request.product != .component: frame.failure(problem)
        default: .printed(outcome, request, frame.say)
        }
    }

    private func mark(_ call: ConsoleCall) throws(Problem) -> RouteAnswer {
        let form = try PageForm(call)
        let frame = pages.kit.frame(call)
        let parcels = try pages.parcels(form.all("allocationId"), of: call["shop"]).filter { ParcelCommand.markPrinted.isPossible($0) }
        guard !parcels.isEmpty else { return .now(.seeOther(frame.link("print"))) }
        let items = parcels.map { ParcelCommand.markPrinted.data($0) }
        let back = frame.link("print")
        return try pages.send(
            call, .waybill, ParcelCommand.markPrinted.rawValue, items: items, key: form.key,
            done: frame.link("print", query: [("saved", "1")])
        ) { frame, problem in
            frame.refused(problem, title: frame.say("print.title"), screen: "print", back: back)
        }
    }
}
