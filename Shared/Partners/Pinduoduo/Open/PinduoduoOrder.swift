import Contracts
public import JSON
public import Threads

/// A merchant's order, from a row of `pdd.order.number.list.increment.get` or from `pdd.order.information.get`.
///
/// Times are Beijing time and amounts yuan on the wire; here `Timestamp` and fen.
public struct PinduoduoOrder: Sendable, Equatable {
    /// `yyMMdd-` and 15 digits.
    public var orderSn: String
    /// 1 to ship, 2 shipped, 3 received.
    public var orderStatus: Int?
    /// 1 none or closed, 2 in progress, 3 refunding, 4 refunded.
    public var refundStatus: Int?
    public var afterSalesStatus: Int?
    /// 0 normal, 1 under review.
    public var riskControlStatus: Int?
    /// 0 not concluded, 1 concluded, 2 cancelled.
    public var confirmStatus: Int?
    /// 0 the group is filling, 1 full, 2 it failed.
    public var groupStatus: Int?
    /// The merchant was asked to pause the shipping (the tag `ship_hold`).
    public var isOnShipHold: Bool
    public var createdAt: Timestamp?
    public var paidAt: Timestamp?
    public var confirmedAt: Timestamp?
    public var updatedAt: Timestamp?
    /// The promised time of shipping.
    public var lastShipTime: Timestamp?
    public var province: String?
    public var city: String?
    /// `town` on the wire.
    public var district: String?
    /// nil unless all of it is there: the platform empties it for orders under review and for those shipped.
    public var recipient: Recipient?
    /// Equal for orders that go to the same door.
    public var openAddressId: String?
    /// The merchant's remark.
    public var remark: String?
    public var buyerMemo: String?
    public var payAmountFen: Int?
    public var items: [Item]
    public var trackingNumber: String?
    public var logisticsId: Int?

    /// Whom it goes to, as ciphertexts of the platform.
    public struct Recipient: Sendable, Equatable {
        public var name: String
        public var phone: String
        public var address: String

        public init(name: String, phone: String, address: String) {
            self.name = name
            self.phone = phone
            self.address = address
        }
    }

    public struct Item: Sendable, Equatable {
        public var goodsId: String?
        public var skuId: String?
        /// The merchant's code of the specification.
        public var outerId: String?
        /// The merchant's code of the product.
        public var outerGoodsId: String?
        public var goodsName: String
        /// Values joined by commas; empty for a product without specifications.
        public var goodsSpec: String
        public var goodsCount: Int
        public var goodsPriceFen: Int?

        /// The code by which the goods are known: the merchant's code of the specification, else of the product, else the platform's id.
        public var sku: String? { outerId ?? outerGoodsId ?? skuId }

        init?(_ item: JSONValue) {
            guard let count = item["goods_count"]?.wireInt, count > 0 else { return nil }
            goodsId = item["goods_id"]?.wireText
            skuId = item["sku_id"]?.wireText
            outerId = item["outer_id"]?.wireText
            outerGoodsId = item["outer_goods_id"]?.wireText
            goodsName = item["goods_name"]?.wireText ?? ""
            goodsSpec = item["goods_spec"]?.wireText ?? ""
            goodsCount = count
            goodsPriceFen = item["goods_price"]?.fenOfYuan
        }
    }

    /// nil without an order number, or when an item has no quantity.
    public init?(_ row: JSONValue) {
        guard let orderSn = row["order_sn"]?.wireText else { return nil }
        let rows = row["item_list"]?.wireList ?? []
        items = rows.compactMap { Item($0) }
        guard items.count == rows.count else { return nil }
        self.orderSn = orderSn
        orderStatus = row["order_status"]?.wireInt
        refundStatus = row["refund_status"]?.wireInt
        afterSalesStatus = row["after_sales_status"]?.wireInt
        riskControlStatus = row["risk_control_status"]?.wireInt
        confirmStatus = row["confirm_status"]?.wireInt
        groupStatus = row["group_status"]?.wireInt
        isOnShipHold =
            row["order_tag_list"]?.wireList.contains { $0["name"]?.wireText == "ship_hold" && $0["value"]?.wireInt == 1 } ?? false
        createdAt = row["created_time"]?.pinduoduoTime
        paidAt = row["pay_time"]?.pinduoduoTime
        confirmedAt = row["confirm_time"]?.pinduoduoTime
        updatedAt = row["updated_at"]?.pinduoduoTime
        lastShipTime = row["last_ship_time"]?.pinduoduoTime
        province = row["province"]?.wireText
        city = row["city"]?.wireText
        district = row["town"]?.wireText
        let address = row["receiver_address"]?.wireText ?? row["address"]?.wireText
        if let name = row["receiver_name"]?.wireText, let phone = row["receiver_phone"]?.wireText, let address {
            recipient = Recipient(name: name, phone: phone, address: address)
        }
        openAddressId = row["open_address_id"]?.wireText
        remark = row["remark"]?.wireText
        buyerMemo = row["buyer_memo"]?.wireText
        payAmountFen = row["pay_amount"]?.fenOfYuan
        trackingNumber = row["tracking_number"]?.wireText
        logisticsId = row["logistics_id"]?.wireInt
    }
}

/// The meaning of an order's state numbers.
extension PinduoduoOrder {
    /// Whether it can be made an order here: concluded, not cancelled, to be shipped, with items and a recipient.
    ///
    /// An order under review has no recipient; it is placeable once the review is over. An open after-sale does not matter here: it is
    /// told beside the order and holds it.
    public var isPlaceable: Bool {
        orderStatus == 1 && confirmStatus ?? 1 == 1 && groupStatus ?? 1 == 1 && !items.isEmpty && recipient != nil && province != nil
            && city != nil && placedAt != nil
    }

    /// Risk control holds it; a status that is not known holds it too.
    public var isUnderRisk: Bool { riskControlStatus ?? 0 != 0 }

    /// Cancelled, or its group did not fill up.
    public var isCancelled: Bool { confirmStatus == 2 || groupStatus == 2 }

    /// On its way or received.
    public var isShipped: Bool { orderStatus == 2 || orderStatus == 3 }

    public var afterSale: PinduoduoAfterSale { PinduoduoAfterSale(refundStatus: refundStatus, orderStatus: afterSalesStatus) }

    /// Concluded, else paid, else created.
    public var placedAt: Timestamp? { confirmedAt ?? paidAt ?? createdAt }
}
