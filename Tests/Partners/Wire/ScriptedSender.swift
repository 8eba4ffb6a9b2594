import HTTP
import Synchronization
import Testing

/// Plays a partner: gives its answers one after the other, and keeps what was asked.
final class ScriptedSender: HTTPSender {
    enum Answer: Sendable {
        case response(HTTPClientResponse)
        case failure(HTTPClientError)

        /// Status 200 and a JSON document.
        static func json(_ text: String, status: Int = 200) -> Answer {
            .bytes(Array(text.utf8), contentType: "application/json;charset=utf-8", status: status)
        }

        static func html(_ text: String, status: Int = 200) -> Answer {
            .bytes(Array(text.utf8), contentType: "text/html;charset=utf-8", status: status)
        }

        static func bytes(_ body: [UInt8], contentType: String, status: Int = 200) -> Answer {
            .response(HTTPClientResponse(status: status, headers: [("Content-Type", contentType)], body: body))
        }

        static func failure(_ kind: HTTPClientError.Kind) -> Answer { .failure(HTTPClientError(kind, "scripted: \(kind.rawValue)")) }
    }

    private struct State {
        var answers: ArraySlice<Answer>
        var requests: [HTTPClientRequest] = []
    }

    private let state: Mutex<State>

    init(_ answers: Answer...) { state = Mutex(State(answers: answers[...])) }
    init(_ answers: [Answer]) { state = Mutex(State(answers: answers[...])) }

    /// What was sent so far.
    var requests: [HTTPClientRequest] { state.withLock { $0.requests } }
    /// Answers that nobody has asked for.
    var remaining: Int { state.withLock { $0.answers.count } }

    func send(_ request: HTTPClientRequest) async throws(HTTPClientError) -> HTTPClientResponse {
        let answer = state.withLock { state in
            state.requests.append(request)
            return state.answers.popFirst()
        }
        switch answer {
        case .response(let response): return response
        case .failure(let error): throw error
        case nil:
            Issue.record("one request more than the script has answers: \(request.method) \(request.url)")
            throw HTTPClientError(.connection, "the script is at its end")
        }
    }
}
