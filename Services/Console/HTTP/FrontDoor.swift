import Contracts
import HTTP
import Observability
import Runtime
import Synchronization
import Threads
import Web

/// The HTTP server: health at any time, everything else once the console has read what it must know.
final class FrontDoor: Sendable {
    /// Requests that are worked on, and connections that wait for one, at a time.
    private static let connections = 512
    /// Streams of events at a time: pages, webhooks and health always get in beside them.
    private static let streams = 256
    /// Bytes of a body while nobody is let in yet (contract, section 8).
    private static let usualBody = 65_536

    private let process: ShardlessProcess<ConsoleResources>
    private let counts: RequestCounts
    private let failures: FailurePage
    private let dispatcher = Mutex<Dispatcher<Visit, Problem>?>(nil)

    init(_ process: ShardlessProcess<ConsoleResources>, counts: RequestCounts, failures: FailurePage) {
        (self.process, self.counts, self.failures) = (process, counts, failures)
    }

    /// From now on everybody is let in.
    func open(_ opened: Dispatcher<Visit, Problem>) { dispatcher.withLock { $0 = opened } }

    /// Nobody is let in any more; waits for the answers to those who are here.
    func close() {
        let closed = dispatcher.withLock { dispatcher in
            defer { dispatcher = nil }
            return dispatcher
        }
        closed?.stop()
    }

    /// What everybody is told who comes before the console has read what it must know, or while it stops.
    static func starting(_ request: HTTPRequest, _ failures: FailurePage) -> HTTPResponse {
        let isAsset = request.target.segments?.first == "assets"
        return isAsset || FailurePage.isWanted(by: request) ? failures.starting(request) : Problem.unavailable.response()
    }

    func serve(_ configuration: Configuration) throws(ExitError) -> HTTPServer {
        var refusals = process.refusals
        refusals.tooLarge = { [counts] _ in
            counts.count(RequestCounts.noRoute, 413)
            return Problem(.tooLarge).response()
        }
        refusals.busy = { [counts] _ in
            counts.count(RequestCounts.noRoute, 503)
            return Problem.unavailable.response()
        }
        var limits = process.limits(connections: Self.connections)
        limits.streams = Self.streams
        limits.handsOverTooLarge = true
        limits.maximumBody = { [weak self] method, target in
            self?.dispatcher.withLock { $0 }?.maximumBody(method, target) ?? Self.usualBody
        }
        do throws(HTTPError) {
            return try HTTPServer(
                host: configuration.httpHost, port: configuration.httpPort, maximumBody: Self.usualBody, refusals: refusals, limits: limits
            ) { [self] request, responder in
                if let health = process.health(request) { return _ = responder.send(health) }
                if let dispatcher = dispatcher.withLock({ $0 }) { return dispatcher.handle(request, responder) }
                counts.count(RequestCounts.noRoute, 503)
                responder.send(Self.starting(request, failures))
            }
        } catch { throw .configuration("\(error.kind == .portInUse ? "DAIFA_HTTP_PORT" : "DAIFA_HTTP_HOST, DAIFA_HTTP_PORT"): \(error)") }
    }
}

/// Counts what was answered.
struct RequestCounts: Sendable {
    /// The label of paths that lead nowhere: one for all of them, as anybody can think of more.
    static let noRoute = "none"

    private let requests: CounterFamily
    private let seconds: HistogramFamily
    private let tracer: Tracer?

    /// - Parameter tracer: nil: no traces are told.
    init(_ registry: Metrics, _ tracer: Tracer? = nil) {
        requests = CounterFamily(registry, .requests)
        seconds = HistogramFamily(registry, .requestSeconds)
        self.tracer = tracer
    }

    func count(_ route: String, _ status: Int) { requests[route, "\(status)"].increment() }

    /// Middleware that counts, measures, and tells the step of a trace that a request is: what comes of it follows from that step.
    func middleware(_ call: inout ConsoleCall, _ next: Router<Visit, Problem>.Next) throws(Problem) -> RouteAnswer {
        let (name, method, began) = (call.route.name, call.request.method, ContinuousClock.now)
        let step = tracer?.begin(after: call.request.traceparent, mayBegin: true)
        if let step { call.request.setHeader("traceparent", step.context.traceparent) }
        let answered = { @Sendable [self] (status: Int) in
            count(name, status)
            seconds[name].observe(began.duration(to: .now) / .seconds(1))
            guard let step, let tracer else { return }
            tracer.record([
                step.ended(
                    "\(method) \(name)", .server, isError: status >= 500,
                    [
                        .init("http.request.method", method), .init("http.route", name), .init("http.response.status_code", status),
                    ])
            ])
        }
        do throws(Problem) {
            return try next(&call).map { response in
                answered(response.status)
                return response
            }
        } catch {
            answered(error.status)
            throw error
        }
    }
}
