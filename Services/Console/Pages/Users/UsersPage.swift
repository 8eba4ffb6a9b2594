import HTTP
import Identity
import Texts
import Threads
import Web

/// `/o/users`: everybody, for operators.
struct UsersPage: Sendable {
    let people: PagePeople
    let kit: PageKit

    /// - Parameter group: of operators.
    func add(to group: inout ConsoleGroup) {
        group.get("/users", name: "page-users") { (call) throws(Problem) in try list(call) }
        group.get("/users/export", name: "page-users-export") { (call) throws(Problem) in
            try people.sheet(for: try call.caller())
        }
        group.post("/users", body: .form(), name: "page-invite-user") { (call) throws(Problem) in try invite(call) }
        MemberActions(people: people, kit: kit, screen: "users") { (call, errors, link) throws(Problem) in
            try list(call, errors: errors, link: link)
        }
        .add(to: &group)
    }

    private func list(
        _ call: ConsoleCall, errors: FormErrors = .none, link: NewLink? = nil, typed: (kind: String, shop: String) = ("merchant", "")
    ) throws(Problem) -> HTTPResponse {
        let caller = try call.caller()
        let users = try people.asked { (people, _) throws(PeopleError) in try people.users(for: caller) }
        return UsersView(
            frame: kit.frame(call), users: UsersView.gathered(users), link: link, kind: typed.kind, shop: typed.shop, errors: errors
        ).response
    }

    private func invite(_ call: ConsoleCall) throws(Problem) -> HTTPResponse {
        let form = try PageForm(call)
        let caller = try call.caller()
        let frame = kit.frame(call)
        guard let role = Role(rawValue: form["role"]) else { throw Problem.invalid("role", "it is owner or clerk") }
        let (kind, shop) = (form["kind"], form.text("shopId") ?? "")
        guard kind == People.anyOperator || ShopKind(rawValue: kind) != nil else {
            throw Problem.invalid("kind", "it is merchant, factory or operator")
        }
        var errors = FormErrors.none
        if kind != People.anyOperator, shop.isEmpty {
            errors.add("shopId", frame.say("error.required", ["field": frame.say("field.shopId")]))
            return try list(call, errors: errors, typed: (kind, shop))
        }
        let actor = kind == People.anyOperator ? kind : "\(kind):\(shop)"
        let code: NewCode
        do throws(PeopleError) { code = try people.people.invite(to: actor, as: role, by: caller, now: people.clock()) } catch {
            guard let errors = FormErrors(error, frame, inputs: ["actor": "shopId"]) else { throw Problem(error) }
            return try list(call, errors: errors, typed: (kind, shop))
        }
        people.events.invited(by: caller, to: actor, as: role)
        return try list(call, link: NewLink(kind: .invitation, code: code))
    }
}
