import Contracts
import JSON
import Stores
import Threads

/// How long things are kept.
public struct Ageing: Sendable, Equatable {
    /// Days since the last event of an order that is shipped or cancelled, or that allocation never told of.
    public var orderDays = 400
    /// Days for which a command is known by its id.
    public var commandDays = 7
    public var deadLetterDays = 90
    /// Days past its expiry, so that a late browser still gets authorization's "expired".
    public var consentDays = 7
    public init() {}
}

extension ModelWriter {
    private static let ordersAtOnce = 2000
    private static let rowsAtOnce = 500

    /// - Parameter place: the order row after which to go on; 0 begins anew.
    func age(_ ageing: Ageing, now: Timestamp, from place: inout Int) throws(StoreError) -> Int {
        let start = place
        let (gone, end) = try transaction { () throws(StoreError) in
            let (orders, end) = try ageOrders(before: now.days(-ageing.orderDays), after: start)
            var gone = orders
            gone += try ageCommands(before: now.days(-ageing.commandDays))
            for service in ServiceName.domainServices {
                gone += try database.run(
                    "DELETE FROM letters WHERE n IN (SELECT n FROM letters WHERE service = ?1 AND at < ?2 LIMIT \(Self.rowsAtOnce))",
                    .integer(Projection.topicNumber(of: service)), .integer(now.days(-ageing.deadLetterDays)))
            }
            gone += try ageConsents(before: now.days(-ageing.consentDays))
            return (gone, end)
        }
        place = end
        return gone
    }

    private func ageOrders(before limit: Int, after start: Int) throws(StoreError) -> (gone: Int, end: Int) {
        var old: [Int] = []
        var end = 0
        var looked = 0
        let sql = "SELECT n, over, last FROM orders WHERE n > ?1 ORDER BY n LIMIT \(Self.ordersAtOnce)"
        try database.scan(sql, values: [.integer(start)]) { row in
            end = row.integer(0)
            looked += 1
            if row.integer(2) < limit, row.integer(1) == 1 { old.append(end) }
            return old.count < Self.rowsAtOnce
        }
        for n in old {
            let body = try database.rows("SELECT body FROM orders WHERE n = ?1", .integer(n)) { OrderRecord.stored($0.bytes(0)) }.first
            if let record = body ?? nil {
                try writeParts(n, StableHash.of(record.orderId), OrderIndex(), before: OrderIndex(record))
                _ = try history(record.tail, erasing: true)
                forget(record.orderId)
            }
            try database.run("DELETE FROM orders WHERE n = ?1", .integer(n))
        }
        return (old.count, looked < Self.ordersAtOnce && old.count < Self.rowsAtOnce ? 0 : end)
    }

    private func ageCommands(before limit: Int) throws(StoreError) -> Int {
        var gone = 0
        for table in ["causes", "messages"] {
            // The oldest rows come first.
            gone += try database.run(
                "DELETE FROM \(table) WHERE n IN (SELECT n FROM \(table) ORDER BY n LIMIT \(Self.rowsAtOnce)) AND last < ?1",
                .integer(limit))
        }
        return gone
    }

    private func ageConsents(before limit: Int) throws(StoreError) -> Int {
        let list = SQLiteDatabase.Value.integer(ItemList.consents.rawValue)
        return try database.run("DELETE FROM items WHERE list = ?1 AND at < ?2", list, .integer(limit))
    }
}

extension Timestamp {
    /// Milliseconds since 1970, so many days later.
    fileprivate func days(_ days: Int) -> Int { milliseconds + days * 86_400_000 }
}
