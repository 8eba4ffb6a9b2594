import Contracts
import Foundation
import JSON
import Kafka
import TestSupport
import Testing
import Threads

extension JourneySuite {
    /// Commands and facts that other clients have placed elsewhere, or given no key: they are carried to where they belong, once, and lead to
    /// the same as if they had lain there.
    @Suite struct CarryingTests {
        @Test(arguments: CommandRows.notFound)
        func aCommandInAnotherPartitionIsAnsweredAsAnyOther(_ row: CommandRow) async throws {
            let scenario = try await Scenario.start()
            var command = row.sent(by: row.actor)
            command.partition = command.otherPartition
            try await scenario.refused(command, .notFound)
            try await expectCarriedOnce(command, scenario)
        }

        @Test(arguments: CommandRows.notFound)
        func aCommandWithoutAKeyIsAnsweredUnderTheKeyThatItsDataSays(_ row: CommandRow) async throws {
            let scenario = try await Scenario.start()
            let key = row.command.key
            var command = row.sent(by: row.actor)
            command.key = nil
            let answer = try await scenario.client.answer(to: command)
            if row.isKeyedByAccount {
                // Their data does not say whose account they are for.
                #expect(answer.refused?.code == .invalid && answer.refused?.field == "key")
                #expect(answer.refused?.message.contains("<provider>:<account>") == true)
                #expect(answer.key == row.authorizationId)
            } else {
                #expect(answer.message.key == key)
                #expect(answer.refused?.code == .notFound)
            }
            try await expectCarriedOnce(command, scenario)
        }

        /// The original, and what it was carried as; nothing more.
        private func expectCarriedOnce(_ command: Outgoing, _ scenario: Scenario) async throws {
            let seen = scenario.client.seen { $0.topic == command.topic && $0.id == command.id }
            #expect(seen.count == 2)
            let carried = try #require(seen.last)
            #expect(carried.message.partition == Partitioner.partition(forKey: carried.key ?? "", count: partitions))
            #expect(carried.message.value == command.value)
            #expect(carried.message.headers == command.headers)
            #expect(scenario.client.answers(to: command.id).count == 1)
        }

        @Test func headersStayByteForByteAndTheBrokersTimeIsWrittenDown() async throws {
            let scenario = try await Scenario.start()
            let orderId = uniqueName("order")
            var fact = Outgoing.fact(scenario.cast.placed(orderId)).setting(EnvelopeHeader.time, nil)
            fact.headers += [
                Header(name: "x-null", value: nil), Header(name: "x-twice", value: [0xFF, 0]), Header(name: "x-twice", value: []),
            ]
            fact.key = nil
            try await scenario.client.send(fact)
            let registered = try await scenario.client.event(OrderRegistered.self, key: orderId)
            #expect(registered.causationId == fact.id)
            let id = fact.id
            let seen = scenario.client.seen { $0.topic == Topics.orders && $0.id == id }
            #expect(seen.count == 2)
            let (first, carried) = (seen[0], seen[1])
            #expect(Array(carried.message.headers.dropLast()) == fact.headers)
            #expect(carried.time == Timestamp(milliseconds: Int(first.message.timestamp)).description)
            #expect(carried.key == orderId)
        }

        /// The broker's time of a fact counts where its sender gives none: by a later one, a fact that is carried would win over a newer one.
        @Test func aCarriedFactIsNoNewerThanItWas() async throws {
            let scenario = try await Scenario.bound()
            let orderId = try await scenario.place()
            let held = RiskHeld(orderId: orderId)
            var early = Outgoing.fact(held).setting(EnvelopeHeader.time, nil)
            early.partition = early.otherPartition
            try await scenario.client.send(early)
            _ = try await scenario.client.event(OrderHeld.self, key: orderId)
            let sent = try #require(scenario.client.seen { $0.id == early.id }.first).message.timestamp
            let cleared = RiskCleared(orderId: orderId)
            // After the hold was sent, and before it was carried at the latest.
            try await scenario.client.send(.fact(cleared, at: Timestamp(milliseconds: Int(sent) + 1)))
            _ = try await scenario.client.event(OrderReleased.self, key: orderId)
        }

        @Test func aCopyInAnotherPartitionProducesNothing() async throws {
            let scenario = try await Scenario.start()
            let register = scenario.merchant(scenario.cast.registerMerchant)
            let registered = try await scenario.accepted(register)
            for partition in 0..<partitions {
                var copy = register
                copy.partition = partition
                try await scenario.client.send(copy)
                copy.key = nil
                try await scenario.client.send(copy)
            }
            // Behind what was carried last, in the partition of the key: five with a key elsewhere, six without one.
            let (topic, id) = (register.topic, register.id)
            var carried = 0
            let deadline = ContinuousClock.now + .seconds(60)
            while carried < 1 + 12 + 11, ContinuousClock.now < deadline {
                carried = scenario.client.seen { $0.topic == topic && $0.id == id }.count
                try await Task.sleep(for: .milliseconds(20))
            }
            #expect(carried == 1 + 12 + 11)
            try await scenario.settle(register)
            #expect(scenario.client.answers(to: register.id).map(\.id) == [registered.id])
        }

        @Test func whatCameInOnePartitionKeepsItsOrder() async throws {
            let scenario = try await Scenario.start()
            let commands = (0..<40).map { number in
                var command = scenario.merchant(scenario.cast.putAddress("address-\(number)", kind: .sender))
                command.partition = command.otherPartition
                if number % 2 == 1 { command.key = nil }
                return command
            }
            for command in commands { try await scenario.client.send(command) }
            _ = try await scenario.client.answer(to: try #require(commands.last).id, on: ServiceName.binding.events)
            let ids = commands.map(\.id)
            let answered = scenario.client.seen { $0.topic == ServiceName.binding.events && ids.contains($0.causationId ?? "") }
            #expect(answered.map(\.causationId) == ids)
        }

        @Test func onlyAKeyThatContradictsTheDataIsWrong() async throws {
            let scenario = try await Scenario.start()
            let orderId = uniqueName("order")
            let fact = Outgoing.fact(scenario.cast.placed(orderId), key: uniqueName("key"))
            #expect(try await scenario.dead(fact).header("x-dead-reason") == "wrong-key")
            var elsewhere = Outgoing.fact(scenario.cast.placed(orderId), key: uniqueName("key"))
            elsewhere.partition = elsewhere.otherPartition
            #expect(try await scenario.dead(elsewhere).header("x-dead-reason") == "wrong-key")
            var command = scenario.merchant(scenario.cast.allocate(orderId))
            command.key = Array(uniqueName("key").utf8)
            command.partition = command.otherPartition
            try await scenario.refused(command, .invalid, field: "key")
            var noText = scenario.merchant(scenario.cast.allocate(orderId))
            noText.key = [0xFF, 0xFE]
            let refused = try await scenario.client.answer(to: noText).refused
            #expect(refused?.code == .invalid && refused?.field == "key")
            try await scenario.refused(scenario.merchant(scenario.cast.allocate(orderId)), .notFound)
        }

        @Test func aFieldThatIsWrongIsNamedWithoutAKeyToo() async throws {
            let scenario = try await Scenario.start()
            let orderId = uniqueName("order")
            var command = Outgoing.raw(Allocate.type, #"{"orderId":"\#(orderId)"}"#, as: scenario.cast.asMerchant)
            command.key = nil
            let answer = try await scenario.client.answer(to: command)
            #expect(answer.refused?.field == "merchantShopId")
            #expect(answer.key == orderId)
        }

        @Test func withNeitherKeyNorIdItIsADeadLetter() async throws {
            let scenario = try await Scenario.start()
            for record in [
                Outgoing.raw(Allocate.type, #"{"merchantShopId":"m"}"#, as: scenario.cast.asMerchant),
                .raw(PullStatus.type, #"{"merchantShopId":"m"}"#, as: scenario.cast.asMerchant), .raw(RiskHeld.type, "{}", as: nil),
                .raw(Complete.type, #"{"code":"c"}"#, as: scenario.cast.asMerchant),
            ] {
                var record = record
                record.key = nil
                #expect(try await scenario.dead(record).header("x-dead-reason") == "missing-key")
            }
        }

        /// As cloudevents 1.x for Python writes it: without a key, and without the content type of structured mode.
        @Test(arguments: ["application/json", nil, "application/cloudevents+json"])
        func aStructuredEventBecomesHeadersAndData(_ contentType: String?) async throws {
            let scenario = try await Scenario.start()
            let good = scenario.merchant(scenario.cast.registerMerchant)
            let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
            let data = String(decoding: good.value ?? [], as: UTF8.self)
            let body = """
                {"specversion":"1.0","id":"\(good.id)","source":"/test","type":"\(RegisterMerchant.type)","actor":"\(scenario.cast.asMerchant)",
                "time":"2026-11-24t16:00:00.5+08:00","datacontenttype":"application/json","correlationid":"conversation","retries":3,
                "traceparent":"\(trace)","nothing":null, "data": \(data) }
                """
            let record = Outgoing(
                topic: good.topic, key: nil, value: Array(body.utf8),
                headers: contentType.map { [Header(name: EnvelopeHeader.contentType, value: Array($0.utf8))] } ?? [])
            try await scenario.client.send(record)
            let answer = try await scenario.client.answer(to: good.id, on: ServiceName.binding.events)
            #expect(answer.name == "merchant-registered")
            #expect(answer.correlationId == "conversation" && answer.header(EnvelopeHeader.traceparent) == trace)
            let id = good.id
            let carried = try await scenario.client.first("what was carried") { $0.id == id && $0.topic == ServiceName.binding.commands }
            #expect(carried.text == data)
            #expect(carried.key == scenario.cast.merchant)
            #expect(carried.time == "2026-11-24t16:00:00.5+08:00")
            #expect(carried.header("ce_retries") == "3")
            #expect(carried.header("content-type") == "application/json")
            #expect(carried.header("ce_nothing") == nil)
        }

        @Test func dataThatCameAsBytesIsRead() async throws {
            let scenario = try await Scenario.start()
            let good = scenario.merchant(scenario.cast.registerMerchant)
            let bytes = Data(good.value ?? []).base64EncodedString()
            let body =
                #"{"specversion":"1.0","id":"\#(good.id)","source":"/test","type":"\#(RegisterMerchant.type)","#
                + #""actor":"\#(scenario.cast.asMerchant)","data_base64":"\#(bytes)"}"#
            try await scenario.client.send(Outgoing(topic: good.topic, key: nil, value: Array(body.utf8)))
            #expect(try await scenario.client.answer(to: good.id, on: ServiceName.binding.events).name == "merchant-registered")
        }
    }
}

extension CommandRow {
    /// Whether its key is the account, which is not in its data.
    fileprivate var isKeyedByAccount: Bool {
        entry?.key == .account && (try? entry?.readKey(command.value ?? [])) == nil
    }

    fileprivate var authorizationId: String? {
        command.value.flatMap { try? JSONValue.decode($0) }?["authorizationId"]?.string
    }
}
