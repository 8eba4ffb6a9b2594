import Contracts
import Foundation
import Testing

@testable import StateMachines

/// The tables in the docstring of a machine's warehouse part, row by row, against the machine.
struct OutboundTableTests {
    private static let file = "Shared/StateMachines/Shipping/Outbounds/Outbounds.swift"
    private static let headers = [
        "| outbound | sealed | seal refused | resealed | unreadable | created | rejected | closed | unknown | absent | gone | kept |",
        "| outbound | held | cancel-outbound | picking | out | 10028 | 10029 | late | pull-status | ship |",
    ]
    private static let states = [
        "awaited", "sealing", "withdrawn", "waiting", "creating", "looking", "created", "cancelling", "unknown", "shipped", "ended",
    ]

    private static func send(_ column: String, to scene: inout OutboundScene) throws {
        switch column {
        case "sealed": try scene.sealed()
        case "seal refused": try scene.sealRefused()
        case "resealed": try scene.resealed()
        case "unreadable": try scene.unreadable()
        case "created": try scene.created()
        case "rejected": try scene.created(1, .rejected(PartnerRefusal(code: "1", reason: "no")))
        case "closed": try scene.created(1, .closed)
        case "unknown": try scene.created(1, .unknown)
        case "late": try scene.latePoll()
        case "absent": try scene.created(1, .absent)
        case "gone": try scene.cancelEnded(.cancelled)
        case "kept": try scene.cancelEnded(.failed(reason: "too late"))
        case "held": try scene.held()
        case "cancel-outbound": try scene.cancel()
        case "picking": try scene.report("10016")
        case "out": try scene.report("10020")
        case "10028", "10029": try scene.report(column, waybillNumber: nil)
        case "pull-status": try scene.pull()
        case "ship": try scene.ship()
        default: Issue.record("the table names an input that this test does not know: \(column)")
        }
    }

    @Test(arguments: headers)
    func machineDoesWhatTheTableSays(_ header: String) throws {
        let rows = try docstringRows(of: Self.file, header: header)
        #expect(rows.map { $0.first ?? "" } == Self.states)
        let columns = header.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
        for row in rows {
            #expect(row.count == columns.count)
            for (column, expected) in zip(columns, row).dropFirst() {
                // Effects are answered only in the states that have them; elsewhere a late answer changes nothing.
                var scene = OutboundScene()
                try scene.bring(to: row[0])
                #expect(OutboundScene.stateName(scene.state.outbound(1)) == row[0])
                try Self.send(column, to: &scene)
                let out = scene.names.isEmpty ? "–" : scene.names.joined(separator: " ")
                #expect(out == expected, "\(row[0]), \(column)")
            }
        }
    }
}
