import Contracts
import Foundation
import JSON
import Kafka
import TestSupport
import Testing
import Threads

extension JourneySuite {
    /// `daifa keys rotate` while the services run.
    @Suite struct KeyRotationTests {
        private static let sealing: [(ServiceName, KeyPurpose)] = [
            (.waybill, .recipient), (.waybill, .credential), (.shipping, .recipient), (.shipping, .credential),
            (.authorization, .appSecret),
        ]

        @Test
        func newKeysAreAnnouncedAndUsedByThemselvesAndOlderOnesStillOpenWhatIsOlder() async throws {
            let scene = try await WarehouseScene.linked()
            // Sealed before, opened after.
            let before = try await scene.place()
            let known = try await announced(scene.scenario.system.broker).map(\.keyId)
            let store = scene.scenario.system.store.path
            let printed = try await onThread { try runDaifa("keys", "rotate", "--data", store, "--json") }
            var shippings: String?
            for (service, purpose) in Self.sealing {
                let row = try await announced(scene, service, purpose, besides: known)
                #expect(printed.contains(row.keyId), "\(service), \(purpose)")
                if (service, purpose) == (.shipping, .credential) { shippings = row.keyId }
            }

            // Shipping's credential is sealed for its new key without anybody asking.
            let credential = CredentialRow.key(scene.warehouseId, .shipping)
            let key = try #require(shippings)
            _ = try await scene.client.first("the credential sealed for the new key") {
                $0.topic == Table.credentials.topic && $0.key == credential && $0.data["sealed"]?["keyId"]?.string == key
            }
            for orderId in [before, try await scene.place()] {
                let allocationId = try await scene.allocate(orderId)
                let created = try await scene.event(OutboundCreated.self, orderId, allocationId)
                #expect(try await scene.partnerOrder(allocationId)["number"]?.string == created.partnerNumber)
            }
            // What authorization has encrypted with the older key is still read: the grant's refresh token.
            #expect(try await scene.refresh().expiresAt.milliseconds > 0)
        }

        /// Every key that was announced so far.
        private func announced(_ broker: Broker) async throws -> [KeyRow] {
            try await onThread {
                let reader = try TopicReader(broker.configuration, topics: [Table.keys.topic])
                var rows: [KeyRow] = []
                while !reader.atEnd { rows += try reader.next(timeout: 1).compactMap { try? KeyRow.decode($0.value ?? []) } }
                return rows
            }
        }

        private func announced(
            _ scene: WarehouseScene, _ service: ServiceName, _ purpose: KeyPurpose, besides known: [String]
        ) async throws -> KeyRow {
            try await scene.client.first("a new key of \(service) for \(purpose)") {
                guard $0.topic == Table.keys.topic, let row = try? $0.body(KeyRow.self) else { return false }
                return row.service == service && row.purpose == purpose && !known.contains(row.keyId)
            }.body(KeyRow.self)
        }
    }
}

/// Runs the command line tool to its end; blocking.
/// - Returns: what it printed.
func runDaifa(_ arguments: String...) throws -> String {
    let process = Process()
    process.executableURL = ServiceProcess.executables.appendingPathComponent("daifa")
    process.arguments = arguments
    let pipe = Foundation.Pipe()
    process.standardOutput = pipe
    try process.run()
    let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    try #require(process.terminationStatus == 0, "daifa \(arguments.joined(separator: " "))")
    return output
}
