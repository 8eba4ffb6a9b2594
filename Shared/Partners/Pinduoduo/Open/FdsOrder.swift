import Contracts
public import JSON
public import Threads

/// The name of a factory-dropship order: masks (32 hexadecimal digits), not the merchant's shop and order number.
public struct FdsOrderKey: Sendable, Hashable {
    public var mallMaskId: String
    public var orderMaskSn: String

    public init(mallMaskId: String, orderMaskSn: String) {
        self.mallMaskId = mallMaskId
        self.orderMaskSn = orderMaskSn
    }
}

/// An order that a merchant has assigned to a factory (厂家代发), as the factory sees it: from `pdd.fds.order.list.get` or
/// `pdd.fds.order.get`. Times are milliseconds and amounts fen on the wire.
public struct FdsOrder: Sendable, Equatable {
    public var key: FdsOrderKey
    /// The merchant's own name.
    public var mallMaskName: String?
    public var goodsName: String
    public var goodsSpec: String
    public var goodsNumber: Int
    /// The merchant's code of the product.
    public var productSn: String?
    /// The merchant's code of the specification.
    public var outSkuSn: String?
    /// The factory's price for a piece, in fen.
    public var productPriceFen: Int?
    public var province: String?
    public var city: String?
    public var district: String?
    /// Equal when name, phone and address are equal; nil for old orders.
    public var receiverId: String?
    public var remark: String?
    /// When it was assigned.
    public var allowedAt: Timestamp?
    /// 0 no longer assigned, 1 assigned.
    public var status: Int?
    /// 0 no number returned, 1 returned.
    public var returnStatus: Int?
    /// The buyer has paid for SF.
    public var isSFOnly: Bool
    /// nil in lists, which do not always tell.
    public var afterSalesStatus: Int?

    /// nil without its masks or a quantity.
    public init?(_ row: JSONValue) {
        guard let mall = row["mall_mask_id"]?.wireText, let order = row["order_mask_sn"]?.wireText,
            let number = row["goods_number"]?.wireInt, number > 0
        else { return nil }
        key = FdsOrderKey(mallMaskId: mall, orderMaskSn: order)
        mallMaskName = row["mall_mask_name"]?.wireText
        goodsName = row["goods_name"]?.wireText ?? ""
        goodsSpec = row["goods_spec"]?.wireText ?? ""
        goodsNumber = number
        productSn = row["product_sn"]?.wireText
        outSkuSn = row["out_sku_sn"]?.wireText
        productPriceFen = row["product_price"]?.wireInt
        province = row["province"]?.wireText
        city = row["city"]?.wireText
        district = row["district"]?.wireText
        receiverId = row["receiver_id"]?.wireText
        remark = row["remark"]?.wireText
        allowedAt = row["allow_time"]?.pinduoduoTime
        status = row["status"]?.wireInt
        returnStatus = row["return_status"]?.wireInt
        isSFOnly = row["sf_only"]?.wireBool ?? false
        afterSalesStatus = row["after_sales_status"]?.wireInt
    }

    /// The factory is to ship it.
    public var isAllocated: Bool { status == 1 }
    /// The merchant took it back; a status that is not known is no such thing.
    public var isUnallocated: Bool { status == 0 }
    public var isReturned: Bool { returnStatus == 1 }
    public var afterSale: PinduoduoAfterSale { afterSalesStatus.map { PinduoduoAfterSale(factoryStatus: $0) } ?? .absent }
    /// The merchant's code of the specification, else of the product.
    public var sku: String? { outSkuSn ?? productSn }
}
