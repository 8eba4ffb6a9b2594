import CommandLine
import Contracts
import JSON
import Kafka
import TestSupport
import Testing

@testable import CLI
@testable import Runtime

@Suite struct SendTests {
    @Test func everyCommandAndFactOfTheContractCanBeSent() {
        let offered = SendCatalog.places.flatMap { place in SendCatalog.entries(of: place).map { "daifa.\(place).\($0.name).v1" } }
        #expect(Set(offered) == Set(Catalog.entries.filter { $0.kind == .command || $0.kind == .fact }.map(\.type)))
        #expect(Set(offered).count == offered.count)
        #expect(
            SendCatalog.entries(of: "order").map(\.name) == [
                "placed", "address-changed", "after-sale-opened", "after-sale-closed", "risk-held", "risk-cleared", "cancelled",
                "unallocated", "reassigned",
            ])
    }

    @Test(arguments: ServiceName.domainServices) func aCommandIsAnsweredOnItsServicesEvents(service: ServiceName) {
        let entries = SendCatalog.entries(of: service.rawValue)
        #expect(!entries.isEmpty)
        for entry in entries { #expect(entry.topic == service.commands && entry.answerTopic == service.events) }
        #expect(SendCatalog.entries(of: "order").allSatisfy { $0.topic == Topics.orders && $0.answerTopic == nil })
    }

    @Test(arguments: [
        ("binding", "apply", "{\"merchantShopId\":\"m\",\"factoryShopId\":\"f\"}", "m"),
        ("binding", "approve", "{\"merchantShopId\":\"m\",\"factoryShopId\":\"f\"}", "f"),
        ("shipping", "pull-status", "{\"inboundId\":\"i\",\"merchantShopId\":\"m\"}", "i"),
        ("authorization", "complete", "{\"authorizationId\":\"a\",\"channelId\":\"c\"}", "channel:c"),
        ("authorization", "refresh", "{\"authorizationId\":\"a\",\"merchantShopId\":\"m\"}", nil),
    ]) func theKeyIsTheContracts(place: String, name: String, data: String, key: String?) throws {
        let entry = try #require(SendCatalog.entries(of: place).first { $0.name == name })
        #expect(try entry.readKey(Array(data.utf8)) == key)
    }

    @Test func aKeyFieldThatIsMissingIsNamed() throws {
        let entry = try #require(SendCatalog.entries(of: "binding").first { $0.name == "apply" })
        #expect(throws: JSONError.invalid("is missing; it is required", path: "factoryShopId")) {
            try entry.readKey(Array("{\"merchantShopId\":\"m\"}".utf8))
        }
    }

    @Test(arguments: [
        (["send", "alocation", "allocate"], ExitCode.usage), (["send", "allocation", "allocate", "--actor", "merchant:m"], .usage),
        (["send", "allocation", "allocate", "--actor", "merchant", "--data", "{}"], .usage),
        (["send", "allocation", "allocate", "--data", "{}"], .usage),
        (["send", "allocation", "allocate", "--actor", "merchant:m", "--data", "{}", "--file", "x"], .usage),
        (["send", "allocation", "alocate", "--actor", "merchant:m", "--data", "{}"], .usage),
        (["send", "authorization", "begin", "--actor", "merchant:m", "--data", "{}", "--unchecked"], .usage),
        (["send", "allocation", "allocate", "--actor", "merchant:m", "--data", "{\"orderId\":1}"], .badData),
        (["send", "allocation", "allocate", "--actor", "merchant:m", "--file", "/no/such/file"], .badData),
        (["send", "waybill"], .success),
    ]) func whatIsWrongIsFoundBeforeKafkaIsAsked(arguments: [String], code: ExitCode) { #expect(Daifa.execute(arguments) == code) }

    /// Somebody else may have sent a command with the same id: its answer is not ours.
    @Test func anAnswerIsOfTheSameSender() {
        func event(_ headers: (String, String)...) -> EventRecord {
            EventRecord(
                Kafka.Message(
                    topic: "daifa.allocation.events", partition: 0, offset: 0, timestamp: 0, key: nil, value: nil,
                    headers: headers.map { Header($0.0, $0.1) }))
        }
        let own = Actor(.merchant, "m1")
        let cause = (EnvelopeHeader.causationId, "c1")
        #expect(event(cause, (EnvelopeHeader.behalf, "merchant:m1")).answers("c1", of: own))
        #expect(!event(cause, (EnvelopeHeader.behalf, "merchant:m2")).answers("c1", of: own))
        #expect(!event((EnvelopeHeader.causationId, "c2"), (EnvelopeHeader.behalf, "merchant:m1")).answers("c1", of: own))
        #expect(event(cause).answers("c1", of: own), "a refusal of somebody who has not shown who he is names nobody")
    }

    @Test func aTokenSaysWhoSends() throws {
        let file = try TemporaryText(TokenIssuer().bearer(of: "factory:f1").dropFirst("Bearer ".count) + "\n")
        #expect(try SenderProof.token(in: file.path).actor == Actor(.factory, "f1"))
        #expect(try SenderProof.token(in: nil).actor == nil)
        let empty = try TemporaryText("\n")
        #expect(throws: CommandFailure.self) { try SenderProof.token(in: empty.path) }
        withExtendedLifetime((file, empty)) {}
    }
}
