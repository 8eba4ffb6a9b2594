import Contracts
import HTTP
import Identity
import Texts
import Web

/// Lists whose rows can be chosen over several pages.
enum ChosenList: String, Sendable {
    case orders, parcels

    /// The name of a row's box.
    var field: String { self == .orders ? "order" : "allocationId" }
    /// Rows that can be chosen at once.
    static let most = Selections.most
    /// The id of the form that the boxes belong to.
    static let form = "selection"
}

/// For files that know pages of the read model, which Identity has too.
typealias SelectionKeeping = SelectionStore

/// What is chosen in a list: on the page that is shown, and elsewhere.
struct PageSelection: Sendable {
    /// nil: nothing was chosen yet.
    var id: String?
    var ids: [String] = []
    /// The address names one that is too old, or not this user's.
    var hasEnded = false
    private var members: Set<String> = []

    init() {}

    init(id: String, ids: [String]) {
        (self.id, self.ids) = (id, ids)
        members = Set(ids)
    }

    func contains(_ item: String) -> Bool { members.contains(item) }

    /// How many of them are not among the rows that are shown.
    func outside(_ shown: [String]) -> Int { ids.count - shown.count { members.contains($0) } }
}

extension ShopPages {
    /// Bytes of a form with a whole selection, and its fields: 5,000 orders with each of their lines, its id and quantity.
    static let selectionForm = BodyRule.form(16 << 20)
    static let selectionLimits: Form.Limits = {
        var limits = Form.Limits()
        limits.parts = 200_000
        return limits
    }()

    /// The selection that the address names.
    func selection(_ call: ConsoleCall, _ list: ChosenList) throws(Problem) -> PageSelection {
        guard let id = call.request.query("selection"), !id.isEmpty else { return PageSelection() }
        return try selection(id, call, list)
    }

    private func selection(_ id: String, _ call: ConsoleCall, _ list: ChosenList) throws(Problem) -> PageSelection {
        do throws(PeopleError) {
            if let ids = try selections.selection(id, of: try Self.owner(call, list), now: kit.clock()) {
                return PageSelection(id: id, ids: ids)
            }
        } catch { throw Problem(error) }
        var none = PageSelection()
        none.hasEnded = true
        return none
    }

    /// What a form's boxes choose: of a list's own form together with what is chosen on other pages of it.
    func chosen(_ call: ConsoleCall, _ form: PageForm, _ list: ChosenList) throws(Problem) -> [String] {
        guard form.form["shown"] != nil else { return form.all(list.field) }
        guard form.text("selection") != nil else { return form.all(list.field) }
        return try kept(call, form, list).ids
    }

    /// Keeps the boxes of a list's form: what was shown and is not ticked is chosen no more.
    /// - Parameter others: chosen too.
    func kept(_ call: ConsoleCall, _ form: PageForm, _ list: ChosenList, adding others: [String] = []) throws(Problem) -> PageSelection {
        let ticked = Set(form.all(list.field))
        let removed = form.all("shown").filter { !ticked.contains($0) }
        let id: String
        do throws(PeopleError) {
            id = try selections.change(
                selection: form.text("selection"), of: try Self.owner(call, list), removing: removed, adding: form.all(list.field) + others,
                now: kit.clock())
        } catch { throw Problem(error) }
        return try selection(id, call, list)
    }

    private static func owner(_ call: ConsoleCall, _ list: ChosenList) throws(PeopleError) -> SelectionOwner {
        guard let asker = call.context.asker, let caller = asker.caller else { throw .noSession }
        return SelectionOwner(actor: caller.actor, userId: asker.name, list: list.rawValue)
    }

    /// The route that keeps a list's boxes and goes on: to another page of it, to all that match, to none.
    /// - Parameter matching: ids of all that the list with this address shows, one more than a selection takes at most.
    func addSelection(
        to group: inout ConsoleGroup, _ list: ChosenList, name: String,
        matching: @escaping @Sendable (ConsoleCall, RequestTarget) throws(Problem) -> [String]
    ) {
        group.post("/\(list.rawValue)/select", body: Self.selectionForm, name: name) { (call) throws(Problem) in
            let form = try PageForm(call, limits: Self.selectionLimits)
            let frame = kit.frame(call)
            let here = RequestTarget(form.text("go") ?? form.text("here") ?? "")
            guard let segments = here.segments, Link(segments: segments) == frame.link(list.rawValue) else {
                return .seeOther(frame.link(list.rawValue))
            }
            if form.form["clear"] != nil { return .seeOther(Self.link(here, selection: nil)) }
            let others = form.form["all"] == nil ? [] : try matching(call, here)
            do throws(Problem) {
                let selection = try kept(call, form, list, adding: others)
                return .seeOther(Self.link(here, selection: selection.ids.isEmpty ? nil : selection.id))
            } catch {
                guard error.field == "selection" else { throw error }
                return frame.page(frame.say("\(list.rawValue).title"), screen: list.rawValue, status: 400) {
                    frame.message(frame.say("select.tooMany", ["limit": frame.language.grouped(Selections.most)]), style: "warn")
                    p { a(frame.say("app.back"), .href(Self.link(here, selection: form.text("selection")))) }
                }
            }
        }
    }

    /// The same list with another selection.
    private static func link(_ target: RequestTarget, selection: String?) -> Link {
        let dropped: Set<String> = selection == nil ? ["selection", "chosen", "ticked", "after"] : ["selection", "ticked"]
        let query = target.query.filter { !dropped.contains($0.name) }.map { (name: $0.name, value: Optional($0.value)) }
        return Link(target, query: query + [("selection", selection)]) ?? Link()
    }
}

/// The bar of a selection, and the pages that keep it.
struct SelectionParts {
    let frame: PageFrame
    let list: ChosenList
    let selection: PageSelection
    /// Ids of the rows that are shown.
    let shown: [String]
    /// How many match the filter; nil: nobody has counted them.
    var matching: Int?
    /// Whether there are more than are shown.
    var hasMore = false

    private var save: Link { frame.link(list.rawValue, "select") }

    /// Fields of the list's form.
    var fields: HTML {
        HTML {
            Web.hidden("here", frame.here.text)
            selection.id.map { Web.hidden("selection", $0) }
            shown.map { Web.hidden("shown", $0) }
        }
    }

    /// Before the list: this selection has ended.
    var notice: HTML { selection.hasEnded ? frame.message(frame.say("select.ended"), style: "warn") : .empty }

    /// How many are chosen, and what may be done about it.
    /// - Parameter ticked: on this page, without a selection.
    func status(ticked: Int) -> HTML {
        let say = frame.say
        let outside = selection.outside(shown)
        let count = selection.id == nil ? ticked : selection.ids.count
        return HTML {
            span(
                count == 0 ? say("select.none") : say("select.count", count: count), .class("chosen"), .data("select-count", ""),
                .data("text-count-one", say.forScript("select.count_one")), .data("text-count-other", say.forScript("select.count_other")),
                .role("status"))
            if outside > 0 { span(say("select.outside", count: outside), .class("small")) }
            if selection.id != nil {
                a(say("select.show"), .href(frame.link(list.rawValue, query: [("selection", selection.id), ("chosen", "1")])))
                button(say("select.clear"), .class("link"), .name("clear"), .value("1"), .form(ChosenList.form), .formaction(save))
            }
            if hasMore {
                button(
                    matching.map { say("select.all", count: $0) } ?? say("select.all.matching"), .class("link"), .name("all"), .value("1"),
                    .form(ChosenList.form), .formaction(save))
            }
        }
    }

    /// Ticks of other pages, for the script.
    var elsewhere: Attribute { .data("select-elsewhere", "\(selection.outside(shown))") }

    /// Older and newer pages: the boxes go along.
    func pager(next: String?) -> HTML {
        let query = frame.call.request.query.filter { $0.name != "after" && $0.name != "ticked" }.map {
            (name: $0.name, value: Optional($0.value))
        }
        let isFirst = frame.call.request.query("after") == nil
        guard next != nil || !isFirst else { return .empty }
        return nav(.class("pager"), .aria("label", frame.say("pager.label"))) {
            if !isFirst { turn("pager.first", Link(frame.call.request.target, query: query)) }
            if let next { turn("pager.older", Link(frame.call.request.target, query: query + [("after", next)])) }
        }
    }

    private func turn(_ key: String, _ link: Link?) -> HTML {
        guard let link else { return .empty }
        return button(frame.say(key), .class("link"), .name("go"), .value(link.text), .form(ChosenList.form), .formaction(save))
    }

    /// With script, whatever else leads to another view of the list takes the boxes along.
    var keeper: HTML {
        button(
            frame.say("select.keep"), .name("go"), .value(frame.here.text), .form(ChosenList.form), .formaction(save), .hidden(),
            .data("select-keep", ""))
    }
}
