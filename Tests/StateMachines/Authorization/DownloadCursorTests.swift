import Contracts
import JSON
import Testing

@testable import StateMachines

/// A platform's list of orders, which change while it is read. Times are milliseconds.
struct SimulatedShop {
    struct Order {
        var number: Int
        /// Updates, with the time at which each becomes visible in the list: the platform's index lags behind its clock.
        var updates: [(at: Int, visibleAt: Int)]
    }

    /// In what order rows stand in the list.
    enum Sorting: CaseIterable { case oldestFirst, newestFirst, byNumber }

    /// The list's page size; the cursor's is the platform's.
    static let pageSize = DownloadCursor.pageSize

    var clock = 1_700_000_000_000
    var orders: [Order] = []
    var sorting = Sorting.oldestFirst
    /// Whether the ends belong to a window.
    var hasEnds = true
    /// By how much the index may lag; the window's end stays further behind.
    let indexLag = 150_000

    mutating func update(_ index: Int, _ random: inout Seeded) {
        let known = orders[index].updates.last?.visibleAt ?? 0
        orders[index].updates.append((clock, max(known, clock + Int.random(in: 0...indexLag, using: &random))))
    }

    mutating func add(_ random: inout Seeded) {
        orders.append(Order(number: orders.count, updates: []))
        update(orders.count - 1, &random)
    }

    /// What the list shows now.
    func page(_ number: Int, _ bounds: DownloadBounds) -> (rows: [(number: Int, updatedAt: Int)], total: Int) {
        var rows = orders.compactMap { order -> (number: Int, updatedAt: Int)? in
            guard let shown = order.updates.last(where: { $0.visibleAt <= clock }) else { return nil }
            // The platform counts in whole seconds.
            let second = shown.at - shown.at % 1000
            let isIn = hasEnds ? (bounds.from...bounds.to).contains(second) : second > bounds.from && second < bounds.to
            return isIn ? (order.number, shown.at) : nil
        }
        switch sorting {
        case .oldestFirst: rows.sort { ($0.updatedAt, $0.number) < ($1.updatedAt, $1.number) }
        case .newestFirst: rows.sort { ($1.updatedAt, $1.number) < ($0.updatedAt, $0.number) }
        case .byNumber: break
        }
        let start = min((number - 1) * Self.pageSize, rows.count)
        return (Array(rows[start..<min(start + Self.pageSize, rows.count)]), rows.count)
    }
}

@Suite
struct DownloadCursorTests {
    private static let lag = 180_000
    private static let history = 2 * 3_600_000

    /// Reads the simulated shop until everything is read, while it goes on; what was seen last of each order.
    private static func read(_ shop: inout SimulatedShop, _ random: inout Seeded, turns: Int, _ seen: inout [Int: Int]) throws -> Int {
        var cursor = DownloadCursor(.orders)
        var pages = 0
        for turn in 0..<turns {
            let bounds =
                cursor.window?.bounds
                ?? DownloadBounds.next(after: cursor.readTo, of: .orders, clock: shop.clock, lag: lag, history: history)
            guard let bounds else {
                shop.clock += 60_000
                continue
            }
            let (rows, total) = shop.page(cursor.window?.page ?? 1, bounds)
            pages += 1
            // Meanwhile the shop goes on; toward the end it is left in peace.
            shop.clock += Int.random(in: 50...20_000, using: &random)
            if turn < turns * 2 / 3, !shop.orders.isEmpty {
                for _ in 0..<Int.random(in: 0...40, using: &random) {
                    shop.update(Int.random(in: shop.orders.indices, using: &random), &random)
                }
            }
            // The process dies: the page is read again from what is stored.
            if random.chance(10) { continue }
            for row in rows { seen[row.number] = max(seen[row.number] ?? 0, row.updatedAt) }
            let progress = cursor.pass(DownloadedPage(bounds: bounds, total: total))
            cursor = try DownloadCursor.decode(cursor.json)
            if progress == .caughtUp { shop.clock += 60_000 }
        }
        return pages
    }

    @Test
    func aNonsenseTotalIsForgottenWithTheNextOne() {
        let bounds = DownloadBounds(from: 0, to: 1_000_000, isLatest: true)
        for nonsense in [1_000_000_000_000, Int.max] {
            var cursor = DownloadCursor(.orders)
            #expect(cursor.pass(DownloadedPage(bounds: bounds, total: nonsense)) == .page)
            #expect(cursor.pass(DownloadedPage(bounds: bounds, total: 250)) == .page)
            #expect(cursor.window?.page == 3)
        }
    }

    @Test(arguments: 0..<12 as Range<UInt64>)
    func noOrderIsMissedWhileOrdersChange(seed: UInt64) throws {
        var random = Seeded(seed)
        var shop = SimulatedShop()
        shop.sorting = SimulatedShop.Sorting.allCases[Int(seed) % 3]
        shop.hasEnds = seed % 2 == 0
        let start = shop.clock
        for _ in 0..<800 {
            shop.clock = start - Int.random(in: 0...(Self.history - 60_000), using: &random)
            shop.add(&random)
        }
        shop.clock = start
        var seen: [Int: Int] = [:]
        let pages = try Self.read(&shop, &random, turns: 150, &seen)
        #expect(pages > 20)
        for order in shop.orders {
            #expect(seen[order.number] == order.updates.last?.at, "order \(order.number), seed \(seed)")
        }
    }

    @Test
    func aWindowOfOnePageIsReadOnceOneOfMoreFromTheLastPageToTheFirst() throws {
        let bounds = DownloadBounds(from: 0, to: 1000, isLatest: false)
        var cursor = DownloadCursor(.orders)
        #expect(cursor.pass(DownloadedPage(bounds: bounds, total: 100)) == .window)
        #expect(cursor.readTo == 1000 && cursor.window == nil)

        let next = DownloadBounds(from: 0, to: 2000, isLatest: true)
        var asked: [Int] = []
        var progress = cursor.pass(DownloadedPage(bounds: next, total: 301))
        while progress == .page {
            asked.append(try #require(cursor.window?.page))
            #expect(cursor.readTo == 1000)
            // A row has left.
            progress = cursor.pass(DownloadedPage(bounds: next, total: 300))
        }
        #expect(asked == [4, 3, 2, 1])
        #expect(progress == .caughtUp)
        #expect(cursor.readTo == 2000)
    }

    @Test
    func aWindowThatGrowsAfterAllIsReadAgain() {
        let bounds = DownloadBounds(from: 0, to: 1000, isLatest: true)
        var cursor = DownloadCursor(.orders)
        _ = cursor.pass(DownloadedPage(bounds: bounds, total: 250))
        _ = cursor.pass(DownloadedPage(bounds: bounds, total: 240))
        #expect(cursor.window?.page == 2)
        #expect(cursor.pass(DownloadedPage(bounds: bounds, total: 241)) == .page)
        #expect(cursor.window?.page == 3)
    }

    @Test
    func windowsFollowOneAnotherToThePresent() throws {
        let clock = 1_700_000_000_999
        var readTo: Int?
        var all: [DownloadBounds] = []
        while let bounds = DownloadBounds.next(after: readTo, of: .orders, clock: clock, lag: Self.lag, history: Self.history) {
            #expect(bounds.to - bounds.from <= DownloadBounds.longest)
            if let readTo { #expect(bounds.from == readTo - DownloadBounds.overlap) }
            readTo = bounds.to
            all.append(bounds)
        }
        #expect(all.count == 4)
        #expect(all.first?.from == 1_700_000_000_000 - Self.history)
        #expect(all.last?.to == 1_700_000_000_000 - Self.lag)
        #expect(all.map(\.isLatest) == Array(repeating: false, count: 3) + [true])
    }

    @Test(arguments: [(DownloadKind.orders, 89), (.factoryOrders, 29)])
    func whatThePlatformNoLongerHasIsNotAskedFor(kind: DownloadKind, days: Int) throws {
        let clock = 1_700_000_000_000
        for readTo in [nil, 5000] {
            let bounds = try #require(
                DownloadBounds.next(after: readTo, of: kind, clock: clock, lag: Self.lag, history: 400 * 86_400_000))
            #expect(bounds.from == clock - days * 86_400_000)
        }
    }
}
