import Contracts
import HTTP
import JSON
import ReadModel
import Texts
import Web

/// What is ticked in the list of parcels: first a page that says what follows and what is skipped, then a batch.
struct SelectionPage: Sendable {
    /// Labels that are printed at once.
    static let most = 500
    private static let form = ShopPages.selectionForm

    let pages: ShopPages

    func add(to group: inout ConsoleGroup) {
        group.post("/selection", body: Self.form, name: "factory-confirm-selection") { (call) throws(Problem) in
            try confirmation(call, try PageForm(call, limits: ShopPages.selectionLimits)).page
        }
        group.on(.post, "/parcel-batches", body: Self.form, name: "factory-send-selection") { (call) throws(Problem) in try send(call) }
    }

    private func confirmation(_ call: ConsoleCall, _ form: PageForm) throws(Problem) -> SelectionView {
        guard let command = ParcelCommand(rawValue: form["command"]) else { throw Problem.invalid("command", "unknown") }
        let parcels = try pages.parcels(try pages.chosen(call, form, .parcels), of: call["shop"], most: ChosenList.most)
        return SelectionView(frame: pages.kit.frame(call), command: command, parcels: parcels, carrier: form["carrier"])
    }

    private func send(_ call: ConsoleCall) throws(Problem) -> RouteAnswer {
        let form = try PageForm(call, limits: ShopPages.selectionLimits)
        let view = try confirmation(call, form)
        if view.command == .obtain, !CarrierCodes.all.contains(view.carrier) {
            var again = view
            again.errors.add("carrier", view.frame.say("error.choose", ["field": view.frame.say("field.carrier")]))
            return .now(again.page)
        }
        // Those that the page named: what has changed meanwhile is refused by the service, with its reason.
        guard !view.parcels.isEmpty else { return .now(view.page) }
        let command = view.command
        let items = view.parcels.map { command.data($0, carrier: view.carrier) }
        return try pages.send(
            call, .waybill, command.rawValue, items: items, key: form.key, done: view.frame.link("parcels", query: [("saved", "1")])
        ) { frame, problem in
            var again = view
            again.errors = FormErrors(problem, frame)
            again.refusalStatus = problem.status
            return again.page
        }
    }
}

extension ShopPages {
    /// Parcels by their ids, each once and in their order; those that are not the factory's are left out.
    /// - Throws: 400 for more than a selection may have.
    func parcels(_ ids: [String], of factory: String, most: Int = SelectionPage.most) throws(Problem) -> [ParcelView] {
        guard ids.count <= most else { throw Problem.invalid("allocationId", "choose \(most) at most") }
        var seen: Set<String> = []
        let wanted = ids.filter { seen.insert($0).inserted }
        return try read { (model) throws(ReadModelError) in
            var found: [ParcelView] = []
            for id in wanted { if let parcel = try model.parcel(id, factory: factory) { found.append(parcel) } }
            return found
        }
    }
}

/// The confirmation: how many, for which shop, what is skipped and why.
struct SelectionView {
    let frame: PageFrame
    let command: ParcelCommand
    let parcels: [ParcelView]
    var carrier: String
    var errors = FormErrors.none
    /// Of the refusal; nil: what was typed is wrong.
    var refusalStatus: Int?

    private var possible: [ParcelView] { parcels.filter { command.isPossible($0) } }

    private var name: String {
        switch command {
        case .obtain: "parcels.obtain"
        case .markPrinted: "parcels.markPrinted"
        case .return: "parcels.return"
        case .cancel: "parcels.cancel"
        }
    }

    var page: HTTPResponse {
        let say = frame.say
        let back = frame.link("parcels")
        guard !possible.isEmpty else {
            return frame.nothingToConfirm(say("confirm.title"), screen: "parcels", back: back) {
                if parcels.isEmpty {
                    p(say("select.none"))
                } else {
                    p(say("confirm.none"))
                    skipped
                }
            }
        }
        return frame.confirmation(
            say("\(name).title", count: possible.count), screen: "parcels", status: errors.isEmpty ? 200 : refusalStatus ?? 400,
            action: frame.link("parcel-batches"), button: say("\(name).button", count: possible.count), back: back,
            isDangerous: command == .cancel, errors: errors
        ) {
            Web.hidden("command", command.rawValue)
            frame.parcelFields(possible.map(\.allocationId))
            if command == .cancel { p(say("parcels.cancel.follows")) }
            if parcels.count > possible.count {
                h2(say("confirm.skipped", count: parcels.count - possible.count))
                skipped
            }
            if command == .obtain { frame.carrierChoice(value: carrier, errors: errors) }
            table
        }
    }

    private var table: HTML {
        frame.tableRegion(frame.say("parcels.caption"), head: ["allocation", "merchant", "goods", "number"]) {
            possible.map { parcel in
                tr {
                    td(.class("stay")) { frame.number(parcel.allocationId) }
                    td(parcel.shopAlias)
                    td(.class("goods")) { frame.goods(parcel) }
                    td { frame.numbers(parcel) }
                }
            }
        }
    }

    /// By the state that makes it impossible.
    private var skipped: HTML {
        let left = Dictionary(grouping: parcels.filter { !command.isPossible($0) }, by: \.state)
        return ul {
            ParcelStateName.allCases.map { state in
                left[state].map { rows in
                    li(frame.say("confirm.skipped.reason", count: rows.count, ["reason": frame.say("state.parcel.\(state.rawValue)")]))
                } ?? .empty
            }
        }
    }
}
