import Contracts
import Partners
import TableFiles
import Testing

@testable import OrderImports

@Suite struct OrderImportTests {
    /// All facts, and what was reported.
    private func run(
        _ export: OrderExport.Result, _ repetition: OrderImport.Repetition, placed: Set<String> = [], at once: Int = 2
    ) throws -> (facts: [OrderFact], report: ImportReport) {
        var orders = try OrderImport(export, merchantShopId: "shop-1", repetition: repetition)
        let sealer = try Sample.sealer()
        var facts: [OrderFact] = []
        while let next = try orders.next(once, known: { placed.contains($0) ? .placed : .unknown }, sealer: sealer) { facts += next }
        #expect(orders.left == 0)
        return (facts, orders.report)
    }

    private func export(_ count: Int) throws -> OrderExport.Result {
        try Sample.export((0..<count).map { Sample.record(Sample.number($0)) })
    }

    @Test func everyRowIsTakenOnceInTheFilesOrder() throws {
        for once in [1, 2, 5, 100] {
            let (facts, report) = try run(export(5), .isKnown, at: once)
            #expect(facts.map(\.orderId) == (0..<5).map { "pdd:\(Sample.number($0))" } && report.placed == 5 && report.records == 5)
            #expect(facts.allSatisfy { !String(decoding: $0.body, as: UTF8.self).contains("张三") })
        }
    }

    @Test func theSameFileAgainPlacesNothing() throws {
        let placed = Set((0..<3).map { "pdd:\(Sample.number($0))" })
        let again = try run(export(3), .isKnown, placed: placed)
        #expect(again.facts.isEmpty && again.report.known == 3 && again.report.placed == 0)
        let copies = try run(export(3), .placesAgain, placed: placed)
        #expect(copies.facts.count == 3 && copies.report.placed == 3, "one who does not know sends copies")
    }

    @Test func whatHoldsAKnownOrderIsToldThoughItIsNotPlacedAgain() throws {
        let export = try Sample.export([Sample.record(Sample.number(0), afterSale: "退款中")])
        let (facts, report) = try run(export, .isKnown, placed: ["pdd:\(Sample.number(0))"])
        #expect(facts.map(\.type) == [AfterSaleOpened.type] && report.known == 1 && report.placed == 0 && report.afterSale == 0)
    }

    @Test func whatIsKnownIsAskedOnlyWhereItMatters() throws {
        let export = try Sample.export([
            Sample.record(Sample.number(0)), Sample.record(Sample.number(1), status: "已签收"),
            Sample.record(Sample.number(2), status: "已取消"),
        ])
        for (repetition, expected) in [(OrderImport.Repetition.isKnown, [0, 2]), (.placesAgain, [2])] {
            var orders = try OrderImport(export, merchantShopId: "shop-1", repetition: repetition)
            let ids = expected.map { "pdd:\(Sample.number($0))" }
            #expect(orders.inQuestion == Set(ids))
            var asked: [String] = []
            _ = try orders.next(
                10,
                known: { orderId in
                    asked.append(orderId)
                    return .unknown
                }, sealer: try Sample.sealer())
            #expect(asked == ids)
        }
    }

    @Test func problemsStandInTheOrderOfTheirLines() throws {
        let export = try Sample.export([
            Sample.record(Sample.number(0), quantity: "none"), Sample.record(Sample.number(1), name: "张*"),
            Sample.record(Sample.number(2), quantity: "none"), Sample.record(Sample.number(3)),
            Sample.record(Sample.number(4), quantity: "none"),
        ])
        for once in [1, 100] {
            let report = try run(export, .isKnown, at: once).report
            #expect(report.problems.map(\.line) == [2, 3, 4, 6] && report.placed == 1 && report.records == 5)
        }
        var rehearsed = try OrderImport(export, merchantShopId: "shop-1", repetition: .placesAgain)
        rehearsed.rehearse()
        #expect(rehearsed.report.problems.map(\.line) == [2, 3, 4, 6])
    }

    @Test func anExportOfBadRowsAloneSendsNothing() throws {
        let (facts, report) = try run(Sample.export([Sample.record(Sample.number(0), quantity: "none")]), .isKnown)
        #expect(facts.isEmpty && report.problems.map(\.line) == [2] && report.records == 1)
    }

    @Test func theContentTellsWhatAFileIs() throws {
        let book = try OrderExportFile.read(Sample.file("Partners/Pinduoduo/Cases/l-workbook.xlsx"))
        let text = try OrderExportFile.read(Sample.file("Partners/Pinduoduo/Cases/a-spec-code-old-name.csv"))
        #expect(book.format == .workbook && book.rows == text.rows)
        let failure = #expect(throws: OrderExport.Failure.self) {
            try OrderExportFile.read(Sample.file("Partners/Pinduoduo/Cases/h-douyin.csv"))
        }
        #expect(failure?.code == .otherPlatform)
        #expect(throws: OrderExport.Failure.self) { try OrderExportFile.read([]) }
    }
}
