import Contracts
import JSON
import Web

/// One method of one path of the document.
struct OpenAPIPath {
    let path: String
    let method: String
    private(set) var document = JSONValue.null

    /// - Parameter command: the one that the route is told of; nil: of any other route.
    init(_ route: Route, _ operation: OpenAPIOperation, command: CommandName? = nil) {
        var path = route.template.text.dropFirst(OpenAPIDocument.prefix.count).replacing("...}", with: "}")
        if let command { path = "/commands/\(command.service.rawValue)/\(command.command)"[...] }
        self.path = String(path)
        method = route.method.rawValue.lowercased()
        document = .object(members(route, operation, command))
    }

    private func members(_ route: Route, _ operation: OpenAPIOperation, _ command: CommandName?) -> [(String, JSONValue)] {
        let arguments = command == nil ? route.template.parameters : []
        var members: [(String, JSONValue)] = [
            ("operationId", .string(command.map { "\(route.name)-\($0.service.rawValue)-\($0.command)" } ?? route.name)),
            ("summary", .string(command?.entry.summary ?? operation.summary)), ("tags", .array([.string(operation.tag)])),
        ]
        if let command { members.append(("description", .string(Self.description(command.entry)))) }
        var names = operation.parameters
        var problems = operation.problems
        if command?.changesVersionedRow == true {
            names.append("ifMatch")
            problems.append(HTTPCode.changedMeanwhile.status)
        }
        if !route.method.isSafe, operation.access != .open || route.name == "use-invitation" { names.append("csrf") }
        let parameters =
            arguments.map(Self.argument) + names.map { OpenAPIDocument.value(##"{"$ref":"#/components/parameters/\##($0)"}"##) }
        if !parameters.isEmpty { members.append(("parameters", .array(parameters))) }
        let body = command.map { OpenAPIAnswer.reference($0.entry.type) } ?? operation.body
        if let body {
            let types = route.bodyTypes.isEmpty ? operation.bodyTypes : route.bodyTypes
            let content = types.map { ($0, JSONValue.object([("schema", OpenAPIDocument.value(body))])) }
            members.append(("requestBody", .object([("required", .bool(true)), ("content", .object(content))])))
        }
        members.append(("responses", .object(Self.responses(operation, problems, hasArguments: !route.template.parameters.isEmpty))))
        members.append(("security", Self.security(operation.access)))
        return members
    }

    private static func description(_ entry: CatalogEntry) -> String {
        let refusals = (Catalog.commonRefusals + entry.refusals).map(\.rawValue)
        let events = entry.answers.isEmpty ? "" : "Accepted: \(entry.answers.joined(separator: ", ")). "
        return "\(events)Refused: \(refusals.joined(separator: ", ")). Kafka key: \(entry.key.text)."
    }

    private static func argument(_ name: String) -> JSONValue {
        .object([
            ("name", .string(name)), ("in", .string("path")), ("required", .bool(true)),
            ("schema", .object([("type", .string("string")), ("minLength", .int(1))])),
        ])
    }

    private static func security(_ access: OpenAPIOperation.Access) -> JSONValue {
        let names =
            switch access {
            case .open: [] as [String]
            case .known: ["bearer", "session"]
            case .session: ["session"]
            }
        return .array(names.map { .object([($0, .array([]))]) })
    }

    // MARK: Answers

    private static func responses(_ operation: OpenAPIOperation, _ own: [Int], hasArguments: Bool) -> [(String, JSONValue)] {
        var problems = Set(own + [400, 413, 415, 429, 503])
        if operation.access != .open { problems.formUnion([401, 403]) }
        if hasArguments { problems.insert(404) }
        let served = OpenAPIDocument.servedStatuses
        return operation.answers.map { ("\($0.status)", response($0)) }
            + problems.union(served.keys).sorted().map { status in
                let name = (served[status] == nil ? "Problem" : "Server") + "\(status)"
                return ("\(status)", OpenAPIDocument.value(##"{"$ref":"#/components/responses/\##(name)"}"##))
            }
    }

    private static func response(_ answer: OpenAPIAnswer) -> JSONValue {
        response(
            answer.description, type: answer.type, schema: answer.schema.map { OpenAPIDocument.value($0) }, otherTypes: answer.otherTypes,
            headers: answer.headers, links: answer.links)
    }

    static func response(
        _ description: String, type: String?, schema: JSONValue?, otherTypes: [String] = [], headers: [String], links: [String]
    ) -> JSONValue {
        func references(_ kind: String, _ names: [String]) -> JSONValue {
            .object(names.map { ($0, OpenAPIDocument.value(##"{"$ref":"#/components/\##(kind)/\##($0)"}"##)) })
        }
        var members: [(String, JSONValue)] = [("description", .string(description))]
        if !headers.isEmpty { members.append(("headers", references("headers", headers))) }
        let typed = type.map { [($0, JSONValue.object(schema.map { [("schema", $0)] } ?? []))] } ?? []
        let contents = typed + otherTypes.map { ($0, .object([])) }
        if !contents.isEmpty { members.append(("content", .object(contents))) }
        if !links.isEmpty { members.append(("links", references("links", links))) }
        return .object(members)
    }
}
