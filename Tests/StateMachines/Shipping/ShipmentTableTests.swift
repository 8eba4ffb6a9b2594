import Contracts
import Foundation
import JSON
import Testing

@testable import StateMachines

/// The table in the machine's docstring, row by row, against the machine.
struct ShipmentTableTests {
    static let header = "| parcel | returned | readdressed | deallocated | voided | sealed | seal refused | ship | amend | claimed |"

    private static func scene(_ name: String) throws -> ShipmentScene {
        var scene = ShipmentScene()
        let steps = ["unknown", "open", "ready", "sealing", "shipped", "amending"]
        if name == "sealing, readdressed" {
            scene = try self.scene("sealing")
            try scene.readdressed()
            return scene
        }
        if name == "ended" {
            try scene.allocated()
            try scene.deallocated()
            return scene
        }
        let reached = try #require(steps.firstIndex(of: name), "the table names a state that this test does not know")
        if reached >= 1 { try scene.allocated() }
        if reached >= 2 { try scene.returned() }
        if reached >= 3 { try scene.ship(1) }
        if reached >= 4 { try scene.sealed() }
        if reached >= 5 { try scene.amend() }
        return scene
    }

    private static func send(_ column: String, to scene: inout ShipmentScene) throws -> [String] {
        switch column {
        case "returned": return try scene.returned()
        case "readdressed": return try scene.readdressed()
        case "deallocated": return try scene.deallocated()
        case "voided": return try scene.voided()
        case "sealed": return try scene.sealed()
        case "seal refused": return try scene.sealRefused()
        case "ship": return try scene.ship(1)
        case "amend": return try scene.amend()
        case "claimed": return try scene.claimed()
        default:
            Issue.record("the table names an input that this test does not know: \(column)")
            return []
        }
    }

    /// `refused not-found` stands in the table as `not-found`, `allocation seal` as `seal`.
    private static func cell(_ emissions: [String]) -> String {
        emissions.isEmpty ? "–" : emissions.map { String($0.split(separator: " ").last ?? "") }.joined(separator: " ")
    }

    @Test func machineDoesWhatTheTableSays() throws {
        let rows = try docstringRows(of: "Shared/StateMachines/Shipping/Parcels/FactoryParcels.swift", header: Self.header)
        #expect(rows.count == 8)
        let columns = Self.header.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
        for row in rows {
            #expect(row.count == columns.count)
            for (column, expected) in zip(columns, row).dropFirst() {
                var scene = try Self.scene(row[0])
                let waiting = (scene.state.ships?.count ?? 0) + (scene.state.amends?.count ?? 0)
                let emissions = try Self.send(column, to: &scene)
                if expected == "waits" {
                    #expect(emissions == [] && (scene.state.ships?.count ?? 0) + (scene.state.amends?.count ?? 0) == waiting + 1)
                } else {
                    #expect(Self.cell(emissions) == expected, "\(row[0]), \(column)")
                }
            }
        }
    }
}
