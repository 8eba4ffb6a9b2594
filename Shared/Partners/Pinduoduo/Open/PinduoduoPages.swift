internal import JSON

/// One page of a list.
public struct PinduoduoPage<Row: Sendable>: Sendable {
    public var rows: [Row]
    /// Rows of the whole list; nil when the platform did not count.
    public var total: Int?
    /// Whether another page follows; nil when the platform does not say.
    public var hasNext: Bool?
    /// Rows that could not be understood: no number, or no quantity.
    public var unreadable: Int

    /// nil when the answer has neither a list nor says that there is nothing.
    fileprivate init?(_ answer: JSONValue, list: String, total: String, row: (JSONValue) -> Row?) {
        self.total = answer[total]?.wireInt
        hasNext = answer["has_next"]?.wireBool
        guard answer[list] != nil || self.total == 0 || hasNext == false else { return nil }
        let elements = answer[list]?.wireList ?? []
        rows = elements.compactMap(row)
        unreadable = elements.count - rows.count
    }
}

/// All rows of a window of time.
public struct PinduoduoRows<Row: Sendable>: Sendable {
    public var rows: [Row]
    /// Rows that could not be understood.
    public var unreadable: Int
}

extension PinduoduoGateway {
    /// Rows on a page, at most and by default.
    public static let pageSize = 100
    /// Pages of one window; a total beyond is no number to believe.
    private static let mostPages = 10_000

    func page<Row>(
        _ type: String, _ answer: JSONValue, list: String, total: String, row: (JSONValue) -> Row?
    ) throws(PartnerError) -> PinduoduoPage<Row> {
        guard let page = PinduoduoPage(answer, list: list, total: total, row: row) else {
            throw failure(.outcomeOpen, type, "an answer without its list")
        }
        return page
    }

    /// Fetches all pages, from the last to the first.
    ///
    /// A row that is updated meanwhile leaves its window, and those behind it move one place forward: who goes forward misses one, who
    /// goes backward sees one twice (the platform's advice for `pdd.order.number.list.increment.get`).
    /// - Throws: what `fetch` throws; `outcomeOpen` for a total beyond a million rows.
    func backToFront<Row>(
        _ type: String,
        _ fetch: (_ page: Int) async throws(PartnerError) -> PinduoduoPage<Row>
    ) async throws(PartnerError) -> PinduoduoRows<Row> {
        let first = try await fetch(1)
        guard let total = first.total, total > Self.pageSize else { return PinduoduoRows(rows: first.rows, unreadable: first.unreadable) }
        guard total <= Self.mostPages * Self.pageSize else {
            throw failure(.outcomeOpen, type, "a list of \(total) rows, more than \(Self.mostPages * Self.pageSize)")
        }
        var all = PinduoduoRows<Row>(rows: [], unreadable: 0)
        for page in (1...(total + Self.pageSize - 1) / Self.pageSize).reversed() {
            let answer = try await fetch(page)
            all.rows += answer.rows
            all.unreadable += answer.unreadable
        }
        return all
    }

    /// - Throws: `rejected` for a window that the platform would refuse.
    func checkWindow(_ type: String, _ from: Int, _ to: Int, longest: Int, unit: String) throws(PartnerError) {
        guard from < to, to - from <= longest else {
            throw failure(.rejected, type, "a window of \(to - from) \(unit); it must be above 0 and at most \(longest)")
        }
    }
}
