import Contracts
import HTTP
import Identity
import Observability
import ReadModel
import Runtime
import Texts
import Threads
import Web

/// What requests are answered with.
struct ConsoleParts: Sendable {
    let people: People
    let ledger: any RequestLedger
    let selections: any SelectionStore
    let audit: any AuditLog
    let model: any ReadModel
    let texts: Texts
    let assets: Assets
    let doorkeeper: Doorkeeper
    let desk: CommandDesk
    let labels: LabelDesk
    let events: ConsoleEvents
    let hub: EventHub
    let freshness: ModelFreshness
    let streams: EventStreams
    let streamSessions: StreamSessions
    let watch: BatchWatch
    let own: OwnCommands
    let imports: ImportDesk
    let health: HealthBoard
    let letters: LetterDesk
    let partners: PartnerRequestQueue
    let counts: RequestCounts
    let cookies: SessionCookies
    /// nil: nobody logs in with a provider.
    let provider: ProviderDoor?
    let proxies: NetworkList
    /// The newest public key that a service announces for a purpose.
    let sealKey: @Sendable (ServiceName, KeyPurpose) -> KeyRow?
    let clock: @Sendable () -> Timestamp
}

extension ConsoleParts {
    /// Every path of the console but for `/health` and `/metrics`.
    ///
    /// The table is made twice: the document of all routes is one of them.
    func router() -> Router<Visit, Problem> { router(openAPI: OpenAPIRoute(router(openAPI: OpenAPIRoute([])).routes)) }

    private func router(openAPI: OpenAPIRoute) -> Router<Visit, Problem> {
        var router = Router<Visit, Problem>(context: visit, refusal: refusal) { [texts] problem, call in
            problem.response(call.context.language, texts[call.context.language])
        }
        router.group("/partners", behind: [counts.middleware]) { (group: inout ConsoleGroup) in
            PartnerRoutes(queue: partners, clock: clock).add(to: &group)
        }
        let people = PeopleRoutes(people: people, events: events, cookies: cookies, streams: streams, clock: clock)
        router.group("/api/v1", behind: [counts.middleware, doorkeeper.open]) { (group: inout ConsoleGroup) in
            people.addOpen(to: &group)
            openAPI.add(to: &group)
        }
        router.group("/api/v1", behind: [counts.middleware, doorkeeper.asked]) { (group: inout ConsoleGroup) in
            people.add(to: &group)
            CommandRoutes(desk: desk, texts: texts).add(to: &group)
            BatchRoutes(desk: desk, watch: watch, sessions: streamSessions, texts: texts).add(to: &group)
            group.group("", behind: [own.awaited]) { (lists: inout ConsoleGroup) in ListRoutes(model: model, clock: clock).add(to: &lists) }
            EventRoutes(hub: hub, sessions: streamSessions).add(to: &group)
            LabelRoutes(labels: labels, desk: desk, texts: texts).add(to: &group)
            ImportRoutes(desk: imports, ledger: ledger, texts: texts, clock: clock).add(to: &group)
            OperatorRoutes(model: model, health: health, letters: letters, events: events, texts: texts, clock: clock).add(to: &group)
        }
        PageRoutes(self).add(to: &router)
        return router
    }

    private func visit(_ request: HTTPRequest) -> Visit {
        let address = request.clientAddress(behind: proxies).map { "\($0)" } ?? ""
        return Visit(
            language: Language(acceptLanguage: request.header("accept-language")),
            client: Client(address: address, browser: request.header("user-agent") ?? ""))
    }

    private func refusal(_ why: RouterRefusal, _ request: HTTPRequest) -> HTTPResponse {
        counts.count(RequestCounts.noRoute, why.status)
        let language = Language(acceptLanguage: request.header("accept-language"))
        if FailurePage.isWanted(by: request) { return FailurePage(texts: texts, assets: assets).response(why, to: request) }
        let problem =
            switch why {
            case .notFound: Problem(.notFound)
            case .methodNotAllowed: Problem(.methodNotAllowed)
            case .tooLarge: Problem(.tooLarge)
            case .mediaType: Problem(.mediaType)
            case .busy: Problem.unavailable
            }
        return problem.response(language, texts[language])
    }
}
