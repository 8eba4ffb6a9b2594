import Contracts
import Crypto
import HTTP
import Identity
import JSON
import ReadModel
import Texts
import Web

/// Liên kết cửa hàng: which fulfilment services can be linked, in which way, and the data of the one that is.
struct FulfilmentPage: Sendable {
    let pages: ShopPages

    func add(to group: inout ConsoleGroup) {
        group.get("/fulfilment", name: "fulfilment") { (call) throws(Problem) in
            let frame = pages.kit.frame(call)
            let listed = try listed(call, call.request.query("answer"))
            var typed = FulfilmentView.Questions()
            typed.dailyOrders = call.request.query("dailyOrders") ?? ""
            typed.canObtainAppKey = call.request.query("canObtainAppKey") ?? ""
            return FulfilmentView(frame: frame, offers: listed, typed: typed, answer: call.request.query("answer")).page()
        }
        group.on(.post, "/fulfilment", body: .form(), name: "list-providers") { (call) throws(Problem) in try ask(call) }
        group.get("/fulfilment/begin", name: "begin-ask") { (call) throws(Problem) in
            var typed = ConsentForm.Typed()
            typed.mode = AuthorizationMode(rawValue: call.request.query("mode") ?? "") ?? .convenient
            typed.dailyOrders = call.request.query("dailyOrders") ?? ""
            if let id = call.request.query("authorization"), let row = try AuthorizationsPage.row(id, call, pages) {
                typed.take(row)
            }
            return try form(call, typed).page()
        }
        group.on(.post, "/fulfilment/begin", body: .form(), name: "begin") { (call) throws(Problem) in try begin(call) }
    }

    /// What authorization has answered; empty without an answer.
    private func listed(_ call: ConsoleCall, _ commandId: String?) throws(Problem) -> [FulfilmentView.Offer]? {
        guard let commandId, !commandId.isEmpty, let sent = try pages.desk.command(commandId, of: try call.caller(.merchant)) else {
            return nil
        }
        let language = pages.kit.frame(call).language
        return FulfilmentView.Offer.read(sent, language)
    }

    private func ask(_ call: ConsoleCall) throws(Problem) -> RouteAnswer {
        let form = try PageForm(call)
        let frame = pages.kit.frame(call)
        var typed = FulfilmentView.Questions()
        (typed.dailyOrders, typed.canObtainAppKey) = (form["dailyOrders"].trimmedBlanks, form["canObtainAppKey"])
        let view = FulfilmentView(frame: frame, offers: nil, typed: typed, answer: nil)
        let orders = Int(typed.dailyOrders)
        if !typed.dailyOrders.isEmpty, orders.map({ !(0...1_000_000).contains($0) }) ?? true {
            var errors = FormErrors()
            errors.add(
                "dailyOrders",
                frame.say(
                    "error.number",
                    ["field": frame.say("field.dailyOrders"), "least": "0", "most": frame.language.grouped(1_000_000)]))
            return .now(view.page(errors, status: 400))
        }
        let canObtain = ["yes": true, "no": false][typed.canObtainAppKey]
        let data = JSONValue.fields([
            "merchantShopId": .string(try call.shop(.merchant)), "dailyOrders": orders.map { .int($0) },
            "canObtainAppKey": canObtain.map { .bool($0) },
        ])
        let said = typed
        return try pages.commands.send(
            call, .authorization, "list-providers", data, key: form.key,
            accepted: { frame, sent, later in
                later.send(
                    .seeOther(
                        frame.link(
                            "fulfilment",
                            query: [
                                ("answer", sent.commandId), ("dailyOrders", said.dailyOrders), ("canObtainAppKey", said.canObtainAppKey),
                            ])))
            }, refused: { frame, problem in view.page(FormErrors(problem, frame), status: problem.status) })
    }

    // MARK: The data of a consent

    private func form(_ call: ConsoleCall, _ typed: ConsentForm.Typed) throws(Problem) -> ConsentForm {
        let answer = call.request.query("answer") ?? typed.answer
        var typed = typed
        typed.answer = answer
        let offers = try listed(call, answer) ?? []
        let offer = offers.first { $0.provider == Provider.jdFulfillment.rawValue }
        return ConsentForm(frame: pages.kit.frame(call), typed: typed, obtainFrom: offer?.obtainFrom(typed.mode.rawValue) ?? [:])
    }

    private func begin(_ call: ConsoleCall) throws(Problem) -> RouteAnswer {
        let form = try PageForm(call)
        let typed = ConsentForm.Typed(form)
        let view = try self.form(call, typed)
        let frame = view.frame
        let errors = view.mistakes(secret: form["appSecret"])
        guard errors.isEmpty else { return .now(view.page(errors, status: 400)) }
        guard let account = PartnerAccount.key(.jdFulfillment, typed.pin) else {
            var errors = FormErrors()
            errors.add("pin", frame.say("error.field", ["field": frame.say("field.pin")]))
            return .now(view.page(errors, status: 400))
        }
        let isStandard = typed.mode == .standard
        let secret = isStandard ? try sealed(form["appSecret"], for: account) : nil
        // The form's key names a new one: a double click asks for one consent.
        let id = typed.authorizationId.isEmpty ? form.key : typed.authorizationId
        let data = JSONValue.fields([
            "authorizationId": .string(id), "merchantShopId": .string(try call.shop(.merchant)),
            "provider": .string(Provider.jdFulfillment.rawValue), "mode": .string(typed.mode.rawValue), "pin": .string(typed.pin),
            "departmentCode": .string(typed.departmentCode), "warehouseCode": .string(typed.warehouseCode),
            "dailyOrders": Int(typed.dailyOrders).map { .int($0) }, "appKey": isStandard ? .string(typed.appKey) : nil,
            "appSecretSealed": secret, "shopNo": typed.optional(typed.shopNo), "supplierNo": typed.optional(typed.supplierNo),
            "carrierCode": typed.optional(typed.carrierCode), "isvSource": typed.optional(typed.isvSource),
            "api": typed.optional(typed.api),
        ])
        return try pages.commands.send(
            call, .authorization, "begin", data, key: form.key,
            accepted: { frame, sent, later in
                later.send(.seeOther(frame.link("authorizations", id, query: [("answer", sent.commandId)])))
            },
            refused: { frame, problem in
                view.page(FormErrors(problem, frame, inputs: ["appSecretSealed": "appSecret"]), status: problem.status)
            })
    }

    private func sealed(_ secret: String, for account: String) throws(Problem) -> JSONValue {
        guard let key = pages.sealKey(.authorization, .appSecret) else { throw Problem.unavailable }
        return try AppSecret.sealed(secret, to: key, for: account)
    }
}

/// An application's secret on its way to authorization, which alone can open it.
enum AppSecret {
    /// - Parameter account: the Kafka key of the command that carries it.
    static func sealed(_ secret: String, to key: KeyRow, for account: String) throws(Problem) -> JSONValue {
        guard let publicKey = Base64.decode(key.publicKey),
            let sealed = try? HPKE.seal(
                Array(secret.utf8), to: publicKey, info: Array(SealInfo.appSecret.utf8), aad: Array(account.utf8))
        else { throw Problem.unavailable }
        return .object([
            ("keyId", .string(key.keyId)), ("enc", .string(Base64.encode(sealed.enc))),
            ("ciphertext", .string(Base64.encode(sealed.ciphertext))),
        ])
    }
}
