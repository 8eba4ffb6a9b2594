import Contracts

/// The providers that a merchant is offered, in the words that the partners' own guides use.
enum Offers {
    /// Orders a day from which `standard` is recommended.
    private static let manyOrders = 1000

    /// Under 1,000 orders a day, or without an APP KEY that the seller can obtain by himself, `convenient`; from 1,000 up `standard`.
    static func recommendedMode(dailyOrders: Int?, canObtainAppKey: Bool?) -> AuthorizationMode? {
        if canObtainAppKey == false { return .convenient }
        return dailyOrders.map { $0 < manyOrders ? .convenient : .standard }
    }

    /// Every partner that is linked by its account. Marketplaces and ERPs are reached through channels.
    static func providers(dailyOrders: Int?, canObtainAppKey: Bool?) -> [ProviderOffer] {
        let jd = ProviderOffer(
            provider: .jdFulfillment, name: LocalizedText(zh: "京东物流仓配（JD Fulfillment）", vi: "JD Fulfillment", en: "JD Fulfillment"),
            modes: AuthorizationMode.allCases.map { mode in
                ProviderMode(mode: mode, requiredFields: jdFields + (mode == .standard ? applicationFields : []))
            }, recommendedMode: recommendedMode(dailyOrders: dailyOrders, canObtainAppKey: canObtainAppKey))
        return [jd]
    }

    private static let jdFields = [
        RequiredField(
            "pin",
            obtainFrom: LocalizedText(
                zh: "京东 PIN 码：登录京东商家账号所用的用户名，可向京东销售人员确认",
                vi: "Mã PIN: tên đăng nhập tài khoản JD của bạn; lấy từ JD hoặc liên hệ nhân viên kinh doanh của JD",
                en: "PIN: the user name of your JD account; ask JD's sales staff if in doubt")),
        RequiredField(
            "departmentCode",
            obtainFrom: LocalizedText(
                zh: "事业部编码（以 EBU 开头）：京东物流商家后台，或向京东销售人员索取",
                vi: "Mã bộ phận (bắt đầu bằng EBU): lấy từ JD hoặc liên hệ nhân viên kinh doanh của JD",
                en: "Department code (begins with EBU): from JD's merchant back office or JD's sales staff")),
        RequiredField(
            "warehouseCode",
            obtainFrom: LocalizedText(
                zh: "仓库编码：京东物流商家后台，或向京东销售人员索取",
                vi: "Mã kho: lấy từ JD hoặc liên hệ nhân viên kinh doanh của JD",
                en: "Warehouse code: from JD's merchant back office or JD's sales staff")),
    ]

    private static let applicationFields = [
        RequiredField(
            "appKey",
            obtainFrom: LocalizedText(
                zh: "APP KEY：按照京东授权文档自行创建应用后获得",
                vi: "APP KEY: tự hoàn thành theo các bước trong tài liệu ủy quyền của JD",
                en: "APP KEY: obtain it yourself by the steps of JD's authorization guide")),
        RequiredField(
            "appSecret",
            obtainFrom: LocalizedText(
                zh: "APP SECRET：与 APP KEY 一同获得，加密后提交，不以明文传输",
                vi: "APP SECRET: nhận cùng với APP KEY; được mã hóa trước khi gửi, không bao giờ gửi dạng văn bản thường",
                en: "APP SECRET: obtained together with the APP KEY; it is sealed before it is sent, never in clear")),
    ]

    static let jdPrerequisites = [
        Prerequisite(
            LocalizedText(
                zh: "登录京东账号后，请务必在授权页面勾选“消息订阅”。不勾选则无法实时获取出库单和入库单状态，只能手动拉取。",
                vi:
                    "Sau khi đăng nhập, hãy nhớ chọn “Đăng ký tin nhắn” trên trang đăng nhập được ủy quyền. Nếu không chọn, sẽ không thể nhận được thông tin trạng thái Phiếu xuất kho và Phiếu nhập kho trong thời gian thực, mà chỉ có thể kéo thủ công.",
                en:
                    "After logging in, tick “message subscription” on the authorization page. Without it the states of outbound and inbound orders do not come in real time and have to be pulled by hand."
            )),
        Prerequisite(
            LocalizedText(
                zh: "同一京东 PIN 码只能绑定一个商家，请谨慎操作。",
                vi: "Mã PIN của cùng một JD chỉ có thể được liên kết với một người bán, hãy thận trọng khi thao tác.",
                en: "One JD PIN can be linked to one merchant only; take care which one.")),
        Prerequisite(
            LocalizedText(
                zh: "授权完成后，系统按“仓库编码-事业部编码-PIN码”自动创建京东仓库，用于库存管理和发货出库。",
                vi:
                    "Sau khi ủy quyền xong, kho JD sẽ được tạo tự động theo quy tắc “Mã kho – Mã Bộ phận – Mã PIN” để quản lý tồn kho và xuất kho giao hàng.",
                en:
                    "Once authorized, a JD warehouse is created by itself as “warehouse code – department code – PIN”, for stock and outbound orders."
            )),
    ]

    static let pinduoduoPrerequisites = [
        Prerequisite(
            LocalizedText(
                zh: "授权店铺之前，需要先前往拼多多服务市场订购本应用。",
                vi: "Trước khi ủy quyền cửa hàng, cần đặt mua ứng dụng này trên thị trường dịch vụ của Pinduoduo.",
                en: "Before the shop is authorized, order this application in Pinduoduo's service market."),
            url: "https://fuwu.pinduoduo.com/service-market/"),
        Prerequisite(
            LocalizedText(
                zh: "在弹出的页面登录拼多多商家账号，登录成功后，将浏览器跳转后的地址完整复制，粘贴回来完成授权。",
                vi:
                    "Đăng nhập tài khoản người bán Pinduoduo trên trang mở ra, sau khi đăng nhập thành công hãy sao chép toàn bộ địa chỉ trên trình duyệt và dán lại để hoàn tất ủy quyền.",
                en:
                    "Log in with the shop's Pinduoduo account on the page that opens; then copy the whole address from the browser and paste it back to complete the authorization."
            )),
    ]
}
