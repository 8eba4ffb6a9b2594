import Contracts
import Foundation
import Testing

@Suite
struct PartnerStatesTests {
    /// Rank and name, as the docstrings' tables have them.
    private static func tables() throws -> [[String]] {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let text = try String(contentsOf: root.appendingPathComponent("Shared/Contracts/PartnerStates.swift"), encoding: .utf8)
        var tables: [[String]] = []
        for match in text.matches(of: /\/\/\/ \| (\d+) \| `([a-z-]+)` \|/) {
            if match.1 == "0" { tables.append([]) }
            try #require(Int(match.1) == tables[tables.count - 1].count)
            tables[tables.count - 1].append(String(match.2))
        }
        return tables
    }

    @Test func namesAndRanksAreTheDocstrings() throws {
        let tables = try Self.tables()
        try #require(tables.count == 2)
        #expect(OutboundState.allCases.sorted { $0.rank < $1.rank }.map(\.rawValue) == tables[0])
        #expect(InboundState.allCases.sorted { $0.rank < $1.rank }.map(\.rawValue) == tables[1])
        #expect(OutboundState.allCases.map(\.rank) == Array(0..<12))
        #expect(InboundState.allCases.map(\.rank) == Array(0..<4))
    }

    @Test func outOfTheDoorFromShippedOnWhateverBecameOfTheParcel() {
        let out = OutboundState.allCases.filter(\.isOutOfTheDoor)
        #expect(out == [.shipped, .inTransit, .delivered, .refused, .returning, .returned])
    }
}
