import Contracts
import Glibc
import JSON
import Kafka
import TestSupport
import Testing

extension JourneySuite {
    /// Nothing that is too large blocks a shard: it is cut, or refused, before anything is stored.
    @Suite(.serialized) struct SizeTests {
        /// What a broker takes by default (`message.max.bytes` 1,048,588), less room for headers.
        static let largest = 1_047_000
        /// What a service writes at most: librdkafka's `message.max.bytes`.
        static let writable = 1_000_000

        @Test func aDeadLetterThatIsTooLargeIsCut() async throws {
            let scenario = try await Scenario.start()
            var record = Outgoing.raw(Apply.type, "", as: scenario.cast.asMerchant, key: uniqueName("key"))
            let body = (0..<Self.largest).map { UInt8(truncatingIfNeeded: $0) }
            record.value = body
            let dead = try await scenario.dead(record)
            #expect(dead.header("x-dead-truncated") == "\(body.count)")
            #expect(dead.header("x-dead-reason") == "not-json")
            let rest = try #require(dead.message.value)
            #expect(rest.count > 900_000 && rest.count < Self.writable)
            #expect(rest == Array(body.prefix(rest.count)))
            #expect(dead.id == record.id)
        }

        @Test func aCommandWhoseEventWouldNotFitIsRefused() async throws {
            let scenario = try await Scenario.bound()
            let orderId = uniqueName("order")
            var placed = scenario.cast.placed(orderId, quantities: Array(repeating: 1, count: 500))
            for index in placed.lines.indices {
                placed.lines[index].name = String(repeating: "x", count: 1000)
                placed.lines[index].spec = String(repeating: "y", count: 1000)
                placed.lines[index].sku = ""
                placed.lines[index].unitPrice = nil
            }
            let size = placed.json.count
            try #require(size > Self.writable && size <= Self.largest, "\(size)")
            try await scenario.tell(placed)
            _ = try await scenario.client.event(OrderRegistered.self, key: orderId)
            try await scenario.refused(scenario.merchant(scenario.cast.allocate(orderId)), .invalid)
            // A part of it fits, and the shard goes on.
            let part = scenario.merchant(scenario.cast.allocate(orderId, lines: [LineQuantity(lineId: "1", quantity: 1)]))
            #expect(try await scenario.accepted(part).body(Allocated.self).lines.count == 1)
        }

        @Test(arguments: ["ce_id", "ce_correlationid", "traceparent", "ce_actor", "x-note"])
        func attributesOfAnySizeBlockNothing(_ name: String) async throws {
            let scenario = try await Scenario.start()
            let huge = String(repeating: "h", count: 700_000)
            let record = scenario.merchant(scenario.cast.apply).setting(name, huge)
            try await scenario.client.send(record)
            var orders = Outgoing.fact(scenario.cast.placed(uniqueName("order"))).setting(name, huge)
            try await scenario.client.send(orders)
            orders = Outgoing.fact(scenario.cast.placed(uniqueName("order"))).setting("ce_type", "x").setting(name, huge)
            try await scenario.client.send(orders)
            try await scenario.settle(record)
            try await scenario.settle(orders)
        }

        @Test func aHugeKeyBlocksNothing() async throws {
            let scenario = try await Scenario.start()
            for count in [300_000, 600_000, 999_000, Self.largest - 2000] {
                let key = String(repeating: "k", count: count)
                var command = Outgoing.command(scenario.cast.apply, as: scenario.cast.asMerchant, key: key)
                command.partition = 0
                try await scenario.client.send(command)
                var broken = command
                broken.value = [1, 2, 3]
                try await scenario.client.send(broken)
            }
            var next = Outgoing.command(scenario.cast.apply, as: scenario.cast.asMerchant, key: uniqueName("key"))
            next.partition = 0
            try await scenario.refused(next, .invalid, field: "key")
        }

        @Test func aHugeTypeBlocksNothing() async throws {
            let scenario = try await Scenario.start()
            let huge = String(repeating: "t", count: 990_000)
            var record = Outgoing.raw(huge, "{}", as: nil, key: uniqueName("key"))
            record.topic = ServiceName.binding.commands
            #expect(try await scenario.dead(record).header("x-dead-reason") == "unknown-type")
            var structured = record.setting("ce_type", nil).setting("content-type", "application/cloudevents+json")
            structured = structured.setting("ce_id", uniqueName("raw"))
            structured.value = Array(#"{"id":"1","type":"\#(huge)","data":{}}"#.utf8)
            #expect(try await scenario.dead(structured).header("x-dead-reason") == "unknown-type")
        }

        /// Items for one shard travel together: as many messages as they need.
        @Test func manyItemsForOneShardFitTheirMessages() async throws {
            let scenario = try await Scenario.start()
            let cast = scenario.cast
            try await scenario.accepted(scenario.merchant(cast.registerMerchant))
            let shard = Partitioner.partition(forKey: cast.factory, count: partitions)
            let commands = (0..<600).map { number -> Outgoing in
                var factory = uniqueName("none")
                while Partitioner.partition(forKey: factory, count: partitions) != shard { factory = uniqueName("none") }
                var apply = Cast(merchant: cast.merchant, factory: factory).apply
                apply.message = String(repeating: "m", count: 1000)
                return Outgoing.command(apply, as: cast.asMerchant, id: uniqueName("apply-\(number)") + String(repeating: "i", count: 500))
            }
            // All in one batch: the service sees them when it wakes up.
            let process = try #require(scenario.system[.binding])
            process.send(signal: SIGSTOP)
            defer { process.send(signal: SIGCONT) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for command in commands { group.addTask { try await scenario.client.send(command) } }
                try await group.waitForAll()
            }
            process.send(signal: SIGCONT)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for command in commands {
                    group.addTask {
                        let answer = try await scenario.client.answer(to: command.id, on: ServiceName.binding.events)
                        #expect(answer.refused?.code == .factoryNotRegistered)
                    }
                }
                try await group.waitForAll()
            }
        }
    }
}
