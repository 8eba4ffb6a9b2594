import Contracts
import HTTP
import JSON
import ReadModel
import Texts
import Threads
import Web

/// Many numbers at once: a pasted column, or all that was printed before a time. First a page that says what each number is, then a batch.
struct ReturnListPage: Sendable {
    private static let form = BodyRule.form(256 << 10)

    let pages: ShopPages

    func add(to group: inout ConsoleGroup) {
        group.post("/return/list", body: Self.form, name: "factory-return-list") { (call) throws(Problem) in
            let form = try PageForm(call)
            return try view(call, numbers: ScannedNumbers.all(form["numbers"])).page
        }
        group.get("/return/before", name: "factory-return-before") { (call) throws(Problem) in try before(call) }
        group.on(.post, "/return/batch", body: Self.form, name: "factory-return-batch") { (call) throws(Problem) in try send(call) }
    }

    private func view(_ call: ConsoleCall, numbers: [String]) throws(Problem) -> ReturnListView {
        let frame = pages.kit.frame(call)
        guard numbers.count <= SelectionPage.most else {
            throw Problem.invalid("numbers", "give \(SelectionPage.most) numbers at most")
        }
        var scanned: [ScannedNumber] = []
        for number in numbers { scanned.append(try pages.scanned(number, of: call["shop"])) }
        return ReturnListView(frame: frame, scanned: scanned)
    }

    /// Printed, and for the last time before this minute in the user's zone.
    private func before(_ call: ConsoleCall) throws(Problem) -> HTTPResponse {
        let frame = pages.kit.frame(call)
        guard let text = call.request.query("before"), let time = Self.time(text, frame.zone) else {
            return .seeOther(frame.link("return"))
        }
        var query = ParcelQuery(factoryShopId: call["shop"])
        (query.states, query.order) = ([.printed], .oldest)
        query.page.limit = PageRequest.limits.upperBound
        let asked = query
        let found = try pages.read { (model) throws(ReadModelError) in
            var found: [ScannedNumber] = []
            for parcel in try model.parcels(asked).items {
                let history = try model.parcelHistory(parcel.allocationId, factory: parcel.factoryShopId) ?? []
                guard let printed = history.last(where: { $0.type == Printed.type }), printed.time < time else { continue }
                found.append(ScannedNumber(number: parcel.waybillNumber ?? parcel.allocationId, parcels: [parcel]))
            }
            return found
        }
        return ReturnListView(frame: frame, scanned: found).page
    }

    /// `2026-11-29T14:05`, as a browser's field gives it.
    static func time(_ text: String, _ zone: TimeZone?) -> Timestamp? {
        let parts = text.split(separator: "T")
        guard parts.count == 2, let day = zone?.day(String(parts[0])) else { return nil }
        let clock = parts[1].split(separator: ":").compactMap { Int($0) }
        guard clock.count >= 2, (0...23).contains(clock[0]), (0...59).contains(clock[1]) else { return nil }
        return Timestamp(milliseconds: day.lowerBound.milliseconds + (clock[0] * 60 + clock[1]) * 60_000)
    }

    private func send(_ call: ConsoleCall) throws(Problem) -> RouteAnswer {
        let form = try PageForm(call)
        let frame = pages.kit.frame(call)
        let isUnusual = form["unusual"] == "yes"
        var items: [JSONValue] = []
        // `<number> <allocationId>`: what the page showed.
        for value in form.all("item") {
            guard let blank = value.firstIndex(of: " ") else { continue }
            let id = String(value[value.index(after: blank)...])
            guard let parcel = try pages.parcels([id], of: call["shop"]).first else { continue }
            let scanned = ScannedNumber(number: String(value[..<blank]), parcels: [parcel])
            items.append(
                ParcelCommand.returning(
                    parcel, carrier: parcel.carrier ?? "", number: parcel.waybillNumber ?? "", further: scanned.further(parcel),
                    isUnusual: isUnusual))
        }
        guard !items.isEmpty, items.count <= 5 * SelectionPage.most else { return .now(.seeOther(frame.link("return"))) }
        let back = frame.link("return")
        return try pages.send(
            call, .waybill, "return", items: items, key: form.key, done: frame.link("return", query: [("saved", "1")])
        ) { frame, problem in frame.refused(problem, title: frame.say("return.title"), screen: "return", back: back) }
    }
}

/// What each number is: a parcel to return, or why not.
struct ReturnListView {
    let frame: PageFrame
    let scanned: [ScannedNumber]

    private var items: [(number: String, parcel: ParcelView)] {
        scanned.flatMap { one in one.returnable.map { (one.number, $0) } }
    }
    private var others: [ScannedNumber] { scanned.filter(\.returnable.isEmpty) }

    var page: HTTPResponse {
        let say = frame.say
        return frame.page(say("return.title"), screen: "return") {
            if scanned.isEmpty { p(say("empty.matches")) }
            if !others.isEmpty {
                section(.class("message warn")) {
                    h2(say("confirm.skipped", count: others.count))
                    ul(.class("results")) { others.map { other($0) } }
                }
            }
            if items.isEmpty {
                p { a(say("app.back"), .href(frame.link("return"))) }
            } else {
                form(.method("post"), .action(frame.link("return", "batch"))) {
                    frame.hiddenFields
                    if let shop = frame.shop { p(say("confirm.for", ["shop": shop])) }
                    items.map { Web.hidden("item", "\($0.number) \($0.parcel.allocationId)") }
                    frame.tableRegion(say("return.caption"), head: ["number", "allocation", "goods", "state"]) {
                        items.map { item in
                            tr {
                                td(.class("stay")) {
                                    frame.number(item.number)
                                    span(item.parcel.carrier.map { frame.carrierName($0) } ?? "", .class("under"))
                                }
                                td { frame.parcelLink(item.parcel) }
                                td(.class("goods")) { frame.goods(item.parcel) }
                                td { frame.parcelState(item.parcel) }
                            }
                        }
                    }
                    frame.tick("unusual", text: say("return.unusual.many"))
                    frame.buttons(say("return.button", count: items.count), back: frame.link("return"))
                }
            }
        }
    }

    private func other(_ one: ScannedNumber) -> HTML {
        li(.class("bad")) {
            frame.number(one.number)
            HTML(" ")
            if let parcel = one.parcels.first {
                frame.parcelState(parcel)
                HTML(" ")
                frame.parcelLink(parcel)
            } else {
                HTML(frame.say("return.notFound"))
            }
        }
    }
}
