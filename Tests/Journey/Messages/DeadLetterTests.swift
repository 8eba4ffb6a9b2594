import Contracts
import Kafka
import TestSupport
import Testing
import Threads

extension JourneySuite {
    /// What cannot be read or handled goes to dead letters, whole, and the service goes on.
    @Suite struct DeadLetterTests {
        /// A way to spoil a good message.
        struct Spoiled: Sendable, CustomTestStringConvertible {
            let testDescription: String
            let reason: String
            let spoil: @Sendable (inout Outgoing) -> Void

            init(_ name: String, _ reason: String, _ spoil: @escaping @Sendable (inout Outgoing) -> Void) {
                testDescription = name
                self.reason = reason
                self.spoil = spoil
            }

            static let all = [
                Spoiled("not JSON", "not-json") { $0.value = Array("{\"orderId\":".utf8) },
                Spoiled("bytes that are no UTF-8", "not-json") { $0.value = [0xFF, 0xFE, 0x00, 0x7B] },
                Spoiled("an array", "not-object") { $0.value = Array("[1]".utf8) },
                Spoiled("a string", "not-object") { $0.value = Array("\"text\"".utf8) },
                Spoiled("empty", "empty-body") { $0.value = [] }, Spoiled("a tombstone", "empty-body") { $0.value = nil },
                Spoiled("unknown type", "unknown-type") { $0 = $0.setting("ce_type", "daifa.test.unknown.v1") },
                Spoiled("another version", "unknown-type") {
                    $0 = $0.setting("ce_type", ($0.header("ce_type") ?? "").replacing(".v1", with: ".v2"))
                },
                Spoiled("no type", "missing-type") { $0 = $0.setting("ce_type", nil) },
                Spoiled("no id", "missing-id") { $0 = $0.setting("ce_id", nil) },
                Spoiled("no key", "missing-key") { $0.key = nil },
                Spoiled("an empty key", "missing-key") { $0.key = [] },
            ]
        }

        /// A readable message for each strict topic, on which nothing depends.
        static let topics: [(topic: String, type: String)] =
            [(Topics.orders, RiskHeld.type), ("daifa.authorization.commands", "daifa.authorization.begin.v1")]
            + [Apply.type, Allocate.type, Obtain.type, Ship.type].map { ("daifa.\($0.split(separator: ".")[1]).commands", $0) }

        @Test(arguments: Spoiled.all)
        func unreadable(_ spoiled: Spoiled) async throws {
            let scenario = try await Scenario.start()
            for (topic, type) in Self.topics {
                // Without an id or a key the dead letter is known by its mark alone.
                let mark = uniqueName("mark")
                // No field of it is a key, and so it says none where it has none.
                var record = Outgoing.raw(type, #"{"text":"x"}"#, as: scenario.cast.asMerchant, key: uniqueName("key"))
                record.topic = topic
                record.headers += [
                    Header(name: "x-mark", value: Array(mark.utf8)), Header(name: "x-twice", value: [1]),
                    Header(name: "x-null", value: nil),
                    Header(name: "x-twice", value: [0xFF, 0]),
                ]
                spoiled.spoil(&record)
                try await scenario.client.send(record)
                let dead = try await scenario.client.first("a dead letter of \(topic), \(spoiled.testDescription)") {
                    $0.topic.hasSuffix(".dead") && $0.header("x-mark") == mark
                }
                let original = try await scenario.client.first("the original") { $0.topic == topic && $0.header("x-mark") == mark }
                #expect(dead.topic == "daifa.\(record.service).dead")
                #expect(dead.header("x-dead-reason") == spoiled.reason, "\(topic): \(dead.header("x-dead-detail") ?? "")")
                #expect(dead.message.key == original.message.key)
                #expect(dead.message.value == original.message.value)
                #expect(Array(dead.message.headers.prefix(original.message.headers.count)) == original.message.headers)
                #expect(dead.header("x-dead-topic") == topic)
                #expect(dead.header("x-dead-partition") == "\(original.message.partition)")
                #expect(dead.header("x-dead-offset") == "\(original.message.offset)")
                #expect(dead.header("x-dead-truncated") == nil)
                if !record.id.isEmpty { #expect(scenario.client.answers(to: record.id).isEmpty) }
            }
        }

        @Test func aFactWithAWrongFieldIsADeadLetter() async throws {
            let scenario = try await Scenario.start()
            var placed = scenario.cast.placed(uniqueName("order"), quantities: [1, 0])
            let dead = try await scenario.dead(.fact(placed))
            #expect(dead.header("x-dead-reason") == "invalid")
            #expect(dead.header("x-dead-detail")?.contains("lines[1].quantity") == true)
            placed = scenario.cast.placed(uniqueName("order"))
            placed.recipient.sealed = nil
            let unsealed = try await scenario.dead(.fact(placed))
            #expect(unsealed.header("x-dead-reason") == "invalid")
            #expect(unsealed.header("x-dead-detail")?.contains("recipient.sealed") == true)
        }

        @Test func aFactThatItsSenderMustNotTellIsADeadLetter() async throws {
            let scenario = try await Scenario.bound()
            for (orderId, actor) in [
                (uniqueName("order"), "service:authorization"), ("pdd-fds:\(uniqueName("mall")):sn", "connector:erp"),
                ("pdd-fds:\(uniqueName("mall")):sn", "\(scenario.cast.asMerchant)"),
            ] {
                var placed = scenario.cast.placed(orderId)
                placed.allocatedTo = scenario.cast.factory
                let dead = try await scenario.dead(Outgoing.fact(placed).setting(EnvelopeHeader.actor, actor))
                #expect(dead.header("x-dead-reason") == "not-allowed")
                #expect(dead.header("x-dead-detail")?.contains("allocatedTo") == true)
                #expect(scenario.client.seen { $0.type == Allocated.type && $0.key == orderId }.isEmpty)
            }
        }

        /// Else it would be the newest for ever.
        @Test func aFactFromTheFutureIsADeadLetter() async throws {
            let scenario = try await Scenario.bound()
            let orderId = try await scenario.place()
            let held = RiskHeld(orderId: orderId)
            let now = Timestamp.now.milliseconds
            let dead = try await scenario.dead(.fact(held, at: Timestamp(milliseconds: now + 86_400_000 + 60_000)))
            #expect(dead.header("x-dead-reason") == "from-the-future")
            // A clock that is less than a day ahead counts.
            try await scenario.client.send(.fact(held, at: Timestamp(milliseconds: now + 86_000_000)))
            _ = try await scenario.client.event(OrderHeld.self, key: orderId)
        }

        /// A token is as good as a password: no topic but the one that it was sent to holds it.
        @Test func aDeadLetterHoldsNoToken() async throws {
            let scenario = try await Scenario.start()
            let token = "Bearer \(uniqueName("token")).x.y"
            var record = Outgoing.raw(Allocate.type, #"{"orderId":"#, as: scenario.cast.asMerchant, key: uniqueName("order"))
                .setting("authorization", token).setting("Authorization", token)
            let binary = try await scenario.dead(record)
            #expect(!binary.message.headers.contains { $0.name.lowercased() == "authorization" })
            record.headers = [Header(name: "content-type", value: Array("application/cloudevents+json".utf8))]
            let id = uniqueName("structured")
            record.value = Array(
                #"{"specversion":"1.0","id":"\#(id)","type":"daifa.test.unknown.v1","authorization":"\#(token)","data":{}}"#.utf8)
            try await scenario.client.send(record)
            let structured = try await scenario.client.first("the structured one") {
                $0.topic == ServiceName.allocation.dead && $0.text?.contains(id) == true
            }
            #expect(structured.text?.contains("Bearer") == false)
        }

        @Test func anUnknownTypeIsADeadLetterOnlyWhereItBelongs() async throws {
            let scenario = try await Scenario.start()
            let key = uniqueName("order")
            func event(_ type: String) -> Outgoing {
                var record = Outgoing.raw(type, "{}", as: Actor(.service, "allocation"), key: key)
                record.topic = ServiceName.allocation.events
                return record
            }
            let unknown = event("daifa.allocation.unheard-of.v1")
            let broken = event(Allocated.type)
            try await scenario.client.send(unknown)
            try await scenario.client.send(broken)
            for service in ["waybill", "shipping"] {
                let dead = try await scenario.client.first("the broken event") { $0.topic == "daifa.\(service).dead" && $0.id == broken.id }
                #expect(dead.header("x-dead-reason") == "invalid")
            }
            #expect(scenario.client.seen { $0.id == unknown.id && $0.topic.hasSuffix(".dead") }.isEmpty)
        }

        @Test func aReplayAfterAFixWorks() async throws {
            let scenario = try await Scenario.bound()
            let orderId = uniqueName("order")
            let good = Outgoing.fact(scenario.cast.placed(orderId))
            var bad = good
            bad.value?.removeLast()
            _ = try await scenario.dead(bad)
            _ = try await scenario.dead(good.setting("ce_type", "daifa.order.placed.v9"))
            try await scenario.client.send(good)
            _ = try await scenario.client.event(OrderRegistered.self, key: orderId)

            let allocate = scenario.merchant(scenario.cast.allocate(orderId))
            var cut = allocate
            cut.value?.removeLast()
            let dead = try await scenario.dead(cut)
            #expect(scenario.client.answers(to: allocate.id).isEmpty)
            // Replayed with its own headers and the reasons of its death.
            let replay = Outgoing(topic: allocate.topic, key: dead.message.key, value: allocate.value, headers: dead.message.headers)
            #expect(try await scenario.accepted(replay).type == Allocated.type)
        }
    }
}
