import Contracts
import HTTP
import Identity
import JSON
import ReadModel
import Threads
import Web

/// `/o/dead-letters`: messages that could not be read or handled, one of them, and the way back for them.
struct DeadLettersPage: Sendable {
    let model: any ReadModel
    let letters: LetterDesk
    let events: ConsoleEvents
    let kit: PageKit

    /// - Parameter group: of operators.
    func add(to group: inout ConsoleGroup) {
        group.get("/dead-letters", name: "page-dead-letters") { (call) throws(Problem) in try list(call) }
        group.post("/dead-letters/confirm", body: .form(), name: "page-confirm-replay") { (call) throws(Problem) in try confirm(call) }
        // The confirmation page's own address, for who reloads it.
        group.get("/dead-letters/confirm", name: "page-no-replay") { (call) throws(Problem) in
            .seeOther(kit.frame(call).link("dead-letters"))
        }
        group.get("/dead-letters/export", name: "page-dead-letters-export") { (call) throws(Problem) in try export(call) }
        group.on(.post, "/dead-letters/replay", body: .form(), name: "page-replay") { (call) throws(Problem) in try send(call) }
        group.on(.get, "/dead-letters/{id}", name: "page-dead-letter") { (call) throws(Problem) in try show(call) }
    }

    private func list(_ call: ConsoleCall) throws(Problem) -> HTTPResponse {
        let service = Self.service(call.request.query("service"))
        let page = try asked { (model) throws(ReadModelError) in
            try model.deadLetters(service: service, PageRequest(after: call.request.query("after")))
        }
        return DeadLettersView(
            frame: kit.frame(call), service: service, letters: page.items, next: page.next, done: Self.done(call.request)
        ).response
    }

    private static func service(_ name: String?) -> ServiceName? { ServiceName.domainServices.first { $0.rawValue == name } }

    /// All letters of the list, without their contents.
    private func export(_ call: ConsoleCall) throws(Problem) -> HTTPResponse {
        let service = Self.service(call.request.query("service"))
        return try asked { (model) throws(ReadModelError) in
            try ListSheets(model: model, clock: kit.clock).rows(.deadLetters, of: service?.rawValue ?? "all") {
                (model, page) throws(ReadModelError) in
                try model.deadLetters(service: service, page)
            }
        }
    }

    /// What the page before has done.
    private static func done(_ request: HTTPRequest) -> (replayed: Int, refused: Int)? {
        guard let replayed = request.query("replayed").flatMap({ Int($0) }), let refused = request.query("refused").flatMap({ Int($0) })
        else { return nil }
        return (max(0, replayed), max(0, refused))
    }

    private func letter(_ id: String) throws(Problem) -> DeadLetterView? {
        try asked { (model) throws(ReadModelError) in try model.deadLetter(id) }
    }

    private func asked<Result>(_ body: (any ReadModel) throws(ReadModelError) -> Result) throws(Problem) -> Result {
        do throws(ReadModelError) { return try body(model) } catch { throw Problem(error) }
    }

    private func show(_ call: ConsoleCall) throws(Problem) -> RouteAnswer {
        let frame = kit.frame(call)
        guard let letter = try letter(call["id"]) else { throw Problem(.notFound) }
        guard call.request.query("bytes") != nil else { return .now(DeadLetterPageView(frame: frame, letter: letter).response) }
        let later = LaterAnswer()
        try letters.body(of: letter) { answer in
            switch answer {
            case .success(let bytes): later.send(DeadLetterPageView(frame: frame, letter: letter, isAsked: true, body: bytes).response)
            case .failure(let problem): later.send(frame.failure(problem))
            }
        }
        return .later(later)
    }

    // MARK: Replays

    /// Each once.
    private func ids(_ form: PageForm) -> [String] {
        var seen: Set<String> = []
        return form.all("id").filter { seen.insert($0).inserted }
    }

    private func confirm(_ call: ConsoleCall) throws(Problem) -> HTTPResponse {
        let form = try PageForm(call)
        let frame = kit.frame(call)
        var letters: [DeadLetterView] = []
        guard form["all"] == "yes" else {
            for id in ids(form).prefix(LetterDesk.mostIds) { if let letter = try letter(id) { letters.append(letter) } }
            return ReplayView(frame: frame, letters: letters).response
        }
        // What was sent again already is not sent once more by the way.
        var request = PageRequest(limit: PageRequest.limits.upperBound)
        var hasMore = false
        repeat {
            let asked = request
            let page = try self.asked { (model) throws(ReadModelError) in
                try model.deadLetters(service: Self.service(form["service"]), asked)
            }
            let open = page.items.filter { $0.replayedAt == nil }
            hasMore = letters.count + open.count > LetterDesk.mostIds
            letters += open.prefix(LetterDesk.mostIds - letters.count)
            request.after = page.next
        } while request.after != nil && !hasMore
        return ReplayView(frame: frame, letters: letters, hasMore: hasMore).response
    }

    private func send(_ call: ConsoleCall) throws(Problem) -> RouteAnswer {
        let form = try PageForm(call)
        let frame = kit.frame(call)
        let caller = try call.caller()
        let ids = ids(form)
        guard (1...LetterDesk.mostIds).contains(ids.count) else {
            throw Problem.invalid("id", "choose 1 to \(LetterDesk.mostIds) dead letters")
        }
        let key = IdempotencyKey(
            user: caller.userId ?? "", actor: caller.actor, key: form.key, path: "page dead-letters/replay",
            digest: RequestDigest.bytes(Array(ids.joined(separator: "\n").utf8)))
        let later = LaterAnswer()
        try letters.replay(ids, key: key) { answer in
            switch answer {
            case .success(let outcome):
                events.note(
                    "letters-replayed", about: caller.userId ?? caller.actor, by: caller,
                    .object([("ids", .array(ids.map { .string($0) }))]))
                later.send(
                    .seeOther(
                        frame.link(
                            "dead-letters",
                            query: [("replayed", "\(outcome.replayed)"), ("refused", "\(outcome.refused.count)")])))
            case .failure(let problem): later.send(frame.failure(problem))
            }
        }
        return .later(later)
    }
}
