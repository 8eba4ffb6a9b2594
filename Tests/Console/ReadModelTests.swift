import Contracts
import Foundation
import JSON
import Kafka
import Runtime
import Stores
import Testing

@testable import Console

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
}
