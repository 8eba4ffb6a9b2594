import Contracts
import Foundation
import HTTP
import JSON
import Testing
import Web

@testable import Console

/// The document that is served is the table's, and the committed one is the served one.
@Suite struct OpenAPITests {
    private static let committed = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Shared/Schemas/openapi.json")
    private static let methods: Set<String> = ["get", "put", "post", "delete", "patch"]

    private func document() throws -> OpenAPIDocument { OpenAPIDocument(try ConsoleScene().router.routes) }

    private static func operations(_ document: JSONValue) -> [(path: String, method: String, operation: JSONValue)] {
        guard case .object(let paths)? = document["paths"] else { return [] }
        return paths.flatMap { path, item -> [(String, String, JSONValue)] in
            guard case .object(let methods) = item else { return [] }
            return methods.map { (path, $0.0, $0.1) }
        }
    }

    @Test func theCommittedDocumentIsTheTables() throws {
        let text = try document().text
        if ProcessInfo.processInfo.environment["DAIFA_WRITE_SCHEMAS"] == "1" {
            try text.write(to: Self.committed, atomically: true, encoding: .utf8)
        }
        let committed = (try? String(contentsOf: Self.committed, encoding: .utf8)) ?? ""
        if committed != text {
            let lines = zip(committed.split(separator: "\n"), text.split(separator: "\n")).enumerated().first {
                $0.element.0 != $0.element.1
            }
            Issue.record(
                """
                Shared/Schemas/openapi.json differs from the code, first in line \(lines.map { $0.offset + 1 } ?? 0): \
                run `DAIFA_WRITE_SCHEMAS=1 swift test --filter OpenAPITests` and commit what changed
                """)
        }
    }

    @Test func itIsServedToEverybody() throws {
        let scene = try ConsoleScene()
        let answer = scene.ask("GET", "/api/v1/openapi.json")
        #expect(answer.status == 200 && answer.header("content-type") == "application/json")
        #expect(answer.json == OpenAPIDocument(scene.router.routes).document && answer.json["openapi"]?.string == "3.1.0")
        #expect(scene.ask("GET", "/api/v1/openapi.json?x=1").field == "x")
    }

    /// A route that nobody has described is named here: describe it in `OpenAPIOperations.swift`.
    @Test func everyRouteIsDescribedAndNothingElse() throws {
        let routes = try ConsoleScene().router.routes.filter { $0.template.text.hasPrefix("/api/v1/") }
        #expect(Set(routes.map(\.name)) == Set(OpenAPIOperation.all.keys))
        let described = Self.operations(try document().document).map { "\($0.method) \($0.path)" }
        #expect(Set(described).count == described.count)
        let commands = CommandName.all.filter(\.isForPeople)
        let expected =
            routes.filter { $0.name != "send-command" }.map {
                "\($0.method.rawValue.lowercased()) \($0.template.text.dropFirst(7).replacing("...}", with: "}"))"
            } + commands.map { "post /commands/\($0.service.rawValue)/\($0.command)" }
        #expect(Set(described) == Set(expected) && commands.count > 30)
    }

    @Test func everyReferenceLeadsSomewhereAndNoNameIsTwice() throws {
        let document = try document().document
        func check(_ value: JSONValue, _ place: String) {
            switch value {
            case .array(let elements): for element in elements { check(element, place) }
            case .object(let members):
                #expect(Set(members.map(\.0)).count == members.count, "\(place)")
                for (name, member) in members {
                    guard name == "$ref", let pointer = member.string else {
                        check(member, "\(place)/\(name)")
                        continue
                    }
                    var target: JSONValue? = document
                    for step in pointer.dropFirst(2).split(separator: "/") { target = target?[String(step)] }
                    #expect(target != nil, "\(place): \(pointer)")
                }
            case .null: #expect(place.hasSuffix("/enum"), "\(place): JSON in the source that is none")
            default: break
            }
        }
        check(document, "#")
    }

    /// What a client's library writes for a field without a value is no mistake.
    @Test func whatARequestMayLeaveOutMayBeNull() throws {
        let document = try document().document
        let bodies = Self.operations(document).compactMap {
            $0.operation["requestBody"]?["content"]?["application/json"]?["schema"]?["$ref"]?.string?.split(separator: "/").last
        }
        var count = 0
        for name in Set(bodies.map(String.init)) where !name.hasPrefix("daifa.") {
            let schema = document["components"]?["schemas"]?[name]
            guard case .object(let properties)? = schema?["properties"] else {
                Issue.record("\(name) has no properties")
                continue
            }
            let required = Set((schema?["required"]?.array ?? []).compactMap(\.string))
            for (field, schema) in properties where !required.contains(field) {
                #expect(schema["type"]?.array?.contains(.string("null")) == true, "\(name): \(field)")
                count += 1
            }
        }
        #expect(count >= 8)
        let commands = #""service":"allocation","command":"allocate","items":[{}]"#
        #expect(try BatchOrder(Array("{\(commands),\"retryOf\":null}".utf8)).retryOf == nil)
        #expect(try BatchOrder(Array("{\(commands),\"retryOf\":\"b\"}".utf8)).retryOf == "b")
        for wrong in ["7", "\"\"", "{}"] {
            #expect(throws: Problem.self) { try BatchOrder(Array("{\(commands),\"retryOf\":\(wrong)}".utf8)) }
        }
        let ids = #""allocationIds":["a"],"format":"pdf""#
        #expect(try !PrintRequest.labels(Array("{\(ids),\"partial\":null}".utf8)).isPartial)
        #expect(try PrintRequest.component(Array("{\(ids),\"partial\":true}".utf8)).isPartial)
        #expect(throws: Problem.self) { try PrintRequest.labels(Array("{\(ids),\"partial\":1}".utf8)) }
    }

    @Test func everyOperationSaysAllThatCanCome() throws {
        for (path, method, operation) in Self.operations(try document().document) {
            let place = "\(method) \(path)"
            #expect(operation["summary"]?.string?.isEmpty == false && operation["operationId"]?.string?.isEmpty == false, "\(place)")
            for status in ["400", "413", "414", "415", "429", "431", "503"] {
                #expect(operation["responses"]?[status] != nil, "\(place) \(status)")
            }
            let isOpen = operation["security"]?.array?.isEmpty == true
            if !isOpen { #expect(operation["responses"]?["401"] != nil && operation["responses"]?["403"] != nil, "\(place)") }
            if path.contains("{") { #expect(operation["responses"]?["404"] != nil, "\(place)") }
            let names = (operation["parameters"]?.array ?? []).map { $0["$ref"]?.string ?? "" }
            #expect(isOpen || method == "get" || names.contains("#/components/parameters/csrf"), "\(place)")
        }
        let command = try document().document["paths"]?["/commands/allocation/allocate"]?["post"]
        #expect(
            command?["requestBody"]?["content"]?["application/json"]?["schema"]?["$ref"]?.string?.hasSuffix("daifa.allocation.allocate.v1")
                == true)
        #expect(command?["responses"]?["202"]?["headers"]?["Location"] != nil && command?["responses"]?["409"] != nil)
        #expect(command?["description"]?.string?.contains("quantity-exceeded") == true)
    }
}
