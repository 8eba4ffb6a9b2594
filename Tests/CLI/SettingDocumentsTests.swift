import ConsoleConfiguration
import Contracts
import Credentials
import Foundation
import PartnerEffects
import Testing

@testable import CLI
@testable import Runtime

@Suite struct SettingDocumentsTests {
    private static let all = SettingDocuments.all(SettingsCommand.groups)

    private static func text(_ path: String) throws -> String {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../..")
        return try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }

    @Test func aProcessHasASettingOnce() {
        for service in ServiceName.allCases {
            let names = Self.all.filter { $0.processes.contains(service) }.map(\.name)
            #expect(Set(names).count == names.count, "\(service)")
        }
    }

    @Test func theDefaultsOfPartnersSettingsAreSaid() {
        let said = Dictionary(grouping: Self.all, by: \.name)
        for (name, text) in [("DAIFA_ASK_PAUSES", "1,3,9"), ("DAIFA_PARTNER_JD_TIMEOUT", "10")] {
            #expect(said[name]?.first?.standard(.shipping) == text, "\(name)")
        }
    }

    @Test func helpNamesWhatTheProcessReadsAndNothingElse() {
        let waybill = ServiceHelp.text(ServiceDescription(.waybill, resources: PartnerEnvironment.self, routes: []))
        let console = ServiceHelp.text(
            EdgeDescription(.console, resources: TablesAndSecrets.self, summary: "", topics: [], tables: []))
        for (service, help) in [(ServiceName.waybill, waybill), (.console, console)] {
            // The console's own group is the console's to show.
            for setting in Self.all where !ConsoleSettings.table.contains(where: { $0.name == setting.name }) {
                let isOwn = Self.all.contains { $0.name == setting.name && $0.processes.contains(service) }
                #expect(help.contains("  \(setting.name) ") == isOwn, "\(service): \(setting.name)")
            }
            #expect(help.contains("  KAFKA_<PROPERTY>_FILE "))
        }
        #expect(waybill.contains("sqlite:./data/waybill"))
    }

    /// Written by `daifa settings > deploy/SETTINGS.md`.
    @Test func theDocumentIsTheTables() throws {
        #expect(try Self.text("deploy/SETTINGS.md") == SettingDocuments.markdown(SettingsCommand.groups))
    }

    /// Written by `daifa acls`.
    @Test(arguments: [("deploy/kafka/acls", Access.file), ("deploy/kafka/ACCESS.md", Access.markdown)])
    func theAccessListsAreTheContracts(path: String, text: String) throws { #expect(try Self.text(path) == text) }

    /// What one process reads and compose does not pass on cannot be set there.
    @Test func composePassesOnWhatIsSetByPeople() throws {
        let compose = try Self.text("docker-compose.yml")
        // Compose's own, the image's, and what it decides by itself.
        let fixed: Set = [
            "DAIFA_STORE", "DAIFA_STORE_PASSWORD_FILE", "DAIFA_STORE_CONNECT_TIMEOUT", "DAIFA_STORE_TIMEOUT", "DAIFA_PARTITIONS",
            "DAIFA_REPLICATION", "DAIFA_CREATE_TOPICS", "DAIFA_INSTANCE", "DAIFA_HTTP_PORT",
            "DAIFA_HTTP_HOST", "DAIFA_SEAL_KEY_FILE", "DAIFA_MASTER_KEY_FILE", "DAIFA_WEB",
        ]
        for setting in Self.all where !fixed.contains(setting.name) {
            #expect(compose.contains("  \(setting.name):"), "\(setting.name)")
        }
    }
}
