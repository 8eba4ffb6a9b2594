import Contracts
import HTTP
import JSON
import Partners
import Testing
import Threads

/// JD as a script, and the clients of it.
struct JDFixture {
    let sender: ScriptedSender
    /// One minute after 2024-01-02 03:04:05 in Beijing: requests to JOS carry that time.
    static let now = Timestamp(milliseconds: 1_704_135_905_000)
    static let credential = JDCredential(appKey: "ak", appSecret: "sec-ret", accessToken: "tok-en")
    static let link = JDLink(
        pin: "pin-1", departmentCode: "EBU4418046511111", warehouseCode: "110008888", shopNo: "ESP0020000000001",
        supplierNo: "EMS4418046522222", isvSource: "ISV0020000000333")

    init(_ answers: ScriptedSender.Answer...) { sender = ScriptedSender(answers) }
    init(_ answers: [ScriptedSender.Answer]) { sender = ScriptedSender(answers) }

    var clients: JDClients {
        JDClients(wire: Wire(partner: "jd", sender: sender), endpoints: JDEndpoints()) { Self.now }
    }

    func eclp(_ link: JDLink = link) -> ECLPWarehouse { clients.inbound(Self.credential, link) }
    func isc(_ link: JDLink = link) -> any JDOutbound { clients.outbound(.isc, Self.credential, link) }

    static let recipient = OutboundOrder.Recipient(
        name: "王小明", phone: "13800001234", province: "浙江省", city: "杭州市", district: "西湖区", town: "文新街道", detail: "测试路8号")
    static let order = OutboundOrder(
        key: "pdd:251111-1/2", recipient: recipient, lines: [.init(sku: "SKU-A", quantity: 1), .init(sku: "SKU-B", quantity: 3)])

    /// The fields of the form that was posted as number `index`.
    func form(_ index: Int = 0) throws -> [String: String] {
        let request = try #require(sender.requests.count > index ? sender.requests[index] : nil)
        let fields = try #require(FormEncoding.decode(String(decoding: request.body, as: UTF8.self)))
        return Dictionary(fields.map { ($0.name, $0.value) }) { first, _ in first }
    }

    /// `360buy_param_json` of that form.
    func parameters(_ index: Int = 0) throws -> JSONValue {
        try JSONValue.decode(Array(try #require(try form(index)["360buy_param_json"]).utf8))
    }

    /// The fields of the query that was sent as number `index`.
    func query(_ index: Int = 0) throws -> [String: String] {
        let request = try #require(sender.requests.count > index ? sender.requests[index] : nil)
        let text = try #require(request.url.split(separator: "?", maxSplits: 1).last)
        let fields = try #require(FormEncoding.decode(text))
        return Dictionary(fields.map { ($0.name, $0.value) }) { first, _ in first }
    }

    /// The one object of the array that was posted as number `index`.
    func cargo(_ index: Int = 0) throws -> JSONValue {
        let request = try #require(sender.requests.count > index ? sender.requests[index] : nil)
        let array = try #require(try JSONValue.decode(request.body).array)
        #expect(array.count == 1)
        return try #require(array.first)
    }
}

/// The error that a call ends with; nil when it ends well.
func failure<Value>(_ call: () async throws(PartnerError) -> Value) async -> PartnerError? {
    do throws(PartnerError) {
        _ = try await call()
        return nil
    } catch { return error }
}
