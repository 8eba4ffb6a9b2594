import Contracts
import HTTP
import Identity
import ReadModel
import Threads
import Web

/// `/`: the shops that one may act for; the role of a user who has none.
struct HomePage: Sendable {
    let people: PagePeople
    let model: any ReadModel
    let kit: PageKit

    /// - Parameter group: for those who are logged in.
    func add(to group: inout ConsoleGroup) {
        group.get("/", name: "page-home") { (call) throws(Problem) in try show(call) }
        group.get("/role/{kind}", name: "page-role") { (call) throws(Problem) in try confirm(call) }
        group.post("/role/{kind}", body: .form(), name: "page-choose-role") { (call) throws(Problem) in try choose(call) }
    }

    private func show(_ call: ConsoleCall) throws(Problem) -> HTTPResponse {
        let open = try call.openSession()
        let shops = open.memberships.filter { ActorText.shop($0.actor) != nil }
        let isOperator = shops.count < open.memberships.count
        if shops.isEmpty, isOperator { return .seeOther(Link("o")) }
        if shops.count == 1, !isOperator, let only = shops.first { return .seeOther(only.link) }
        var entries: [HomeEntry] = []
        for membership in shops { entries.append(try entry(membership)) }
        return HomeView(frame: kit.frame(call), entries: entries, isOperator: isOperator, mayChoose: mayChoose(open)).response
    }

    private func mayChoose(_ open: OpenSession) -> Bool {
        open.memberships.isEmpty && !open.user.hasChosenRole && open.user.provider == nil
    }

    private func entry(_ membership: Membership) throws(Problem) -> HomeEntry {
        guard let (kind, shopId) = ActorText.shop(membership.actor) else { throw Problem(.notFound) }
        do throws(ReadModelError) {
            let row = try model.shop(shopId)
            let open: Int
            switch kind {
            case .merchant:
                let counts = try model.orderCounts(merchant: shopId)
                open = [.held, .open, .partly, .ready].reduce(0) { $0 + counts[$1, default: 0] }
            case .factory:
                let counts = try model.parcelCounts(factory: shopId)
                open = [.open, .obtained, .printed].reduce(0) { $0 + counts[$1, default: 0] }
            }
            return HomeEntry(membership: membership, kind: kind, shopId: shopId, name: row?.shopAlias ?? row?.name, open: open)
        } catch { throw .unavailable }
    }

    // MARK: The role

    private func kind(_ call: ConsoleCall) throws(Problem) -> ShopKind {
        guard let kind = ShopKind(rawValue: call["kind"]) else { throw Problem(.notFound) }
        return kind
    }

    private func confirm(_ call: ConsoleCall) throws(Problem) -> HTTPResponse {
        let kind = try kind(call)
        guard mayChoose(try call.openSession()) else { throw Problem(.roleAlreadyChosen) }
        return RoleView(frame: kit.frame(call), kind: kind).response
    }

    private func choose(_ call: ConsoleCall) throws(Problem) -> HTTPResponse {
        let kind = try kind(call)
        _ = try PageForm(call)
        let open = try call.openSession()
        let chosen = try people.asked { (people, _) throws(PeopleError) in try people.chooseRole(kind, of: open) }
        people.joined(chosen, before: open.memberships)
        let shop = chosen.memberships.first { !open.memberships.contains($0) }
        return .seeOther(shop?.link("setup") ?? Link())
    }
}

extension Membership {
    /// The first page of the one whom it acts for.
    var link: Link { link() }

    /// A page of a shop's.
    func link(_ segments: String...) -> Link {
        guard let (kind, shopId) = ActorText.shop(actor) else { return Link(segments: ["o"] + segments) }
        return Link(segments: [kind == .merchant ? "m" : "f", shopId] + segments)
    }
}
