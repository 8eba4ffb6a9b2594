import Contracts
import HTTP
import Identity
import Texts
import Web

/// The table of pages. Each screen adds its own.
struct PageRoutes: Sendable {
    let parts: ConsoleParts
    let kit: PageKit
    let door: PageDoor

    init(_ parts: ConsoleParts) {
        self.parts = parts
        var kit = PageKit(texts: parts.texts, assets: parts.assets, hub: parts.hub, clock: parts.clock)
        kit.alarm = StopList(model: parts.model, ledger: parts.ledger).banner
        kit.behind = { [freshness = parts.freshness] in freshness.behind }
        self.kit = kit
        door = PageDoor(doorkeeper: parts.doorkeeper, people: parts.people, clock: parts.clock)
    }

    func add(to router: inout Router<Visit, Problem>) {
        let kit = kit
        let shown: Router<Visit, Problem>.Middleware = { (call, next) throws(Problem) in
            do throws(Problem) { return try next(&call) } catch { return .now(kit.frame(call).failure(error)) }
        }
        let shop = ShopPages(parts, kit: kit)
        let people = PagePeople(parts)
        router.group("", behind: [parts.counts.middleware, shown, door.anybody]) { (group: inout ConsoleGroup) in
            AssetRoutes(assets: parts.assets).add(to: &group)
            SignInPage(people: people, kit: kit, provider: parts.provider).add(to: &group)
            JoinPage(people: people, kit: kit).add(to: &group)
        }
        router.group("", behind: [parts.counts.middleware, shown, door.known, door.filled]) { (group: inout ConsoleGroup) in
            MePage(people: people, kit: kit).add(to: &group)
            ProvePage(people: people, kit: kit, hasProvider: parts.provider != nil).add(to: &group)
            HomePage(people: people, model: parts.model, kit: kit).add(to: &group)
        }
        let shops: (@escaping Router<Visit, Problem>.Middleware) -> [Router<Visit, Problem>.Middleware] = { own in
            [parts.counts.middleware, shown, door.known, own, door.proven, door.filled, parts.own.awaited]
        }
        router.group("/m/{shop}", behind: shops(door.merchant)) { (group: inout ConsoleGroup) in
            addShared(to: &group, people, shop)
            MerchantPages(pages: shop, imports: parts.imports).add(to: &group)
        }
        router.group("/f/{shop}", behind: shops(door.factory)) { (group: inout ConsoleGroup) in
            addShared(to: &group, people, shop)
            FactoryPages(pages: shop, ledger: parts.ledger, labels: parts.labels, clock: parts.clock).add(to: &group)
        }
        router.group("/o", behind: [parts.counts.middleware, shown, door.known, door.operators, door.proven, door.filled]) {
            (group: inout ConsoleGroup) in
            ServicesPage(health: parts.health, kit: kit, clock: parts.clock).add(to: &group)
            DeadLettersPage(model: parts.model, letters: parts.letters, events: parts.events, kit: kit).add(to: &group)
            UsersPage(people: people, kit: kit).add(to: &group)
            AuditPage(people: people, audit: parts.audit, kit: kit).add(to: &group)
            TracePage(model: parts.model, told: traced, kit: kit).add(to: &group)
            CommandPage(desk: parts.desk, kit: kit).add(to: &group)
        }
    }

    /// Tells that an operator has read a trace.
    private var traced: @Sendable (String, Caller) -> Void {
        { [events = parts.events] id, caller in
            guard let actor = Actor(caller.actor) else { return }
            let reader = caller.userId ?? actor.id
            events.tell(TraceRead(userId: reader, traced: id), key: reader, actor: actor, user: caller.userId)
        }
    }

    /// Pages that merchants and factories have alike.
    private func addShared(to group: inout ConsoleGroup, _ people: PagePeople, _ shop: ShopPages) {
        BatchesPage(pages: shop).add(to: &group)
        ChannelsPage(pages: shop).add(to: &group)
        AuthorizationsPage(pages: shop).add(to: &group)
        PeoplePage(people: people, kit: kit).add(to: &group)
        CommandPage(desk: parts.desk, kit: kit).add(to: &group)
        PageStream(hub: parts.hub, sessions: parts.streamSessions).add(to: &group)
    }
}

/// Style sheets and scripts, under a name that changes with them.
struct AssetRoutes: Sendable {
    let assets: Assets

    func add(to group: inout ConsoleGroup) {
        group.get("/assets/{digest}/{name...}", name: "asset") { (call) throws(Problem) in
            guard let response = assets.response(digest: call["digest"], name: call["name"], to: call.request) else {
                throw Problem(.notFound)
            }
            return response
        }
    }
}
