import Labels

/// A label with everything on it; a test changes what it is about.
func sampleLabel(_ change: (inout LabelContent) -> Void = { _ in }) -> LabelContent {
    var label = LabelContent(
        carrier: "SF", carrierName: "顺丰速运", waybillNumber: "SF1900000000012", sortingText: "755WE-021",
        recipient: .init(
            name: "张三丰", phone: "13800138000",
            address: .init(province: "广东省", city: "深圳市", district: "南山区", town: "粤海街道", detail: "科技园二区36栋2单元1-2-301")),
        sender: .init(
            alias: "小店甲", name: "李四", phone: "0571-88888888",
            address: .init(province: "浙江省", city: "杭州市", district: "余杭区", detail: "文一西路969号")),
        lines: [.init(name: "纯棉短袖T恤", spec: "红色 XL", quantity: 2), .init(name: "帆布袋", spec: "", quantity: 1)], remark: "请放门口",
        orderNumber: "P8F3K2", place: .init(12, of: 128))
    change(&label)
    return label
}

/// Forms of waybill numbers met in public, and the longest that a carrier outside the list may have.
let waybillNumbers = [
    "SF1900000000012", "SF19000000000123", "190000000012", "73190000000012", "791900000000123", "YT1900000000012", "G00190000012",
    "773190000000012", "319000000000012", "5190000000012", "JDVA19000000012", "JDX190000000012", "JDX190000000012-1-2",
    "JDAWX190000000012-10-12-", "JT1900000000012", "9190000000012", "EA190000012CN", "PA19000000012", "DPK190000000012", "621190000000012",
    "LP00190000000012345", "ABCDEFGHIJKLMNOPQRSTUVWXYZ-ABC", "A-B-C-D1", "12345678",
]
