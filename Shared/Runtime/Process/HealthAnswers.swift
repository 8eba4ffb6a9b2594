import HTTP
import Observability

/// `/health/live`, `/health/ready` and `/metrics`.
struct HealthAnswers: Sendable {
    private let status: ServiceStatus
    private let metrics: Metrics

    init(_ context: ProcessContext) {
        status = context.status
        metrics = context.metrics
    }

    /// nil for any other path.
    func answer(_ request: HTTPRequest) -> HTTPResponse? {
        let make: () -> HTTPResponse
        switch request.path {
        case "/health/live": make = { status.isLive ? .text("live\n") : .text("stuck\n", status: 503) }
        case "/health/ready": make = { status.obstacle.map { .text($0 + "\n", status: 503) } ?? .text("ready\n") }
        case "/metrics": make = { .text(metrics.text, type: "text/plain; version=0.0.4; charset=utf-8") }
        default: return nil
        }
        return request.method == "GET" || request.method == "HEAD" ? make() : .text("use GET\n", status: 405)
    }

    /// Serves nothing else, on the configuration's port; nil when that is 0.
    static func serve(_ context: ProcessContext) throws(ExitError) -> HTTPServer? {
        guard context.configuration.httpPort > 0 else { return nil }
        let answers = HealthAnswers(context)
        do throws(HTTPError) {
            let server = try HTTPServer(port: context.configuration.httpPort) { request in
                answers.answer(request) ?? .text("there are /health/live, /health/ready and /metrics\n", status: 404)
            }
            context.logger.info("health and metrics", ["port": "\(server.port)"])
            return server
        } catch { throw .configuration("DAIFA_HTTP_PORT: \(error)") }
    }
}
