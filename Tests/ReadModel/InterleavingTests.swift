import Contracts
import JSON
import Testing
import Threads

@testable import ReadModel

/// The order in which topics are read beside each other is anybody's guess, and records come twice.
@Suite struct InterleavingTests {
    private struct Chance: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ (state >> 33)
        }
    }

    private var log: Log {
        var log = Log()
        for n in 1...6 {
            let id = "pdd:\(n)"
            log.placed(id, merchant: n % 2 == 0 ? "m2" : "m1")
            log.add(
                ServiceName.allocation.commands, key: id, type: Allocate.type, id: "c\(n)", actor: "merchant:m\(n % 2 == 0 ? 2 : 1)",
                Array("{}".utf8))
            if n > 1 { log.allocated(id, merchant: n % 2 == 0 ? "m2" : "m1", command: "c\(n)") }
            if n > 2 { log.returned(id, merchant: n % 2 == 0 ? "m2" : "m1", number: "SF10\(n)") }
            if n > 3 { log.shipped(id, merchant: n % 2 == 0 ? "m2" : "m1", number: "SF10\(n)") }
            if n == 6 { log.event(AddressChanged(orderId: id, recipient: PlacedRecipient(province: "x", city: "y", district: ""))) }
            if n == 5 {
                log.event(
                    UploadFailed(
                        orderId: id, allocationId: "\(id)/1", merchantShopId: "m1", target: .erp, channelId: "c", carrier: "SF",
                        waybillNumber: "SF105", reason: .afterSaleOpen))
            }
        }
        log.event(ToppedUp(factoryShopId: "f1", carrier: "SF", first: "SF1", last: "SF9", count: 9))
        log.event(
            Applied(merchantShopId: "m1", factoryShopId: "f1", shopAlias: "A", sender: Log.sender, message: "please"), cause: "apply-1",
            behalf: "merchant:m1")
        log.row(
            BindingRow(
                merchantShopId: "m1", factoryShopId: "f1", state: .active, shopAlias: "A", sender: Verbatim(Log.sender), version: 2))
        log.row(
            RuleRow(
                merchantShopId: "m1", ruleId: "r1", match: RuleMatch(skuPrefix: "A"), target: Target(.factory, "f1"), priority: 1,
                version: 1))
        log.event(InboundCreated(inboundId: "i1", merchantShopId: "m1", warehouseId: "w1", partnerNumber: "P1"), cause: "create-1")
        log.add(
            ServiceName.shipping.commands, key: "i1", type: CreateInbound.type, id: "create-1", actor: "merchant:m1",
            CreateInbound(inboundId: "i1", merchantShopId: "m1", warehouseId: "w1", lines: [StockLine(sku: "S", quantity: 3)]).json)
        return log
    }

    /// Each partition in its order, the partitions in any.
    private func shuffled(_ records: [LogRecord], _ chance: inout Chance) -> [LogRecord] {
        var partitions = Dictionary(grouping: records) { "\($0.topic):\($0.partition)" }
        var names = partitions.keys.sorted()
        var result: [LogRecord] = []
        while !names.isEmpty {
            let name = names.randomElement(using: &chance) ?? names[0]
            if let record = partitions[name]?.first {
                result.append(record)
                partitions[name]?.removeFirst()
            }
            if partitions[name]?.isEmpty != false { names.removeAll { $0 == name } }
        }
        return result
    }

    @Test(arguments: 1...12) func anyInterleavingOfTopicsLeadsToTheSameRows(seed: UInt64) throws {
        var chance = Chance(state: seed)
        let log = log
        let expected = try Model(log).everything()
        let model = try Model()
        var rest = shuffled(log.records, &chance)[...]
        while !rest.isEmpty {
            let batch = Array(rest.prefix(Int.random(in: 1...7, using: &chance)))
            rest = rest.dropFirst(batch.count)
            try model.model.apply(batch)
            // A batch whose outcome was not known is given again.
            if Bool.random(using: &chance) { #expect(try model.model.apply(batch).records == 0) }
        }
        #expect(try model.everything() == expected)
    }

    @Test func aRebuildLeadsToTheSameAsStepByStepAndAReopenedFileGoesOn() throws {
        let log = log
        let folder = try Folder()
        let path = "\(folder.path)/m.sqlite"
        for record in log.records {
            let model = try SQLiteReadModel(path: path, clusterId: "c1")
            try model.apply([record])
        }
        let model = try SQLiteReadModel(path: path, clusterId: "c1")
        #expect(!model.isNew)
        #expect(try model.apply(log.records).records == 0)
        let rebuilt = try Model(log).model
        for merchant in ["m1", "m2"] {
            #expect(
                try model.orders(OrderQuery(merchantShopId: merchant)).json == rebuilt.orders(OrderQuery(merchantShopId: merchant)).json)
            #expect(try model.orderCounts(merchant: merchant) == rebuilt.orderCounts(merchant: merchant))
        }
        #expect(try model.inbounds(merchant: "m1", PageRequest()).items.first?.lines?.map(\.quantity) == [3])
        #expect(try model.bindings(shop: "f1", PageRequest()).items.first?.message == "please")
        #expect(try model.pools(factory: "f1", PageRequest()).items.map(\.obtained) == [4])
        #expect(try model.number(.inbound, "P1")?.inboundId == "i1")
    }

    @Test func aFileOfAnotherClusterIsEmptied() throws {
        let folder = try Folder()
        let path = "\(folder.path)/m.sqlite"
        try SQLiteReadModel(path: path, clusterId: "c1").apply(log.records)
        let other = try SQLiteReadModel(path: path, clusterId: "c2")
        #expect(other.isNew)
        #expect(other.positions.isEmpty)
        #expect(try other.orders(OrderQuery(merchantShopId: "m1")).items.isEmpty)
    }
}
