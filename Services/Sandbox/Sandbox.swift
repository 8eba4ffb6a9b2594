import HTTP
import JSON
import Stores
import Synchronization

/// All partners behind one door: finds who is asked, and answers. Every change is committed before its answer is given.
final class Sandbox: Sendable {
    private let world: Mutex<World>
    /// Once for each failure of the store, with its text.
    private let report: @Sendable (String) -> Void

    init(folder: String, report: @escaping @Sendable (String) -> Void) throws(StoreError) {
        // Makes the folder, and keeps a second sandbox out of it.
        try SQLiteStore(folder: folder).lockInstance("sandbox")
        world = Mutex(World(objects: try ObjectStore(path: "\(folder)/sandbox.db")))
        self.report = report
        try withWorld { (world) throws(StoreError) in try world.seedOnce() }
    }

    /// Runs the body in one transaction, alone.
    func withWorld<Result: Sendable>(_ body: @Sendable (World) throws(StoreError) -> Result) throws(StoreError) -> Result {
        try world.withLock { (world) throws(StoreError) in
            let world = world
            return try world.objects.transaction { () throws(StoreError) in try body(world) }
        }
    }

    /// As `withWorld`; nil, and reported, when the store fails.
    @discardableResult
    func attempt<Result: Sendable>(_ body: @Sendable (World) throws(StoreError) -> Result) -> Result? {
        do throws(StoreError) { return try withWorld(body) } catch {
            report("\(error)")
            return nil
        }
    }

    func answer(_ request: HTTPRequest) -> SandboxAnswer {
        do throws(StoreError) { return try withWorld { (world) throws(StoreError) in try route(request, world) } } catch {
            report("\(error)")
            return SandboxAnswer(.text("The sandbox's store failed: \(error)\n", status: 500))
        }
    }

    private func route(_ request: HTTPRequest, _ world: World) throws(StoreError) -> SandboxAnswer {
        world.forgetNote()
        switch request.path {
        case "/": return SandboxAnswer(try HoldingsPage.answer(world))
        case "/health/live", "/health/ready": return SandboxAnswer(.text("ready\n"))
        case "/api/router": return try call(PinduoduoGateway(), request, world)
        case "/open/openapi/do": return try call(JackyunGateway(), request, world)
        case let path where path.hasPrefix(ISCGateway.prefix): return try call(ISCGateway(), request, world)
        case "/routerjson": return try call(JOSGateway(), request, world)
        case let path where JDTokens.isEndpoint(path): return try call(JDTokens(), request, world)
        case let path where ConsentRequest.pages[path] != nil: return try page(request, world)
        case let path where path.hasPrefix("/sandbox/"): return try ControlAPI.answer(request, world)
        default: return SandboxAnswer(.text("No partner listens here: the page / tells which do.\n", status: 404))
        }
    }

    private func call(_ dialect: any Dialect, _ request: HTTPRequest, _ world: World) throws(StoreError) -> SandboxAnswer {
        let operation = dialect.operation(of: request)
        let fault = try world.takeFault(
            for: operation, request.formParameters.map(\.value) + [String(decoding: request.body, as: UTF8.self)])
        var document: JSONValue?
        var outcome = fault?.kind.rawValue ?? "ok"
        if fault?.isWorkDone ?? true {
            do { document = try dialect.answer(request, operation, world) } catch let refusal as Refusal {
                document = dialect.document(refusal)
                outcome = refusal.kind.rawValue
            } catch { throw error as? StoreError ?? StoreError(kind: .unavailable, message: "\(error)") }
        }
        try world.objects.record(
            .init(partner: dialect.partner.rawValue, operation: operation, key: world.noted, outcome: outcome, at: world.now))
        if let fault { return FaultAnswers.answer(fault, document, dialect) }
        return SandboxAnswer(document ?? dialect.document(Refusal(.system, "no answer")))
    }

    private func page(_ request: HTTPRequest, _ world: World) throws(StoreError) -> SandboxAnswer {
        do { return SandboxAnswer(try ConsentPage.answer(request, world)) } catch let refusal as Refusal {
            return SandboxAnswer(.text("\(refusal.message)\n", status: 400))
        } catch { throw error as? StoreError ?? StoreError(kind: .unavailable, message: "\(error)") }
    }
}
