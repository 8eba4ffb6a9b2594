extension OrderExport {
    /// One order: in an export an order is one specification of one product, with a quantity.
    public struct Row: Sendable, Equatable {
        /// The physical line, from 1, on which the record starts.
        public internal(set) var line: Int
        /// `yyMMdd-` and 15 digits; the platform's own example of its first years, `yyyyMMdd-` and 9 to 15 digits, is taken too.
        public internal(set) var orderNumber: String
        public internal(set) var status: Status
        public internal(set) var goodsName: String
        /// Empty for a product without specifications.
        public internal(set) var spec: String
        /// At least 1.
        public internal(set) var quantity: Int
        /// 商家编码-SKU维度: the merchant's code of the specification.
        public internal(set) var skuCode: String?
        /// 商家编码-商品维度: the merchant's code of the product.
        public internal(set) var goodsCode: String?
        public internal(set) var goodsID: String?
        /// The platform's id of the specification.
        public internal(set) var styleID: String?
        /// 商品总价: price times quantity, in fen, before discounts and postage.
        public internal(set) var totalMinor: Int64
        public internal(set) var recipient: Recipient
        /// Milliseconds since 1970, like all times here.
        public internal(set) var paidAt: Int64?
        /// When enough buyers had joined the group.
        public internal(set) var groupedAt: Int64?
        public internal(set) var confirmedAt: Int64?
        /// 承诺发货时间: the promised time of shipping.
        public internal(set) var shipBy: Int64?
        /// The platform's risk control holds the order: 是否异常 or 是否审核中 is 是.
        public internal(set) var riskHeld: Bool
        public internal(set) var afterSale: AfterSale
        public internal(set) var merchantRemark: String?
        public internal(set) var buyerMessage: String?
        public internal(set) var waybillNumber: String?
        /// The carrier's Chinese name.
        public internal(set) var carrier: String?
        /// The buyer fetches the goods in a shop.
        public internal(set) var storePickup: Bool

        /// When the order was placed: confirmed, else grouped, else paid. Never nil if the order is to be shipped.
        public var placedAt: Int64? { confirmedAt ?? groupedAt ?? paidAt }

        /// What the goods are known by: the merchant's code of the specification, else of the product, else the platform's id. Never
        /// nil if the order is to be shipped.
        public var sku: String? { skuCode ?? goodsCode ?? styleID }

        /// `totalMinor` divided by `quantity`, in fen, rounded to the nearest, half a fen up. Where it does not divide, price times
        /// quantity differs from the total by less than one fen for each piece; the total is what was charged.
        public var unitPriceMinor: Int64 {
            let pieces = Int64(quantity)
            let (price, rest) = totalMinor.quotientAndRemainder(dividingBy: pieces)
            return rest >= pieces - rest ? price + 1 : price
        }
    }

    /// Whom the order goes to. All of it is filled for an order to be shipped but what is optional; the platform blanks it for others.
    public struct Recipient: Sendable, Equatable, Hashable {
        /// Without a virtual number's extension: "某某[1234]" is 某某, and the extension is in `phone`.
        public internal(set) var name: String
        public internal(set) var phone: Phone
        public internal(set) var province: String
        public internal(set) var city: String
        public internal(set) var district: String
        /// 街道. Many exports hold the rest of the address here.
        public internal(set) var town: String?
        /// From a column for the whole or detailed address, which few exports have.
        public internal(set) var detail: String?

        /// The platform masked the name, the phone or the address with asterisks: nothing can be sent there.
        public var isMasked: Bool {
            [name, phone.number, town ?? "", detail ?? ""].contains { $0.utf8.contains(UInt8(ascii: "*")) }
        }
    }

    /// A phone number; a virtual one has an extension.
    public struct Phone: Sendable, Equatable, Hashable, CustomStringConvertible {
        /// Digits; a landline keeps its hyphen.
        public internal(set) var number: String
        public internal(set) var ext: String?

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
    /// | 待支付, 已发货…, 已签收… | none |
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
