import Contracts
import HTTP
import ReadModel
import Texts
import Web

/// `/f/<shopId>/parcels`: what merchants have given to the factory.
struct ParcelsPage: Sendable {
    let pages: ShopPages

    func add(to group: inout ConsoleGroup) {
        group.get("/parcels", name: "factory-parcels") { (call) throws(Problem) in try show(call) }
        group.get("/parcel-rows/{allocationId...}", name: "factory-parcel-row") { (call) throws(Problem) in try row(call) }
        group.get("/parcels/export", name: "factory-parcels-export") { (call) throws(Problem) in
            var errors = FormErrors.none
            let query = ParcelFilter { call.request.query($0) }.query(of: call["shop"], pages.kit.frame(call), &errors)
            return try pages.read { (model) throws(ReadModelError) in try ListSheets(model: model, clock: pages.kit.clock).parcels(query) }
        }
        pages.addSelection(to: &group, .parcels, name: "factory-select") { (call, here) throws(Problem) in try matching(call, here) }
    }

    /// All that a list shows, up to one more than can be chosen.
    private func matching(_ call: ConsoleCall, _ here: RequestTarget) throws(Problem) -> [String] {
        let filter = ParcelFilter { name in here.query.first { $0.name == name }?.value }
        var errors = FormErrors.none
        let query = filter.query(of: call["shop"], pages.kit.frame(call), &errors)
        guard errors.isEmpty else { return [] }
        let rows = try pages.all(most: ChosenList.most + 1) { (model, page) throws(ReadModelError) in
            var asked = query
            asked.page = page
            return try model.parcels(asked)
        }
        return rows.map(\.allocationId)
    }

    /// One page of what is chosen.
    private func chosen(_ selection: PageSelection, _ filter: ParcelFilter, of shop: String) throws(Problem) -> Page<ParcelView> {
        let start = min(filter.after.flatMap { Int($0) }.map { max(0, $0) } ?? 0, selection.ids.count)
        let ids = selection.ids[start...].prefix(filter.limit)
        return try pages.read { (model) throws(ReadModelError) in
            var page = Page<ParcelView>(items: [])
            for id in ids { if let parcel = try model.parcel(id, factory: shop) { page.items.append(parcel) } }
            page.next = ids.endIndex < selection.ids.count ? "\(ids.endIndex)" : nil
            return page
        }
    }

    private func show(_ call: ConsoleCall) throws(Problem) -> HTTPResponse {
        let frame = pages.kit.frame(call)
        let shop = call["shop"]
        let filter = ParcelFilter { call.request.query($0) }
        var errors = FormErrors.none
        let query = filter.query(of: shop, frame, &errors)
        var page = Page<ParcelView>(items: [])
        let selection = try pages.selection(call, .parcels)
        if filter.isChosen, selection.id != nil {
            page = try chosen(selection, filter, of: shop)
        } else if errors.isEmpty {
            do throws(ReadModelError) { page = try pages.model.parcels(query) } catch {
                guard case .invalid(let field, _) = error else { throw Problem(error) }
                // A place in the list that is no more: from the beginning on.
                if field == "after" { return .seeOther(frame.link("parcels")) }
                errors.add(field, frame.say("error.field", ["field": frame.say("search.label")]))
            }
        }
        let counts = try pages.read { (model) throws(ReadModelError) in try model.parcelCounts(factory: shop) }
        let bindings = try pages.all { (model, request) throws(ReadModelError) in try model.bindings(shop: shop, request) }
        return ParcelsView(
            frame: frame, filter: filter, parcels: Doors.together(page.items), next: page.next, counts: counts,
            merchants: bindings.map { ($0.merchantShopId, $0.shopAlias) }, selection: selection, errors: errors
        ).page
    }

    /// One row, for a page that follows what happens.
    private func row(_ call: ConsoleCall) throws(Problem) -> HTTPResponse {
        let found = try pages.read { (model) throws(ReadModelError) in try model.parcel(call["allocationId"], factory: call["shop"]) }
        guard let parcel = found else { throw Problem(.notFound) }
        let isChosen = try pages.selection(call, .parcels).contains(parcel.allocationId)
        return .page(ParcelRow(frame: pages.kit.frame(call), parcel: parcel, doorCount: 1, isChosen: isChosen).html)
    }
}

/// Parcels of one merchant that go to one door.
enum Doors {
    /// Brings them together at the place of their first, so that they are seen as one; the rest stays as it is.
    static func together(_ parcels: [ParcelView]) -> [(parcel: ParcelView, doorCount: Int)] {
        var groups: [[ParcelView]] = []
        var places: [String: Int] = [:]
        for parcel in parcels {
            guard let door = key(parcel) else {
                groups.append([parcel])
                continue
            }
            if let place = places[door] {
                groups[place].append(parcel)
            } else {
                places[door] = groups.count
                groups.append([parcel])
            }
        }
        return groups.flatMap { group in group.enumerated().map { (parcel: $1, doorCount: $0 == 0 ? group.count : 1) } }
    }

    /// nil: nobody knows of others.
    static func key(_ parcel: ParcelView) -> String? {
        parcel.mergeKey.map { "\(parcel.merchantShopId)\u{1F}\($0)" }
    }
}
