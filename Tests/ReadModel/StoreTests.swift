import Contracts
import JSON
import Stores
import Testing
import Threads

@testable import ReadModel

/// What rows of the file say, and files of other versions.
@Suite struct StoreTests {
    private var everything: OrderRecord {
        var record = OrderRecord(orderId: "pdd:1")
        var registered = RegisteredPart()
        (registered.at, registered.by, registered.merchant, registered.platform, registered.number) = (-1, "p1", "m1", "pinduoduo", "N-1")
        record.registered = Told(registered)
        var line = OrderedLine()
        (line.lineId, line.sku, line.name, line.spec, line.quantity) = ("1", "S", "杯子", "红", 300)
        var placed = PlacedPart()
        (placed.id, placed.at, placed.placedAt, placed.shipBy, placed.remark) = ("p1", 1 << 45, 5, 7, "请")
        placed.lines = [line]
        placed.area = Area(province: "浙江省", city: "杭州市", district: "")
        record.placed = [Told(placed)]
        var change = AddressPart()
        (change.id, change.at, change.place, change.area) = ("a1", 8, "3:17", placed.area)
        record.changes = [change]
        record.deadFacts = ["3:18"]
        record.holds = [.riskControl, .afterSale]
        record.isCancelled = true
        record.merchant = "m1"
        (record.tail, record.noted, record.version, record.lastAt) = (9, 10, 11, 12)
        var allocation = AllocationRecord(id: "pdd:1/1")
        allocation.version = 4
        allocation.target = Target(.warehouse, "w1")
        allocation.lines = [line]
        (allocation.shipBy, allocation.remark, allocation.isSealed, allocation.takenBack) = (6, "r", true, "merchant")
        var door = DoorPart()
        (door.area, door.mergeKey) = (placed.area, "door")
        allocation.moved = door
        var opened = OpenedPart()
        (opened.at, opened.merchant, opened.shopAlias, opened.factory, opened.remark) = (3, "m1", "A", "f1", "x")
        (opened.lines, opened.door, opened.sender) = ([line], door, RawJSON(bytes: Array("{}".utf8)))
        var parcel = ParcelPart()
        parcel.opened = Told(opened)
        (parcel.phase, parcel.stage, parcel.isReaddressed, parcel.carrier, parcel.number) = (.voided, .printed, true, "SF", "SF1")
        (parcel.extraNumbers, parcel.copies, parcel.obtained, parcel.factory, parcel.stoppedAt) = (["SF2"], 2, ["SF1"], "f1", 99)
        allocation.parcel = parcel
        var shipping = ShippingPart()
        (shipping.isReady, shipping.isShipped, shipping.carrier, shipping.number) = (true, true, "SF", "SF1")
        (shipping.extraNumbers, shipping.factory, shipping.warehouse) = (["SF2"], "f1", "w1")
        var outbound = OutboundView()
        (outbound.partnerNumber, outbound.overdue) = ("P1", true)
        shipping.outbound = outbound
        var upload = UploadView()
        (upload.target, upload.state) = (.erp, "failed")
        shipping.uploads = [upload]
        allocation.shipping = shipping
        record.allocations = [allocation, AllocationRecord(id: "pdd:1/2")]
        return record
    }

    @Test func aRecordIsReadAsItWasWritten() throws {
        var packer = Packer()
        everything.pack(&packer)
        let read = try #require(packer.bytes.withUnsafeBytes { OrderRecord.stored($0) })
        #expect(read == everything)
        var again = Packer()
        read.pack(&again)
        #expect(again.bytes == packer.bytes)
        var empty = Packer()
        OrderRecord().pack(&empty)
        #expect(empty.bytes.withUnsafeBytes { OrderRecord.stored($0) } == OrderRecord())
    }

    @Test func aRecordThatIsCutOrLongerIsNone() {
        var packer = Packer()
        everything.pack(&packer)
        for count in 0..<packer.bytes.count {
            #expect(packer.bytes[..<count].withUnsafeBytes { OrderRecord.stored($0) } == nil, "\(count)")
        }
        #expect((packer.bytes + [0]).withUnsafeBytes { OrderRecord.stored($0) } == nil)
    }

    @Test func historyIsReadAsItWasWritten() {
        var whole = HistoryPart()
        (whole.id, whole.type, whole.at, whole.topic, whole.offset) = ("e1", "shipping.shipped", 1 << 45, -10, 1 << 40)
        (whole.actor, whole.user, whole.allocationId, whole.code) = ("merchant:m1", "u", "o/1", "held")
        (whole.reason, whole.cause, whole.sentAt) = ("r", "c", 17)
        var short = HistoryPart()
        (short.id, short.type, short.topic) = ("e2", "x", 3)
        let packed = PackedHistory.packed([whole, short])
        #expect(packed.bytes.withUnsafeBytes { PackedHistory.parts($0) } == [whole, short])
        #expect(packed.bytes.dropLast().withUnsafeBytes { PackedHistory.parts($0) } == [whole])
    }

    /// The state of an order of few lines is found without making them.
    @Test func stateIsTheSameWithAndWithoutLines() {
        for first in 0...3 {
            for second in 0...3 {
                for states in 0..<9 {
                    var record = OrderRecord(orderId: "o")
                    var (placed, registered) = (PlacedPart(), RegisteredPart())
                    (placed.id, registered.by) = ("p", "p")
                    for (id, quantity) in [("a", 2), ("b", 1), ("a", 1)] {
                        var line = OrderedLine()
                        (line.lineId, line.quantity) = (id, quantity)
                        placed.lines.append(line)
                    }
                    (record.registered, record.placed) = (Told(registered), [Told(placed)])
                    for (place, quantity) in [first, second].enumerated() {
                        var allocation = AllocationRecord(id: "o/\(place)")
                        var line = OrderedLine()
                        (line.lineId, line.quantity) = (place == 0 ? "a" : "b", quantity)
                        allocation.lines = [line]
                        var shipping = ShippingPart()
                        let state = place == 0 ? states % 3 : states / 3
                        if state == 1 { shipping.isReady = true }
                        if state == 2 { shipping.isShipped = true }
                        allocation.shipping = shipping
                        record.allocations.append(allocation)
                    }
                    #expect(record.state() == record.state(record.lineViews))
                    record.holds = [.afterSale]
                    #expect(record.state() == record.state(record.lineViews))
                }
            }
        }
    }

    @Test func aFileOfAnOlderVersionFillsItselfAgain() throws {
        var log = Log()
        log.placed("o1")
        let folder = try Folder()
        let path = "\(folder.path)/m.sqlite"
        do {
            let old = try SQLiteDatabase(path: path)
            try old.execute(
                """
                CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
                INSERT INTO meta VALUES ('identity', '\(ModelSchema.version - 1) c1');
                CREATE TABLE positions (topic TEXT NOT NULL, part INTEGER NOT NULL, next INTEGER NOT NULL, first INTEGER NOT NULL,
                    since INTEGER NOT NULL, PRIMARY KEY (topic, part)) WITHOUT ROWID;
                INSERT INTO positions SELECT 'daifa.orders', n, 900, 0, 0 FROM (SELECT 0 AS n UNION SELECT 1 UNION SELECT 2);
                CREATE TABLE orders (n INTEGER PRIMARY KEY, id TEXT NOT NULL, key INTEGER NOT NULL, body BLOB NOT NULL);
                CREATE INDEX orders_id ON orders (id);
                CREATE TABLE goods (scope INTEGER NOT NULL, text TEXT NOT NULL);
                INSERT INTO orders VALUES (1, 'gone', 1, x'7B7D');
                """)
        }
        do {
            let model = try SQLiteReadModel(path: path, clusterId: "c1")
            #expect(model.isNew && model.positions.isEmpty)
            #expect(try model.apply(log.records).records == log.records.count)
        }
        let model = try SQLiteReadModel(path: path, clusterId: "c1")
        #expect(!model.isNew)
        #expect(try model.orders(OrderQuery(merchantShopId: "m1")).items.map(\.orderId) == ["o1"])
    }
}
