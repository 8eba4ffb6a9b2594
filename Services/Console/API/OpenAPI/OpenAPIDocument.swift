import Contracts
import JSON
import Web

/// OpenAPI 3.1 of the API (contract, section 9), made of the table of routes, the catalogue's commands, the views' declared fields and the
/// codes of problems. The same table always gives the same document.
struct OpenAPIDocument {
    static let prefix = "/api/v1"
    /// What has no description is left out; a test says so.
    let document: JSONValue

    init(_ routes: [Route]) {
        var schemas = OpenAPISchemas()
        OpenAPIComponents.addViews(to: &schemas)
        schemas.add("Problem", Self.problem)
        var paths: [(String, [(String, JSONValue)])] = []
        func add(_ operation: OpenAPIPath) {
            let index = paths.firstIndex { $0.0 == operation.path } ?? paths.count
            if index == paths.count { paths.append((operation.path, [])) }
            paths[index].1.append((operation.method, operation.document))
        }
        for route in routes where route.template.text.hasPrefix(Self.prefix) {
            guard let operation = OpenAPIOperation.all[route.name] else { continue }
            guard route.name == "send-command" else {
                add(OpenAPIPath(route, operation))
                continue
            }
            for name in CommandName.all where name.isForPeople {
                schemas.add(input: name.entry)
                add(OpenAPIPath(route, operation, command: name))
            }
        }
        document = .object([
            ("openapi", .string("3.1.0")), ("info", Self.value(Self.info)),
            ("servers", .array([.object([("url", .string(Self.prefix))])])),
            ("paths", .object(paths.map { ($0.0, .object($0.1)) })),
            (
                "components",
                .object([
                    ("schemas", .object(schemas.members)), ("parameters", .object(OpenAPIComponents.parameters)),
                    ("headers", .object(OpenAPIComponents.headers.map { ($0.0, Self.value($0.1)) })),
                    ("links", .object(OpenAPIComponents.links.map { ($0.0, Self.value($0.1)) })),
                    (
                        "responses",
                        .object(
                            Self.statuses.map { ("Problem\($0)", Self.problem(of: $0)) }
                                + Self.servedStatuses.sorted { $0.key < $1.key }.map {
                                    ("Server\($0)", .object([("description", .string($1))]))
                                })
                    ),
                    ("securitySchemes", Self.value(Self.security)),
                ])
            ),
        ])
    }

    /// As it is committed in `Shared/Schemas/openapi.json`.
    var text: String { document.pretty() + "\n" }

    /// Of JSON in the source; null where it is none.
    static func value(_ text: String) -> JSONValue { (try? JSONValue.decode(Array(text.utf8))) ?? .null }

    // MARK: Problems

    private static let codes: [(code: String, status: Int)] =
        RefusalCode.allCases.map { ($0.rawValue, $0.status) } + HTTPCode.allCases.map { ($0.rawValue, $0.status) }

    static let statuses = Set(codes.map(\.status)).sorted()

    /// What the HTTP server answers before the console sees a request: its body is the server's (contract, section 9).
    static let servedStatuses = [
        414: "The path and query do not fit into the server's buffer.", 431: "The headers are larger than 16 KiB.",
    ]

    private static var problem: JSONValue {
        value(
            #"{"type":"object","description":"RFC 9457; never repeats what was sent","properties":{"type":{"type":"string"},"title":{"type":"string"},"status":{"type":"integer"},"code":{"type":"string"},"detail":{"type":"string"},"field":{"type":"string","description":"the field, parameter or header that is wrong"},"details":{"type":"object"},"commandId":{"type":"string"}},"required":["type","title","status","code","detail"]}"#
        )
    }

    private static func problem(of status: Int) -> JSONValue {
        let codes = codes.filter { $0.status == status }.map(\.code)
        let schema = JSONValue.object([
            (
                "allOf",
                .array([
                    value(OpenAPIAnswer.reference("Problem")),
                    .object([
                        (
                            "properties",
                            .object([
                                ("status", .object([("const", .int(status))])),
                                ("code", .object([("enum", .array(codes.map { .string($0) }))])),
                            ])
                        )
                    ]),
                ])
            )
        ])
        var headers = ["Content-Language"]
        if status == 401 { headers.append("WWW-Authenticate") }
        if status == 429 || status == 503 { headers.append("Retry-After") }
        return OpenAPIPath.response(
            "A problem: \(codes.joined(separator: ", ")).", type: "application/problem+json", schema: schema, headers: headers, links: [])
    }

    // MARK: Texts

    private static let info = #"""
        {"title":"Daifa","version":"1","description":"Orders of merchants, parcels of factories, and the commands of both. Times are RFC 3339 in UTC; ids are in Unicode's NFC. What is sealed is left out of every answer. A caller sees his own only: what is another's is 404, as what does not exist."}
        """#

    private static let security = #"""
        {"bearer":{"type":"http","scheme":"bearer","bearerFormat":"JWT","description":"EdDSA; sub is merchant:<shopId>, factory:<shopId> or operator:<id>"},"session":{"type":"apiKey","in":"cookie","name":"daifa_session","description":"of POST /session; unsafe methods also need X-CSRF-Token"}}
        """#
}
