import Contracts
import Foundation
import Kafka
import TestSupport
import Testing
import Threads

extension JourneySuite {
    /// The contract's section 2, on everything that the services have written so far in this process.
    @Suite struct EnvelopeTests {
        /// A journey of its own, so that there is something of every kind; then all that was read is checked, whoever caused it.
        @Test func everyRecordOfAServiceHasAWholeEnvelope() async throws {
            let scenario = try await Scenario.bound()
            let (orderId, allocationId) = try await scenario.shipped()
            try await scenario.accepted(scenario.merchant(scenario.cast.amend(orderId, allocationId, number: Cast.waybillNumber())))
            // What answers and follows, and how the replicas are; facts from connectors and keys have no cause.
            let sources = ["binding", "allocation", "waybill", "shipping"].map { "/daifa/\($0)" }
            let written = scenario.client.seen {
                sources.contains($0.header("ce_source") ?? "") && !$0.topic.hasSuffix(".dead") && $0.topic != Table.keys.topic
            }
            var ids: [String: String] = [:]
            for record in written { check(record, &ids) }
            #expect(
                Set(written.map(\.topic)).isSuperset(of: ["daifa.allocation.events", "daifa.allocation.commands", "daifa.waybill.commands"])
            )
            #expect(written.contains { $0.type?.contains(".internal.") == true })
        }

        private func check(_ record: Received, _ ids: inout [String: String]) {
            let what: Comment = "\(record.type ?? "no type") in \(record.topic), key \(record.key ?? "")"
            let service = record.header("ce_source").map { String($0.dropFirst("/daifa/".count)) } ?? ""
            #expect(ServiceName(rawValue: service) != nil, what)
            #expect(record.actor == "service:\(service)", what)
            #expect(record.header("ce_specversion") == "1.0", what)
            #expect(record.header("content-type") == (record.message.value == nil ? nil : "application/json"), what)
            #expect(record.time.map { $0.utf8.count == 24 && $0.hasSuffix("Z") && Timestamp($0) != nil } == true, what)
            #expect(record.type?.hasPrefix("daifa.") == true, what)
            let id = record.id ?? ""
            // A token that a partner refused is reported until authorization has answered, always as the same command.
            let isSentAgain = record.type == ReportToken.type
            #expect(!id.isEmpty && (ids[id] == nil || isSentAgain), "\(what): also on \(ids[id] ?? "")")
            ids[id] = "\(record)"
            let isInternal = record.type?.contains(".internal.") == true
            if isInternal {
                #expect(record.key == "shard:\(record.message.partition)", what)
            } else {
                #expect(record.message.partition == Partitioner.partition(forKey: record.key ?? "", count: partitions), what)
                #expect(record.subject?.isEmpty == false, what)
                #expect(record.correlationId?.isEmpty == false, what)
                // How a replica is follows from no message.
                #expect((record.causationId == nil) == (record.topic == Table.health.topic), what)
            }
            if record.topic.hasSuffix(".events") {
                #expect(record.topic == "daifa.\(service).events", what)
                // Name-based: version 5 of RFC 9562.
                #expect(UUID(uuidString: id) != nil && Array(id)[14] == "5", what)
            }
            let table = Table.allCases.first { $0.topic == record.topic }
            if let table { #expect(record.type == table.rowType, what) }
        }

        @Test func aConversationIsOneCorrelationAndEachStepNamesItsCause() async throws {
            let scenario = try await Scenario.bound()
            let (client, cast) = (scenario.client, scenario.cast)
            let conversation = uniqueName("conversation")
            let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
            func inConversation(_ command: Outgoing) -> Outgoing {
                command.setting("ce_correlationid", conversation).setting("traceparent", trace).setting(EnvelopeHeader.user, "u-9")
            }
            let (orderId, allocationId) = try await scenario.allocated()
            let back = inConversation(
                scenario.factory(cast.return(orderId, allocationId, number: Cast.waybillNumber(), extra: [Cast.waybillNumber()])))
            let returned = try await scenario.accepted(back)
            #expect(returned.causationId == back.id)
            let ready = try await client.event(Ready.self, key: orderId)
            #expect(ready.causationId == returned.id)
            let ship = inConversation(scenario.merchant(cast.ship(orderId)))
            let shipped = try await scenario.accepted(ship)
            #expect(shipped.causationId == ship.id)
            let seal = try await client.first("seal") { $0.type == Seal.type && $0.key == orderId }
            #expect(seal.causationId == ship.id)
            #expect(seal.actor == "service:shipping")
            let sealed = try await client.event(AllocationSealed.self, key: orderId)
            #expect(sealed.causationId == seal.id)
            for record in [returned, ready, shipped, seal, sealed] {
                #expect(record.correlationId == conversation, "\(record.type ?? "")")
                #expect(record.header("traceparent") == trace, "\(record.type ?? "")")
            }
            // Through all steps: the further number was claimed between shards, and the seal is shipping's own command.
            for (record, actor) in [
                (returned, cast.asFactory), (ready, cast.asFactory), (sealed, cast.asMerchant), (shipped, cast.asMerchant),
            ] {
                #expect(record.header(EnvelopeHeader.behalf) == "\(actor)", "\(record.type ?? "")")
                #expect(record.header(EnvelopeHeader.user) == "u-9", "\(record.type ?? "")")
            }
            let events = client.seen { $0.key == orderId && $0.topic.hasSuffix(".events") && $0.correlationId == conversation }
            #expect(Set(events.map(\.type)) == [Returned.type, Ready.type, AllocationSealed.type, Shipped.type])
        }

        @Test func withoutACorrelationTheFirstMessageIsIt() async throws {
            let scenario = try await Scenario.bound()
            let orderId = uniqueName("order")
            let fact = Outgoing.fact(scenario.cast.placed(orderId))
            try await scenario.client.send(fact)
            let registered = try await scenario.client.event(OrderRegistered.self, key: orderId)
            #expect(registered.correlationId == fact.id)
            #expect(registered.causationId == fact.id)
            let allocate = scenario.merchant(scenario.cast.allocate(orderId))
            let allocated = try await scenario.accepted(allocate)
            let opened = try await scenario.client.event(Opened.self, key: orderId)
            #expect(opened.causationId == allocated.id)
            #expect(opened.correlationId == allocate.id)
        }

        @Test func internalStepsCarryTheCommandsId() async throws {
            let scenario = try await Scenario.start()
            try await scenario.register()
            let apply = scenario.merchant(scenario.cast.apply)
            let applied = try await scenario.accepted(apply)
            #expect(applied.causationId == apply.id)
            #expect(applied.correlationId == apply.id)
            let row = try await scenario.client.first("the pair's row") { $0.topic == Table.bindings.topic && $0.causationId == apply.id }
            #expect(try row.body(BindingRow.self).state == .pending)
        }

        @Test func waybillAnnouncesItsKey() async throws {
            let system = try await System.shared()
            let rows = try await onThread {
                let reader = try TopicReader(system.broker.configuration, topics: [Table.keys.topic])
                var messages: [Kafka.Message] = []
                while !reader.atEnd { messages += try reader.next(timeout: 1) }
                return messages.map { Received(message: $0) }
            }
            let keys = try rows.filter { $0.key?.hasPrefix("waybill~") == true }.map { try $0.body(KeyRow.self) }
            #expect(Set(keys.map(\.purpose)) == [.recipient, .credential])
            #expect(keys.allSatisfy { Data(base64Encoded: $0.publicKey)?.count == 32 })
        }
    }
}
