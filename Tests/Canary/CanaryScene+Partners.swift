import Contracts
import Crypto
import Foundation
import HTTP
import JSON
import TestSupport
import Testing

/// A login at JD with one warehouse.
struct WarehouseLogin: Sendable {
    let digits = Cast.digits(13)
    let id = uniqueName("warehouse")
    var pin: String { "pin-\(digits)" }
    var key: String { "jd-fulfillment:\(pin)" }

    /// For `POST /sandbox/seed`.
    var account: JSONValue {
        let house: JSONValue = .object([("warehouseNo", .string("11\(digits)")), ("name", .string("仓"))])
        let department: JSONValue = .object([
            ("departmentNo", .string("EBU\(digits)")), ("name", .string("部")), ("shops", .array([.string("ESP\(digits)")])),
            ("warehouses", .array([house])),
        ])
        return .object([("pin", .string(pin)), ("password", .string("sandbox")), ("departments", .array([department]))])
    }

    func begin(_ merchant: String, _ mode: AuthorizationMode, _ api: WarehouseAPI) -> Begin {
        Begin(
            authorizationId: id, merchantShopId: merchant, provider: .jdFulfillment, mode: mode, pin: pin, departmentCode: "EBU\(digits)",
            warehouseCode: "11\(digits)", shopNo: "ESP\(digits)", isvSource: "ISV0000000000001", api: api)
    }
}

/// A mall at Pinduoduo, or an ERP, with a channel to it.
struct Shop: Sendable {
    let channelId = uniqueName("channel")
    let mall = "\(Int.random(in: 1_000_000_000...9_999_999_999))"
    var key: String { "channel:\(channelId)" }
    var orderSn: String { "231114-\(mall)100001" }
}

/// Authorizations and channels.
extension CanaryScene {
    private func seed(_ name: String, _ value: JSONValue) async throws {
        try await sandbox.control("seed", .object([(name, .array([value]))]))
    }

    // MARK: JD

    /// With the platform's application; the browser comes back to the console.
    func linkConvenient() async throws -> WarehouseLogin {
        let login = WarehouseLogin()
        try await seed("pins", login.account)
        let asked = try await accepted(login.begin(cast.merchant, .convenient, .eclp), as: cast.asMerchant, key: login.key)
        let url = try await sandbox.consent(
            asked.body(ConsentRequested.self).authorizeUrl, account: login.pin, subscribe: true)
        let page = try await http.send(HTTPClientRequest(url: url, timeout: 60))
        try #require(page.status == 200, "the console answered \(page.status)")
        let granted = try await event(Granted.self, key: login.key)
        #expect(granted.messageSubscription == true)
        try await event(WarehouseCreated.self, key: login.key)
        return login
    }

    /// With an application of the merchant's own, whose secret is sealed; the address is pasted.
    func linkStandard() async throws -> WarehouseLogin {
        let login = WarehouseLogin()
        try await seed("pins", login.account)
        var begin = login.begin(cast.merchant, .standard, .isc)
        begin.appKey = secrets.jdStandardKey
        begin.appSecretSealed = try await sealed(secrets.jdStandard, key: login.key)
        let asked = try await accepted(begin, as: cast.asMerchant, key: login.key)
        try await complete(login, asked)
        try await event(WarehouseCreated.self, key: login.key)
        return login
    }

    @discardableResult
    private func complete(_ login: WarehouseLogin, _ asked: Received) async throws -> Received {
        let complete = Complete(
            authorizationId: login.id,
            redirectUrl: try await sandbox.consent(asked.body(ConsentRequested.self).authorizeUrl, account: login.pin))
        return try await accepted(complete, as: cast.asMerchant, key: login.key)
    }

    /// JD repeats the code and the secret in its refusal of the code.
    func failToLink() async throws {
        let login = WarehouseLogin()
        try await seed("pins", login.account)
        let asked = try await accepted(login.begin(cast.merchant, .convenient, .eclp), as: cast.asMerchant, key: login.key)
        relay.echo("/oauth2/access_token", .rejection)
        #expect(try await complete(login, asked).type == ConsentFailed.type)
    }

    /// An app secret that was not sealed is refused and not repeated; gives the commands' ids.
    func sendClearSecret() async throws -> [String] {
        let login = WarehouseLogin()
        var begin = login.begin(cast.merchant, .standard, .eclp)
        begin.appKey = secrets.jdStandardKey
        begin.appSecret = secrets.clear.text
        let create = CreateChannel(
            channelId: uniqueName("channel"), merchantShopId: cast.merchant, name: "吉客云", platform: .jackyun,
            appKey: secrets.merchantERPKey, appSecret: secrets.clear.text)
        let commands = [
            Outgoing.command(begin, as: cast.asMerchant, key: login.key),
            .command(create, as: cast.asMerchant, key: "channel:\(create.channelId)"),
        ]
        for command in commands {
            let refused = try #require(try await client.answer(to: command).refused)
            #expect(refused.code == .invalid && refused.field == "appSecret")
        }
        return commands.map(\.id)
    }

    /// A new access token, by command.
    func refresh(_ login: WarehouseLogin) async throws {
        let refresh = Refresh(authorizationId: login.id, merchantShopId: cast.merchant)
        let answer = try await accepted(refresh, as: cast.asMerchant, key: login.key)
        #expect(answer.type == Refreshed.type)
    }

    func revoke(_ login: WarehouseLogin) async throws {
        let revoke = Revoke(authorizationId: login.id, merchantShopId: cast.merchant)
        try await accepted(revoke, as: cast.asMerchant, key: login.key)
    }

    // MARK: Channels

    func linkMall(asFactory isFactory: Bool) async throws -> Shop {
        let (shop, owner) = (Shop(), isFactory ? cast.asFactory : cast.asMerchant)
        let address: JSONValue = .object([
            ("province", .string("浙江省")), ("city", .string("金华市")), ("district", .string("义乌市")), ("detail", .string("稠州北路1号")),
        ])
        let account: JSONValue = .object([
            ("wpCode", .string("YTO")), ("branchCode", .string("1")), ("branchName", .string("义乌")), ("quantity", .int(100)),
            ("addresses", .array([address])),
        ])
        try await seed(
            "malls",
            .object([
                ("mallId", .string(shop.mall)), ("name", .string("店")), ("password", .string("sandbox")),
                ("role", .int(isFactory ? 2 : 1)), ("waybillAccounts", .array([account])),
            ]))
        let create = cast.pinduoduoChannel(shop.channelId, mall: shop.mall, ofFactory: isFactory)
        try await accepted(create, as: owner, key: shop.key)
        let begin = Begin(authorizationId: uniqueName("authorization"), channelId: shop.channelId)
        let asked = try await accepted(begin, as: owner, key: shop.key).body(ConsentRequested.self)
        let complete = Complete(
            authorizationId: begin.authorizationId, redirectUrl: try await sandbox.consent(asked.authorizeUrl, account: shop.mall),
            channelId: shop.channelId)
        #expect(try await accepted(complete, as: owner, key: shop.key).type == Granted.type)
        try await setPolicy(shop, isFactory ? [.factoryDropship] : [.own], owner)
        return shop
    }

    func linkERP(asFactory isFactory: Bool) async throws -> Shop {
        let (shop, owner) = (Shop(), isFactory ? cast.asFactory : cast.asMerchant)
        let create = CreateChannel(
            channelId: shop.channelId, merchantShopId: isFactory ? nil : cast.merchant, factoryShopId: isFactory ? cast.factory : nil,
            name: "吉客云", platform: .jackyun, appKey: isFactory ? secrets.factoryERPKey : secrets.merchantERPKey,
            appSecretSealed: try await sealed(isFactory ? secrets.factoryERP : secrets.merchantERP, key: shop.key))
        try await accepted(create, as: owner, key: shop.key)
        try await setPolicy(shop, isFactory ? [.factoryDropship] : [], owner, downloads: isFactory)
        return shop
    }

    private func setPolicy(_ shop: Shop, _ types: [OrderType], _ owner: Actor, downloads: Bool = true) async throws {
        let policy = SetPolicy(
            channelId: shop.channelId, downloadOrders: downloads, orderTypes: types, transferToAudit: true, uploadLogistics: true,
            syncStock: false)
        try await accepted(policy, as: owner, key: shop.key)
    }
}
