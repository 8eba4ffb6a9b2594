import Contracts
import HTTP
import JSON
import ReadModel
import Texts
import Web

/// `/f/<shopId>/parcels/<allocationId>`: one parcel, what can be done with it, and its history.
struct ParcelPage: Sendable {
    let pages: ShopPages

    func add(to group: inout ConsoleGroup) {
        group.get("/parcels/{allocationId...}", name: "factory-parcel") { (call) throws(Problem) in try show(call) }
        group.on(.post, "/parcels/{allocationId...}", body: .form(), name: "factory-parcel-command") { (call) throws(Problem) in
            try send(call)
        }
    }

    private func view(_ call: ConsoleCall) throws(Problem) -> ParcelDetailView {
        let (id, shop) = (call["allocationId"], call["shop"])
        let found = try pages.read { (model) throws(ReadModelError) in
            guard let parcel = try model.parcel(id, factory: shop) else { return nil as (ParcelView, [HistoryView])? }
            return (parcel, try model.parcelHistory(id, factory: shop) ?? [])
        }
        guard let (parcel, history) = found else { throw Problem(.notFound) }
        return ParcelDetailView(frame: pages.kit.frame(call), parcel: parcel, history: history, others: try others(parcel))
    }

    /// More of the merchant's for the same door, which may share the number.
    private func others(_ parcel: ParcelView) throws(Problem) -> [ParcelView] {
        guard let door = parcel.mergeKey else { return [] }
        var query = ParcelQuery(factoryShopId: parcel.factoryShopId)
        (query.door, query.merchant, query.states) = (door, parcel.merchantShopId, [.open, .obtained, .printed, .returned])
        let asked = query
        let page = try pages.read { (model) throws(ReadModelError) in try model.parcels(asked) }
        return page.items.filter { $0.allocationId != parcel.allocationId }
    }

    private func show(_ call: ConsoleCall) throws(Problem) -> HTTPResponse { try view(call).page }

    private func send(_ call: ConsoleCall) throws(Problem) -> RouteAnswer {
        let form = try PageForm(call)
        var view = try view(call)
        let frame = view.frame
        guard let command = ParcelCommand(rawValue: form["command"]), command != .cancel else {
            throw Problem.invalid("command", "unknown")
        }
        var data = command.data(view.parcel, carrier: form["carrier"])
        if command == .return {
            view.carrier = form["carrier"]
            view.number = form["waybillNumber"].trimmedBlanks
            view.further = form["extraNumbers"].trimmedBlanks
            view.isUnusual = form["unusual"] == "yes"
            if view.number.isEmpty { view.errors.add("waybillNumber", frame.required("waybillNumber")) }
            let further = ScannedNumbers.all(view.further)
            if further.count > 10 { view.errors.add("extraNumbers", frame.say("error.field", ["field": frame.say("field.extraNumbers")])) }
            guard view.errors.isEmpty else { return .now(view.page) }
            data = ParcelCommand.returning(
                view.parcel, carrier: view.carrier, number: WaybillNumber.normalized(view.number), further: further,
                isUnusual: view.isUnusual)
        }
        let typed = view
        return try pages.commands.send(
            call, .waybill, command.rawValue, data, key: form.key,
            done: frame.link("parcels", view.parcel.allocationId, query: [("saved", "1")])
        ) { frame, problem in typed.again(problem) }
    }
}

/// Numbers as they are typed, scanned or pasted: one a line, or with a tab, a comma or a semicolon between.
enum ScannedNumbers {
    /// Each once, in order, as the services compare them.
    static func all(_ text: String) -> [String] {
        var seen: Set<String> = []
        return text.split { $0.isNewline || "\t,;，；、".contains($0) }
            .map { WaybillNumber.normalized(String($0).filter { !$0.isWhitespace }) }
            .filter { !$0.isEmpty && seen.insert($0).inserted }
    }
}
