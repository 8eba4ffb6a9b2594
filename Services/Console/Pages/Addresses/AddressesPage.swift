import Contracts
import HTTP
import JSON
import ReadModel
import Web

/// Sender and return addresses of the shop.
struct AddressesPage: Sendable {
    let pages: ShopPages

    func add(to group: inout ConsoleGroup) {
        group.get("/addresses", name: "addresses") { (call) throws(Problem) in
            try view(call).list()
        }
        group.get("/addresses/{addressId}", name: "address") { (call) throws(Problem) in
            let view = try view(call)
            if call["addressId"] == AddressesView.new { return view.form(nil, AddressesView.Typed(kind: call.request.query("kind"))) }
            guard let row = view.rows.first(where: { $0.addressId == call["addressId"] }) else { throw Problem(.notFound) }
            return view.form(row, AddressesView.Typed(row))
        }
        group.on(.post, "/addresses", body: .form(), name: "put-address") { (call) throws(Problem) in try put(call) }
        group.on(.post, "/addresses/remove", body: .form(), name: "remove-address") { (call) throws(Problem) in
            let form = try PageForm(call)
            let view = try view(call)
            let data = JSONValue.object([("shopId", .string(try call.shop(.merchant))), ("addressId", .string(form["addressId"]))])
            return try pages.commands.send(
                call, .binding, "remove-address", data, key: form.key, done: view.frame.link("addresses", query: [("saved", "1")])
            ) { frame, problem in view.list(FormErrors(problem, frame), status: problem.status) }
        }
    }

    private func view(_ call: ConsoleCall) throws(Problem) -> AddressesView {
        let shop = try call.shop(.merchant)
        let row = try pages.read { (model) throws(ReadModelError) in try model.shop(shop) }
        return AddressesView(frame: pages.kit.frame(call), rows: row?.addresses ?? [])
    }

    private func put(_ call: ConsoleCall) throws(Problem) -> RouteAnswer {
        let form = try PageForm(call)
        let view = try view(call)
        let frame = view.frame
        let typed = AddressesView.Typed(form)
        let id = form.text("addressId")
        let row = view.rows.first { $0.addressId == id }
        var errors = FormErrors()
        frame.check(typed.person, &errors)
        guard errors.isEmpty else { return .now(view.form(row, typed, errors, status: 400)) }
        // The form's key names a new one: a double click makes one address.
        let data = JSONValue.fields([
            "shopId": .string(try call.shop(.merchant)), "addressId": .string(id ?? form.key), "kind": .string(typed.kind.rawValue),
            "name": .string(typed.person.name), "phone": .string(typed.person.phone), "address": typed.person.address,
            "default": .bool(typed.isDefault),
        ])
        return try pages.commands.send(
            call, .binding, "put-address", data, key: form.key, done: frame.link("addresses", query: [("saved", "1")])
        ) { frame, problem in
            view.form(row, typed, FormErrors(problem, frame, inputs: PageFrame.addressInputs()), status: problem.status)
        }
    }
}
