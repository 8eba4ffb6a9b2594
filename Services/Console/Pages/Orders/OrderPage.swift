import Contracts
import HTTP
import JSON
import ReadModel
import Threads
import Web

/// One order: what is still open, its parts, its history, and what can be done with each part.
struct OrderPage: Sendable {
    let pages: ShopPages
    let names: @Sendable (String) throws(Problem) -> TargetNames

    func add(to group: inout ConsoleGroup) {
        group.get("/orders/{orderId...}", name: "order") { (call) throws(Problem) in
            try view(call, call["orderId"]).page()
        }
        group.get("/orders/amend", name: "amend-ask") { (call) throws(Problem) in
            let (order, allocation) = try named(call)
            return AmendView(frame: pages.kit.frame(call), order: order, allocation: allocation).page()
        }
        group.on(.post, "/orders/amend", body: .form(), name: "amend") { (call) throws(Problem) in try amend(call) }
        group.get("/orders/cancel-outbound", name: "cancel-outbound-ask") { (call) throws(Problem) in
            let (order, allocation) = try named(call)
            return AmendView(frame: pages.kit.frame(call), order: order, allocation: allocation).cancelOutbound
        }
        for command in ["cancel-outbound", "retry-upload", "pull-status"] {
            group.on(.post, "/orders/\(command)", body: .form(), name: command) { (call) throws(Problem) in try send(call, command) }
        }
    }

    private func order(_ call: ConsoleCall, _ id: String) throws(Problem) -> OrderView {
        let shop = try call.shop(.merchant)
        let order = try pages.read { (model) throws(ReadModelError) in try model.order(id, merchant: shop) }
        guard let order else { throw Problem(.notFound) }
        return order
    }

    private func view(_ call: ConsoleCall, _ id: String) throws(Problem) -> OrderPageView {
        let order = try order(call, id)
        return OrderPageView(frame: pages.kit.frame(call), order: order, names: try names(try call.shop(.merchant)), now: pages.kit.clock())
    }

    /// The order and its part that the address or the form names.
    private func named(_ call: ConsoleCall, _ form: PageForm? = nil) throws(Problem) -> (OrderView, AllocationView) {
        let order = try order(call, form?["order"] ?? call.request.query("order") ?? "")
        let id = form?["allocation"] ?? call.request.query("allocation")
        guard let allocation = order.allocations.first(where: { $0.allocationId == id }) else { throw Problem(.notFound) }
        return (order, allocation)
    }

    private func amend(_ call: ConsoleCall) throws(Problem) -> RouteAnswer {
        let form = try PageForm(call)
        let (order, allocation) = try named(call, form)
        let frame = pages.kit.frame(call)
        let (carrier, number, unusual) = (form["carrier"], form["waybillNumber"].trimmedBlanks, form["unusual"] == "yes")
        let view = AmendView(frame: frame, order: order, allocation: allocation)
        guard !number.isEmpty else {
            var errors = FormErrors()
            errors.add("waybillNumber", frame.required("waybillNumber"))
            return .now(view.page(errors, carrier: carrier, number: number, status: 400))
        }
        let data = JSONValue.fields([
            "orderId": .string(order.orderId), "allocationId": .string(allocation.allocationId),
            "merchantShopId": .string(order.merchantShopId), "carrier": .string(carrier), "waybillNumber": .string(number),
            "unusual": unusual ? .bool(true) : nil,
        ])
        return try pages.commands.send(call, .shipping, "amend", data, key: form.key, done: frame.link("orders", order.orderId)) {
            frame, problem in
            var problem = problem
            if problem.field == nil { problem.field = "waybillNumber" }
            let isUnusual = problem.details?["unusual"]?.bool == true
            return view.page(
                FormErrors(problem, frame), carrier: carrier, number: number, offersUnusual: isUnusual || unusual, status: problem.status)
        }
    }

    private func send(_ call: ConsoleCall, _ command: String) throws(Problem) -> RouteAnswer {
        let form = try PageForm(call)
        let (order, allocation) = try named(call, form)
        let view = try view(call, order.orderId)
        let isPull = command == "pull-status"
        let isUpload = command == "retry-upload"
        let data = JSONValue.fields([
            "orderId": .string(order.orderId), "allocationId": isPull ? nil : .string(allocation.allocationId),
            "merchantShopId": isUpload ? nil : .string(order.merchantShopId), "target": isUpload ? .string(form["target"]) : nil,
        ])
        return try pages.commands.send(
            call, .shipping, command, data, key: form.key, done: view.frame.link("orders", order.orderId)
        ) { frame, problem in view.page(FormErrors(problem, frame), status: problem.status) }
    }
}
