import Contracts
import Credentials
import HTTP
import Observability
import Runtime
import Synchronization
import Threads

/// Routes HTTP requests. Runs on the server's thread: it parses and validates only, and never blocks.
final class ConsoleRouter: Sendable {
    /// Bytes of a body (contract, section 8).
    static let maximumBody = 65_536
    /// Requests that are worked on, and connections that wait for one, at a time.
    private static let connections = 512

    private let process: ShardlessProcess<TablesAndSecrets>
    private let clock: ServiceClock
    private let answers: AnswerMetrics
    /// nil until everything is read.
    private let queue = Mutex<PartnerRequestQueue?>(nil)

    init(_ process: ShardlessProcess<TablesAndSecrets>, clock: ServiceClock, answers: AnswerMetrics) {
        self.process = process
        self.clock = clock
        self.answers = answers
    }

    /// From now on partners are let in.
    func open(_ queue: PartnerRequestQueue) { self.queue.withLock { $0 = queue } }

    func serve(_ configuration: Configuration) throws(ExitError) -> HTTPServer {
        var refusals = process.refusals
        refusals.tooLarge = { [answers] in Self.tooLarge($0, answers) }
        refusals.busy = { [answers] in Self.busy($0, answers) }
        do throws(HTTPError) {
            return try HTTPServer(
                host: configuration.httpHost, port: configuration.httpPort, maximumBody: Self.maximumBody, refusals: refusals,
                limits: process.limits(connections: Self.connections)
            ) { [self] request, responder in
                if let health = process.health(request) {
                    responder.send(health)
                } else {
                    route(request, responder)
                }
            }
        } catch { throw .configuration("\(error.kind == .portInUse ? "DAIFA_HTTP_PORT" : "DAIFA_HTTP_HOST, DAIFA_HTTP_PORT"): \(error)") }
    }

    private func route(_ request: HTTPRequest, _ responder: HTTPServer.Responder) {
        switch Self.destination(request.path) {
        case .callback(let provider):
            enter(request, "GET", responder) { (request) throws(Problem) in try ConsentCallback(request, provider: provider) }
        case .status:
            enter(request, "POST", responder) { [clock] (request) throws(Problem) in try StatusPush(request, now: clock.now) }
        case nil:
            let there = "/partners/<provider>/callback, /partners/jd-fulfillment/status, /health/live, /health/ready, /metrics"
            answers.count(Self.nowhere, 404)
            responder.send(Problem(404, RefusalCode.notFound.rawValue, "there is nothing here; there are \(there)").response())
        }
    }

    /// The label of paths that lead nowhere: one for all of them, as anybody can think of more.
    private static let nowhere = "none"

    private static func tooLarge(_ path: String, _ answers: AnswerMetrics) -> HTTPResponse {
        answers.count(route(path), 413)
        return Problem.tooLarge(maximumBody).response()
    }

    /// On a connection that is kept for `/health`.
    private static func busy(_ path: String, _ answers: AnswerMetrics) -> HTTPResponse {
        answers.count(route(path), 503)
        return Problem.unavailable.response()
    }

    private static func route(_ path: String) -> String {
        switch destination(path) {
        case .callback: ConsentCallback.route
        case .status: StatusPush.route
        case nil: nowhere
        }
    }

    private func enter<Request: PartnerRequest>(
        _ request: HTTPRequest, _ method: String, _ responder: HTTPServer.Responder,
        _ read: (HTTPRequest) throws(Problem) -> Request
    ) {
        let problem: Problem
        if request.method != method {
            problem = Problem(405, RefusalCode.invalid.rawValue, "use \(method)")
        } else {
            do throws(Problem) {
                let read = try read(request)
                if let queue = queue.withLock({ $0 }) { return queue.submit(read, responder) }
                problem = .unavailable
            } catch { problem = error }
        }
        answers.count(Request.route, problem.status)
        var response = problem.response(Language(acceptLanguage: request.header("accept-language")))
        if problem.status == 405 { response.headers.append(("Allow", method)) }
        responder.send(response)
    }

    enum Destination: Equatable {
        case callback(Provider)
        case status
    }

    static func destination(_ path: String) -> Destination? {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 4, parts[0].isEmpty, parts[1] == "partners", let provider = Provider(rawValue: String(parts[2])) else {
            return nil
        }
        switch parts[3] {
        case "callback": return .callback(provider)
        case "status" where provider == StatusPush.provider: return .status
        default: return nil
        }
    }
}
