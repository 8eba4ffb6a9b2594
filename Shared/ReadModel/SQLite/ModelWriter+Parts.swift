import Contracts
import Stores

/// What an order and its parcels are found by: numbers in the file, lists in memory.
extension ModelWriter {
    func writeParts(_ n: Int, _ key: Int, _ index: OrderIndex, before: OrderIndex) throws(StoreError) {
        let isSameShop = index.merchant == before.merchant
        let known = try before.merchant.map { (shop) throws(StoreError) in Code.orders(of: try number(of: shop)) }
        let scope = isSameShop ? known : try index.merchant.map { (shop) throws(StoreError) in Code.orders(of: try number(of: shop)) }
        if let known, !isSameShop {
            try replaceTexts(before.texts, with: [], known, n)
            changes.append(ListChange(scope: known, before: ListPlace(at: before.at, key: key)))
        }
        if let scope {
            let texts = isSameShop ? before.texts : []
            if texts != index.texts { try replaceTexts(texts, with: index.texts, scope, n) }
            if !isSameShop || !index.isListed(as: before) {
                changes.append(try change(n, key, index, before: isSameShop ? ListPlace(at: before.at, key: key) : nil, scope))
            }
        }
        guard index.parcels != before.parcels else { return }
        for parcel in before.parcels where !index.parcels.contains(where: { $0.allocationId == parcel.allocationId }) {
            try write(nil, before: parcel, order: n)
        }
        for parcel in index.parcels {
            let known = before.parcels.first { $0.allocationId == parcel.allocationId }
            if known != parcel { try write(parcel, before: known, order: n) }
        }
    }

    /// How an order that is in the file is listed.
    func list(_ n: Int, _ record: OrderRecord) throws(StoreError) {
        let index = OrderIndex(record)
        if let shop = index.merchant {
            changes.append(try change(n, StableHash.of(record.orderId), index, before: nil, Code.orders(of: try number(of: shop))))
        }
        for parcel in index.parcels { changes.append(try change(parcel, before: nil, order: n)) }
    }

    private func change(
        _ n: Int, _ key: Int, _ index: OrderIndex, before: ListPlace?, _ scope: Int
    ) throws(StoreError) -> ListChange {
        var row = ListRow(place: ListPlace(at: index.at, key: key), due: index.due, n: n)
        row.state = UInt8(Code.of(index.state))
        row.holds = UInt8(index.holds)
        row.isReady = index.isShippable
        var change = ListChange(scope: scope, before: before, goods: index.goods)
        if index.factories.count > 1 {
            for factory in index.factories { change.partners.append(Int32(try number(of: factory))) }
            row.partner = ListRow.several
        } else if let factory = index.factories.first {
            row.partner = Int32(try number(of: factory))
        }
        change.row = row
        return change
    }

    private func replaceTexts(_ before: [String], with after: [String], _ scope: Int, _ n: Int) throws(StoreError) {
        for text in before where !after.contains(text) {
            try run(sql.deleteText, scope, text, n)
        }
        for text in after where !before.contains(text) {
            try run(sql.insertText, scope, text, n)
        }
    }

    private func run(_ statement: SQLitePrepared, _ scope: Int, _ text: String, _ n: Int) throws(StoreError) {
        statement.bind(1, scope)
        statement.bind(2, text: text)
        statement.bind(3, n)
        try statement.run()
    }

    // MARK: Parcels

    /// - Parameter parcel: nil: it is gone.
    private func write(_ parcel: ParcelIndex?, before: ParcelIndex?, order: Int) throws(StoreError) {
        guard let id = parcel?.allocationId ?? before?.allocationId else { return }
        try writeStop(parcel, before)
        let n = Self.row(of: id, order: order)
        let isSameShop = parcel?.factory == before?.factory
        if let before, !isSameShop || parcel?.texts != before.texts {
            try replaceTexts(before.texts, with: isSameShop ? parcel?.texts ?? [] : [], try scope(before), n)
        }
        if let before, !isSameShop {
            changes.append(ListChange(scope: try scope(before), before: ListPlace(at: before.at, key: StableHash.of(id))))
        }
        guard let parcel else { return }
        if !isSameShop { try replaceTexts([], with: parcel.texts, try scope(parcel), n) }
        changes.append(try change(parcel, before: isSameShop ? before : nil, order: order))
    }

    private func scope(_ parcel: ParcelIndex) throws(StoreError) -> Int { Code.parcels(of: try number(of: parcel.factory)) }

    private func change(_ parcel: ParcelIndex, before: ParcelIndex?, order: Int) throws(StoreError) -> ListChange {
        let key = StableHash.of(parcel.allocationId)
        var row = ListRow(
            place: ListPlace(at: parcel.at, key: key), due: parcel.due, n: Self.row(of: parcel.allocationId, order: order))
        row.state = UInt8(Code.of(parcel.state))
        row.partner = Int32(try number(of: parcel.merchant))
        if let carrier = parcel.carrier { row.carrier = Int32(try number(of: carrier)) }
        if let door = parcel.door { row.door = StableHash.of(door) }
        return ListChange(
            scope: try scope(parcel), before: before.map { ListPlace(at: $0.at, key: key) }, row: row, goods: parcel.goods)
    }

    /// Those that are to be stopped are few, and have a table of their own.
    private func writeStop(_ parcel: ParcelIndex?, _ before: ParcelIndex?) throws(StoreError) {
        guard parcel?.stop != before?.stop || parcel?.factory != before?.factory else { return }
        if let before, let at = before.stop {
            try database.run(
                "DELETE FROM stops WHERE factory = ?1 AND at = ?2 AND id = ?3", .integer(try number(of: before.factory)), .integer(at),
                .text(before.allocationId))
        }
        if let parcel, let at = parcel.stop {
            try database.run(
                "INSERT OR IGNORE INTO stops VALUES (?1, ?2, ?3)", .integer(try number(of: parcel.factory)), .integer(at),
                .text(parcel.allocationId))
        }
    }

    /// Parcels of one order lie together: its row, then the allocation's number, or what stands for it.
    static func row(of allocationId: String, order: Int) -> Int {
        let bits = ListRow.parcelBits
        var number = -1
        if let slash = allocationId.utf8.lastIndex(of: UInt8(ascii: "/")) {
            number = Int(allocationId[allocationId.utf8.index(after: slash)...]) ?? -1
        }
        let low = (0..<(1 << bits)).contains(number) ? number : StableHash.of(allocationId) & (1 << bits - 1)
        return order << bits | low
    }
}

extension OrderIndex {
    /// Whether lists show both alike.
    fileprivate func isListed(as other: OrderIndex) -> Bool {
        state == other.state && at == other.at && due == other.due && holds == other.holds && isShippable == other.isShippable
            && factories == other.factories && goods == other.goods
    }
}
