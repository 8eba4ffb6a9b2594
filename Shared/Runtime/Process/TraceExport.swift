import CommandLine
import Contracts
import HTTP
import Observability
import Threads

/// Brings traces to the collector of the settings: OTLP over HTTP, as JSON.
enum TraceExport {
    /// Seconds that the collector has to take a document.
    private static let timeout = 3.0
    private static let wait = "traces are dropped"

    /// nil: no collector is named.
    static func tracer(_ configuration: Configuration, metrics: Metrics, logger: Logger) throws(ExitError) -> Tracer? {
        let settings = configuration.traces
        guard let url = settings.url else { return nil }
        let (http, waits) = (LazyHTTPClient(), WaitLog(logger))
        do throws(ThreadError) {
            return try Tracer(
                TraceSampler(settings.sampler, ratio: settings.ratio),
                resource: [
                    .init("service.name", settings.serviceName ?? "daifa-\(configuration.service.rawValue)"),
                    .init("service.version", ProductVersion.current), .init("service.instance.id", configuration.instance),
                ], version: ProductVersion.current, metrics: metrics
            ) { document in
                let failure = send(document, to: url, http)
                if let failure { waits.say(wait, because: failure, level: .notice) } else { waits.over(wait) }
                return failure == nil
            }
        } catch { throw .bug("\(error)") }
    }

    /// Why the collector has not taken it; nil: it has.
    private static func send(_ document: [UInt8], to url: String, _ http: any HTTPSender) -> String? {
        var request = HTTPClientRequest(
            method: "POST", url: url, headers: [("Content-Type", "application/json")], body: document, timeout: timeout)
        // Ids and names alone.
        request.allowsPlain = true
        let answer = Monitor<String??>(nil)
        Task.detached { [request] in
            do throws(HTTPClientError) {
                let status = try await http.send(request).status
                answer.update { $0 = .some((200..<300).contains(status) ? nil : "the collector answers with HTTP status \(status)") }
            } catch { answer.update { $0 = .some("\(error)") } }
        }
        // The request has a time limit of its own.
        return answer.wait(until: .after(timeout + 1)) { $0 } ?? "the collector gives no answer"
    }
}
