import TableFiles
import Testing

@testable import Partners
@testable import SampleData

@Suite struct OrderExportGeneratorTests {
    /// A configuration that differs with the seed in every quirk.
    private func configuration(_ seed: Int, orders: Int = 60) -> OrderExportGenerator.Configuration {
        var configuration = OrderExportGenerator.Configuration()
        configuration.seed = UInt64(seed)
        configuration.orders = orders
        configuration.encoding = CSVEncoding.allCases[seed % 3]
        configuration.fullWidthHeader = seed & 1 != 0
        configuration.fullWidthCommas = seed & 2 != 0
        configuration.padsWithTabs = seed & 4 != 0
        configuration.extraColumns = seed & 8 != 0
        configuration.shufflesColumns = seed & 16 != 0
        configuration.windowsLineEnds = seed & 32 != 0
        configuration.spreadsheetTimes = seed & 64 != 0
        configuration.shares.bad = 0.15
        configuration.shares.duplicate = 0.1
        configuration.shares.afterSaleOpen = 0.1
        configuration.shares.riskHeld = 0.1
        return configuration
    }

    @Test func theReaderFindsWhatTheGeneratorWrote() throws {
        var total = OrderExportGenerator.Counts()
        for seed in 0..<200 {
            let configuration = configuration(seed)
            var expected: [OrderExport.Row] = []
            let output = try OrderExportGenerator(configuration).generate { expected.append($0) }
            let result = try OrderExport.read(output.bytes)
            #expect(result.rows == expected, "seed \(seed)")
            #expect(result.format == .text(configuration.encoding))
            let counts = output.expected
            #expect(counts.records == 60 && result.records == 60)
            #expect(result.badRows.count == counts.bad && result.duplicates == counts.duplicates, "seed \(seed)")
            expectCounts(counts, of: result.rows)
            total.bad += counts.bad
            total.duplicates += counts.duplicates
            total.cancelled += counts.cancelled
        }
        #expect(total.bad > 1000 && total.duplicates > 800 && total.cancelled > 100)
    }

    private func expectCounts(_ counts: OrderExportGenerator.Counts, of rows: [OrderExport.Row]) {
        let placed = rows.filter { $0.disposition.facts.first == .placed }
        #expect(counts.toShip == placed.count)
        #expect(counts.plain == placed.count { $0.disposition == .toShip([.placed]) })
        #expect(counts.riskHeld == placed.count { $0.disposition.facts.contains(.riskHeld) })
        #expect(counts.afterSaleOpen == placed.count { if case .open = $0.afterSale { true } else { false } })
        #expect(counts.refunded == rows.count { $0.status == .unshippedRefunded })
        #expect(counts.cancelled == rows.count { $0.disposition.facts == [.cancelled] })
        #expect(counts.otherStatus == rows.count - placed.count - counts.refunded)
        #expect(counts.piecesToShip == placed.reduce(0) { $0 + $1.quantity })
        #expect(counts.totalMinorToShip == placed.reduce(0) { $0 + $1.totalMinor })
    }

    @Test func theSameSeedGivesTheSameBytes() throws {
        let first = try OrderExportGenerator(configuration(5)).generate()
        #expect(try OrderExportGenerator(configuration(5)).generate().bytes == first.bytes)
        #expect(try OrderExportGenerator(configuration(6)).generate().bytes != first.bytes)
    }

    @Test func sharesAreKeptAndRecipientsRepeat() throws {
        var configuration = OrderExportGenerator.Configuration()
        configuration.orders = 5000
        var rows: [OrderExport.Row] = []
        let counts = try OrderExportGenerator(configuration).generate { rows.append($0) }.expected
        #expect((150...250).contains(counts.afterSaleOpen) && (100...200).contains(counts.riskHeld))
        #expect((60...140).contains(counts.refunded) && (400...600).contains(counts.otherStatus))
        #expect(counts.bad == 0 && counts.duplicates == 0)
        let recipients = rows.filter { $0.status == .toShip }.map(\.recipient)
        #expect((500...900).contains(recipients.count - Set(recipients).count))
        #expect(Set(rows.map(\.orderNumber)).count == 5000)
    }

    @Test func noOrdersIsAHeader() throws {
        var configuration = OrderExportGenerator.Configuration()
        configuration.orders = 0
        #expect(try OrderExport.read(try OrderExportGenerator(configuration).generate().bytes).records == 0)
    }

    @Test func damagedBytesNeverCrash() throws {
        var random = OrderExport.Random(seed: 11)
        let originals = try (0..<8).map { try OrderExportGenerator(configuration($0 * 13, orders: 3)).generate().bytes }
        let signs: [UInt8] = [0x22, 0x2C, 0x0A, 0x0D, 0x00, 0xFF, 0x80, 0x81, 0x30, 0x09, 0xEF, 0x2D]
        var (read, refused, bad) = (0, 0, 0)
        for _ in 0..<10_000 {
            var bytes = random.pick(originals)
            for _ in 0...random.below(6) {
                let place = random.below(bytes.count)
                switch random.below(5) {
                case 0: bytes[place] = UInt8(random.below(256))
                case 1: bytes[place] = random.pick(signs)
                case 2: bytes.insert(random.pick(signs), at: place)
                case 3: bytes.remove(at: place)
                default: bytes.removeSubrange(place..<min(bytes.count, place + random.below(12)))
                }
                if random.chance(0.02) { bytes.removeSubrange(random.below(bytes.count)...) }
                if bytes.isEmpty { break }
            }
            do throws(OrderExport.Failure) {
                let result = try OrderExport.read(bytes)
                read += 1
                bad += result.badRows.count
                for row in result.rows {
                    #expect(row.quantity > 0 && row.unitPriceMinor >= 0 && OrderExport.Value.isOrderNumber(row.orderNumber))
                }
            } catch {
                refused += 1
                #expect(!error.description.isEmpty)
            }
        }
        #expect(read > 1000 && refused > 1000 && bad > 1000)
    }
}
