import Contracts
import TestSupport
import Testing

extension JourneySuite {
    /// What holds for each command, by the contract's tables.
    @Suite struct EveryCommandTests {
        @Test(arguments: CommandRows.byName)
        func aWrongActorIsForbidden(_ row: CommandRow) async throws {
            let scenario = try await Scenario.start()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for actor in row.wrongActors {
                    group.addTask { try await scenario.refused(row.sent(by: actor), .forbidden) }
                }
                try await group.waitForAll()
            }
        }

        @Test(arguments: CommandRows.byName)
        func aCommandWithoutAnActorIsUnauthorized(_ row: CommandRow) async throws {
            let scenario = try await Scenario.start()
            try await scenario.refused(row.sent(by: nil), .unauthorized)
            try await scenario.refused(row.sent(by: nil).setting(EnvelopeHeader.actor, "boss:1"), .unauthorized)
            try await scenario.refused(row.sent(by: nil).setting(EnvelopeHeader.actor, "merchant:"), .unauthorized)
        }

        @Test(arguments: CommandRows.byName)
        func aWrongKeyIsRefused(_ row: CommandRow) async throws {
            let scenario = try await Scenario.start()
            var command = row.sent(by: row.actor)
            command.key = Array(uniqueName("wrong").utf8)
            try await scenario.refused(command, .invalid, field: "key")
        }

        @Test(arguments: CommandRows.byName)
        func anEmptyObjectLacksItsFirstField(_ row: CommandRow) async throws {
            let scenario = try await Scenario.start()
            var command = row.sent(by: row.actor)
            command.value = Array("{}".utf8)
            let answer = try await scenario.client.answer(to: command)
            let refused = try #require(answer.refused)
            #expect(refused.code == .invalid)
            #expect(refused.field?.isEmpty == false)
        }

        @Test(arguments: CommandRows.notFound)
        func whatDoesNotExistIsNotFound(_ row: CommandRow) async throws {
            let scenario = try await Scenario.start()
            try await scenario.refused(row.sent(by: row.actor), .notFound)
        }
    }
}

extension CommandRows {
    /// Those that the contract has refused so; a `begin` is only where it names a channel.
    static let notFound = byName.filter { $0.type != Begin.type && $0.entry?.refusals.contains(.notFound) == true }
}
