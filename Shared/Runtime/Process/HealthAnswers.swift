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

    /// Connections of a server with nothing else.
    private static let connections = 128
    /// Connections that are kept for `/health`.
    private static let reserved = 16
    /// Connections of one address.
    private static let perAddress = 64

    static func limits(_ configuration: Configuration, connections: Int) -> HTTPServer.Limits {
        var limits = HTTPServer.Limits()
        limits.connections = connections
        limits.reserved = reserved
        limits.perAddress = perAddress
        limits.unlimited = configuration.trustedProxies
        return limits
    }

    static var refusals: HTTPServer.Refusals {
        var refusals = HTTPServer.Refusals()
        refusals.reserved = { $0.hasPrefix("/health/") }
        return refusals
    }

    /// Serves nothing else, on the configuration's host and port; nil when that is 0.
    static func serve(_ context: ProcessContext) throws(ExitError) -> HTTPServer? {
        let configuration = context.configuration
        guard configuration.httpPort > 0 else { return nil }
        let answers = HealthAnswers(context)
        do throws(HTTPError) {
            let server = try HTTPServer(
                host: configuration.httpHost, port: configuration.httpPort, refusals: refusals,
                limits: limits(configuration, connections: connections)
            ) { request in
                answers.answer(request) ?? .text("there are /health/live, /health/ready and /metrics\n", status: 404)
            }
            context.logger.info("health and metrics", ["host": configuration.httpHost, "port": "\(server.port)"])
            return server
        } catch { throw .configuration("\(error.kind == .portInUse ? "DAIFA_HTTP_PORT" : "DAIFA_HTTP_HOST, DAIFA_HTTP_PORT"): \(error)") }
    }
}
