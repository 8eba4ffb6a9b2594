import Contracts
import Foundation
import HTTP
import JSON
import Partners
import Sandbox
import Testing
import Threads

/// Our clients of the partners against the sandbox: two readings of the same formats that know nothing of each other.
@Suite struct ClientsTests {
    private static let now: @Sendable () -> Timestamp = { Timestamp(milliseconds: Int(Date().timeIntervalSince1970 * 1000)) }
    private let link = JDLink(
        pin: "daifa-demo", departmentCode: "EBU4418046500001", warehouseCode: "110000001", shopNo: "ESP0020000000001",
        supplierNo: "EMS4418046500001", isvSource: "ISV0020000000001")
    private let order = OutboundOrder(
        key: "order-1/1",
        recipient: .init(name: "张三", phone: "13900000001", province: "上海", city: "上海市", district: "浦东新区", detail: "世纪大道1号"),
        lines: [.init(sku: "TEA-500", quantity: 2), .init(sku: "CUP-2", quantity: 1)])

    private struct JD {
        let clients: JDClients
        let credential: JDCredential
        let grant: TokenGrant
        let oauth: JDOAuth
        let http: HTTPClient
    }

    /// With the consent of the demo PIN.
    private func jd(_ sandbox: RunningSandbox, _ api: JDAPI, timeout: Double = 10) async throws -> JD {
        let http = try HTTPClient()
        let endpoints = JDEndpoints(
            oauth: sandbox.base, jos: sandbox.base + "/routerjson", iscOAuth: sandbox.base, isc: sandbox.base)
        let clients = JDClients(wire: Wire(partner: "jd", sender: http, timeout: timeout), endpoints: endpoints, clock: Self.now)
        let url = JDOAuth.authorizeURL(
            api, endpoints: endpoints, appKey: "jd-app", state: "s1", redirectURI: "http://127.0.0.1:8080/callback")
        let answer = try await sandbox.control("consent", ["authorizeUrl": .string(url), "subscribe": true])
        let redirect = URLComponents(string: answer["redirectUrl"]?.string ?? "")
        let oauth = clients.oauth(api, appKey: "jd-app", appSecret: "jd-secret")
        let grant = try await oauth.exchange(code: redirect?.queryItems?.first { $0.name == "code" }?.value ?? "")
        let credential = JDCredential(appKey: "jd-app", appSecret: "jd-secret", accessToken: grant.accessToken)
        return JD(clients: clients, credential: credential, grant: grant, oauth: oauth, http: http)
    }

    @Test(arguments: JDAPI.allCases, ["plain", "wrapped"])
    func jdConsentRefreshCodesAnOutboundOrdersLifeStock(_ api: JDAPI, _ shapes: String) async throws {
        let sandbox = try RunningSandbox()
        try await sandbox.control("settings", ["shapes": .string(shapes)])
        let jd = try await jd(sandbox, api)
        #expect(jd.grant.messageSubscription == true)
        let refreshed = try await jd.oauth.refresh(try #require(jd.grant.refreshToken))
        var credential = jd.credential
        credential.accessToken = refreshed.accessToken
        let warehouse = jd.clients.outbound(api, credential, link)
        #expect(try await warehouse.checkCodes() == .known)

        let number = try await warehouse.createOutbound(order)
        let found = try await warehouse.findOutbound(key: "order-1/1", around: Self.now())
        #expect(found?.number == number)
        #expect(try await warehouse.findOutbound(key: "order-2/1", around: Self.now()) == nil)
        try await sandbox.control("advance", ["number": .string(number), "status": "10020", "waybill": "JDVA11408814483"])
        let report = try await warehouse.outboundStatus(number)
        #expect(report.code == "10020" && report.waybillNumber == "JDVA11408814483" && report.carrier == "JD")
        #expect(report.lines.map(\.sku) == ["TEA-500", "CUP-2"])
        guard case .refused = try await warehouse.cancelOutbound(number) else {
            Issue.record("a parcel that is out of the door was cancelled")
            return
        }
        let stock = try await warehouse.stock(skus: ["TEA-500"])
        #expect(stock.map(\.good) == [498] && stock.map(\.damaged) == [3])
    }

    @Test(arguments: JDAPI.allCases)
    func jdAfterATimeOutTheOrderIsThereAndIsNotMadeTwice(_ api: JDAPI) async throws {
        let sandbox = try RunningSandbox()
        try await sandbox.control("settings", ["deduplication": false])
        let jd = try await jd(sandbox, api, timeout: 1)
        let warehouse = jd.clients.outbound(api, jd.credential, link)
        let operation = api == .eclp ? "jingdong.eclp.order.addOrder" : "/integratedsupplychain/order/delivery/create/v1"
        for kind in ["timeout-after", "drop", "half-body", "html", "redirect", "garbage", "huge"] {
            try await sandbox.fault(operation, kind)
            let allocationId = "order-\(kind)/1"
            let order = OutboundOrder(key: allocationId, recipient: order.recipient, lines: order.lines)
            let error = await #expect(throws: PartnerError.self) { _ = try await warehouse.createOutbound(order) }
            #expect(error?.kind == .outcomeOpen, "\(kind)")
            #expect(try await warehouse.findOutbound(key: allocationId, around: Self.now()) != nil, "\(kind)")
            #expect(try await sandbox.control("creates?key=\(order.key)").array?.count == 1)
        }
    }

    @Test(
        arguments: [("expired-token", PartnerError.Kind.tokenInvalid), ("throttle", .throttled), ("wrong-sign", .rejected)], JDAPI.allCases)
    func jdWhatIsRefusedIsReadAsWhatItIs(_ fault: (kind: String, means: PartnerError.Kind), _ api: JDAPI) async throws {
        let sandbox = try RunningSandbox()
        let jd = try await jd(sandbox, api)
        let warehouse = jd.clients.outbound(api, jd.credential, link)
        try await sandbox.fault(api == .eclp ? "jingdong.eclp.*" : "/integratedsupplychain/*", fault.kind)
        let error = await #expect(throws: PartnerError.self) { _ = try await warehouse.createOutbound(order) }
        #expect(error?.kind == fault.means)
    }

    @Test(arguments: JDAPI.allCases) func jdSplitOrdersAndAnswersInGBK(_ api: JDAPI) async throws {
        let sandbox = try RunningSandbox()
        let jd = try await jd(sandbox, api)
        let warehouse = jd.clients.outbound(api, jd.credential, link)
        let number = try await warehouse.createOutbound(order)
        let parts: JSONValue = .array([
            .array([.object([("sku", .string("TEA-500")), ("quantity", .int(2))])]),
            .array([.object([("sku", .string("CUP-2")), ("quantity", .int(1))])]),
        ])
        let children = try await sandbox.control("split", .object([("number", .string(number)), ("parts", parts)]))
        try await sandbox.fault("*", "gbk", count: 3)
        let report = try await warehouse.outboundStatus(number)
        #expect(report.children.map { .string($0.number) } == children["children"]?.array)
    }

    @Test func jdAnInboundOrdersLife() async throws {
        let sandbox = try RunningSandbox()
        let jd = try await jd(sandbox, .eclp)
        let warehouse = jd.clients.inbound(jd.credential, link)
        let number = try await warehouse.createInbound(InboundOrder(key: "inbound-1", lines: [.init(sku: "CUP-2", quantity: 30)]))
        #expect(try await warehouse.findInbound(key: "inbound-1")?.number == number)
        try await sandbox.control("advance", .object([("number", .string(number)), ("status", .string("70"))]))
        let report = try await warehouse.inboundStatus(number)
        #expect(report.state == .received && report.lines.map(\.received) == [30])
    }

    private func pinduoduo(_ sandbox: RunningSandbox, mall: String) async throws -> (PinduoduoGateway, TokenGrant) {
        let gateway = PinduoduoGateway(
            application: .init(clientId: "pdd-app", clientSecret: "pdd-secret"),
            endpoints: .init(authorize: sandbox.base + "/service-market/auth", gateway: sandbox.base + "/api/router"),
            sender: try HTTPClient(), now: Self.now)
        let url = gateway.authorizeURL(state: "s1", redirectURI: "http://127.0.0.1:8080/callback")
        let answer = try await sandbox.control("consent", .object([("authorizeUrl", .string(url)), ("account", .string(mall))]))
        let redirect = URLComponents(string: answer["redirectUrl"]?.string ?? "")
        let grant = try await gateway.exchange(code: redirect?.queryItems?.first { $0.name == "code" }?.value ?? "")
        #expect(grant.ownerId == mall)
        return (gateway, grant)
    }

    @Test func pinduoduoAMerchantsOrderIsReadDecryptedAndShipped() async throws {
        let sandbox = try RunningSandbox()
        let (gateway, grant) = try await pinduoduo(sandbox, mall: "900000001")
        let token = try await gateway.refresh(refreshToken: try #require(grant.refreshToken)).accessToken
        let now = Self.now().milliseconds / 1000
        let orders = try await gateway.orders(from: now - 1700, to: now + 60, token: token)
        #expect(orders.rows.map(\.orderSn) == ["261101-000000000000001"])
        let sn = "261101-000000000000001"
        #expect(try await gateway.refundStatusCheck([sn], token: token).isEmpty)
        #expect(try await gateway.refundAddresses(token: token).count == 1)
        let companies = try await gateway.logisticsCompanies(token: token)
        let company = try #require(CarrierNames.named("YTO")?.company(in: companies, for: "YT9000000000001"))
        try await gateway.permitMessages(token: token)
        try await gateway.shipOnline(
            orderSn: sn, logisticsId: company.id, trackingNumber: "YT9000000000001", returnAddressId: "7001", token: token)
        let again = await #expect(throws: PartnerError.self) {
            try await gateway.shipOnline(orderSn: sn, logisticsId: company.id, trackingNumber: "YT9000000000001", token: token)
        }
        #expect(again?.kind == .rejected)
    }

    @Test func pinduoduoAFactoryGetsANumberAndReturnsIt() async throws {
        let sandbox = try RunningSandbox()
        let (gateway, grant) = try await pinduoduo(sandbox, mall: "900000002")
        let token = grant.accessToken
        #expect(try await gateway.fdsRole(token: token) == .factory)
        let now = Self.now().milliseconds
        let order = try #require(try await gateway.fdsOrders(from: now - 1_700_000, to: now + 60_000, token: token).rows.first)
        let address = try await gateway.senderAddress(
            wpCode: "YTO", province: "浙江省", city: "金华市", district: "义乌市", token: token)
        let template = try await gateway.standardTemplate(wpCode: "YTO", token: token)
        let parcel = FdsWaybillRequest.Parcel(
            objectId: "a_1", templateURL: template, userId: 900_000_002, orders: [order.key], items: [(name: "玻璃杯", count: 1)])
        let request = FdsWaybillRequest(
            sender: .init(name: "工厂", mobile: "13900000003", address: address), wpCode: "YTO", parcels: [parcel])
        let waybill = try #require(try await gateway.fdsWaybillGet(request, token: token).first)
        try await gateway.fdsWaybillReturn(order.key, wpCode: "YTO", waybillCode: waybill.waybillCode, token: token)
        let returned = try await sandbox.control("dropship-orders")[0]
        #expect(returned?["returnStatus"]?.int == 1 && returned?["waybillCode"]?.string == waybill.waybillCode)
    }

    @Test func jackyunAnOrderIsMadeCompletedAndFound() async throws {
        let sandbox = try RunningSandbox()
        let gateway = JackyunGateway(url: sandbox.base + "/open/openapi/do", sender: try HTTPClient(), now: Self.now)
        let application = JackyunGateway.Application(appKey: "jackyun-app", appSecret: "jackyun-secret")
        let now = Self.now().milliseconds
        let trade = JackyunTrade(
            shopName: "演示", onlineTradeNo: "online-1", tradeTime: now, recipient: nil,
            lines: [.init(goodsNo: "CUP-2", name: "玻璃杯", spec: "两只装", quantity: 2, unitPriceFen: 990)])
        let number = try await gateway.createTrade(trade, as: application)
        #expect(try await gateway.trades(sourceTradeNos: ["online-1"], as: application).map(\.tradeNo) == [number])
        let carrier = try #require(CarrierNames.named("YTO"))
        let failed = try await gateway.completeDelivery(
            [JackyunDelivery(tradeNo: number, carrier: carrier, waybillNumber: "YT9000000000001")], as: application)
        #expect(failed.isEmpty)
        let shipped = try await gateway.shippedTrades(from: now - 60_000, to: now + 60_000, as: application)
        #expect(shipped.trades.map(\.tradeNo) == [number])
        let wrong = JackyunGateway.Application(appKey: "jackyun-app", appSecret: "other")
        let error = await #expect(throws: PartnerError.self) { _ = try await gateway.createTrade(trade, as: wrong) }
        #expect(error?.kind == .rejected)
    }
}
