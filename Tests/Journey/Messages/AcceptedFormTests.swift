import Contracts
import Kafka
import TestSupport
import Testing

extension JourneySuite {
    /// The forms in which a message may come.
    @Suite struct AcceptedFormTests {
        @Test(arguments: [
            "application/cloudevents+json", "application/cloudevents+json; charset=utf-8",
            "Application/CloudEvents+JSON;charset=UTF-8;x=y",
        ])
        func structuredMode(_ contentType: String) async throws {
            let scenario = try await Scenario.bound()
            let orderId = uniqueName("order")
            func structured(_ record: Outgoing) -> Outgoing {
                let text = String(decoding: record.value ?? [], as: UTF8.self)
                let attributes = ["id", "type", "time", "actor", "source", "specversion"].map {
                    #""\#($0)":"\#(record.header("ce_\($0)") ?? "")""#
                }
                let body = "{\(attributes.joined(separator: ",")),\"correlationid\":\"conv-\(orderId)\",\"data\":\(text)}"
                return Outgoing(
                    topic: record.topic, key: record.key, value: Array(body.utf8),
                    headers: [.init(name: "content-type", value: Array(contentType.utf8))])
            }
            try await scenario.client.send(structured(.fact(scenario.cast.placed(orderId))))
            let registered = try await scenario.client.event(OrderRegistered.self, key: orderId)
            #expect(registered.correlationId == "conv-\(orderId)")
            let allocate = scenario.merchant(scenario.cast.allocate(orderId))
            try await scenario.client.send(structured(allocate))
            let answer = try await scenario.client.answer(to: allocate.id, on: ServiceName.allocation.events)
            #expect(answer.type == Allocated.type)
            try await scenario.client.send(allocate)
            try await scenario.settle(allocate)
            #expect(scenario.client.answers(to: allocate.id).count == 1)
        }

        @Test func unknownFieldsAreIgnored() async throws {
            let scenario = try await Scenario.start()
            let cast = scenario.cast
            var register = scenario.merchant(cast.registerMerchant)
            register.value?.removeLast()
            register.value? += Array(#","unheard":{"of":[1,2.5e3,null,true,"x"]},"sender2":null}"#.utf8)
            try await scenario.accepted(register)
            var factory = scenario.factory(cast.registerFactory)
            factory.value = Array(
                String(decoding: factory.value ?? [], as: UTF8.self).replacing(#""address":{"#, with: #""address":{"door":"7","#).utf8)
            try await scenario.accepted(factory)
        }

        @Test(arguments: ["2026-11-24T08:00:00Z", "2026-11-24T16:00:00.123456+08:00", "2026-11-24t08:00:00z"])
        func anyRFC3339TimeIsRead(_ text: String) async throws {
            let scenario = try await Scenario.start()
            let orderId = uniqueName("order")
            try await scenario.client.send(.fact(scenario.cast.placed(orderId)).setting("ce_time", text))
            _ = try await scenario.client.event(OrderRegistered.self, key: orderId)
        }

        @Test(arguments: WrongField.all)
        func exactPathsOfWrongFields(_ wrong: WrongField) async throws {
            let scenario = try await Scenario.start()
            let text = wrong.json.replacing("ME", with: scenario.cast.merchant)
            try await scenario.refused(
                .raw(wrong.type, text, as: scenario.cast.asMerchant, key: uniqueName("key")), .invalid, field: wrong.field)
        }

        @Test func onlyShippingSeals() async throws {
            let scenario = try await Scenario.bound()
            let (orderId, allocationId) = try await scenario.allocated()
            let seal = Seal(orderId: orderId, allocationId: allocationId)
            for actor in [scenario.cast.asMerchant, Actor(.service, "waybill"), Actor(.operator, "1"), Actor(.partner, "shipping")] {
                try await scenario.refused(.command(seal, as: actor), .forbidden)
            }
            #expect(try await scenario.accepted(.command(seal, as: Actor(.service, "shipping"))).type == AllocationSealed.type)
        }

        @Test(arguments: ["merchant:x", "service:shipping", "operator:1", ""])
        func internalMessagesOfOthersAreForbidden(_ actor: String) async throws {
            let scenario = try await Scenario.start()
            let types = [
                MerchantToFactory.type, FactoryToPair.type, ParcelAnswer.type, PoolNumberRequest.type, NumberClaim.type,
                NumberClaimResolved.type,
            ]
            for type in types {
                var record = Outgoing.raw(type, #"{"items":[]}"#, as: Actor(actor), key: "shard:3")
                record.partition = 3
                let answer = try await scenario.client.answer(to: record)
                #expect(answer.refused?.code == .forbidden, "\(type)")
            }
        }
    }
}

/// A command with one field that is wrong, and the path that the refusal must name.
struct WrongField: Sendable, CustomTestStringConvertible {
    let type: String
    let json: String
    let field: String
    var testDescription: String { "\(type) \(field)" }

    init(_ type: String, _ field: String, _ json: String) {
        self.type = type
        self.field = field
        self.json = json
    }

    private static let address = #"{"country":"CN","province":"浙江省","city":"金华市","district":"义乌市","detail":"1"}"#

    static let all = [
        WrongField(Allocate.type, "lines[1].quantity", lines(#"[{"lineId":"1","quantity":1},{"lineId":"2","quantity":0}]"#)),
        WrongField(Allocate.type, "lines[0].lineId", lines(#"[{"quantity":1}]"#)),
        WrongField(Allocate.type, "lines[0].quantity", lines(#"[{"lineId":"1","quantity":"1"}]"#)),
        WrongField(Allocate.type, "lines[0].quantity", lines(#"[{"lineId":"1","quantity":1.5}]"#)),
        WrongField(Allocate.type, "lines", lines("[]")), WrongField(Allocate.type, "lines[0]", lines("[7]")),
        WrongField(Allocate.type, "lines", lines("{}")),
        WrongField(Allocate.type, "target", #"{"orderId":"o","merchantShopId":"ME"}"#),
        WrongField(Allocate.type, "target.kind", #"{"orderId":"o","merchantShopId":"ME","target":{"kind":"shop","id":"f"}}"#),
        WrongField(Allocate.type, "target.id", #"{"orderId":"o","merchantShopId":"ME","target":{"kind":"factory","id":""}}"#),
        WrongField(Allocate.type, "merchantShopId", #"{"orderId":"o","merchantShopId":"a~b","target":{"kind":"factory","id":"f"}}"#),
        WrongField(Allocate.type, "orderId", #"{"orderId":5,"merchantShopId":"ME","target":{"kind":"factory","id":"f"}}"#),
        WrongField(
            PutRule.type, "match.skus", #"{"merchantShopId":"ME","ruleId":"r","match":{"skus":[]},"target":{"kind":"factory","id":"f"}}"#),
        WrongField(
            PutRule.type, "match.skus[1]",
            #"{"merchantShopId":"ME","ruleId":"r","match":{"skus":["a",2]},"target":{"kind":"factory","id":"f"}}"#),
        WrongField(
            PutRule.type, "priority",
            #"{"merchantShopId":"ME","ruleId":"r","match":{"skus":["a"]},"target":{"kind":"factory","id":"f"},"priority":-1}"#),
        WrongField(RegisterMerchant.type, "sender.address.detail", register(#"{"country":"CN","province":"p","city":"c","district":"d"}"#)),
        WrongField(RegisterMerchant.type, "sender.address", register("null")),
        WrongField(RegisterMerchant.type, "acceptedTerms[0]", #"{"shopId":"ME","shopAlias":"a","acceptedTerms":[1]}"#),
        WrongField(
            PutAddress.type, "kind", #"{"shopId":"ME","addressId":"a","kind":"home","name":"n","phone":"12345","address":\#(address)}"#),
        WrongField(
            PutAddress.type, "default",
            #"{"shopId":"ME","addressId":"a","kind":"return","name":"n","phone":"12345","address":\#(address),"default":"yes"}"#),
        WrongField(
            PutAddress.type, "phone", #"{"shopId":"ME","addressId":"a","kind":"return","name":"n","phone":"1","address":\#(address)}"#),
        WrongField(
            Return.type, "extraNumbers",
            #"{"orderId":"o","allocationId":"o/1","factoryShopId":"ME","carrier":"YTO","waybillNumber":"1","extraNumbers":["1","2","3","4","5","6","7","8","9","10","11"]}"#
        ),
        WrongField(
            Return.type, "extraNumbers[1]",
            #"{"orderId":"o","allocationId":"o/1","factoryShopId":"ME","carrier":"YTO","waybillNumber":"1","extraNumbers":["1",2]}"#),
        WrongField(Amend.type, "waybillNumber", #"{"orderId":"o","allocationId":"o/1","merchantShopId":"ME","carrier":"YTO"}"#),
        WrongField(
            CreateInbound.type, "lines[1].sku",
            #"{"inboundId":"i","merchantShopId":"ME","warehouseId":"w","lines":[{"sku":"a","quantity":1},{"quantity":1}]}"#),
        WrongField(
            ReportStatus.type, "occurredAt", #"{"orderId":"o","partner":"p","partnerNumber":"1","statusCode":"1","occurredAt":"yesterday"}"#
        ),
        WrongField(Release.type, "reason", #"{"orderId":"o","allocationId":"o/1","reason":"because"}"#),
    ]

    private static func lines(_ lines: String) -> String {
        #"{"orderId":"o","merchantShopId":"ME","target":{"kind":"factory","id":"f"},"lines":\#(lines)}"#
    }

    private static func register(_ address: String) -> String {
        #"{"shopId":"ME","shopAlias":"a","sender":{"name":"n","phone":"12345","address":\#(address)},"acceptedTerms":[]}"#
    }
}
