extension OrderExport {
    /// The columns that are read.
    enum Column: Int, CaseIterable {
        case goodsName, orderNumber, status, total, quantity, recipientName, phone, abnormal, underReview
        case province, city, district, town, detail, paidAt, groupedAt, confirmedAt, shipBy
        case goodsID, spec, styleID, skuCode, goodsCode, waybillNumber, carrier
        case merchantRemark, afterSale, buyerMessage, storePickup

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
            case .town: ["街道"]
            case .detail: ["详细地址", "收货地址", "收件地址", "收货人地址"]
            case .paidAt: ["支付时间"]
            case .groupedAt: ["拼单成功时间"]
            case .confirmedAt: ["订单确认时间", "订单成交时间"]
            case .shipBy: ["承诺发货时间"]
            case .goodsID: ["商品id"]
            case .spec: ["商品规格"]
            case .styleID: ["样式ID"]
            case .skuCode: ["商家编码-SKU维度"]
            case .goodsCode: ["商家编码-商品维度"]
            case .waybillNumber: ["快递单号"]
            case .carrier: ["快递公司"]
            case .merchantRemark: ["商家备注"]
            case .afterSale: ["售后状态"]
            case .buyerMessage: ["买家留言"]
            case .storePickup: ["是否门店自提"]
            }
        }

        var name: String { names[0] }

        /// Whether a cell may hold what identifies a person: it is never repeated in an error.
        var isPersonal: Bool {
            switch self {
            case .recipientName, .phone, .town, .detail, .buyerMessage, .merchantRemark: true
            default: false
            }
        }

        /// The columns without which an export cannot be read; of several, one is enough. After-sale and risk are among them because an
        /// order that has either must not be shipped, and a file without the columns cannot tell.
        static let required: [[Column]] = [
            [.goodsName], [.orderNumber], [.status], [.total], [.quantity], [.recipientName], [.phone], [.abnormal, .underReview],
            [.province], [.city], [.district], [.confirmedAt, .groupedAt, .paidAt], [.skuCode, .goodsCode, .styleID], [.afterSale],
        ]
    }

    /// Which column stands where.
    struct Header {
        /// How many cells a record has.
        let width: Int
        /// By `Column.rawValue`.
        private let places: [Int?]

        init(_ record: CSVReader.Record, of csv: CSVReader) throws(Failure) {
            var found: [String: Int] = [:]
            var repeated: Set<String> = []
            for (place, field) in record.fields.enumerated() {
                let name = Self.normalised(csv.text(field))
                if found.updateValue(place, forKey: name) != nil { repeated.insert(name) }
            }
            places = Column.allCases.map { column in
                column.names.lazy.compactMap { found[Self.normalised($0)] }.first
            }
            width = record.fields.count
            let doubled = Column.allCases.filter { $0.names.contains { repeated.contains(Self.normalised($0)) } }
            if !doubled.isEmpty { throw Failure(.duplicateColumns, columns: doubled.map(\.name)) }
            let missing = Column.required.filter { alternatives in alternatives.allSatisfy { places[$0.rawValue] == nil } }
            if !missing.isEmpty {
                throw Failure(.missingColumns, columns: missing.map { $0.map(\.name).joined(separator: "/") })
            }
        }

        subscript(column: Column) -> Int? { places[column.rawValue] }

        /// A column's name without blanks, quotation marks and zero-width characters, full-width letters and signs as half-width ones, and
        /// without case.
        static func normalised(_ name: String) -> String {
            var text = String.UnicodeScalarView()
            for scalar in name.unicodeScalars {
                switch scalar.value {
                case 0...0x20, 0x7F...0xA0, 0x200B...0x200D, 0x2060, 0x3000, 0xFEFF, 0x22, 0x27, 0x2018...0x201D: continue
                case 0x2013, 0x2014: text.append("-")
                case 0xFF01...0xFF5E: text.append(Unicode.Scalar(UInt8(scalar.value - 0xFEE0)))
                default: text.append(scalar)
                }
            }
            return String(text).lowercased()
        }
    }
}
