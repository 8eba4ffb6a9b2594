import Contracts
import Foundation
import JSON
import Testing

/// The repository's root, from where this file was compiled.
private let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

private func sources(in folder: String) throws -> [(name: String, text: String)] {
    let folder = root.appendingPathComponent(folder)
    let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
    let swift = files.filter { $0.pathExtension == "swift" }
    try #require(!swift.isEmpty, "no sources in \(folder.path)")
    return try swift.map { (name: $0.lastPathComponent, text: try String(contentsOf: $0, encoding: .utf8)) }
}

@Suite("The catalogue holds the whole contract")
struct CatalogTests {
    @Test("every message type of the sources, and no other")
    func complete() throws {
        var declared: Set<String> = []
        for file in try sources(in: "Shared/Contracts") {
            for match in file.text.matches(of: /static let type = "(daifa\.[^"]+)"/) { declared.insert(String(match.1)) }
            for match in file.text.matches(of: /static let table = Table\.(\w+)/) { declared.insert("daifa.\(match.1).row.v1") }
            for match in file.text.matches(of: /static let service = ServiceName\.(\w+)\s+public static let name = "([^"]+)"/) {
                declared.insert("daifa.\(match.1).internal.\(match.2).v1")
            }
        }
        for service in ServiceName.five { declared.insert("daifa.\(service.rawValue).refused.v1") }
        try #require(declared.count > 70)
        let catalogued = Set(Catalog.entries.map(\.type))
        #expect(declared.subtracting(catalogued) == [], "in the sources, not in the catalogue")
        #expect(catalogued.subtracting(declared) == [], "in the catalogue, not in the sources")
    }

    @Test("no type twice")
    func unique() {
        var seen: Set<String> = []
        for entry in Catalog.entries { #expect(seen.insert(entry.type).inserted, "\(entry.type)") }
    }

    @Test("a key is made of fields that the schema requires", arguments: Catalog.entries.map(\.type))
    func keys(type: String) throws {
        let entry = try #require(Catalog.entry(type))
        let required = (entry.schema["required"]?.array ?? []).compactMap(\.string)
        for field in entry.key.fields {
            let property = try #require(entry.schema["properties"]?[field], "\(type) has no field \(field)")
            #expect(property["type"]?.string == "string")
            // Of two alternatives neither is required by itself.
            if case .either = entry.key { continue }
            #expect(required.contains(field), "\(type): \(field) may be absent")
        }
        if entry.kind == .command, entry.key != .account { #expect(!entry.key.fields.isEmpty, "a command is sent under an id") }
    }

    @Test("actors are of the five kinds and name fields of the message", arguments: Catalog.entries.map(\.type))
    func actors(type: String) throws {
        let entry = try #require(Catalog.entry(type))
        if entry.kind != .fact { #expect(!entry.actors.isEmpty) }
        for actor in entry.actors {
            #expect(Actor(actor) != nil, "\(actor)")
            if let field = actor.firstMatch(of: /<(\w+)>/)?.1 {
                #expect(entry.schema["properties"]?[String(field)] != nil, "\(type) has no field \(field)")
            }
        }
    }

    @Test("topics exist, and answers are events of the same service", arguments: Catalog.entries.map(\.type))
    func topics(type: String) throws {
        let entry = try #require(Catalog.entry(type))
        #expect(Topics.all.contains(entry.topic))
        #expect(!entry.summary.isEmpty && entry.summary.hasSuffix("."))
        for answer in entry.answers {
            let event = try #require(Catalog.entry(answer))
            #expect(event.kind == .event)
            #expect(entry.topic.replacing(".commands", with: ".events") == event.topic)
        }
    }

    @Test("every event answers a command or says what came by itself")
    func events() {
        let answers = Set(Catalog.entries.flatMap(\.answers))
        let byItself: Set<String> = [
            OrderRegistered.type, OrderHeld.type, OrderWasCancelled.type, RecipientChanged.type, Opened.type, Voided.type, Ready.type,
            DownloadFailed.type,
            ERPOrderCreated.type, ERPOrderCancelled.type, ERPOrderFailed.type, NumberFetchFailed.type,
            RecipientResealed.type, RecipientRefused.type,
            OutboundCreated.type, OutboundRejected.type, OutboundCancelled.type, OutboundCancelFailed.type, OutboundOverdue.type,
            InboundOverdue.type,
            WarehouseCreated.type, WarehouseSuspended.type, WarehouseResumed.type, WarehouseClosed.type,
        ]
        #expect(Set(Catalog.entries.filter { $0.kind == .event }.map(\.type)) == answers.union(byItself))
    }

    @Test("what services read is what the catalogue says", arguments: ServiceName.five)
    func readers(service: ServiceName) throws {
        let text = try sources(in: "Services/\(service.rawValue.capitalized)").map(\.text).joined()
        var read: Set<String> = []
        for match in text.matches(of: /\.(?:command|event|fact|item)\(\s*(\w+)\.self/) { read.insert(String(match.1)) }
        let names = try swiftNames()
        let catalogued = Catalog.entries.filter { $0.readers.contains(service) && $0.kind != .row && $0.kind != .refusal }
        #expect(Set(catalogued.compactMap { names[$0.type] }) == read)
        for match in text.matches(of: /refusal\(by: \.(\w+)/) {
            #expect(Catalog.entry("daifa.\(match.1).refused.v1")?.readers.contains(service) == true)
        }
    }

    /// The Swift type of each message type.
    private func swiftNames() throws -> [String: String] {
        var names: [String: String] = [:]
        for file in try sources(in: "Shared/Contracts") {
            for match in file.text.matches(of: /struct (\w+): Message \{\s+public static let type = "([^"]+)"/) {
                names[String(match.2)] = String(match.1)
            }
            let items =
                /struct (\w+): InternalItem \{\s+public static let service = ServiceName\.(\w+)\s+public static let name = "([^"]+)"/
            for match in file.text.matches(of: items) { names["daifa.\(match.2).internal.\(match.3).v1"] = String(match.1) }
        }
        return names
    }
}
