extension OrderExport {
    /// One order: in an export an order is one specification of one product, with a quantity.
    public struct Row: Sendable, Equatable {
        /// Where the record begins, from 1: of text the physical line, of a workbook the row.
        public package(set) var line: Int
        /// `yyMMdd-` and 15 digits; the platform's own example of its first years, `yyyyMMdd-` and 9 to 15 digits, is taken too.
        public package(set) var orderNumber: String
        public package(set) var status: Status
        public package(set) var goodsName: String
        /// Empty for a product without specifications.
        public package(set) var spec: String
        /// At least 1.
        public package(set) var quantity: Int
        /// 商家编码-SKU维度: the merchant's code of the specification.
        public package(set) var skuCode: String?
        /// 商家编码-商品维度: the merchant's code of the product.
        public package(set) var goodsCode: String?
        public package(set) var goodsID: String?
        /// The platform's id of the specification.
        public package(set) var styleID: String?
        /// 商品总价: price times quantity, in fen, before discounts and postage.
        public package(set) var totalMinor: Int64
        public package(set) var recipient: Recipient
        /// Milliseconds since 1970, like all times here.
        public package(set) var paidAt: Int64?
        /// When enough buyers had joined the group.
        public package(set) var groupedAt: Int64?
        public package(set) var confirmedAt: Int64?
        /// 承诺发货时间: the promised time of shipping.
        public package(set) var shipBy: Int64?
        /// The platform's risk control holds the order: 是否异常 or 是否审核中 is 是.
        public package(set) var riskHeld: Bool
        public package(set) var afterSale: AfterSale
        public package(set) var merchantRemark: String?
        public package(set) var buyerMessage: String?
        public package(set) var waybillNumber: String?
        /// The carrier's Chinese name.
        public package(set) var carrier: String?
        /// The buyer fetches the goods in a shop.
        public package(set) var storePickup: Bool
        public package(set) var gifts: [Gift]

        package init(
            line: Int, orderNumber: String, status: Status, goodsName: String, spec: String, quantity: Int, skuCode: String?,
            goodsCode: String?, goodsID: String?, styleID: String?, totalMinor: Int64, recipient: Recipient, paidAt: Int64?,
            groupedAt: Int64?, confirmedAt: Int64?, shipBy: Int64?, riskHeld: Bool, afterSale: AfterSale, merchantRemark: String?,
            buyerMessage: String?, waybillNumber: String?, carrier: String?, storePickup: Bool, gifts: [Gift] = []
        ) {
            self.line = line
            self.orderNumber = orderNumber
            self.status = status
            self.goodsName = goodsName
            self.spec = spec
            self.quantity = quantity
            self.skuCode = skuCode
            self.goodsCode = goodsCode
            self.goodsID = goodsID
            self.styleID = styleID
            self.totalMinor = totalMinor
            self.recipient = recipient
            self.paidAt = paidAt
            self.groupedAt = groupedAt
            self.confirmedAt = confirmedAt
            self.shipBy = shipBy
            self.riskHeld = riskHeld
            self.afterSale = afterSale
            self.merchantRemark = merchantRemark
            self.buyerMessage = buyerMessage
            self.waybillNumber = waybillNumber
            self.carrier = carrier
            self.storePickup = storePickup
            self.gifts = gifts
        }

        /// When the order was placed: confirmed, else grouped, else paid, else the start of the day in its number: the times may be empty.
        public var placedAt: Int64? { confirmedAt ?? groupedAt ?? paidAt ?? Value.day(ofOrderNumber: orderNumber) }

        /// The goods have a specification. 无规格 is what exports write for none.
        public var hasSpec: Bool { !spec.isEmpty && spec != "无规格" }

        /// The merchant's code of what is to be shipped: of the specification; of the product only where it has no specifications, because
        /// one product's code stands for all of them.
        public var sku: String? { skuCode ?? (hasSpec ? nil : goodsCode) }

        /// `totalMinor` divided by `quantity`, in fen, rounded to the nearest, half a fen up. Where it does not divide, price times
        /// quantity differs from the total by less than one fen for each piece; the total is what was charged.
        public var unitPriceMinor: Int64 {
            let pieces = Int64(quantity)
            let (price, rest) = totalMinor.quotientAndRemainder(dividingBy: pieces)
            return rest >= pieces - rest ? price + 1 : price
        }
    }

    /// What comes with an order without being paid for.
    public struct Gift: Sendable, Equatable {
        public package(set) var name: String
        public package(set) var spec: String
        /// At least 1.
        public package(set) var quantity: Int
        /// The merchant's code.
        public package(set) var code: String?
        /// The platform's id.
        public package(set) var id: String?

        package init(name: String, spec: String, quantity: Int, code: String? = nil, id: String? = nil) {
            self.name = name
            self.spec = spec
            self.quantity = quantity
            self.code = code
            self.id = id
        }
    }

    /// Whom the order goes to. All of it is filled for an order to be shipped but what is optional; the platform blanks it for others.
    public struct Recipient: Sendable, Equatable, Hashable {
        /// Without a virtual number's extension: "某某[1234]" is 某某, and the extension is in `phone`.
        public package(set) var name: String
        public package(set) var phone: Phone
        public package(set) var province: String
        public package(set) var city: String
        public package(set) var district: String
        /// 街道. Many exports hold the rest of the address here.
        public package(set) var town: String?
        /// From a column for the whole or detailed address, which few exports have.
        public package(set) var detail: String?

        package init(
            name: String, phone: Phone, province: String, city: String, district: String, town: String? = nil, detail: String? = nil
        ) {
            self.name = name
            self.phone = phone
            self.province = province
            self.city = city
            self.district = district
            self.town = town
            self.detail = detail
        }

        /// The export says nothing of whom the order goes to.
        public var isMissing: Bool { name.isEmpty && phone.number.isEmpty }

        /// The platform masked the name, the phone or the address with asterisks: nothing can be sent there.
        public var isMasked: Bool {
            [name, phone.number, province, city, district, town ?? "", detail ?? ""].contains { $0.utf8.contains(UInt8(ascii: "*")) }
        }
    }

    /// A phone number; a virtual one has an extension.
    public struct Phone: Sendable, Equatable, Hashable, CustomStringConvertible {
        /// Digits; a landline keeps its hyphen.
        public package(set) var number: String
        public package(set) var ext: String?

        package init(number: String, ext: String? = nil) {
            self.number = number
            self.ext = ext
        }

        /// "1xxxxxxxxxx" or "1xxxxxxxxxx-1234".
        public var description: String { ext.map { "\(number)-\($0)" } ?? number }
    }
}

extension OrderExport {
    /// What an order in an export means for Daifa.
    public enum Disposition: Sendable, Equatable {
        /// To be shipped: `placed` first, then what holds it.
        case toShip([Fact])
        /// Not to be shipped: what follows for an order that is known already. It is not to be placed.
        case known(Status, [Fact])

        public var facts: [Fact] {
            switch self {
            case .toShip(let facts), .known(_, let facts): facts
            }
        }
    }

    /// What an order in an export implies, in the words of the topic of facts.
    public enum Fact: Sendable, Equatable {
        case placed
        case riskHeld
        case afterSaleOpened(AfterSale.Kind)
        /// The after-sale opened before is closed with the outcome `refunded`.
        case afterSaleRefunded
        case cancelled
    }
}

extension OrderExport.Row {
    /// | status | facts |
    /// |---|---|
    /// | 待发货 | placed; risk-held if 是否异常 or 是否审核中; after-sale-opened if one is open or ended in a refund; then after-sale-closed, refunded |
    /// | 已取消, 已取消，退款成功 | cancelled |
    /// | 未发货，退款成功, 未成交，退款成功 | after-sale-opened, after-sale-closed refunded |
    /// | 待付款, 待支付, 已发货…, 已签收…, 已收货… | none |
    public var disposition: OrderExport.Disposition {
        switch status {
        case .toShip:
            var facts: [OrderExport.Fact] = [.placed]
            if riskHeld { facts.append(.riskHeld) }
            switch afterSale {
            case .none, .closed: break
            case .open(let kind, _): facts.append(.afterSaleOpened(kind))
            case .refunded: facts += [.afterSaleOpened(.refund), .afterSaleRefunded]
            }
            return .toShip(facts)
        case .cancelled, .cancelledRefunded: return .known(status, [.cancelled])
        case .unshippedRefunded, .unconcludedRefunded: return .known(status, [.afterSaleOpened(.refund), .afterSaleRefunded])
        case .pendingPayment, .shipped, .received, .shippedRefunded, .receivedRefunded: return .known(status, [])
        }
    }
}
