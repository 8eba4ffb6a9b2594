import Contracts
import JSON
import Stores
import Testing
import Threads

@testable import ReadModel

@Suite struct QueryTests {
    /// 20 orders, a minute apart, the newest last; of every third the number is returned, of every fifth it is shipped.
    private func filled(_ settings: SQLiteReadModel.Settings = .init()) throws -> Model {
        var log = Log()
        let start = log.time.milliseconds
        for n in 1...20 {
            let id = "pdd:\(1000 + n)"
            log.placed(
                id, at: Timestamp(milliseconds: start + n * 60_000), shipBy: Timestamp(milliseconds: start + (40 - n) * 60_000),
                remark: n == 7 ? "Bitte SCHNELL" : "", name: n % 2 == 0 ? "Tasse" : "Teller")
            if n % 3 == 0 { log.allocated(id, factory: n % 2 == 0 ? "f1" : "f2") }
            if n % 3 == 0 { log.returned(id, factory: n % 2 == 0 ? "f1" : "f2", number: "SF\(100 + n)") }
            if n == 15 { log.shipped(id, factory: "f2", number: "SF115") }
        }
        return try Model(log.records, settings: settings)
    }

    private func all(_ model: Model, _ parameters: [(name: String, value: String)], limit: Int) throws -> [String] {
        var ids: [String] = []
        var after: String?
        repeat {
            var all = parameters + [("limit", "\(limit)")]
            if let after { all.append(("after", after)) }
            let page = try model.model.orders(OrderQuery(merchantShopId: "m1", Parameters(all)))
            #expect(page.next == nil || page.items.count == limit)
            ids += page.items.map(\.orderId)
            after = page.next
        } while after != nil
        return ids
    }

    private let newest = (1...20).reversed().map { "pdd:\(1000 + $0)" }

    @Test(arguments: [1, 3, 7, 20, 200]) func pagesJoinToTheWholeList(limit: Int) throws {
        let model = try filled()
        #expect(try all(model, [], limit: limit) == newest)
        #expect(try all(model, [("order", "oldest")], limit: limit) == newest.reversed())
        #expect(try all(model, [("order", "shipBy")], limit: limit) == newest)
        #expect(try all(model, [("text", "pdd:10")], limit: limit) == newest)
        #expect(try all(model, [("state", "ready"), ("state", "shipped")], limit: limit).count == 6)
    }

    @Test func filtersLetThroughWhatTheySay() throws {
        let model = try filled()
        let start = Log().time.milliseconds
        func time(_ n: Int) -> String { Timestamp(milliseconds: start + n * 60_000).description }
        let cases: [(filters: [(name: String, value: String)], orders: [Int])] = [
            ([("state", "ready")], [18, 12, 9, 6, 3]), ([("state", "shipped")], [15]), ([("factory", "f1")], [18, 12, 6]),
            ([("factory", "f1"), ("state", "ready"), ("order", "oldest")], [6, 12, 18]), ([("factory", "nobody")], []),
            ([("shippable", "true")], [18, 12, 9, 6, 3]), ([("from", time(5)), ("to", time(8))], [7, 6, 5]),
            ([("shipBefore", time(22))], [20, 19]), ([("text", "N-PDD:1003")], [3]), ([("text", "sf115")], [15]),
            ([("text", "pdd:1006/1")], [6]), ([("text", "schnell")], [7]), ([("text", "teller"), ("state", "shipped")], [15]),
            ([("text", "sf1"), ("order", "shipBy")], [18, 15, 12, 9, 6, 3]),
            ([("shippable", "true"), ("order", "shipBy")], [18, 12, 9, 6, 3]),
            ([("factory", "f2"), ("state", "ready"), ("order", "shipBy")], [9, 3]), ([("hold", "risk-control")], []), ([("text", "%")], []),
        ]
        for (filters, orders) in cases {
            #expect(try model.orders(filters) == orders.map { "pdd:\(1000 + $0)" }, "\(filters)")
        }
        #expect(try model.orders([("state", "ready")], merchant: "m2") == [])
    }

    @Test func whereTooManyNumbersMatchRowsAreLookedAt() throws {
        var settings = SQLiteReadModel.Settings()
        settings.mostMatches = 3
        let model = try filled(settings)
        #expect(try all(model, [("text", "pdd:10")], limit: 3) == newest)
        #expect(try all(model, [("text", "pdd:10"), ("order", "oldest")], limit: 7) == newest.reversed())
        #expect(try all(model, [("text", "sf1"), ("order", "shipBy")], limit: 2) == [18, 15, 12, 9, 6, 3].map { "pdd:\(1000 + $0)" })
        #expect(try all(model, [("text", "N-PDD:10"), ("state", "shipped")], limit: 2) == ["pdd:1015"])
        #expect(try model.parcels([("text", "pdd:10")]) == [18, 12, 6].map { "pdd:\(1000 + $0)/1" })
        #expect(try model.parcels([("text", "sf1"), ("order", "oldest")], factory: "f2") == [3, 9, 15].map { "pdd:\(1000 + $0)/1" })
    }

    @Test func parcelsAreFoundByMerchantCarrierDoorAndNumber() throws {
        let model = try filled()
        let cases: [(filters: [(name: String, value: String)], parcels: [Int])] = [
            ([], [18, 12, 6]), ([("state", "returned"), ("order", "oldest")], [6, 12, 18]), ([("merchant", "m1")], [18, 12, 6]),
            ([("merchant", "m9")], []), ([("carrier", "SF")], [18, 12, 6]), ([("carrier", "ZTO")], []), ([("door", "door")], [18, 12, 6]),
            ([("door", "other")], []), ([("text", "sf112")], [12]), ([("text", "pdd:1012/1")], [12]), ([("text", "GIFT")], [18, 12, 6]),
        ]
        for (filters, parcels) in cases {
            #expect(try model.parcels(filters) == parcels.map { "pdd:\(1000 + $0)/1" }, "\(filters)")
        }
        #expect(try model.model.parcel("pdd:1012/1", factory: "f2") == nil)
        #expect(try model.model.parcelCounts(factory: "f2")[.shipped] == 1)
    }

    @Test func tabsAreCounted() throws {
        let counts = try filled().model.orderCounts(merchant: "m1")
        #expect(counts[.open] == 14)
        #expect(counts[.ready] == 5)
        #expect(counts[.shipped] == 1)
        #expect(counts[.held] == 0)
    }

    @Test func aNewOrderIsNeitherSkippedNorDoublesAPage() throws {
        let model = try filled()
        var query = OrderQuery(merchantShopId: "m1")
        query.page.limit = 5
        let first = try model.model.orders(query)
        var log = Log()
        log.time = Timestamp(milliseconds: log.time.milliseconds + 10_000_000)
        log.placed("new")
        // Beyond what the model has read of their partitions.
        let later = log.records.map { record in
            var record = record
            record.offset += 1000
            return record
        }
        try model.model.apply(later)
        query.page.after = first.next
        #expect(try model.model.orders(query).items.map(\.orderId) == Array(newest[5..<10]))
    }

    // MARK: What is wrong

    @Test(arguments: [
        ("state", "sold", "state"), ("limit", "0", "limit"), ("limit", "201", "limit"), ("limit", "x", "limit"), ("order", "size", "order"),
        ("from", "yesterday", "from"), ("shippable", "yes", "shippable"), ("page", "2", "page"), ("text", "", "text"),
        ("after", "x", "after"), ("after", "00ff", "after"), ("hold", "x", "hold"),
    ]) func aWrongParameterIsNamed(name: String, value: String, field: String) throws {
        let model = try filled()
        let error = #expect(throws: ReadModelError.self) { try model.orders([(name, value)]) }
        guard case .invalid(let named, _) = error else {
            Issue.record("\(name)=\(value): \(String(describing: error))")
            return
        }
        #expect(named == field)
    }

    @Test func aCursorBelongsToItsListAndFiltersAndCannotBeChanged() throws {
        let model = try filled()
        let next = try #require(try model.model.orders(OrderQuery(merchantShopId: "m1", Parameters([("limit", "5")]))).next)
        for parameters in [[("after", next), ("state", "open")], [("after", next), ("order", "oldest")], [("after", next + "00")]] {
            #expect(throws: ReadModelError.self) { try model.orders(parameters) }
        }
        for place in next.indices {
            var other = next
            other.replaceSubrange(place...place, with: next[place] == "a" ? "b" : "a")
            #expect(throws: ReadModelError.self) { try model.orders([("after", other)]) }
        }
        #expect(throws: ReadModelError.self) { try model.parcels([("after", next)]) }
        #expect(throws: ReadModelError.self) { try model.orders([("after", next)], merchant: "m2") }
    }

    // MARK: Tables, dead letters, age

    @Test func rowsAreListedInPagesAndGoneWithTheirTombstone() throws {
        var log = Log()
        for n in 1...5 {
            log.row(
                WarehouseRow(
                    warehouseId: "w\(n)", code: "c", provider: "jd-fulfillment", merchantShopId: "m1", pin: "p", departmentCode: "d",
                    warehouseCode: "w", messageSubscription: true, authorizationId: "a", api: "eclp", state: .active, version: 1))
            for sku in ["A", "B"] {
                log.row(StockRow(warehouseId: "w\(n)", sku: sku, good: n, damaged: 0, asOf: log.time, version: 1))
            }
        }
        log.add(Table.warehouses.topic, key: "w3", type: Table.warehouses.rowType, nil)
        let model = try Model(log).model
        let first = try model.warehouses(merchant: "m1", PageRequest(limit: 3))
        #expect(first.items.map(\.warehouseId) == ["w1", "w2", "w4"])
        #expect(try model.warehouses(merchant: "m1", PageRequest(limit: 3, after: first.next)).items.map(\.warehouseId) == ["w5"])
        var stock: [String] = []
        var after: String?
        repeat {
            let page = try model.stock(merchant: "m1", PageRequest(limit: 3, after: after))
            stock += page.items.map(\.key)
            after = page.next
        } while after != nil
        #expect(stock == ["w1~A", "w1~B", "w2~A", "w2~B", "w4~A", "w4~B", "w5~A", "w5~B"])
        #expect(try model.stock(merchant: "m2", PageRequest()).items.isEmpty)
    }

    @Test func aDeadLetterIsToldWithoutItsBytesAndAsReplayedWhenItWasSentAgain() throws {
        var log = Log()
        log.add(
            ServiceName.shipping.dead, key: "o1", type: Ship.type, id: "c1",
            extra: [
                LogRecord.Header("x-dead-reason", Array("state-unreadable".utf8)),
                LogRecord.Header("x-dead-topic", Array(ServiceName.shipping.commands.utf8)),
                LogRecord.Header("x-dead-partition", Array("2".utf8)), LogRecord.Header("x-dead-offset", Array("7".utf8)),
            ], Array("{\"secret\":1}".utf8))
        let id = "\(ServiceName.shipping.dead):\(log.records[0].partition):0"
        let before = try #require(try Model(log).model.deadLetter(id))
        #expect(before.reason == "state-unreadable" && before.size == 12 && before.partition == 2 && before.replayedAt == nil)
        log.add(ServiceName.shipping.commands, key: "o1", type: Ship.type, id: "c1", actor: "merchant:m1", Array("{}".utf8))
        let model = try Model(log).model
        #expect(try model.deadLetters(service: .shipping, PageRequest()).items.first?.replayedAt == log.time)
        #expect(try model.deadLetters(service: .waybill, PageRequest()).items.isEmpty)
    }

    @Test func whatIsOverAgesOutAndCountsFollow() throws {
        let model = try filled()
        let now = Timestamp(milliseconds: Log().time.milliseconds + 401 * 86_400_000)
        #expect(try model.model.age(now: Log().time) == 0)
        #expect(try model.model.age(now: now) > 0)
        #expect(try model.orders().count == 19)
        #expect(try model.model.orderCounts(merchant: "m1")[.shipped] == 0)
        #expect(try model.parcels(factory: "f2") == ["pdd:1009/1", "pdd:1003/1"])
        #expect(try model.orders([("text", "sf115")]) == [])
    }

    @Test func itSaysSinceWhenItKnowsALogThatNoLongerReachesBack() throws {
        var log = Log()
        log.placed("o1")
        let model = try Model()
        try model.model.apply(
            log.records.map { record in
                var record = record
                if record.topic == Topics.orders { record.offset += 40 }
                return record
            })
        let known = try model.model.knownSince()
        #expect(known.map(\.topic) == [Topics.orders])
        #expect(known.map(\.offset) == [40])
    }

    @Test func aCallerWaitsForARecord() throws {
        var log = Log()
        log.placed("o1")
        let model = try Model(log).model
        let last = log.records[0]
        #expect(model.wait(until: LogPosition(topic: last.topic, partition: last.partition, offset: last.offset + 1), timeout: 1))
        #expect(!model.wait(until: LogPosition(topic: last.topic, partition: last.partition, offset: last.offset + 9), timeout: 0))
    }
}
