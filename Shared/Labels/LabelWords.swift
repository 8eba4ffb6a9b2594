/// The words that stand on every label. Labels are for carriers in China, so they are Chinese whatever language a page has.
enum LabelWords {
    static let recipient = "收"
    static let sender = "寄"
    static let goods = "货"
    static let remark = "备注"
    static let order = "订单"
    static let mainNumber = "母单号"
    /// A text was cut here.
    static let ellipsis = "…"

    /// Which parcel of a shipment.
    static func parcel(_ number: Int, of total: Int) -> String { "第\(number)件/共\(total)件" }
}
