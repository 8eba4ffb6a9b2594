import Foundation
import JSON
import Testing

@testable import StateMachines

/// The tables in the machine's docstring, row by row, against the machine.
struct OrderTableTests {
    static let file = "Shared/StateMachines/Allocation/OrderMachine.swift"

    private static func scene(_ name: String) throws -> OrderScene {
        var scene = OrderScene()
        switch name {
        case "unknown": break
        case "free": try scene.place()
        case "dropship": try scene.send(.placed(OrderScene.dropship()))
        case "taken-back":
            try scene.send(.placed(OrderScene.dropship()))
            try scene.send(OrderScene.unallocated)
        case "cancelled":
            try scene.place()
            try scene.send(OrderScene.cancelled())
        case "risk-held":
            try scene.place()
            try scene.send(OrderScene.riskHeld)
        case "after-sale":
            try scene.place()
            try scene.send(OrderScene.afterSaleOpened())
        case "refunded":
            try scene.place()
            try scene.send(OrderScene.afterSaleClosed(outcome: "refunded"))
        case "awaiting-audit": try scene.place(awaitsAudit: true)
        case "allocated":
            try scene.place()
            try scene.allocate()
        case "sealed":
            try scene.place()
            try scene.allocate()
            try scene.seal()
        case "sealed-warehouse":
            try scene.place()
            try scene.allocate(to: OrderScene.warehouse)
            try scene.seal()
        default: Issue.record("the table names a state that this test does not know: \(name)")
        }
        return scene
    }

    /// Sends what the column names, later than all facts before.
    private static func send(_ column: String, to scene: inout OrderScene) throws -> [String] {
        switch column {
        case "risk-held": return try scene.send(OrderScene.riskHeld, at: 2000)
        case "after-sale-opened": return try scene.send(OrderScene.afterSaleOpened("A-2"), at: 2000)
        case "cancelled": return try scene.send(OrderScene.cancelled(), at: 2000)
        case "address-changed": return try scene.send(OrderScene.addressChanged("福田区"), at: 2000)
        case "unallocated": return try scene.send(OrderScene.unallocated, at: 2000)
        case "reassigned": return try scene.send(OrderScene.reassigned, at: 2000)
        case "allocate": return try scene.allocate()
        case "deallocate": return try scene.deallocate()
        case "approve-order": return try scene.approve()
        case "seal": return try scene.seal()
        case "release": return try scene.release()
        default:
            Issue.record("the table names an input that this test does not know: \(column)")
            return []
        }
    }

    /// `refused not-found` stands in the table as `not-found`.
    private static func cell(_ emissions: [String]) -> String {
        emissions.isEmpty ? "–" : emissions.map { $0.hasPrefix("refused ") ? String($0.dropFirst(8)) : $0 }.joined(separator: " ")
    }

    @Test(arguments: [
        "| order | risk-held | after-sale-opened | cancelled | address-changed | unallocated | reassigned |",
        "| order | allocate | deallocate | approve-order | seal | release |",
    ])
    func machineDoesWhatTheTableSays(header: String) throws {
        let rows = try docstringRows(of: Self.file, header: header)
        #expect(rows.count >= 6)
        let columns = header.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
        for row in rows {
            #expect(row.count == columns.count)
            for (column, expected) in zip(columns, row).dropFirst() {
                var scene = try Self.scene(row[0])
                let emissions = try Self.send(column, to: &scene)
                #expect(Self.cell(emissions) == expected, "\(row[0]), \(column)")
            }
        }
    }
}
