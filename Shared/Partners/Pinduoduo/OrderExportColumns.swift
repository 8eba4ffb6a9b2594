extension OrderExport {
    /// The columns that are read.
    package enum Column: Int, CaseIterable {
        case goodsName, orderNumber, status, total, quantity, recipientName, phone, abnormal, underReview
        case province, city, district, town, detail, paidAt, groupedAt, confirmedAt, shipBy
        case goodsID, spec, styleID, skuCode, goodsCode, waybillNumber, carrier
        case merchantRemark, afterSale, buyerMessage, storePickup
        case giftName, giftSpec, giftQuantity, giftCode, giftID

        /// The column's names, the canonical one first.
        var names: [String] {
            switch self {
            case .goodsName: ["商品", "商品名称"]
            case .orderNumber: ["订单号"]
            case .status: ["订单状态"]
            case .total: ["商品总价(元)"]
            case .quantity: ["商品数量(件)"]
            case .recipientName: ["收货人"]
            case .phone: ["手机"]
            case .abnormal: ["是否异常"]
            case .underReview: ["是否审核中"]
            case .province: ["省"]
            case .city: ["市"]
            case .district: ["区"]
            case .town: ["街道", "街道/镇"]
            case .detail: ["详细地址", "收货地址", "收件地址", "收货人地址"]
            case .paidAt: ["支付时间"]
            case .groupedAt: ["拼单成功时间"]
            case .confirmedAt: ["订单确认时间", "订单成交时间"]
            case .shipBy: ["承诺发货时间"]
            case .goodsID: ["商品id"]
            case .spec: ["商品规格"]
            case .styleID: ["样式ID"]
            case .skuCode: ["商家编码-SKU维度", "商家编码-规格维度"]
            case .goodsCode: ["商家编码-商品维度"]
            case .waybillNumber: ["快递单号"]
            case .carrier: ["快递公司"]
            case .merchantRemark: ["商家备注"]
            case .afterSale: ["售后状态"]
            case .buyerMessage: ["买家留言"]
            case .storePickup: ["是否门店自提"]
            case .giftName: ["赠品名称"]
            case .giftSpec: ["赠品规格"]
            case .giftQuantity: ["赠品数量"]
            case .giftCode: ["赠品编码", "赠品商家编码"]
            case .giftID: ["赠品ID"]
            }
        }

        package var name: String { names[0] }

        /// The columns without which an export cannot be read; of several, one is enough. After-sale is among them because an order that
        /// has one must not be shipped, and a file without the column cannot tell.
        static let required: [[Column]] = [
            [.goodsName], [.orderNumber], [.status], [.total], [.quantity], [.skuCode, .goodsCode, .styleID], [.afterSale],
        ]

        /// Where an export has one of the first two it must have all: with recipients it places orders. The default export of 2026 has none,
        /// and tells what changed of known orders.
        static let ofRecipients: [[Column]] = [
            [.recipientName], [.phone], [.abnormal, .underReview], [.province], [.city], [.district],
        ]

        /// Columns of times, in which a workbook's cell may be one.
        var isTime: Bool {
            switch self {
            case .paidAt, .groupedAt, .confirmedAt, .shipBy: true
            default: false
            }
        }

        /// Columns in which people write what they like.
        var isFree: Bool { self == .merchantRemark || self == .buyerMessage }
    }
}
