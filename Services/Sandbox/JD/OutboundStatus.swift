/// JD's status codes of sales outbound orders (XSCK). Source: JDL's document 54597.
enum OutboundStatus {
    static let created = "10010"
    static let waybillObtained = "100130"
    static let picked = "10016"
    static let handedOver = "10019"
    static let shipped = "10020"
    static let cancelling = "10027"
    static let cancelled = "10028"
    static let cancelFailed = "10029"

    /// As an order goes through them when nothing happens.
    static let path = [
        created, waybillObtained, "10014", "10015", picked, "10017", "10018", handedOver, shipped, "10054", "10032", "10033", "10034",
    ]

    private static let names = [
        created: "初始", waybillObtained: "预分拣（已取运单号）", "10014": "已下发仓库", "10015": "任务已分配", picked: "拣货完成", "10017": "复核完成",
        "10018": "打包完成", handedOver: "交接完成", shipped: "出库", cancelling: "取消中", cancelled: "已取消", cancelFailed: "取消失败",
        "10031": "拦截", "10032": "分拣验收", "10033": "站点验收", "10034": "妥投", "10035": "拒收", "10036": "逆向验收", "10037": "逆向发货",
        "10038": "逆向完成", "10054": "分拣发货",
    ]

    static func isKnown(_ code: String) -> Bool { names[code] != nil }
    static func name(_ code: String) -> String { names[code] ?? code }

    /// How far along the path; nil beside it.
    static func place(_ code: String) -> Int? { path.firstIndex(of: code) }

    /// The next status by itself; nil: it stays.
    static func next(after code: String) -> String? {
        switch code {
        case cancelling: cancelled
        case cancelFailed: shipped
        default: place(code).flatMap { $0 + 1 < path.count ? path[$0 + 1] : nil }
        }
    }
}

/// JD's status codes of purchase inbound orders (CGRK).
enum InboundStatus {
    static let created = "10"
    static let received = "70"
    static let path = [created, "20", "50", received]
    private static let others = ["4", "5", "90", "91", "92"]

    static func isKnown(_ code: String) -> Bool { path.contains(code) || others.contains(code) }
    static func next(after code: String) -> String? {
        path.firstIndex(of: code).flatMap { $0 + 1 < path.count ? path[$0 + 1] : nil }
    }
}
