import HTTP
import JSON
import Synchronization

/// A collector of OTLP over HTTP on loopback, which keeps what it gets.
final class TraceCollector: Sendable {
    struct Span: Sendable {
        var service: String
        var name: String
        var traceId: String
        var spanId: String
        var parentId: String?
        var kind: Int
    }

    private let kept = Mutex<[Span]>([])
    private let server = Mutex<HTTPServer?>(nil)
    let port: UInt16

    init() throws {
        let found = Mutex<(@Sendable ([Span]) -> Void)?>(nil)
        let started = try HTTPServer(host: "127.0.0.1", port: 0, maximumBody: 4 << 20) { request in
            guard request.method == "POST", request.path == "/v1/traces", request.header("content-type") == "application/json",
                let spans = Self.read(request.body)
            else { return HTTPResponse(status: 400) }
            found.withLock { $0 }?(spans)
            return HTTPResponse(status: 200, headers: [("Content-Type", "application/json")], body: Array("{}".utf8))
        }
        port = started.port
        server.withLock { $0 = started }
        found.withLock { $0 = { [weak self] spans in self?.kept.withLock { $0 += spans } } }
    }

    var endpoint: String { "http://127.0.0.1:\(port)" }
    var spans: [Span] { kept.withLock { $0 } }

    /// nil: it is not what OTLP says.
    private static func read(_ body: [UInt8]) -> [Span]? {
        guard let document = try? JSONValue.decode(body), let resources = document["resourceSpans"]?.array else { return nil }
        var spans: [Span] = []
        for resource in resources {
            let attributes = resource["resource"]?["attributes"]?.array ?? []
            guard let service = attributes.first(where: { $0["key"]?.string == "service.name" })?["value"]?["stringValue"]?.string
            else { return nil }
            for span in (resource["scopeSpans"]?.array ?? []).flatMap({ $0["spans"]?.array ?? [] }) {
                guard let traceId = span["traceId"]?.string, traceId.utf8.count == 32, let spanId = span["spanId"]?.string,
                    spanId.utf8.count == 16, let name = span["name"]?.string, let kind = span["kind"]?.int,
                    let start = span["startTimeUnixNano"]?.string.flatMap({ Int($0) }),
                    let end = span["endTimeUnixNano"]?.string.flatMap({ Int($0) }), start <= end
                else { return nil }
                spans.append(
                    Span(
                        service: service, name: name, traceId: traceId, spanId: spanId, parentId: span["parentSpanId"]?.string, kind: kind))
            }
        }
        return spans
    }
}
