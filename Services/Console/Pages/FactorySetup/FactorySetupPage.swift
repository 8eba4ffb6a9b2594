import Contracts
import JSON
import ReadModel
import Texts
import Web

/// `/f/<shopId>/setup`: becomes a factory, once; later its profile.
struct FactorySetupPage: Sendable {
    let pages: ShopPages

    func add(to group: inout ConsoleGroup) {
        group.get("/setup", name: "factory-setup") { (call) throws(Problem) in
            FactorySetupView(frame: pages.kit.frame(call), profile: try profile(call["shop"])).page
        }
        group.on(.post, "/setup", body: .form(), name: "factory-save-profile") { (call) throws(Problem) in try save(call) }
    }

    private func profile(_ shop: String) throws(Problem) -> ParticipantRow? {
        try pages.read { (model) throws(ReadModelError) in try model.shop(shop) }
    }

    private func save(_ call: ConsoleCall) throws(Problem) -> RouteAnswer {
        let form = try PageForm(call)
        let frame = pages.kit.frame(call)
        var view = FactorySetupView(frame: frame, profile: try profile(call["shop"]))
        view.name = form["name"].trimmedBlanks
        view.values = AddressText(form)
        if view.name.isEmpty { view.errors.add("name", frame.say("error.required", ["field": frame.say("field.shopName")])) }
        frame.check(view.values, &view.errors)
        guard view.errors.isEmpty else { return .now(view.page) }
        // Somebody else saved between: what stands there is shown beside what was typed, and the next save counts.
        if view.isRegistered, let seen = form.text("seen"), seen != view.version {
            view.isChanged = true
            return .now(view.page)
        }
        let data = JSONValue.fields([
            "shopId": .string(call["shop"]), "name": .string(view.name),
            "contact": .object([("name", .string(view.values.name)), ("phone", .string(view.values.phone))]),
            "address": view.values.address,
        ])
        let typed = view
        return try pages.commands.send(
            call, .binding, view.isRegistered ? "update-profile" : "register-factory", data, key: form.key,
            done: frame.link("setup", query: [("saved", "1")])
        ) { frame, problem in
            var view = typed
            var inputs = PageFrame.addressInputs("contact.")
            for (path, input) in PageFrame.addressInputs() { inputs[path] = input }
            inputs["name"] = "name"
            view.errors = FormErrors(problem, frame, inputs: inputs)
            view.refusalStatus = problem.status
            return view.page
        }
    }
}
