import Partners
import TableFiles

/// Writes orders as an export's lines.
struct OrderExportWriter {
    private let configuration: OrderExportGenerator.Configuration
    private let columns: [String]
    /// What each column is, nil for those that are not read.
    private let meanings: [OrderExport.Column?]
    private(set) var bytes: [UInt8]
    /// The physical line on which the next record starts.
    private(set) var line = 1

    init(_ configuration: OrderExportGenerator.Configuration, _ random: inout OrderExport.Random) {
        self.configuration = configuration
        var columns = OrderExport.Catalogue.columns
        if configuration.extraColumns {
            for name in OrderExport.Catalogue.unheardOf { columns.insert(name, at: random.below(columns.count + 1)) }
        }
        if configuration.shufflesColumns {
            for place in columns.indices.dropFirst() { columns.swapAt(place, random.below(place + 1)) }
        }
        self.columns = columns
        meanings = columns.map { name in OrderExport.Column.allCases.first { $0.name == name } }
        bytes = configuration.encoding == .utf8WithBOM ? CSVText.byteOrderMark : []
        bytes.reserveCapacity(configuration.orders * 640)
        for (place, name) in columns.enumerated() {
            if place > 0 { bytes.append(UInt8(ascii: ",")) }
            write(cell: configuration.fullWidthHeader ? name.replacing("(", with: "（").replacing(")", with: "）") : name)
        }
        endLine()
    }

    mutating func write(_ row: OrderExport.Row, _ random: inout OrderExport.Random) {
        write(row, replacing: nil, with: "", &random)
    }

    /// Writes the order with one thing wrong.
    mutating func writeDamaged(_ row: OrderExport.Row, _ random: inout OrderExport.Random) {
        let damages: [(OrderExport.Column, String)] = [
            (.orderNumber, ""), (.orderNumber, "2.51111E+20"), (.status, "不明状态"), (.total, "12.345"), (.total, "免费"), (.quantity, "0"),
            (.quantity, "一"), (.afterSale, "不明售后"), (.phone, "1.38E+10"), (.phone, ""), (.recipientName, ""), (.province, ""),
            (.confirmedAt, "45972.354"), (.abnormal, "可能"),
        ]
        let choice = random.below(damages.count + 1)
        if choice == damages.count {
            bytes += Array("\(row.goodsName.replacing("\"", with: "")),\(row.orderNumber)".utf8)
            endLine()
        } else {
            write(row, replacing: damages[choice].0, with: damages[choice].1, &random)
        }
    }

    private mutating func write(
        _ row: OrderExport.Row, replacing damaged: OrderExport.Column?, with damage: String, _ random: inout OrderExport.Random
    ) {
        for place in columns.indices {
            if place > 0 { bytes.append(UInt8(ascii: ",")) }
            guard let column = meanings[place] else {
                write(cell: passedOver(columns[place], row))
                continue
            }
            write(cell: column == damaged ? damage : text(column, of: row))
            if configuration.padsWithTabs, Self.padded.contains(column) { bytes.append(UInt8(ascii: "\t")) }
        }
        endLine()
    }

    private static let padded: Set<OrderExport.Column> = [.orderNumber, .phone, .goodsID, .styleID, .waybillNumber, .confirmedAt]

    private func text(_ column: OrderExport.Column, of row: OrderExport.Row) -> String {
        switch column {
        case .goodsName: row.goodsName
        case .orderNumber: row.orderNumber
        case .status: state(row.status.rawValue)
        case .total: yuan(row.totalMinor)
        case .quantity: String(row.quantity)
        case .recipientName: name(row.recipient)
        case .phone: phone(row.recipient)
        case .abnormal: row.riskHeld ? "是" : "否"
        case .province: row.recipient.province
        case .city: row.recipient.city
        case .district: row.recipient.district
        case .town: row.recipient.town ?? ""
        case .paidAt: time(row.paidAt)
        case .groupedAt: time(row.groupedAt)
        case .confirmedAt: time(row.confirmedAt)
        case .shipBy: time(row.shipBy)
        case .goodsID: row.goodsID ?? ""
        case .spec: row.spec
        case .styleID: row.styleID ?? ""
        case .skuCode: row.skuCode ?? ""
        case .goodsCode: row.goodsCode ?? ""
        case .waybillNumber: row.waybillNumber ?? ""
        case .carrier: row.carrier ?? ""
        case .merchantRemark: row.merchantRemark ?? ""
        case .afterSale: afterSale(row.afterSale)
        case .buyerMessage: row.buyerMessage ?? ""
        case .storePickup: row.storePickup ? "是" : "否"
        // No column of a generated export: 是否异常 and 街道 stand for them.
        case .underReview, .detail, .giftName, .giftSpec, .giftQuantity, .giftCode, .giftID: ""
        }
    }

    private func passedOver(_ name: String, _ row: OrderExport.Row) -> String {
        switch name {
        case "用户实付金额(元)", "商家实收金额(元)": yuan(row.totalMinor)
        case "支付方式": "微信"
        case "是否抽奖或0元试用", "是否顺丰加价": "否"
        case "货品名称": row.goodsName
        default: name.hasSuffix("(元)") ? "0.00" : ""
        }
    }

    /// Every other virtual number stands in the name's brackets, the others behind the phone's hyphen.
    private func name(_ recipient: OrderExport.Recipient) -> String {
        guard let ext = recipient.phone.ext, Self.standsInName(ext) else { return recipient.name }
        return "\(recipient.name)[\(ext)]"
    }

    private func phone(_ recipient: OrderExport.Recipient) -> String {
        guard let ext = recipient.phone.ext, Self.standsInName(ext) else { return recipient.phone.description }
        return recipient.phone.number
    }

    private static func standsInName(_ ext: String) -> Bool { (ext.utf8.last ?? 0) % 2 == 0 }

    private func afterSale(_ afterSale: OrderExport.AfterSale) -> String {
        switch afterSale {
        case .none: "无售后或售后取消"
        case .closed(let text), .open(_, let text), .refunded(let text): text
        }
    }

    private func state(_ text: String) -> String { configuration.fullWidthCommas ? text : text.replacing("，", with: ",") }

    private func yuan(_ minor: Int64) -> String { "\(minor / 100).\(OrderExportSource.padded(Int(minor % 100)))" }

    private func time(_ milliseconds: Int64?) -> String {
        guard let milliseconds else { return "" }
        let time = BeijingTime.components(milliseconds)
        let minute = OrderExportSource.padded(time.minute)
        if configuration.spreadsheetTimes { return "\(time.year)/\(time.month)/\(time.day) \(time.hour):\(minute)" }
        return "\(time.year)-\(OrderExportSource.padded(time.month))-\(OrderExportSource.padded(time.day)) "
            + "\(OrderExportSource.padded(time.hour)):\(minute):\(OrderExportSource.padded(time.second))"
    }

    private mutating func write(cell text: String) {
        let needsQuotes = text.utf8.contains { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "\"") || $0 == 0x0A || $0 == 0x0D }
        guard needsQuotes else {
            bytes.append(contentsOf: text.utf8)
            return
        }
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            if byte == UInt8(ascii: "\"") { bytes.append(byte) }
            if byte == 0x0A { line += 1 }
            bytes.append(byte)
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func endLine() {
        if configuration.windowsLineEnds { bytes.append(0x0D) }
        bytes.append(0x0A)
        line += 1
    }
}
