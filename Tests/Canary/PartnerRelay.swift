import Foundation
import HTTP
import JSON
import Kafka
import Synchronization
import TestSupport

/// Stands between services and the sandbox's partners: passes everything on, keeps what was said, and can answer as a partner that
/// repeats in its error what it was sent.
final class PartnerRelay: Sendable {
    /// How a partner repeats.
    enum Echo: Sendable {
        /// In an error that is final.
        case rejection
        /// In an answer with status 500 that is no JSON.
        case breakdown
    }

    private struct State {
        var traffic: [Place] = []
        var echoes: [(operation: String, echo: Echo)] = []
        var known: [Canary] = []
        var repeated = 0
    }

    private let state = Mutex(State())
    private let client: HTTPClient
    private let partners: String
    private let server = Mutex<HTTPServer?>(nil)

    /// - Parameter partners: the sandbox's address.
    init(to partners: String) throws {
        self.partners = partners
        client = try HTTPClient()
        let started = try HTTPServer(host: "127.0.0.1", port: 0, maximumBody: 1 << 20) { [weak self] request, responder in
            guard let self else { return }
            Task.detached { responder.send(await self.answer(request)) }
        }
        server.withLock { $0 = started }
    }

    var address: String { "http://127.0.0.1:\(server.withLock { $0?.port ?? 0 })" }
    /// What services have sent and were answered.
    var traffic: [Place] { state.withLock { $0.traffic } }
    /// The operations that are still to be answered by an echo.
    var waiting: [String] { state.withLock { $0.echoes.map(\.operation) } }

    /// How many texts were repeated.
    var repeated: Int { state.withLock { $0.repeated } }

    /// What is repeated where it was sent.
    func know(_ canaries: [Canary]) { state.withLock { $0.known += canaries } }

    func stop() { server.withLock { $0?.stop() } }

    /// The next call of this operation is answered so.
    func echo(_ operation: String, _ echo: Echo) { state.withLock { $0.echoes.append((operation, echo)) } }

    // MARK: One request

    private func answer(_ request: HTTPRequest) async -> HTTPResponse {
        let text = request.query.map { "\($0.name)=\($0.value)" }.joined(separator: "&")
        let fields = request.query + Self.form(request)
        let operation = fields.first { ["method", "type"].contains($0.name) }?.value ?? request.path
        let echo = state.withLock { state -> Echo? in
            state.traffic.append(Place("request \(operation)", Array("\(request.path)?\(text)\n".utf8) + request.body))
            guard let index = state.echoes.firstIndex(where: { $0.operation == operation }) else { return nil }
            return state.echoes.remove(at: index).echo
        }
        if let echo { return repeated(fields, request, operation, echo) }
        let skipped: Set<String> = ["host", "content-length", "connection", "accept-encoding", "expect"]
        do {
            let answer = try await client.send(
                HTTPClientRequest(
                    method: request.method, url: url(request),
                    headers: request.headers.filter { !skipped.contains($0.name.lowercased()) }.map { ($0.name, $0.value) },
                    body: request.body, timeout: 60))
            let type = answer.header("content-type") ?? "application/json"
            state.withLock { $0.traffic.append(Place("answer \(operation)", answer.body)) }
            return HTTPResponse(status: answer.status, headers: [("Content-Type", type)], body: answer.body)
        } catch { return .text("\(error)", status: 502) }
    }

    private func url(_ request: HTTPRequest) -> String {
        let query = request.query.map { "\(Self.encode($0.name))=\(Self.encode($0.value))" }.joined(separator: "&")
        return partners + request.path + (query.isEmpty ? "" : "?" + query)
    }

    /// What it was sent of the canaries, as it was meant and percent-encoded, in the error that each partner would give.
    private func repeated(_ fields: [HTTPRequest.Field], _ request: HTTPRequest, _ operation: String, _ echo: Echo) -> HTTPResponse {
        let body = String(decoding: request.body, as: UTF8.self)
        let sent = fields.map(\.value).joined(separator: "\n") + "\n" + body
        let known = state.withLock { $0.known }.compactMap(\.text).filter { sent.contains($0) }
        let codes = fields.filter { ["code", "refresh_token", "access_token"].contains($0.name) }.map(\.value)
        // Errors are cut: the longest form comes last.
        let text = (codes + known + known.map(Self.encode)).joined(separator: " ")
        state.withLock { $0.repeated += known.count + codes.count }
        if case .breakdown = echo { return .text("<html>cannot do \(text)</html>", status: 500, type: "text/html") }
        let error = JSONValue.string(text)
        let answer: JSONValue =
            if operation.hasPrefix("pdd.") {
                .object([
                    (
                        "error_response",
                        .object([
                            ("error_code", .int(21002)), ("error_msg", error), ("sub_code", .string("x")), ("sub_msg", error),
                            ("request_id", .string("1")),
                        ])
                    )
                ])
            } else {
                .object([
                    ("code", .int(400)), ("msg", error), ("message", error), ("subCode", .string("0040139996")),
                    ("error_response", .object([("code", .string("61")), ("zh_desc", error), ("en_desc", error)])),
                ])
            }
        return HTTPResponse(headers: [("Content-Type", "application/json")], body: answer.json)
    }

    private static func form(_ request: HTTPRequest) -> [HTTPRequest.Field] {
        guard request.header("content-type")?.contains("urlencoded") == true else { return [] }
        return String(decoding: request.body, as: UTF8.self).split(separator: "&").map { field in
            let parts = field.split(separator: "=", maxSplits: 1).map { String($0).replacing("+", with: " ").removingPercentEncoding ?? "" }
            return HTTPRequest.Field(parts.first ?? "", parts.count > 1 ? parts[1] : "")
        }
    }

    private static func encode(_ text: String) -> String { text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "" }
}
