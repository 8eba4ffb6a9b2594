import Contracts
import Foundation
import Partners
import Testing

@Suite struct JDStatusTests {
    /// Code and state of each row in the docstrings' tables: outbound, inbound, cancellation.
    private static func tables() throws -> [[(code: String, state: String)]] {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let text = try String(contentsOf: root.appendingPathComponent("Shared/Partners/JD/JDStatus.swift"), encoding: .utf8)
        var tables: [[(code: String, state: String)]] = []
        for line in text.split(separator: "\n") {
            if line.contains("| code | JD's words |") { tables.append([]) }
            guard let row = line.firstMatch(of: /\/\/\/ \| (\d+) \| .+ \| `([a-z-]+)` \|/) else { continue }
            tables[tables.count - 1].append((code: String(row.1), state: String(row.2)))
        }
        return tables
    }

    @Test func codesHaveTheDocumentedStatesAndNoOthersHaveAny() throws {
        let tables = try Self.tables()
        try #require(tables.map(\.count) == [18, 7, 3])
        let outbound = Dictionary(uniqueKeysWithValues: tables[0].map { ($0.code, $0.state) })
        let inbound = Dictionary(uniqueKeysWithValues: tables[1].map { ($0.code, $0.state) })
        let cancellation = Dictionary(uniqueKeysWithValues: tables[2].map { ($0.code, $0.state) })
        for code in (0...200).map(String.init) + (10_000...10_100).map(String.init) + ["100130", "", "x", "10020 ", "+10020"] {
            #expect(JDStatus.outbound(code)?.rawValue == outbound[code], "\(code)")
            #expect(JDStatus.inbound(code)?.rawValue == inbound[code], "\(code)")
            #expect(JDStatus.cancellation(code)?.rawValue == cancellation[code], "\(code)")
        }
    }

    @Test func aNumberOrAHandOverInTheHouseIsNotOutOfTheDoor() {
        let out = ((10_000...10_100).map(String.init) + ["100130"]).filter(JDStatus.isOutOfTheDoor)
        #expect(
            out == ["10020", "10031", "10032", "10033", "10034", "10035", "10036", "10037", "10038", "10054"])
    }

    @Test func everyStateOfTheContractCanBeReached() {
        let codes = (0...100).map(String.init) + (10_000...10_100).map(String.init) + ["100130"]
        #expect(Set(codes.compactMap(JDStatus.outbound)) == Set(OutboundState.allCases))
        #expect(Set(codes.compactMap(JDStatus.inbound)) == Set(InboundState.allCases))
    }
}
