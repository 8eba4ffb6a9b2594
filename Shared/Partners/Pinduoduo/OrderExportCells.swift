import TableFiles

extension OrderExport {
    /// One record's cells, by column.
    struct Cells<Record: TableRow> {
        private let record: Record
        private let header: Header
        private let isPositional: Bool
        private var orderNumber: String?

        init(_ record: Record, _ header: Header, isPositional: Bool) {
            self.record = record
            self.header = header
            self.isPositional = isPositional
        }

        mutating func row() throws(BadRow) -> Row {
            try checkWidth()
            let number = try readOrderNumber()
            let status = try state(.status) { Status(text: $0) }
            let afterSale = try state(.afterSale) { AfterSale(text: $0) }
            let ships = status == .toShip
            var row = Row(
                line: record.line, orderNumber: number, status: status, goodsName: try required(.goodsName), spec: try text(.spec) ?? "",
                quantity: try quantity(), skuCode: try code(.skuCode), goodsCode: try code(.goodsCode), goodsID: try code(.goodsID),
                styleID: try code(.styleID), totalMinor: try total(), recipient: try recipient(ships: ships), paidAt: try time(.paidAt),
                groupedAt: try time(.groupedAt), confirmedAt: try time(.confirmedAt), shipBy: try time(.shipBy), riskHeld: false,
                afterSale: afterSale, merchantRemark: try text(.merchantRemark),
                buyerMessage: try text(.buyerMessage), waybillNumber: try code(.waybillNumber), carrier: try text(.carrier),
                storePickup: try flag(.storePickup) ?? false)
            row.riskHeld = try riskHeld(ships: ships)
            if ships { row.gifts = try gifts() }
            if ships, row.placedAt == nil {
                throw bad(.orderNumber, .noTime, "No time is filled, and the number begins with no date. \(complete)", number)
            }
            return row
        }

        private let complete = "Fill it in, or export the order again."

        /// A record with missing or extra cells has its cells in the wrong columns: nothing of it can be trusted or repeated.
        private func checkWidth() throws(BadRow) {
            guard isPositional else { return }
            let found = record.count
            if found == header.width { return }
            if found > header.width, (header.width..<found).allSatisfy({ record[$0] == .empty }) { return }
            throw BadRow(
                line: record.line, orderNumber: nil, column: nil,
                reason:
                    "The record has \(found) cells, the header \(header.width): it was cut off, or holds a stray comma or quotation mark.",
                fault: .width)
        }

        private mutating func readOrderNumber() throws(BadRow) -> String {
            let number = try code(.orderNumber).map(Value.halfWidth)
            guard let number else { throw empty(.orderNumber) }
            guard Value.isOrderNumber(number) else {
                throw bad(.orderNumber, .orderNumber, "Not an order number: six digits of the date, a hyphen and 15 digits.", number)
            }
            orderNumber = number
            return number
        }

        private func quantity() throws(BadRow) -> Int {
            let text = try required(.quantity)
            guard let quantity = Value.quantity(text) else { throw bad(.quantity, .quantity, "Not a whole number from 1 to 999999.", text) }
            return quantity
        }

        private func total() throws(BadRow) -> Int64 {
            let text = try required(.total)
            guard let total = Value.minorUnits(yuan: text) else {
                throw bad(.total, .amount, "Not an amount in yuan with at most two decimals.", text)
            }
            return total
        }

        private func state<State>(_ column: Column, _ parse: (String) -> State?) throws(BadRow) -> State {
            let text = try required(column)
            guard let state = parse(text) else {
                throw bad(
                    column, .unknownState,
                    "Not a state that is known. Nothing is done for this order; report the name so that it can be added.", text)
            }
            return state
        }

        /// Orders that are not to be shipped may have no recipient: the platform blanks what is not needed any more.
        private func recipient(ships: Bool) throws(BadRow) -> Recipient {
            let isNeeded = ships && header.hasRecipients
            func part(_ column: Column) throws(BadRow) -> String { isNeeded ? try required(column) : try text(column) ?? "" }
            let (name, nameExtension) = Value.bracketedExtension(try part(.recipientName))
            var phone = Phone(number: "")
            if let text = try code(.phone) {
                // Of a number that is masked as a whole nobody knows how many digits it had.
                if let read = Value.phone(Value.halfWidth(text)) ?? (text.allSatisfy { $0 == "*" } ? Phone(number: text) : nil) {
                    phone = read
                } else if isNeeded {
                    throw bad(.phone, .phone, "Not a phone number.")
                }
            } else if isNeeded {
                throw empty(.phone)
            }
            if phone.ext == nil, !phone.number.isEmpty { phone.ext = nameExtension }
            return Recipient(
                name: name, phone: phone, province: try part(.province), city: try part(.city), district: try part(.district),
                town: try text(.town), detail: try text(.detail))
        }

        private func riskHeld(ships: Bool) throws(BadRow) -> Bool {
            let abnormal = try flag(.abnormal)
            let underReview = try flag(.underReview)
            if ships, header.hasRecipients, abnormal == nil, underReview == nil {
                throw empty(header[.abnormal] == nil ? .underReview : .abnormal)
            }
            return abnormal == true || underReview == true
        }

        private func flag(_ column: Column) throws(BadRow) -> Bool? {
            switch try text(column) {
            case nil: return nil
            case "是": return true
            case "否": return false
            case let text?: throw bad(column, .yesOrNo, "Neither 是 nor 否.", text)
            }
        }

        private func time(_ column: Column) throws(BadRow) -> Int64? {
            guard let text = try text(column) else { return nil }
            guard let time = BeijingTime.milliseconds(text) else {
                throw bad(column, .time, "Not a time like 2025-11-11 08:30:00. If a spreadsheet saved the file, export it again.", text)
            }
            return time
        }

        /// A number or code that a spreadsheet may have damaged.
        private func code(_ column: Column) throws(BadRow) -> String? {
            guard let text = try text(column) else { return nil }
            if Value.isScientific(text) { throw bad(column, .digitsLost, Self.digitsLost, text) }
            return text
        }

        private static var digitsLost: String {
            "A spreadsheet shortened the number and its last digits are lost. Import the file as it was downloaded."
        }

        /// nil if the export has no such column or the cell is blank.
        private func text(_ column: Column) throws(BadRow) -> String? {
            guard let place = header[column] else { return nil }
            switch record[place] {
            case .empty: return nil
            case .text(let text): return text
            case .time(let text):
                guard column.isTime || column.isFree else {
                    throw bad(
                        column, .dateMade,
                        "A spreadsheet made a date of the cell. Import the file as it was downloaded, or write the cell as text.")
                }
                return text
            case .unusable(.digitsLost): throw bad(column, .digitsLost, Self.digitsLost)
            case .unusable(.notCalculated):
                throw bad(
                    column, .notCalculated,
                    "The cell is a formula without a result. Open the file in a spreadsheet, and save it with values.")
            case .unusable(.failedFormula):
                throw bad(column, .failedFormula, "The cell is a formula that failed. Write the value in its place.")
            }
        }

        /// What comes with the order; cells may hold several, one a line or between semicolons.
        private func gifts() throws(BadRow) -> [Gift] {
            func parts(_ column: Column) throws(BadRow) -> [String] {
                guard let text = try code(column) else { return [] }
                let parts = text.split { $0.isNewline || $0 == ";" || $0 == "；" }.map { Self.blankIfNone(String($0)) }
                return parts.allSatisfy(\.isEmpty) ? [] : parts
            }
            let names = try parts(.giftName)
            let codes = try parts(.giftCode)
            let quantities = try parts(.giftQuantity)
            let count = max(names.count, codes.count)
            if count == 0 {
                if quantities.contains(where: { Value.quantity($0) != nil }) {
                    throw bad(.giftName, .giftName, "A gift is counted but not named. \(complete)")
                }
                return []
            }
            let (specs, ids) = (try parts(.giftSpec), try parts(.giftID))
            guard [names, codes, specs, ids].allSatisfy({ $0.isEmpty || $0.count == count }) else {
                throw bad(.giftName, .giftsDiffer, "The cells of gifts name different numbers of them. \(complete)")
            }
            guard quantities.count == count else {
                throw bad(.giftQuantity, .giftQuantity, "The cell has not one number for each gift. \(complete)")
            }
            var gifts: [Gift] = []
            for place in 0..<count {
                func part(_ parts: [String]) -> String? { parts.isEmpty || parts[place].isEmpty ? nil : parts[place] }
                guard let quantity = Value.quantity(quantities[place]) else {
                    throw bad(.giftQuantity, .quantity, "Not a whole number from 1 to 999999.", quantities[place])
                }
                gifts.append(
                    Gift(
                        name: part(names) ?? part(codes) ?? "", spec: part(specs) ?? "", quantity: quantity, code: part(codes),
                        id: part(ids)))
            }
            return gifts
        }

        /// The part without blanks around it; empty for what programs write where there is nothing.
        private static func blankIfNone(_ part: String) -> String {
            let trimmed = String(part.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
            return ["-", "--", "无", "/"].contains(trimmed) ? "" : trimmed
        }

        private func required(_ column: Column) throws(BadRow) -> String {
            guard let text = try text(column) else { throw empty(column) }
            return text
        }

        private func empty(_ column: Column) -> BadRow { bad(column, .empty, "The cell is empty. \(complete)") }

        private func bad(_ column: Column, _ fault: Fault, _ reason: String, _ value: String? = nil) -> BadRow {
            BadRow(
                line: record.line, orderNumber: orderNumber, column: header.title(column), reason: reason, fault: fault,
                value: value.flatMap { column.mayBeRepeated($0) ? $0 : nil })
        }
    }
}

extension OrderExport.Column {
    /// Whether a cell that is wrong may be repeated in an error. A stray comma puts names and phones under any column, so a text of the
    /// right kind is not enough: states are of the words that states are made of, other texts are ASCII and hold no number as long as a
    /// phone's.
    func mayBeRepeated(_ value: String) -> Bool {
        guard value.utf8.count <= Self.longestRepeated else { return false }
        switch self {
        case .status, .afterSale:
            return Self.wordsOfStates.contains { value.contains($0) } && !value.utf8.contains { (0x30...0x39).contains($0) }
        case .orderNumber, .total, .quantity, .giftQuantity, .abnormal, .underReview, .storePickup, .paidAt, .groupedAt, .confirmedAt,
            .shipBy,
            .goodsID, .styleID, .skuCode, .goodsCode, .waybillNumber:
            let digits = value.utf8.split { !(0x30...0x39).contains($0) }
            return value.utf8.allSatisfy { (0x20..<0x7F).contains($0) } && digits.allSatisfy { $0.count < Self.shortestPhone }
        default: return false
        }
    }

    /// Enough to recognise a cell, too little to drag a paragraph into a log.
    private static let longestRepeated = 40
    private static let shortestPhone = 7
    private static let wordsOfStates = [
        "发货", "付款", "支付", "签收", "收货", "取消", "退款", "退货", "售后", "成交", "换货", "补寄", "维修", "拒收", "召回", "审核", "处理", "关闭", "成功",
    ]
}
