extension OrderExport {
    /// Gathers rows and bad rows, and settles order numbers that stand in the file more than once.
    struct Collector {
        private let header: Header
        private var result: Result
        /// Index in `result.rows` by order number.
        private var places: [String: Int] = [:]
        /// Indices of rows whose order number came again with other content.
        private var contradicted: Set<Int> = []

        init(header: Header, encoding: CSVEncoding) {
            self.header = header
            result = Result(encoding: encoding)
        }

        mutating func add(_ record: CSVReader.Record, of csv: CSVReader) {
            if record.fields.allSatisfy({ $0.start == $0.end || csv.trimmed($0).isEmpty }) { return }
            do throws(BadRow) {
                var cells = Cells(csv: csv, record: record, header: header)
                let row = try cells.row()
                guard let place = places[row.orderNumber] else {
                    places[row.orderNumber] = result.rows.count
                    result.rows.append(row)
                    return
                }
                var copy = row
                copy.line = result.rows[place].line
                if contradicted.contains(place) || copy != result.rows[place] {
                    contradicted.insert(place)
                    result.badRows.append(Self.contradiction(row, with: result.rows[place].line))
                } else {
                    result.duplicates += 1
                }
            } catch {
                result.badRows.append(error)
            }
        }

        consuming func finish() -> Result {
            guard !contradicted.isEmpty else { return result }
            var rows: [Row] = []
            rows.reserveCapacity(result.rows.count)
            for (place, row) in result.rows.enumerated() {
                if contradicted.contains(place) {
                    result.badRows.append(Self.contradiction(row, with: nil))
                } else {
                    rows.append(row)
                }
            }
            result.rows = rows
            result.badRows.sort { $0.line < $1.line }
            return result
        }

        private static func contradiction(_ row: Row, with line: Int?) -> BadRow {
            let other = line.map { "line \($0)" } ?? "a later line"
            return BadRow(
                line: row.line, orderNumber: row.orderNumber, column: Column.orderNumber.name,
                reason: "The same order stands in \(other) with different content. Export the orders again, without joining files.",
                value: nil)
        }
    }

    /// One record's cells, by column.
    struct Cells {
        let csv: CSVReader
        let record: CSVReader.Record
        let header: Header
        private var orderNumber: String?

        init(csv: CSVReader, record: CSVReader.Record, header: Header) {
            self.csv = csv
            self.record = record
            self.header = header
        }

        mutating func row() throws(BadRow) -> Row {
            try checkWidth()
            let number = try readOrderNumber()
            let status = try state(.status) { Status(text: $0) }
            let afterSale = try state(.afterSale) { AfterSale(text: $0) }
            let ships = status == .toShip
            var row = Row(
                line: record.line, orderNumber: number, status: status, goodsName: try required(.goodsName), spec: text(.spec) ?? "",
                quantity: try quantity(), skuCode: try code(.skuCode), goodsCode: try code(.goodsCode), goodsID: try code(.goodsID),
                styleID: try code(.styleID), totalMinor: try total(), recipient: try recipient(ships: ships), paidAt: try time(.paidAt),
                groupedAt: try time(.groupedAt), confirmedAt: try time(.confirmedAt), shipBy: try time(.shipBy), riskHeld: false,
                afterSale: afterSale, merchantRemark: text(.merchantRemark), buyerMessage: text(.buyerMessage),
                waybillNumber: try code(.waybillNumber), carrier: text(.carrier), storePickup: try flag(.storePickup) ?? false)
            row.riskHeld = try riskHeld(ships: ships)
            if ships, row.sku == nil {
                throw bad(.skuCode, "Neither the codes nor the id of the specification is filled. \(Self.complete)")
            }
            if ships, row.placedAt == nil { throw bad(.confirmedAt, "No time of payment or confirmation is filled. \(Self.complete)") }
            return row
        }

        private static let complete = "Fill it in, or export the order again."

        /// A record with missing or extra cells has its cells in the wrong columns: nothing of it can be trusted or repeated.
        private func checkWidth() throws(BadRow) {
            let found = record.fields.count
            if found == header.width { return }
            if found > header.width, record.fields[header.width...].allSatisfy({ $0.start == $0.end }) { return }
            throw BadRow(
                line: record.line, orderNumber: nil, column: nil,
                reason:
                    "The record has \(found) cells, the header \(header.width): it was cut off, or holds a stray comma or quotation mark.",
                value: nil)
        }

        private mutating func readOrderNumber() throws(BadRow) -> String {
            let number = try code(.orderNumber)
            guard let number else { throw empty(.orderNumber) }
            guard Value.isOrderNumber(number) else {
                throw bad(.orderNumber, "Not an order number: six digits of the date, a hyphen and 15 digits.", number)
            }
            orderNumber = number
            return number
        }

        private func quantity() throws(BadRow) -> Int {
            let text = try required(.quantity)
            guard let quantity = Value.quantity(text) else { throw bad(.quantity, "Not a whole number from 1 to 999999.", text) }
            return quantity
        }

        private func total() throws(BadRow) -> Int64 {
            let text = try required(.total)
            guard let total = Value.minorUnits(yuan: text) else {
                throw bad(.total, "Not an amount in yuan with at most two decimals.", text)
            }
            return total
        }

        private func state<State>(_ column: Column, _ parse: (String) -> State?) throws(BadRow) -> State {
            let text = try required(column)
            guard let state = parse(text) else {
                throw bad(
                    column, "Not a state that is known. Nothing is done for this order; report the name so that it can be added.", text)
            }
            return state
        }

        /// Orders that are not to be shipped may have no recipient: the platform blanks what is not needed any more.
        private func recipient(ships: Bool) throws(BadRow) -> Recipient {
            func part(_ column: Column) throws(BadRow) -> String { ships ? try required(column) : text(column) ?? "" }
            let (name, nameExtension) = Value.bracketedExtension(try part(.recipientName))
            var phone = Phone(number: "")
            if let text = try code(.phone) {
                guard let read = Value.phone(text) else { throw bad(.phone, "Not a phone number.") }
                phone = read
            } else if ships {
                throw empty(.phone)
            }
            if phone.ext == nil, !phone.number.isEmpty { phone.ext = nameExtension }
            return Recipient(
                name: name, phone: phone, province: try part(.province), city: try part(.city), district: try part(.district),
                town: text(.town), detail: text(.detail))
        }

        private func riskHeld(ships: Bool) throws(BadRow) -> Bool {
            let abnormal = try flag(.abnormal)
            let underReview = try flag(.underReview)
            if ships, abnormal == nil, underReview == nil { throw empty(header[.abnormal] == nil ? .underReview : .abnormal) }
            return abnormal == true || underReview == true
        }

        private func flag(_ column: Column) throws(BadRow) -> Bool? {
            switch text(column) {
            case nil: return nil
            case "是": return true
            case "否": return false
            case let text?: throw bad(column, "Neither 是 nor 否.", text)
            }
        }

        private func time(_ column: Column) throws(BadRow) -> Int64? {
            guard let text = text(column) else { return nil }
            guard let time = BeijingTime.milliseconds(text) else {
                throw bad(column, "Not a time like 2025-11-11 08:30:00. If a spreadsheet saved the file, export it again.", text)
            }
            return time
        }

        /// A number or code that a spreadsheet may have damaged.
        private func code(_ column: Column) throws(BadRow) -> String? {
            guard let text = text(column) else { return nil }
            if Value.isScientific(text) {
                throw bad(
                    column, "A spreadsheet shortened the number and its last digits are lost. Import the file as it was downloaded.", text)
            }
            return text
        }

        /// nil if the export has no such column or the cell is blank.
        private func text(_ column: Column) -> String? {
            guard let place = header[column] else { return nil }
            let field = record.fields[place]
            if field.start == field.end { return nil }
            let text = csv.trimmed(field)
            return text.isEmpty ? nil : text
        }

        private func required(_ column: Column) throws(BadRow) -> String {
            guard let text = text(column) else { throw empty(column) }
            return text
        }

        private func empty(_ column: Column) -> BadRow { bad(column, "The cell is empty. \(Self.complete)") }

        private func bad(_ column: Column, _ reason: String, _ value: String? = nil) -> BadRow {
            BadRow(
                line: record.line, orderNumber: orderNumber, column: column.name, reason: reason,
                value: column.isPersonal ? nil : value.map { String($0.prefix(Self.longestValue)) })
        }

        /// Enough to recognise a cell, too little to drag a paragraph into a log.
        private static let longestValue = 40
    }
}
