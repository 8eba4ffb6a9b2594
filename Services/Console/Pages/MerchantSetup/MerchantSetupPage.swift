import Contracts
import HTTP
import JSON
import ReadModel
import Web

/// 我是商家: the role is confirmed once, with alias and sender; afterwards the profile.
struct MerchantSetupPage: Sendable {
    let pages: ShopPages

    func add(to group: inout ConsoleGroup) {
        group.get("/setup", name: "merchant-setup") { (call) throws(Problem) in
            let shop = try shop(call)
            return MerchantSetupView(frame: pages.kit.frame(call), shop: shop, typed: MerchantSetupView.Typed(shop)).page()
        }
        group.on(.post, "/setup", body: .form(), name: "merchant-register") { (call) throws(Problem) in try save(call) }
    }

    private func shop(_ call: ConsoleCall) throws(Problem) -> ParticipantRow {
        let id = try call.shop(.merchant)
        let row = try pages.read { (model) throws(ReadModelError) in try model.shop(id) }
        return row ?? ParticipantRow(shopId: id, addresses: [], version: 0)
    }

    private func save(_ call: ConsoleCall) throws(Problem) -> RouteAnswer {
        let form = try PageForm(call)
        let frame = pages.kit.frame(call)
        let shop = try shop(call)
        let view = MerchantSetupView(frame: frame, shop: shop, typed: MerchantSetupView.Typed(form))
        let isNew = shop.role == nil
        let errors = view.mistakes
        guard errors.isEmpty else { return .now(view.page(errors, status: 400)) }
        if !isNew, form["seen"] != "\(shop.version)" { return .now(view.page(isChanged: true, status: 409)) }
        let typed = view.typed
        let existing = typed.addressId.isEmpty ? nil : typed.addressId
        let data = JSONValue.fields([
            "shopId": .string(shop.shopId), "shopAlias": .string(typed.alias),
            "sender": existing == nil ? typed.sender.person : nil, "senderAddressId": .text(existing),
            "acceptedTerms": isNew ? .array(typed.terms.map { .string($0) }) : nil,
        ])
        return try pages.commands.send(
            call, .binding, isNew ? "register-merchant" : "update-profile", data, key: form.key,
            done: isNew ? frame.link() : frame.link("setup", query: [("saved", "1")])
        ) { frame, problem in
            var inputs = PageFrame.addressInputs("sender.")
            inputs["acceptedTerms"] = Terms.required.first
            let view = MerchantSetupView(frame: frame, shop: shop, typed: typed)
            return view.page(FormErrors(problem, frame, inputs: inputs), status: problem.status)
        }
    }
}
