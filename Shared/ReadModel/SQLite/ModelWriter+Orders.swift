import Contracts
import JSON
import Stores
import Threads

/// An order's own row, and its history.
extension ModelWriter {
    func write(_ entry: Entry) throws(StoreError) {
        // Taken out of the entry meanwhile: what is read of a property of an object is copied first.
        var (record, before) = (OrderRecord(), OrderIndex())
        swap(&record, &entry.record)
        swap(&before, &entry.index)
        let n = entry.n ?? nextOrder
        if entry.n == nil { nextOrder += 1 }
        if record.fresh.count > 0 { try keepHistory(n, &record) }
        let index = OrderIndex(record, before: before)
        try writeRow(record, n, index, isNew: entry.n == nil)
        try writeParts(n, StableHash.of(record.orderId), index, before: before)
        swap(&record, &entry.record)
        (entry.n, entry.index, entry.isTouched) = (n, index, false)
    }

    private func writeRow(_ record: OrderRecord, _ n: Int, _ index: OrderIndex, isNew: Bool) throws(StoreError) {
        let statement = isNew ? sql.insertOrder : sql.updateOrder
        if isNew { statement.bind(5, text: SearchText.folded(record.orderId)) }
        statement.bind(1, n)
        statement.bind(2, record.lastAt)
        statement.bind(3, index.isDone || index.merchant == nil ? 1 : 0)
        packer.removeAll()
        record.pack(&packer)
        try run(statement, 4, packer.bytes)
    }

    // MARK: History

    /// Adds what is new to the history, and to what commands are found by.
    private func keepHistory(_ n: Int, _ record: inout OrderRecord) throws(StoreError) {
        for command in record.fresh.commands { note(command, n) }
        record.noted += record.fresh.count
        if record.noted > 2 * OrderRecord.historyLimit {
            let fresh = record.fresh.bytes.withUnsafeBytes { PackedHistory.parts($0) }
            record.fresh = .packed(HistoryPart.merged(try history(record.tail, erasing: true) + fresh))
            record.noted = record.fresh.count
            record.tail = nil
        }
        sql.insertHistory.bind(1, nextHistory)
        sql.insertHistory.bind(2, record.tail)
        try run(sql.insertHistory, 3, record.fresh.bytes)
        record.tail = nextHistory
        record.fresh.removeAll()
        nextHistory += 1
    }

    private func run(_ statement: SQLitePrepared, _ index: Int, _ bytes: [UInt8]) throws(StoreError) {
        let result: Result<Void, StoreError> = bytes.withUnsafeBytes { bytes in
            do throws(StoreError) { return .success(try statement.run(index, blob: bytes)) } catch { return .failure(error) }
        }
        try result.get()
    }

    private func note(_ command: Int, _ order: Int) {
        withUnsafeBytes(of: command.littleEndian) { causes.append(contentsOf: $0) }
        withUnsafeBytes(of: order.littleEndian) { causes.append(contentsOf: $0) }
    }

    /// All that is kept from this row back.
    func history(_ tail: Int?, erasing: Bool) throws(StoreError) -> [HistoryPart] {
        var parts: [HistoryPart] = []
        var next = tail
        while let row = next {
            next = nil
            sql.findHistory.bind(1, row)
            try sql.findHistory.scan { found in
                next = found.optionalInteger(0)
                parts += PackedHistory.parts(found.bytes(1))
                return false
            }
            if erasing {
                sql.deleteHistory.bind(1, row)
                try sql.deleteHistory.run()
            }
        }
        return parts
    }
}
