import Partners

/// Invents the orders of a generated export.
struct OrderExportSource {
    private let configuration: OrderExportGenerator.Configuration
    /// Recipients that may order again; the oldest gives way.
    private var known: [OrderExport.Recipient] = []

    init(_ configuration: OrderExportGenerator.Configuration) {
        self.configuration = configuration
    }

    /// - Parameter index: makes the order number unique; below 10^9.
    mutating func row(_ index: Int, _ kind: OrderExportGenerator.Kind, _ random: inout OrderExport.Random) -> OrderExport.Row {
        let status: OrderExport.Status =
            switch kind {
            case .refunded: .unshippedRefunded
            case .otherStatus: random.pick(Self.otherStatuses)
            default: .toShip
            }
        let place = random.below(OrderExport.Catalogue.products.count)
        let product = OrderExport.Catalogue.products[place]
        let specPlace = random.below(product.specs.count)
        let spec = product.specs[specPlace]
        let quantity = random.chance(0.8) ? 1 : random.number(2...12)
        let confirmed = configuration.startsAt + Int64(random.below(86_400)) * 1000
        let paid = confirmed - Int64(random.number(1...7200)) * 1000
        var row = OrderExport.Row(
            line: 0, orderNumber: orderNumber(index, confirmed, &random), status: status, goodsName: product.name, spec: spec.name,
            quantity: quantity, skuCode: random.chance(0.95) ? spec.code : nil, goodsCode: random.chance(0.7) ? product.code : nil,
            goodsID: "\(612_000_000_000 + place * 7919)", styleID: "\(1_210_000_000_000 + place * 104_729 + specPlace)",
            totalMinor: Int64(product.price * quantity - (random.chance(0.1) ? random.below(100) : 0)), recipient: recipient(&random),
            paidAt: time(paid), groupedAt: random.chance(0.9) ? time(confirmed) : nil,
            confirmedAt: status == .pendingPayment ? nil : time(confirmed), shipBy: status == .toShip ? time(confirmed + 172_800_000) : nil,
            riskHeld: kind == .riskHeld, afterSale: afterSale(kind, status, &random),
            merchantRemark: random.chance(0.1) ? random.pick(OrderExport.Catalogue.merchantRemarks) : nil,
            buyerMessage: random.chance(0.1) ? random.pick(OrderExport.Catalogue.buyerMessages) : nil, waybillNumber: nil, carrier: nil,
            storePickup: random.chance(0.01))
        if status != .toShip { finish(&row, &random) }
        return row
    }

    private static let otherStatuses: [OrderExport.Status] = [
        .pendingPayment, .shipped, .shipped, .received, .received, .cancelled, .shippedRefunded, .receivedRefunded, .cancelledRefunded,
        .unconcludedRefunded,
    ]
    private static let openAfterSales = [
        "买家申请退款，待商家处理", "退货退款，待商家处理", "商家同意退款，退款中", "商家同意退货退款，待买家发货", "平台处理中", "售后处理中", "补寄待商家发货", "换货补寄待商家处理",
    ]

    /// Of an order that is shipped or over the recipient is blanked, and the waybill number known.
    private func finish(_ row: inout OrderExport.Row, _ random: inout OrderExport.Random) {
        if random.chance(0.5) {
            row.recipient.name = ""
            row.recipient.phone = OrderExport.Phone(number: "")
            row.recipient.town = nil
        }
        switch row.status {
        case .shipped, .received, .shippedRefunded, .receivedRefunded:
            let (carrier, prefix, digits) = random.pick(OrderExport.Catalogue.carriers)
            row.carrier = carrier
            row.waybillNumber = prefix + random.digits(digits)
        case .pendingPayment: (row.paidAt, row.groupedAt) = (nil, nil)
        default: break
        }
    }

    private func afterSale(
        _ kind: OrderExportGenerator.Kind, _ status: OrderExport.Status, _ random: inout OrderExport.Random
    ) -> OrderExport.AfterSale {
        let text: String
        switch status {
        case .unshippedRefunded, .shippedRefunded, .receivedRefunded, .cancelledRefunded, .unconcludedRefunded: text = "退款成功"
        case .toShip where kind == .afterSaleOpen: text = random.pick(Self.openAfterSales)
        case .toShip where random.chance(0.02): text = "买家撤销"
        default: return .none
        }
        return OrderExport.AfterSale(text: text) ?? .none
    }

    private func orderNumber(_ index: Int, _ confirmed: Int64, _ random: inout OrderExport.Random) -> String {
        let date = BeijingTime.components(confirmed)
        return "\(Self.padded(date.year % 100))\(Self.padded(date.month))\(Self.padded(date.day))-"
            + random.digits(6) + String(String(1_000_000_000 + index).dropFirst())
    }

    /// A spreadsheet's times have no seconds.
    private func time(_ milliseconds: Int64) -> Int64 {
        configuration.spreadsheetTimes ? milliseconds - milliseconds % 60_000 : milliseconds
    }

    private mutating func recipient(_ random: inout OrderExport.Random) -> OrderExport.Recipient {
        if !known.isEmpty, random.chance(configuration.repeatedRecipients) { return random.pick(known) }
        let place = random.pick(OrderExport.Catalogue.places)
        let isVirtual = random.chance(configuration.virtualPhones)
        let recipient = OrderExport.Recipient(
            name: random.pick(OrderExport.Catalogue.surnames) + random.pick(OrderExport.Catalogue.givenNames),
            phone: OrderExport.Phone(number: "1\(random.number(3...9))" + random.digits(9), ext: isVirtual ? random.digits(4) : nil),
            province: place.province, city: place.city, district: place.district,
            town: "\(random.pick(place.towns))\(random.number(1...99))号\(random.number(1...30))栋\(random.number(101...2909))室", detail: nil)
        if known.count < Self.remembered { known.append(recipient) } else { known[random.below(Self.remembered)] = recipient }
        return recipient
    }

    private static let remembered = 64

    static func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
