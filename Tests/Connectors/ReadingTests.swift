import Contracts
import Partners
import Testing
import Threads

@testable import Shipping
@testable import StateMachines

/// What JD says of an outbound order, in our words.
struct ReadingTests {
    private static let now = Timestamp(milliseconds: 1_700_000_000_000)

    private static func line(_ sku: String?, _ place: Int?, planned: Int?, actual: Int?, isCounted: Bool) -> OutboundReport.Line {
        OutboundReport.Line(sku: sku, goodsNumber: "EMG1", orderLine: place, planned: planned, actual: actual, isCounted: isCounted)
    }

    private static func counted(_ lines: [OutboundReport.Line], sent: [String] = ["a", "b"]) -> [CountedLine]? {
        OutboundStatusReport(OutboundReport(number: "ESL1", code: "10017", lines: lines), now: now).lines?.compactMap {
            $0.counted(in: sent)
        }
    }

    @Test func goodsAreCalledByTheMerchantsCodes() {
        let byPlace = Self.line(nil, 2, planned: 3, actual: 2, isCounted: true)
        #expect(Self.counted([byPlace]) == [CountedLine(sku: "b", quantity: 2)])
        let repeated = Self.line("c", 1, planned: 3, actual: nil, isCounted: false)
        #expect(Self.counted([repeated]) == [CountedLine(sku: "c", quantity: 3)])
        // Of one line there is no doubt; of several JD's own code is all there is.
        let bare = Self.line(nil, nil, planned: 3, actual: nil, isCounted: false)
        #expect(Self.counted([bare], sent: ["a"]) == [CountedLine(sku: "a", quantity: 3)])
        #expect(Self.counted([bare]) == [CountedLine(sku: "EMG1", quantity: 3)])
        let beyond = Self.line(nil, 9, planned: 3, actual: nil, isCounted: false)
        #expect(Self.counted([beyond]) == [CountedLine(sku: "EMG1", quantity: 3)])
    }

    @Test func whatIsNotCountedYetIsNotTold() {
        #expect(Self.counted([Self.line(nil, 1, planned: 3, actual: nil, isCounted: true)]) == nil)
    }

    @Test func aSplitOrderHasTheNumbersOfWhatLeaves() {
        let parts = [
            OutboundReport(number: "ESL2", code: "10028", waybillNumber: "DEAD"),
            OutboundReport(
                number: "ESL3", code: "10014",
                children: [
                    OutboundReport(number: "ESL4", code: "10020", waybillNumber: "JD4"),
                    OutboundReport(number: "ESL5", code: "10034", waybillNumber: "JD5"),
                ]),
        ]
        let reading = OutboundStatusReport(OutboundReport(number: "ESL1", code: "10014", children: parts), now: Self.now)
        #expect(reading.state == .shipped && reading.waybillNumber == "JD4" && reading.extraNumbers == ["JD5"] && reading.isSplit)
    }
}
