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

@Suite struct CatalogTests {
    @Test func everyMessageTypeOfTheSourcesIsCatalogued() throws {
        var declared: Set<String> = []
        for file in try sources(in: "Shared/Contracts") {
            for match in file.text.matches(of: /static let type = "(daifa\.[^"]+)"/) { declared.insert(String(match.1)) }
            for match in file.text.matches(of: /static let table = Table\.(\w+)/) { declared.insert("daifa.\(match.1).row.v1") }
            for match in file.text.matches(of: /static let service = ServiceName\.(\w+)\s+public static let name = "([^"]+)"/) {
                declared.insert("daifa.\(match.1).internal.\(match.2).v1")
            }
        }
        for service in ServiceName.domainServices { declared.insert("daifa.\(service.rawValue).refused.v1") }
        try #require(declared.count > 70)
        let catalogued = Set(Catalog.entries.map(\.type))
        #expect(declared.subtracting(catalogued) == [], "in the sources, not in the catalogue")
        #expect(catalogued.subtracting(declared) == [], "in the catalogue, not in the sources")
    }

    @Test func noTypeIsCataloguedTwice() {
        var seen: Set<String> = []
        for entry in Catalog.entries { #expect(seen.insert(entry.type).inserted, "\(entry.type)") }
    }

    @Test(arguments: Catalog.entries.map(\.type)) func aKeyIsMadeOfFieldsThatTheSchemaRequires(type: String) throws {
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

    @Test(arguments: Catalog.entries.map(\.type)) func actorsAreOfKnownKindsAndNameFieldsOfTheMessage(type: String) throws {
        let entry = try #require(Catalog.entry(type))
        if entry.kind != .fact { #expect(!entry.actors.isEmpty) }
        for actor in entry.actors {
            #expect(Actor(actor) != nil, "\(actor)")
            if let field = actor.firstMatch(of: /<(\w+)>/)?.1 {
                #expect(entry.schema["properties"]?[String(field)] != nil, "\(type) has no field \(field)")
            }
        }
    }

    @Test(arguments: Catalog.entries.map(\.type)) func topicsExistAndAnswersAreEventsOfTheSameService(type: String) throws {
        let entry = try #require(Catalog.entry(type))
        #expect(Topics.all.contains(entry.topic))
        #expect(!entry.summary.isEmpty && entry.summary.hasSuffix("."))
        for answer in entry.answers {
            let event = try #require(Catalog.entry(answer))
            #expect(event.kind == .event)
            #expect(entry.topic.replacing(".commands", with: ".events") == event.topic)
        }
    }

    @Test func everyEventAnswersACommandOrTellsWhatCameByItself() {
        let answers = Set(Catalog.entries.flatMap(\.answers))
        let byItself: Set<String> = [
            OrderRegistered.type, OrderHeld.type, OrderCancellationNoted.type, RecipientChanged.type, Opened.type, Readdressed.type,
            Voided.type,
            Ready.type, Unready.type,
            DownloadFailed.type,
            ERPOrderCreated.type, ERPOrderCancelled.type, ERPOrderFailed.type, NumberFetchFailed.type,
            RecipientResealed.type, RecipientRefused.type,
            OutboundCreated.type, OutboundRejected.type, OutboundCancelled.type, OutboundCancelFailed.type, OutboundOverdue.type,
            InboundOverdue.type,
            SessionOpened.type, UserInvited.type, UserJoined.type, PasswordReset.type, LabelsOpened.type, TraceRead.type,
            WarehouseCreated.type, WarehouseSuspended.type, WarehouseResumed.type, WarehouseClosed.type,
        ]
        #expect(Set(Catalog.entries.filter { $0.kind == .event }.map(\.type)) == answers.union(byItself))
    }

    /// The key in a message is the one that the catalogue describes: fields joined by `~`, the one of two that is present, an account.
    @Test func theKeyOfAMessageIsTheOneDescribed() {
        var pull = PullStatus(inboundId: "i", merchantShopId: "")
        #expect(PullStatus.contract.key.form.text == "<orderId> or <inboundId>" && PullStatus.contract.key(of: pull) == "i")
        pull.orderId = "o"
        #expect(PullStatus.contract.key(of: pull) == "o")
        let row = KeyRow(service: .shipping, keyId: "k", purpose: .recipient, publicKey: "", version: 0)
        #expect(KeyRow.contract.key.form.text == "<service>~<keyId>" && row.key == "shipping~k")
        let credential = CredentialRow(
            authorizationId: "a", service: .waybill, provider: "", sealed: Sealed(keyId: "", enc: "", ciphertext: ""), version: 0)
        #expect(credential.key == "a~waybill" && credential.key == CredentialRow.key("a", .waybill))
        var begin = Begin(authorizationId: "a")
        #expect(Begin.contract.key(of: begin) == nil)
        begin.provider = .jdFulfillment
        begin.pin = " p "
        #expect(Begin.contract.key(of: begin) == "jd-fulfillment:p")
        begin.channelId = "c"
        #expect(Begin.contract.key(of: begin) == "channel:c")
    }
}
