import Contracts
import HTTP
import Identity
import JSON
import ReadModel
import Web

/// Shops and ERPs that orders come from: made, authorized, and told what to do. For merchants and factories.
struct ChannelsPage: Sendable {
    let pages: ShopPages

    func add(to group: inout ConsoleGroup) {
        group.get("/channels", name: "channels") { (call) throws(Problem) in
            ChannelsView(frame: pages.kit.frame(call)).list(try rows(call))
        }
        pages.addExport(to: &group, of: "channels", .channels) { (model, shop, page) throws(ReadModelError) in
            try model.channels(shop: shop, page)
        }
        group.get("/channels/new", name: "channel-new") { (call) throws(Problem) in
            var typed = ChannelForm.Typed()
            typed.platform = Platform(rawValue: call.request.query("platform") ?? "") ?? .pinduoduo
            return ChannelForm(frame: pages.kit.frame(call), typed: typed).page()
        }
        group.on(.post, "/channels", body: .form(), name: "create-channel") { (call) throws(Problem) in try create(call) }
        group.on(.post, "/channels/{channelId}/authorize", body: .form(), name: "authorize-channel") { (call) throws(Problem) in
            try authorize(call)
        }
        group.get("/channels/{channelId}/policy", name: "policy-ask") { (call) throws(Problem) in
            let row = try row(call)
            return PolicyView(frame: pages.kit.frame(call), row: row, typed: row.policy ?? PolicyView.nothing).page()
        }
        group.on(.post, "/channels/{channelId}/policy", body: .form(), name: "set-policy") { (call) throws(Problem) in try policy(call) }
    }

    private func rows(_ call: ConsoleCall) throws(Problem) -> [ChannelRow] {
        let shop = try call.shop(.merchant, .factory)
        return try pages.all { (model, page) throws(ReadModelError) in try model.channels(shop: shop, page) }
    }

    private func row(_ call: ConsoleCall) throws(Problem) -> ChannelRow {
        guard let row = try rows(call).first(where: { $0.channelId == call["channelId"] }) else { throw Problem(.notFound) }
        return row
    }

    private func create(_ call: ConsoleCall) throws(Problem) -> RouteAnswer {
        let form = try PageForm(call)
        let typed = ChannelForm.Typed(form)
        let frame = pages.kit.frame(call)
        let view = ChannelForm(frame: frame, typed: typed)
        let errors = view.mistakes(secret: form["appSecret"])
        guard errors.isEmpty else { return .now(view.page(errors, status: 400)) }
        let shop = try call.shop(.merchant, .factory)
        let isJackyun = typed.platform == .jackyun
        // The form's key names it: a double click makes one channel.
        let id = form.key
        var secret: JSONValue?
        if isJackyun {
            guard let key = pages.sealKey(.authorization, .appSecret) else {
                return .now(view.page(FormErrors(.unavailable, frame), status: 503))
            }
            secret = try AppSecret.sealed(form["appSecret"], to: key, for: PartnerAccount.key(ofChannel: id))
        }
        let contact = JSONValue.object([("name", .string(typed.contact)), ("phone", .string(typed.phone))])
        let data = JSONValue.fields([
            "channelId": .string(id), "merchantShopId": frame.isMerchant ? .string(shop) : nil,
            "factoryShopId": frame.isFactory ? .string(shop) : nil, "name": .string(typed.name),
            "platform": .string(typed.platform.rawValue),
            "platformShopId": isJackyun ? nil : .string(typed.platformShopId), "contact": isJackyun ? nil : contact,
            "company": isJackyun ? nil : .string(typed.company), "appKey": isJackyun ? .string(typed.appKey) : nil,
            "appSecretSealed": secret,
        ])
        return try pages.commands.send(
            call, .authorization, "create-channel", data, key: form.key, done: frame.link("channels", query: [("saved", "1")])
        ) { frame, problem in
            let inputs = [
                "name": "channelName", "contact.name": "contact", "contact.phone": "phone", "appSecretSealed": "appSecret",
            ]
            return view.page(FormErrors(problem, frame, inputs: inputs), status: problem.status)
        }
    }

    private func authorize(_ call: ConsoleCall) throws(Problem) -> RouteAnswer {
        let form = try PageForm(call)
        let row = try row(call)
        let id = form.key
        let data = JSONValue.object([("authorizationId", .string(id)), ("channelId", .string(row.channelId))])
        let rows = try rows(call)
        return try pages.commands.send(
            call, .authorization, "begin", data, key: form.key,
            accepted: { frame, sent, later in
                later.send(.seeOther(frame.link("authorizations", id, query: [("answer", sent.commandId)])))
            },
            refused: { frame, problem in ChannelsView(frame: frame).list(rows, FormErrors(problem, frame), status: problem.status) })
    }

    private func policy(_ call: ConsoleCall) throws(Problem) -> RouteAnswer {
        let form = try PageForm(call)
        let row = try row(call)
        let frame = pages.kit.frame(call)
        var typed = PolicyView.nothing
        typed.downloadOrders = form["downloadOrders"] == "yes"
        typed.orderTypes = OrderType.allCases.filter { form["type-\($0.rawValue)"] == "yes" }
        // No page of a factory's ends the hold that its orders would carry.
        typed.transferToAudit = frame.isFactory || form["transferToAudit"] == "yes"
        typed.uploadLogistics = form["uploadLogistics"] == "yes"
        typed.syncStock = form["syncStock"] == "yes"
        let view = PolicyView(frame: frame, row: row, typed: typed)
        if form["seen"] != "\(row.version)" { return .now(view.page(isChanged: true, status: 409)) }
        let data = JSONValue.object([
            ("channelId", .string(row.channelId)), ("downloadOrders", .bool(typed.downloadOrders)),
            ("orderTypes", .array(typed.orderTypes.map { JSONValue.string($0.rawValue) })),
            ("transferToAudit", .bool(typed.transferToAudit)),
            ("uploadLogistics", .bool(typed.uploadLogistics)), ("syncStock", .bool(typed.syncStock)),
        ])
        return try pages.commands.send(
            call, .authorization, "set-policy", data, key: form.key, done: frame.link("channels", query: [("saved", "1")])
        ) { frame, problem in
            view.page(FormErrors(problem, frame, inputs: ["orderTypes": "type-own"]), status: problem.status)
        }
    }
}
