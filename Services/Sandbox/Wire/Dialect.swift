import HTTP
import JSON

/// How one of a partner's gateways reads calls and writes answers.
protocol Dialect: Sendable {
    var partner: Partner { get }
    /// The operation that is called, as far as it can be told: for faults and the log.
    func operation(of request: HTTPRequest) -> String
    /// Checks the call as the partner would, does what it asks for, and gives the whole document that is answered.
    /// - Throws: `Refusal`; `StoreError`.
    func answer(_ request: HTTPRequest, _ operation: String, _ world: World) throws -> JSONValue
    /// The whole document for a refusal.
    func document(_ refusal: Refusal) -> JSONValue
}

/// A call that was checked: who calls, with whose consent, and with what.
struct Call {
    let operation: String
    let app: App
    let grant: Grant?
    let parameters: Parameters
}

/// Carries out an operation, and gives the inner part of the answer.
typealias Operation = @Sendable (World, Call) throws -> JSONValue

/// An answer, and the way in which it goes back.
struct SandboxAnswer: Sendable {
    var response: HTTPResponse
    /// Seconds until it is sent.
    var delay = 0.0
    /// The connection is closed without an answer.
    var isDropped = false

    init(_ response: HTTPResponse) { self.response = response }

    init(_ json: JSONValue, status: Int = 200) {
        self.init(HTTPResponse(status: status, headers: [("Content-Type", "application/json; charset=utf-8")], body: json.json))
    }
}

extension HTTPRequest {
    /// The parameters of the query and of a form in the body; of a name that comes twice the first counts.
    var formParameters: [(name: String, value: String)] {
        var all = query
        let type = header("content-type")?.lowercased() ?? ""
        if method == "POST", !type.hasPrefix("application/json") { all += FormText.fields(String(decoding: body, as: UTF8.self)) }
        var seen: Set<String> = []
        return all.filter { seen.insert($0.name).inserted }.map { ($0.name, $0.value) }
    }
}

extension [(name: String, value: String)] {
    subscript(name: String) -> String? { first { $0.name == name && !$0.value.isEmpty }?.value }

    func required(_ name: String) throws(Refusal) -> String {
        guard let value = self[name] else { throw Refusal(.missing, name) }
        return value
    }
}
