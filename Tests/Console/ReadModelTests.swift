import Contracts
import Foundation
import JSON
import Kafka
import Observability
import Stores
import Testing
import Threads

@testable import Console
@testable import Runtime

@Suite struct ReadModelTests {
    private static func event(_ type: String, key: String?, _ json: String?, offset: Int64 = 0, partition: Int32 = 0) -> Kafka.Message {
        Kafka.Message(
            topic: type.contains("shipping") ? "daifa.shipping.events" : "daifa.authorization.events", partition: partition, offset: offset,
            timestamp: -1, key: key.map { Array($0.utf8) }, value: json.map { Array($0.utf8) },
            headers: [Header(name: "ce_type", value: Array(type.utf8)), Header(name: "ce_correlationid", value: Array("talk".utf8))])
    }

    private static let consent = #"""
        {"authorizationId":"a","provider":"jd-fulfillment","merchantShopId":"m","authorizeUrl":"https://x","state":"s","expiresAt":"2026-11-24T08:00:00Z","prerequisites":[]}
        """#
    private static let outbound = #"{"orderId":"o","allocationId":"o/1","merchantShopId":"m","warehouseId":"w","partnerNumber":"ESL1"}"#
    private static let inbound = #"{"inboundId":"i","merchantShopId":"m","warehouseId":"w","partnerNumber":"EPL1"}"#

    @Test func eventsBecomeRows() throws {
        let consent = try #require(ReadModel.row(of: Self.event(ConsentRequested.type, key: "jd-fulfillment:p", Self.consent)))
        let row = try ConsentRow.decode(consent.state)
        #expect(
            row.key == "jd-fulfillment:p" && row.authorizationId == "a" && row.provider == .jdFulfillment && row.correlationId == "talk")
        let outbound = try #require(ReadModel.row(of: Self.event(OutboundCreated.type, key: "o", Self.outbound)))
        let number = try NumberRow.decode(outbound.state)
        #expect(outbound.key == "XSCK:ESL1" && number.key == "o" && number.orderId == "o" && number.allocationId == "o/1")
        #expect(number.warehouseId == "w" && number.inboundId == nil)
        let inbound = try #require(ReadModel.row(of: Self.event(InboundCreated.type, key: "i", Self.inbound)))
        #expect(inbound.key == "CGRK:EPL1")
        for (type, key, json) in [
            ("daifa.shipping.shipped.v1", "o", Self.outbound), (ConsentRequested.type, nil, Self.consent),
            (ConsentRequested.type, "k", "{}"), (OutboundCreated.type, "k", "nonsense"), (OutboundCreated.type, "k", nil),
        ] as [(String, String?, String?)] {
            #expect(ReadModel.row(of: Self.event(type, key: key, json)) == nil)
        }
    }

    // MARK: In a store

    private static func model(_ folder: String, clusterId: String = "cluster-1") throws -> ReadModel {
        try ReadModel(
            try SQLiteStore(folder: folder), clusterId: clusterId,
            status: ServiceStatus(metrics: ServiceMetrics(), waits: WaitLog { _ in }))
    }

    private static func withFolder(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder)
    }

    @Test func whatIsKnownIsKeptWithItsPositions() throws {
        try Self.withFolder { folder in
            let first = try Self.model(folder)
            #expect(first.positions.isEmpty)
            first.apply([
                Self.event(ConsentRequested.type, key: "jd-fulfillment:p", Self.consent, offset: 7, partition: 2),
                Self.event(OutboundCreated.type, key: "o", Self.outbound, offset: 3, partition: 1),
                Self.event("daifa.shipping.shipped.v1", key: "o", "{}", offset: 4, partition: 1),
            ])
            for model in [first, try Self.model(folder)] {
                #expect(try model.consent(state: "s")?.key == "jd-fulfillment:p")
                #expect(try model.number(.outbound, "ESL1")?.orderId == "o")
                #expect(try model.number(.inbound, "ESL1") == nil && model.consent(state: "ESL1") == nil)
                #expect(model.problem == nil)
            }
            let positions = try Self.model(folder).positions.map { "\($0.topic)/\($0.partition)=\($0.offset)" }.sorted()
            #expect(positions == ["daifa.authorization.events/2=8", "daifa.shipping.events/1=5"])
        }
    }

    @Test func consentsAreForgottenLongAfterTheyExpired() throws {
        try Self.withFolder { folder in
            let model = try Self.model(folder)
            model.apply([
                Self.event(ConsentRequested.type, key: "jd-fulfillment:p", Self.consent),
                Self.event(OutboundCreated.type, key: "o", Self.outbound),
            ])
            let expiry = try #require(Timestamp("2026-11-24T08:00:00Z")).milliseconds
            try model.prune(now: Timestamp(milliseconds: expiry + 7 * 86_400_000))
            #expect(try model.consent(state: "s") != nil)
            try model.prune(now: Timestamp(milliseconds: expiry + 7 * 86_400_000 + 1))
            #expect(try model.consent(state: "s") == nil && model.number(.outbound, "ESL1") != nil)
        }
    }

    @Test func aStoreOfAnotherClusterIsRefused() throws {
        try Self.withFolder { folder in
            _ = try Self.model(folder)
            let error = #expect(throws: ExitError.self) { try Self.model(folder, clusterId: "cluster-2") }
            #expect(error?.code == 78 && error?.description.contains("DAIFA_STORE") == true)
            #expect(error?.description.contains("cluster-1") == true && error?.description.contains("cluster-2") == true)
        }
    }
}
