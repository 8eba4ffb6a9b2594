import Contracts
import TestSupport
import Testing
import Threads

extension JourneySuite {
    /// A copy (same `ce_id`) produces nothing.
    @Suite struct CopyTests {
        @Test func copiesOfCommandsProduceNothing() async throws {
            let scenario = try await Scenario.start()
            let cast = scenario.cast
            let register = scenario.merchant(cast.registerMerchant)
            try await scenario.accepted(register)
            let apply = scenario.merchant(cast.apply)
            try await scenario.refused(apply, .factoryNotRegistered)
            try await scenario.accepted(scenario.factory(cast.registerFactory))
            for copy in [register, apply] {
                try await scenario.client.send(copy)
                try await scenario.settle(copy)
                #expect(scenario.client.answers(to: copy.id).count == 1)
            }
            let rows = scenario.client.seen { $0.topic == Table.participants.topic && $0.key == cast.merchant }
            #expect(rows.count == 1)
            try await scenario.bind()
        }

        @Test func copiesOfRefusedCommandsProduceNothing() async throws {
            let scenario = try await Scenario.start()
            let orderId = uniqueName("order")
            let unknown = scenario.merchant(scenario.cast.allocate(orderId))
            let invalid = Outgoing.raw(Allocate.type, #"{"orderId":"\#(orderId)"}"#, as: scenario.cast.asMerchant)
            var misplaced = scenario.merchant(scenario.cast.allocate(orderId))
            misplaced.key = Array(uniqueName("key").utf8)
            let anonymous = scenario.merchant(scenario.cast.allocate(orderId)).setting("ce_actor", nil)
            for (command, code) in [
                (unknown, RefusalCode.notFound), (invalid, .invalid), (misplaced, .invalid), (anonymous, .unauthorized),
            ] {
                #expect(try await scenario.client.answer(to: command).refused?.code == code)
                for _ in 1...3 { try await scenario.client.send(command) }
                try await scenario.settle(command)
                #expect(scenario.client.answers(to: command.id).count == 1)
            }
        }

        /// Ids of commands that could not be brought to their aggregate are remembered beside it (by key): each memory is asked for both.
        @Test(arguments: [true, false]) func otherDataUnderAnAnsweredIdIsACopy(_ wrongFirst: Bool) async throws {
            let scenario = try await Scenario.bound()
            let orderId = try await scenario.place()
            let good = scenario.merchant(scenario.cast.allocate(orderId))
            var bad = good
            bad.value = Array(#"{"orderId":"\#(orderId)"}"#.utf8)
            let (first, second) = wrongFirst ? (bad, good) : (good, bad)
            #expect(try await scenario.client.answer(to: first).isRefusal == wrongFirst)
            try await scenario.client.send(second)
            try await scenario.settle(second)
            #expect(scenario.client.answers(to: good.id).count == 1)
        }

        /// All commands of a factory about its pairs and its shop have one key: an id that it has used counts for none of them again.
        @Test func anIdOfAnotherPairOfTheFactoryIsACopy() async throws {
            let scenario = try await Scenario.start()
            let second = Cast(merchant: uniqueName("merchant"), factory: scenario.cast.factory)
            try await scenario.register()
            try await scenario.accepted(.command(second.registerMerchant, as: second.asMerchant))
            try await scenario.accepted(scenario.merchant(scenario.cast.apply))
            try await scenario.accepted(.command(second.apply, as: second.asMerchant))
            let approve = scenario.factory(scenario.cast.approve)
            #expect(try await scenario.accepted(approve).type == Approved.type)
            for copy in [
                Outgoing.command(second.approve, as: second.asFactory, id: approve.id),
                Outgoing.command(second.decline, as: second.asFactory, id: approve.id),
                Outgoing.command(second.registerFactory, as: second.asFactory, id: approve.id),
            ] {
                try await scenario.client.send(copy)
                try await scenario.settle(copy)
                #expect(scenario.client.answers(to: approve.id).count == 1)
            }
            // Who is not the factory has ids of his own.
            let withdraw = Outgoing.command(second.withdraw, as: second.asMerchant, id: approve.id)
            try await scenario.client.send(withdraw)
            _ = try await scenario.client.first("the merchant's answer") { $0.causationId == approve.id && $0.type == Withdrawn.type }
        }

        /// CloudEvents' identity is source and id: two producers may count from 1.
        @Test func anIdOfAnotherSourceIsNoCopy() async throws {
            let scenario = try await Scenario.bound()
            let orderId = try await scenario.place()
            let id = uniqueName("same")
            let first = Outgoing.command(scenario.cast.allocate(orderId), as: scenario.cast.asMerchant, id: id)
            try await scenario.accepted(first)
            let second = Outgoing.command(scenario.cast.deallocate(orderId), as: scenario.cast.asMerchant, id: id)
            try await scenario.client.send(second.setting(EnvelopeHeader.source, "/other"))
            _ = try await scenario.client.event(Deallocated.self, key: orderId)
            let held = RiskHeld(orderId: orderId)
            try await scenario.client.send(Outgoing.fact(held, id: "\(id)-fact"))
            _ = try await scenario.client.event(OrderHeld.self, key: orderId)
            let cleared = RiskCleared(orderId: orderId)
            let later = Timestamp(milliseconds: Timestamp.now.milliseconds + 1000)
            try await scenario.client.send(Outgoing.fact(cleared, at: later, id: "\(id)-fact").setting(EnvelopeHeader.source, "/other"))
            _ = try await scenario.client.event(OrderReleased.self, key: orderId)
        }

        /// Somebody else's command of the same id that cannot be read uses nothing up.
        @Test func anUnreadableCommandOfAnotherSenderIsAnsweredToo() async throws {
            let scenario = try await Scenario.start()
            let key = uniqueName("order")
            let id = uniqueName("same")
            for actor in [Actor(.merchant, uniqueName("stranger")), scenario.cast.asMerchant] {
                let record = Outgoing.raw(Allocate.type, #"{"orderId":"\#(key)"}"#, as: actor, id: id)
                try await scenario.client.send(record)
                _ = try await scenario.client.first("the refusal") { $0.causationId == id && $0.refused?.actor == actor }
            }
        }

        @Test func copiesOfLongConversationsProduceNothing() async throws {
            let scenario = try await Scenario.bound()
            let (orderId, allocationId) = try await scenario.allocated()
            let back = scenario.factory(scenario.cast.return(orderId, allocationId, number: Cast.waybillNumber()))
            try await scenario.client.send(back)
            try await scenario.client.send(back)
            _ = try await scenario.client.event(Ready.self, key: orderId)
            let ship = scenario.merchant(scenario.cast.ship(orderId))
            for _ in 1...3 { try await scenario.client.send(ship) }
            _ = try await scenario.client.event(Shipped.self, key: orderId)
            for command in [back, ship] {
                try await scenario.client.send(command)
                try await scenario.settle(command)
                #expect(scenario.client.answers(to: command.id).count == 1)
            }
        }

        @Test(.enabled(if: Broker.isApacheKafka, "needs Apache Kafka: a service is killed"))
        func copiesAreKnownAfterARestart() async throws {
            let scenario = try await Scenario.bound()
            let orderId = uniqueName("order")
            let placed = Outgoing.fact(scenario.cast.placed(orderId))
            try await scenario.client.send(placed)
            _ = try await scenario.client.event(OrderRegistered.self, key: orderId)
            let allocate = scenario.merchant(scenario.cast.allocate(orderId))
            try await scenario.accepted(allocate)
            let again = scenario.merchant(scenario.cast.allocate(orderId))
            try await scenario.refused(again, .alreadyAllocated)
            let invalid = Outgoing.raw(Allocate.type, #"{"orderId":"\#(orderId)"}"#, as: scenario.cast.asMerchant)
            try await scenario.refused(invalid, .invalid, field: "merchantShopId")
            for crash in [false, true] {
                try await onThread { try scenario.system.restart(.allocation, crash: crash) }
                for copy in [placed, allocate, again, invalid] {
                    try await scenario.client.send(copy)
                    try await scenario.settle(copy)
                    #expect(scenario.client.answers(to: copy.id).count == 1)
                }
            }
        }
    }
}
