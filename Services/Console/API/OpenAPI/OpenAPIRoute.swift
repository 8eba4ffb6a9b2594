import HTTP
import JSON
import Web

/// `GET /openapi.json` (contract, section 9): the document of all routes, this one too.
struct OpenAPIRoute: Sendable {
    private let body: [UInt8]

    /// - Parameter routes: of the whole table.
    init(_ routes: [Route]) { body = OpenAPIDocument(routes).document.json }

    func add(to group: inout ConsoleGroup) {
        group.get("/openapi.json", name: "openapi") { (call) throws(Problem) in
            try call.expectNoQuery()
            return .json(body)
        }
    }
}
