import Foundation
public import HTTP
public import JSON
import Synchronization

/// Plays Pinduoduo or Jackyun in memory: answers each operation as the test says, and keeps what was asked.
public final class ScriptedPartner: HTTPSender, Sendable {
    public struct Call: Sendable {
        /// Pinduoduo's `type`, Jackyun's `method`.
        public let operation: String
        public let fields: [String: String]

        /// A field that holds JSON text.
        public subscript(_ name: String) -> JSONValue { fields[name].flatMap { try? JSONValue.decode(Array($0.utf8)) } ?? .null }
    }

    public enum Answer: Sendable {
        /// Status 200 and a JSON document.
        case json(String)
        /// The work is done, or not, and nobody learns it.
        case lost
        /// The partner's own server error.
        case broken
    }

    private struct State {
        var handlers: [String: @Sendable (Call) -> Answer] = [:]
        var next: [String: [Answer]] = [:]
        var calls: [Call] = []
    }

    private let state = Mutex(State())

    public init() {}

    /// The answer to each call of an operation from now on.
    public func on(_ operation: String, _ handler: @escaping @Sendable (Call) -> Answer) {
        state.withLock { $0.handlers[operation] = handler }
    }

    public func on(_ operation: String, _ json: String) { on(operation) { _ in .json(json) } }

    /// The answers to the next calls, before what `on` has said counts again.
    public func next(_ operation: String, _ answers: Answer...) { state.withLock { $0.next[operation, default: []] += answers } }

    /// What was asked so far, of one operation or all.
    public func calls(_ operation: String? = nil) -> [Call] {
        state.withLock { state in state.calls.filter { operation == nil || $0.operation == operation } }
    }

    public func send(_ request: HTTPClientRequest) async throws(HTTPClientError) -> HTTPClientResponse {
        switch answer(request.body) {
        case .json(let text):
            return HTTPClientResponse(status: 200, headers: [("Content-Type", "application/json")], body: Array(text.utf8))
        case .broken: return HTTPClientResponse(status: 502, headers: [], body: Array("<html>".utf8))
        case .lost: throw HTTPClientError(.timeout, "no answer in time")
        }
    }

    private func answer(_ body: [UInt8]) -> Answer {
        var fields: [String: String] = [:]
        for part in String(decoding: body, as: UTF8.self).split(separator: "&") {
            let halves = part.split(separator: "=", maxSplits: 1).map { $0.replacing("+", with: " ").removingPercentEncoding ?? "" }
            if halves.count == 2 { fields[halves[0]] = halves[1] }
        }
        let call = Call(operation: fields["type"] ?? fields["method"] ?? "", fields: fields)
        let (handler, given) = state.withLock { state -> ((@Sendable (Call) -> Answer)?, Answer?) in
            state.calls.append(call)
            let given = state.next[call.operation]?.isEmpty == false ? state.next[call.operation]?.removeFirst() : nil
            return (state.handlers[call.operation], given)
        }
        // An operation that nobody has scripted is one that the partner does not have.
        return given ?? handler?(call) ?? .json(Self.unknown)
    }

    private static let unknown = """
        {"error_response":{"error_msg":"unknown","sub_msg":"","sub_code":null,"error_code":10017},"code":0,"msg":"unknown","subCode":"404"}
        """

    /// Pinduoduo's envelope of an error.
    public static func pinduoduoError(_ code: Int, _ message: String = "no") -> Answer {
        .json(#"{"error_response":{"error_msg":"\#(message)","sub_msg":"\#(message)","sub_code":null,"error_code":\#(code)}}"#)
    }

    /// Jackyun's envelope.
    public static func jackyun(_ data: String) -> String { #"{"code":200,"msg":"","subCode":"","result":{"data":\#(data)}}"# }
}
