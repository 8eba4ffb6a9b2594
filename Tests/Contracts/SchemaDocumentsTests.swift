import Contracts
import Foundation
import JSON
import Testing

private let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Shared/Schemas")
private let remedy = "run `swift run daifa schemas --output Shared/Schemas` and commit what changed"

@Suite
struct SchemaDocumentsTests {
    @Test(arguments: SchemaDocuments.all.map(\.path))
    func areThoseOfTheCode(path: String) throws {
        let file = try #require(SchemaDocuments.all.first { $0.path == path })
        let committed = try? String(contentsOf: folder.appendingPathComponent(path), encoding: .utf8)
        guard let committed else {
            Issue.record("Shared/Schemas/\(path) is missing: \(remedy)")
            return
        }
        if committed != file.text {
            let lines = zip(committed.split(separator: "\n"), file.text.split(separator: "\n"))
            let first = lines.enumerated().first { $0.element.0 != $0.element.1 }
            Issue.record(
                "Shared/Schemas/\(path) differs from the code, first in line \(first.map { $0.offset + 1 } ?? 0): \(remedy)")
        }
    }

    @Test
    func holdNothingThatTheCodeHasNot() throws {
        let expected = Set(SchemaDocuments.all.map(\.path).filter { $0.hasPrefix("json/") }.map { String($0.dropFirst(5)) })
        let found = Set(try FileManager.default.contentsOfDirectory(atPath: folder.appendingPathComponent("json").path))
        #expect(found.subtracting(expected) == [], "no message has these schemas: remove the files")
    }

    @Test
    func areTheSameEachTime() { #expect(SchemaDocuments.all == SchemaDocuments.all) }

    @Test(arguments: SchemaDocuments.all.map(\.path))
    func areJSONAndEveryReferenceLeadsSomewhere(path: String) throws {
        let file = try #require(SchemaDocuments.all.first { $0.path == path })
        let document = try JSONValue.decode(Array(file.text.utf8))
        for pointer in Self.references(in: document) {
            var target: JSONValue? = document
            for step in pointer.dropFirst(2).split(separator: "/") { target = target?[String(step)] }
            #expect(target != nil, "\(path): \(pointer)")
        }
    }

    private static func references(in value: JSONValue) -> [String] {
        switch value {
        case .array(let elements): elements.flatMap { references(in: $0) }
        case .object(let members): members.flatMap { $0.0 == "$ref" ? [$0.1.string ?? ""] : references(in: $0.1) }
        default: []
        }
    }

    @Test
    func twoTypesOfOneNameWouldHideOneAnotherThereAreNone() {
        var known: [String: JSONValue] = [:]
        func visit(_ value: JSONValue) {
            switch value {
            case .array(let elements): elements.forEach(visit)
            case .object(let members):
                if let name = value["title"]?.string, value["type"]?.string == "object" {
                    #expect(known[name] == nil || known[name] == value, "\(name)")
                    known[name] = value
                }
                for member in members { visit(member.1) }
            default: break
            }
        }
        for entry in Catalog.entries {
            guard case .object(let members) = entry.schema else { continue }
            for member in members { visit(member.1) }
        }
        #expect(known.count > 10)
    }

    private static let validator = ProcessInfo.processInfo.environment["ASYNCAPI_VALIDATOR"]

    @Test(
        .enabled(if: validator != nil, "set ASYNCAPI_VALIDATOR to a program for Node that prints diagnostics and fails on an error"),
        .timeLimit(.minutes(2)))
    func theOfficialAsyncAPIParserFindsNoError() throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["node", Self.validator ?? "", folder.appendingPathComponent("asyncapi.json").path]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "\(text)")
    }
}
