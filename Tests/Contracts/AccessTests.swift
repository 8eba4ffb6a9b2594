import Contracts
import Testing

@Suite struct AccessTests {
    private static func users(_ list: KeyPath<Access, [String]>, _ topic: String) -> [String] {
        Access.all.filter { $0[keyPath: list].contains(topic) }.map(\.user)
    }

    @Test(arguments: ServiceName.domainServices) func whatAServiceTellsIsWrittenByItAlone(service: ServiceName) {
        for topic in [service.events, service.dead] { #expect(Self.users(\.writes, topic) == ["daifa-\(service.rawValue)"]) }
    }

    @Test(arguments: [
        (Table.participants, ["daifa-binding"]), (.bindings, ["daifa-binding"]), (.rules, ["daifa-allocation"]),
        (.warehouses, ["daifa-authorization"]), (.stock, ["daifa-shipping"]), (.credentials, ["daifa-authorization"]),
        (.channels, ["daifa-authorization"]),
        // Each announces its own keys.
        (.keys, ["daifa-authorization", "daifa-waybill", "daifa-shipping", "daifa-console"]),
    ]) func aTableHasOneWriter(table: Table, writers: [String]) {
        #expect(Self.users(\.writes, table.topic) == writers)
    }

    /// Besides the service itself: who speaks for people and partners, and the services that ask another for something.
    @Test(arguments: [
        (ServiceName.binding, [String]()), (.allocation, ["daifa-shipping"]), (.waybill, ["daifa-shipping"]), (.shipping, []),
        (.authorization, ["daifa-waybill", "daifa-shipping"]),
    ]) func whoMayWriteCommands(service: ServiceName, others: [String]) {
        #expect(
            Set(Self.users(\.writes, service.commands))
                == Set(others + ["daifa-\(service.rawValue)", "daifa-console", "daifa-operator"]))
    }

    @Test func factsAreWrittenByConnectorsAndByWhoDownloadsOrCarriesThem() {
        #expect(
            Self.users(\.writes, Topics.orders) == [
                "daifa-authorization", "daifa-allocation", "daifa-console", "daifa-operator", "daifa-connector",
            ])
    }

    @Test func whatIsSealedIsReadByThoseItIsSealedFor() {
        #expect(
            Self.users(\.reads, Table.credentials.topic) == ["daifa-authorization", "daifa-waybill", "daifa-shipping", "daifa-console"])
    }

    @Test func groupsAndTransactionalIdsAreAServicesOwn() throws {
        let waybill = try #require(Access.all.first { $0.user == "daifa-waybill" })
        #expect(waybill.groups.map(\.name) == [.exactly("daifa-waybill")])
        #expect(waybill.transactionalIds == .prefix("daifa-waybill-"))
        let reader = try #require(Access.all.first { $0.user == "daifa-reader" })
        #expect(reader.writes.isEmpty && reader.transactionalIds == nil && reader.groups.map(\.name) == [.prefix("daifa-reader-")])
    }

    @Test func callsAreKafkasOwn() throws {
        let binding = try #require(Access.all.first { $0.user == "daifa-binding" })
        #expect(
            binding.calls.map { $0.joined(separator: " ") } == [
                "--allow-principal User:daifa-binding --operation Read --topic daifa.binding.commands --group daifa-binding",
                "--allow-principal User:daifa-binding --operation Write --topic daifa.binding.commands --topic daifa.binding.events "
                    + "--topic daifa.binding.dead --topic daifa.participants --topic daifa.bindings --topic daifa.health",
                "--allow-principal User:daifa-binding --operation Write --transactional-id daifa-binding- --resource-pattern-type prefixed",
            ])
    }
}
