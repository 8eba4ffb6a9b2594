import Contracts
import JSON
import Testing

@testable import Machines

struct TableCacheTests {
    private let tables = TableCache()

    private func put(_ row: some TableRow) throws { try tables.apply(type(of: row).table, key: Array(row.key.utf8), value: row.json) }
    private func remove(_ row: some TableRow) throws { try tables.apply(type(of: row).table, key: Array(row.key.utf8), value: nil) }

    private static func channel(_ number: Int, of shop: String, to platformShop: String?) -> ChannelRow {
        ChannelRow(
            channelId: "C-\(number)", merchantShopId: shop, name: "店", platform: Platform.pinduoduo.rawValue, platformShopId: platformShop,
            state: .created, version: 1)
    }

    @Test func aRowIsFoundByWhatItSaysNow() throws {
        try put(Self.channel(2, of: "M-1", to: "1000"))
        try put(Self.channel(1, of: "M-1", to: "1000"))
        #expect(tables.channels(of: "M-1").map(\.channelId) == ["C-1", "C-2"])
        #expect(tables.channels(to: "1000", on: .pinduoduo).count == 2 && tables.channels(to: "1000", on: .jackyun).isEmpty)
        try put(Self.channel(1, of: "M-2", to: nil))
        #expect(tables.channels(of: "M-1").map(\.channelId) == ["C-2"] && tables.channels(of: "M-2").map(\.channelId) == ["C-1"])
        #expect(tables.channels(to: "1000", on: .pinduoduo).map(\.channelId) == ["C-2"])
        try remove(Self.channel(2, of: "M-1", to: "1000"))
        #expect(tables.channels(of: "M-1").isEmpty && tables.channel("C-2") == nil && tables.channel("C-1") != nil)
    }

    @Test func aRowThatCannotBeReadLeavesTheLastGoodOne() throws {
        let good = Self.channel(1, of: "M-1", to: "1000")
        try put(good)
        #expect(throws: JSONError.self) { try tables.apply(.channels, key: Array(good.key.utf8), value: Array("{".utf8)) }
        #expect(tables.channel("C-1")?.merchantShopId == "M-1")
    }

    @Test func theNewestKeyIsTheOneWithTheHighestVersion() throws {
        for (id, version, purpose) in [("a", 1, KeyPurpose.recipient), ("c", 3, .recipient), ("b", 3, .recipient), ("d", 9, .credential)] {
            let row = KeyRow(
                service: .waybill, keyId: id, purpose: purpose, publicKey: "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", version: version)
            try put(row)
        }
        #expect(tables.newestKey(of: .waybill, .recipient)?.keyId == "c")
        #expect(tables.newestKey(of: .shipping, .recipient) == nil)
    }

    /// A decision asks for a shop's rows as fast as if they were the only ones.
    @Test(.timeLimit(.minutes(2))) func theRowsOfAShopAreFoundAmongAHundredThousand() throws {
        let all = 100_000
        for number in 0..<all { try put(Self.channel(number, of: "M-\(number / 10)", to: "\(number / 10)")) }
        for number in 0..<all {
            let row = WarehouseRow(
                warehouseId: "W-\(number)", code: "", provider: "", merchantShopId: "M-\(number / 10)", pin: "", departmentCode: "",
                warehouseCode: "", messageSubscription: false, authorizationId: "", api: "", state: .active, version: 0)
            try put(row)
        }
        for shop in 0..<20_000 {
            let id = shop % (all / 10)
            let ok =
                tables.channels(of: "M-\(id)").count == 10 && tables.channels(to: "\(id)", on: .pinduoduo).count == 10
                && tables.warehouses(of: "M-\(id)").count == 10
            if !ok { Issue.record("rows of shop \(id) are missing") }
        }
        #expect(tables.channels(of: "M-x").isEmpty)
    }
}
