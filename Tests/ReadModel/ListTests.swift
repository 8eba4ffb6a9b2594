import Testing

@testable import ReadModel

/// Lists in memory against what sorting and filtering all rows would give.
@Suite struct ListTests {
    private struct Chance: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ (state >> 33)
        }
    }

    /// Rows as a plain list would have them.
    private struct Known {
        var row: ListRow
        var partners: [Int32]
        var goods: String
    }

    private static let goods = ["", "tasse\nrot", "teller", "becher\nbitte schnell"]

    private static func known(_ n: Int, _ chance: inout Chance) -> Known {
        var row = ListRow(
            place: ListPlace(at: Int.random(in: 0..<400, using: &chance), key: n * 7 % 1009), due: Int.random(in: 0..<900, using: &chance),
            n: n)
        row.state = UInt8.random(in: 0..<7, using: &chance)
        row.holds = UInt8.random(in: 0..<20, using: &chance) == 0 ? 2 : 0
        row.isReady = Bool.random(using: &chance)
        row.carrier = Int32.random(in: 0..<3, using: &chance)
        row.door = Int.random(in: 0..<5, using: &chance)
        var partners: [Int32] = []
        if n % 11 == 0 { partners = [3, 70] } else { row.partner = Int32.random(in: 0..<4, using: &chance) }
        if !partners.isEmpty { row.partner = ListRow.several }
        return Known(row: row, partners: partners, goods: goods.randomElement(using: &chance) ?? "")
    }

    /// 3,000 rows, of which some were changed, moved or taken away again, in several batches.
    private static func filled(_ chance: inout Chance) -> (Lists, [Known]) {
        var lists = Lists()
        var all: [Int: Known] = [:]
        for _ in 0..<12 {
            var changes: [ListChange] = []
            for _ in 0..<500 {
                let n = Int.random(in: 0..<3000, using: &chance)
                let before = all[n]?.row.place
                if before != nil, Int.random(in: 0..<5, using: &chance) == 0 {
                    all[n] = nil
                    changes.append(ListChange(scope: 4, before: before))
                    continue
                }
                var new = known(n, &chance)
                // Two rows never share a place.
                new.row.place.key = n
                all[n] = new
                changes.append(ListChange(scope: 4, before: before, row: new.row, goods: new.goods, partners: new.partners))
            }
            lists.apply(changes)
        }
        return (lists, Array(all.values))
    }

    private static func filters(_ chance: inout Chance) -> [ListFilter] {
        (0..<40).map { number in
            var filter = ListFilter()
            if number % 2 == 0 { filter.states = UInt8.random(in: 1..<128, using: &chance) }
            if number % 3 == 0 { filter.partner = [0, 1, 3, 70].randomElement(using: &chance) }
            if number % 5 == 0 { filter.isReady = Bool.random(using: &chance) }
            if number % 7 == 0 { filter.carrier = 1 }
            if number % 8 == 0 { filter.door = 2 }
            if number % 9 == 0 { filter.holds = 2 }
            if number % 4 == 1 { (filter.from, filter.to) = (100, 260) }
            if number % 4 == 3 { filter.dueBefore = 300 }
            return filter
        }
    }

    private static func passes(_ known: Known, _ filter: ListFilter) -> Bool {
        let row = known.row
        return filter.states >> row.state & 1 == 1 && (filter.holds == 0 || row.holds & filter.holds != 0)
            && filter.isReady ?? row.isReady == row.isReady && filter.carrier ?? row.carrier == row.carrier
            && filter.door ?? row.door == row.door
            && (filter.partner.map { known.partners.contains($0) || known.partners.isEmpty && row.partner == $0 } ?? true)
            && filter.from <= row.place.at && row.place.at < filter.to && row.due < filter.dueBefore
    }

    private static func sorted(_ rows: [ListRow], _ order: ListOrder) -> [Int] {
        switch order {
        case .newest: rows.sorted { $0.place > $1.place }.map(\.n)
        case .oldest: rows.sorted { $0.place < $1.place }.map(\.n)
        case .shipBy: rows.sorted { $0.dueplace < $1.dueplace }.map(\.n)
        }
    }

    private static func all(_ order: ListOrder, limit: Int, _ ask: (ListWindow) -> [ListRow]) -> [Int] {
        var found: [Int] = []
        var after: ListPlace?
        while true {
            let rows = ask(ListWindow(order: order, after: after, limit: limit))
            found += rows.map(\.n)
            guard rows.count == limit, let last = rows.last else { return found }
            after = order == .shipBy ? last.dueplace : last.place
        }
    }

    @Test(arguments: 1...4) func pagesAreWhatSortingAndFilteringWouldGive(seed: UInt64) {
        var chance = Chance(state: seed)
        let (lists, known) = Self.filled(&chance)
        for filter in Self.filters(&chance) {
            let rows = known.filter { Self.passes($0, filter) }.map(\.row)
            for order in ListOrder.allCases {
                let found = Self.all(order, limit: 51) { lists.rows(scope: 4, $0, filter) }
                #expect(found == Self.sorted(rows, order), "\(filter) \(order)")
            }
        }
        let numbers = lists.numbers(scope: 4)
        for state in 0..<7 { #expect(numbers[state] == known.filter { $0.row.state == UInt8(state) }.count) }
        #expect(lists.rows(scope: 5, ListWindow(order: .newest, limit: 9), ListFilter()).isEmpty)
    }

    @Test(arguments: 1...2) func textsFindGoodsAndMatches(seed: UInt64) {
        var chance = Chance(state: seed)
        let (lists, known) = Self.filled(&chance)
        var matches = TextMatches("schnell", isOrders: true)
        for n in stride(from: 0, to: 3000, by: 97) { matches.insert(order: n) }
        let rows = known.filter { $0.goods.contains("schnell") || $0.row.n % 97 == 0 }.map(\.row)
        for order in ListOrder.allCases {
            let found = Self.all(order, limit: 40) { lists.rows(scope: 4, $0, ListFilter(), matches) }
            #expect(found == Self.sorted(rows, order))
        }
    }

    @Test func goodsAreFoundAmongTheNewestAlone() {
        var lists = Lists()
        func change(_ n: Int, _ goods: String) -> ListChange {
            ListChange(scope: 2, row: ListRow(place: ListPlace(at: n, key: 0), due: 0, n: n), goods: goods)
        }
        lists.apply((0...Lists.newest).map { change($0, $0 == 0 ? "old cup" : "new cup") })
        func found(_ text: String) -> Int {
            lists.rows(scope: 2, ListWindow(order: .oldest, limit: 10), ListFilter(), TextMatches(text, isOrders: true)).count
        }
        #expect(found("old") == 0)
        #expect(found("w c") == 10)
        lists.apply([ListChange(scope: 2, before: ListPlace(at: 500, key: 0))])
        #expect(found("old") == 1)
    }

    @Test func parcelsMatchByTheirOrderOrTheirOwnRow() {
        var matches = TextMatches("x", isOrders: false)
        matches.insert(order: 5)
        matches.insert(parcel: 9 << ListRow.parcelBits | 2)
        #expect(matches.contains(5 << ListRow.parcelBits | 1))
        #expect(matches.contains(9 << ListRow.parcelBits | 2))
        #expect(!matches.contains(9 << ListRow.parcelBits | 1))
        #expect(!matches.contains(70_000 << ListRow.parcelBits))
    }
}
