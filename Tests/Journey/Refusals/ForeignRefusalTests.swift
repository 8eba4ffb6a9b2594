import Contracts
import JSON
import Kafka
import TestSupport
import Testing

extension JourneySuite {
    /// Another merchant sends what only shipping may, with ids that are or look like shipping's own: each is refused, and nobody takes it for the
    /// refusal of his own.
    @Suite struct ForeignRefusalTests {
        /// Sends a stranger's commands, and waits until each is refused.
        private static func send(_ foreign: [Outgoing], of stranger: Actor, _ scenario: Scenario) async throws {
            for command in foreign {
                let id = command.id
                try await scenario.client.send(command)
                _ = try await scenario.client.first("the stranger's refusal") {
                    $0.causationId == id && $0.refused?.actor == stranger && $0.refused?.code == .forbidden
                }
            }
        }

        private static func commands(_ message: some Contracts.Message, ids: [String], of stranger: Actor) -> [Outgoing] {
            ids.map { Outgoing.command(message, as: stranger, id: $0) }
        }

        /// The ids that shipping's requests about an allocation once had, and the one that it really has sent.
        private static func ids(_ scenario: Scenario, _ type: String, _ allocationId: String, _ name: String) -> [String] {
            let sent = scenario.client.seen { $0.type == type && $0.data["allocationId"]?.string == allocationId }.compactMap(\.id)
            return sent + ["\(allocationId)/\(name)/1", "x/1/\(name)/1", uniqueName("foreign") + "/1/\(name)/1"]
        }

        @Test func aForeignSealDoesNotRefuseTheShip() async throws {
            let scenario = try await Scenario.bound()
            let stranger = Actor(.merchant, uniqueName("stranger"))
            for _ in 1...5 {
                let (orderId, allocationId) = try await scenario.ready()
                let seal = Seal(orderId: orderId, allocationId: allocationId)
                let ship = scenario.merchant(scenario.cast.ship(orderId))
                let early = Self.commands(seal, ids: ["\(allocationId)/seal/1", "x/1/seal/1"], of: stranger)
                async let foreign: Void = Self.send(early, of: stranger, scenario)
                let answer = try await scenario.accepted(ship)
                #expect(answer.name == "shipped")
                try await foreign
                // Again with the very id that shipping has sent.
                let late = Self.commands(seal, ids: Self.ids(scenario, Seal.type, allocationId, "seal"), of: stranger)
                try await Self.send(late.filter { !early.map(\.id).contains($0.id) }, of: stranger, scenario)
                try await scenario.settle(ship)
                #expect(scenario.client.answers(to: ship.id).map(\.name) == ["shipped"], "answered once, by its own outcome")
            }
        }

        @Test func aForeignClaimDoesNotRefuseTheAmend() async throws {
            let scenario = try await Scenario.bound()
            let stranger = Actor(.merchant, uniqueName("stranger"))
            let (orderId, allocationId) = try await scenario.shipped()
            let claim = Claim(orderId: orderId, allocationId: allocationId, carrier: "YTO", waybillNumber: Cast.waybillNumber())
            let amend = Amend(
                orderId: orderId, allocationId: allocationId, merchantShopId: scenario.cast.merchant, carrier: "YTO",
                waybillNumber: Cast.waybillNumber())
            let command = scenario.merchant(amend)
            let early = Self.commands(claim, ids: ["\(allocationId)/claim/1", "x/1/claim/1"], of: stranger)
            async let foreign: Void = Self.send(early, of: stranger, scenario)
            let answer = try await scenario.accepted(command)
            #expect(answer.name == "amended" && answer.data["waybillNumber"]?.string == amend.waybillNumber)
            try await foreign
            let late = Self.commands(claim, ids: Self.ids(scenario, Claim.type, allocationId, "claim"), of: stranger)
            try await Self.send(late.filter { !early.map(\.id).contains($0.id) }, of: stranger, scenario)
            try await scenario.settle(command)
            #expect(scenario.client.answers(to: command.id).map(\.name) == ["amended"])
        }

        @Test func aForeignSealDoesNotEndAWarehouseOrder() async throws {
            let scene = try await WarehouseScene.linked()
            let stranger = Actor(.merchant, uniqueName("stranger"))
            let orderId = try await scene.place()
            let seal = Seal(orderId: orderId, allocationId: "\(orderId)/1")
            let early = Self.commands(seal, ids: ["\(orderId)/1/seal/1", "x/1/seal/1"], of: stranger)
            async let foreign: Void = Self.send(early, of: stranger, scene.scenario)
            _ = try await scene.allocate(orderId)
            _ = try await scene.client.event(OutboundCreated.self, key: orderId)
            try await foreign
            let late = Self.commands(seal, ids: Self.ids(scene.scenario, Seal.type, seal.allocationId, "seal"), of: stranger)
            try await Self.send(late.filter { !early.map(\.id).contains($0.id) }, of: stranger, scene.scenario)
            let pull = scene.pull(orderId)
            #expect(try await scene.client.answer(to: pull).name == "outbound-status", "shipping goes on with it")
        }

        /// A refused command with somebody else's id has another actor, which tells it from the answer.
        @Test func aRefusalNamesWhoWasRefused() async throws {
            let scenario = try await Scenario.bound()
            let orderId = try await scenario.place()
            let good = scenario.merchant(scenario.cast.allocate(orderId))
            let stranger = Actor(.merchant, uniqueName("stranger"))
            let copy = good.setting(EnvelopeHeader.actor, "\(stranger)")
            let refused = try await scenario.client.answer(to: copy)
            #expect(refused.refused?.actor == stranger && refused.header(EnvelopeHeader.behalf) == "\(stranger)")
            try await scenario.client.send(good)
            let allocated = try await scenario.client.event(Allocated.self, key: orderId)
            #expect(allocated.causationId == good.id && allocated.header(EnvelopeHeader.behalf) == "\(scenario.cast.asMerchant)")
            // Through all steps: what shipping has sealed, allocation tells on the merchant's behalf.
            let allocationId = try allocated.body(Allocated.self).allocationId
            _ = try await scenario.client.event(Opened.self, key: orderId)
            try await scenario.giveBack(orderId, allocationId)
            try await scenario.accepted(scenario.merchant(scenario.cast.ship(orderId)))
            let sealed = try await scenario.client.event(AllocationSealed.self, key: orderId)
            #expect(sealed.header(EnvelopeHeader.behalf) == "\(scenario.cast.asMerchant)")
        }
    }
}
