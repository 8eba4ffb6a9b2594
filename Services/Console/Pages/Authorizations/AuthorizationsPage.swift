import Contracts
import HTTP
import Identity
import JSON
import ReadModel
import Texts
import Web

/// Consents at partners: those that are in force, and the page of one, where it is completed, renewed or revoked.
struct AuthorizationsPage: Sendable {
    let pages: ShopPages

    func add(to group: inout ConsoleGroup) {
        group.get("/authorizations", name: "authorizations") { (call) throws(Problem) in
            let shop = try call.shop(.merchant, .factory)
            let page = try pages.page(call) { (model, page) throws(ReadModelError) in try model.authorizations(shop: shop, page) }
            return AuthorizationsView(frame: pages.kit.frame(call), channels: try channels(shop)).list(page.items, next: page.next)
        }
        pages.addExport(to: &group, of: "authorizations", .authorizations) { (model, shop, page) throws(ReadModelError) in
            try model.authorizations(shop: shop, page)
        }
        group.get("/authorizations/{authorizationId}", name: "authorization") { (call) throws(Problem) in
            try view(call).page()
        }
        group.get("/authorizations/{authorizationId}/revoke", name: "revoke-ask") { (call) throws(Problem) in
            try view(call).revoke
        }
        for command in ["complete", "refresh", "revoke"] {
            group.on(.post, "/authorizations/{authorizationId}/\(command)", body: .form(), name: command) { (call) throws(Problem) in
                try send(call, command)
            }
        }
    }

    /// An authorization of the shop's; nil: there is none.
    static func row(_ id: String, _ call: ConsoleCall, _ pages: ShopPages) throws(Problem) -> AuthorizationView? {
        let shop = try call.shop(.merchant, .factory)
        return try pages.all { (model, page) throws(ReadModelError) in try model.authorizations(shop: shop, page) }
            .first { $0.authorizationId == id }
    }

    /// Names of the shop's channels by their ids.
    private func channels(_ shop: String) throws(Problem) -> [String: String] {
        let rows = try pages.all { (model, page) throws(ReadModelError) in try model.channels(shop: shop, page) }
        return Dictionary(rows.map { ($0.channelId, $0.name) }) { first, _ in first }
    }

    private func view(_ call: ConsoleCall) throws(Problem) -> AuthorizationDetail {
        guard let row = try Self.row(call["authorizationId"], call, pages) else { throw Problem(.notFound) }
        let frame = pages.kit.frame(call)
        var view = AuthorizationDetail(frame: frame, row: row)
        if let answer = call.request.query("answer"), let sent = try pages.desk.command(answer, of: try call.caller()) {
            view.prerequisites = AuthorizationDetail.Prerequisite.read(sent, frame.language)
        }
        if let id = row.channelId { view.channel = try channels(try call.shop(.merchant, .factory))[id] }
        if let id = row.warehouseId {
            let warehouse = try pages.all { (model, page) throws(ReadModelError) in
                try model.warehouses(merchant: row.merchantShopId ?? "", page)
            }
            view.warehouse = warehouse.first { $0.warehouseId == id }?.code
        }
        return view
    }

    private func send(_ call: ConsoleCall, _ command: String) throws(Problem) -> RouteAnswer {
        let form = try PageForm(call)
        let view = try view(call)
        let (frame, row) = (view.frame, view.row)
        let url = form["redirectUrl"].trimmedBlanks
        let isComplete = command == "complete"
        if isComplete, url.isEmpty {
            var errors = FormErrors()
            errors.add("redirectUrl", frame.required("redirectUrl"))
            return .now(view.page(errors, status: 400))
        }
        let isJD = row.channelId == nil
        let data = JSONValue.fields([
            "authorizationId": .string(row.authorizationId), "channelId": .text(row.channelId),
            "merchantShopId": isComplete ? nil : .text(row.merchantShopId), "redirectUrl": isComplete ? .string(url) : nil,
            // What the user says of the box on the partner's page.
            "messageSubscription": isComplete && isJD ? .bool(form["messageSubscription"] == "yes") : nil,
        ])
        return try pages.commands.send(
            call, .authorization, command, data, key: form.key, done: frame.link("authorizations", row.authorizationId)
        ) { frame, problem in view.page(FormErrors(problem, frame), url: url, status: problem.status) }
    }
}
