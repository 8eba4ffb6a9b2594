import Contracts
import Foundation
import Partners
import Testing

@Suite struct JDStatusTests {
    /// JD Logistics' document 54597 and the contract's section 4, copied by hand.
    private static let outbound: [String: OutboundState] = [
        "10010": .created, "100130": .waybillObtained, "10014": .accepted, "10015": .accepted, "10016": .picking, "10017": .packed,
        "10018": .packed, "10019": .handedOver, "10020": .shipped, "10032": .inTransit, "10033": .inTransit, "10054": .inTransit,
        "10034": .delivered, "10035": .refused, "10031": .returning, "10036": .returning, "10037": .returning, "10038": .returned,
    ]
    private static let inbound: [String: InboundState] = [
        "4": .created, "5": .created, "10": .created, "20": .accepted, "50": .accepted, "70": .received, "91": .cancelled,
    ]
    private static let cancellation: [String: JDStatus.Cancellation] = ["10027": .pending, "10028": .cancelled, "10029": .failed]

    /// The docstrings' tables, one after the other: `code state`.
    private static func documented() throws -> [Set<String>] {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let text = try String(contentsOf: root.appendingPathComponent("Shared/Partners/JD/JDStatus.swift"), encoding: .utf8)
        var tables: [Set<String>] = []
        for line in text.split(separator: "\n") {
            if line.contains("| code | JD's words |") { tables.append([]) }
            guard let row = line.firstMatch(of: /\/\/\/ \| (\d+) \| .+ \| `([a-z-]+)` \|/) else { continue }
            tables[tables.count - 1].insert("\(row.1) \(row.2)")
        }
        return tables
    }

    @Test func codesHaveTheirStatesAndNoOthersHaveAny() {
        for code in (0...200).map(String.init) + (10_000...10_100).map(String.init) + ["100130", "", "x", "10020 ", "+10020"] {
            #expect(JDStatus.outbound(code) == Self.outbound[code], "\(code)")
            #expect(JDStatus.inbound(code) == Self.inbound[code], "\(code)")
            #expect(JDStatus.cancellation(code) == Self.cancellation[code], "\(code)")
        }
    }

    @Test func theDocumentationSaysTheSame() throws {
        func rows<State: RawRepresentable<String>>(_ table: [String: State]) -> Set<String> { Set(table.map { "\($0) \($1.rawValue)" }) }
        #expect(try Self.documented() == [rows(Self.outbound), rows(Self.inbound), rows(Self.cancellation)])
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
