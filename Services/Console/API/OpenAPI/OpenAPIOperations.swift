extension OpenAPIOperation {
    /// By the names of the routes. `send-command` is told of each command by itself.
    static let all: [String: OpenAPIOperation] = [lists, works, operators, people].reduce(commands) { $0.merging($1) { first, _ in first } }

    static let page = ["limit", "after"]
    static let id = ["actor", "actorHeader"]

    // MARK: Commands

    private static let commands: [String: OpenAPIOperation] = [
        "send-command": OpenAPIOperation(
            summary: "Send a command", tag: "commands", parameters: id + ["prefer", "idempotencyKey"],
            answers: [
                OpenAPIAnswer(
                    description: "It is accepted: the events that answer it.", schema: OpenAPIAnswer.reference("Command"),
                    headers: ["Preference-Applied"], links: ["command"]),
                OpenAPIAnswer(
                    status: 202, description: "Kafka has it, and there is no answer yet: ask again where Location says.",
                    schema: OpenAPIAnswer.reference("Command"), headers: ["Location", "Preference-Applied"], links: ["command"]),
            ], problems: [404, 409]),
        "list-commands": OpenAPIOperation(
            summary: "List the commands that the caller has sent in seven days", tag: "commands", parameters: id + page + ["commandState"],
            answers: [.page(of: "Command", asSheet: true)]),
        "show-command": OpenAPIOperation(
            summary: "Show a command and its answer", tag: "commands", parameters: id,
            answers: [.one("Command", "The command as it stands.")]),
        "send-batch": OpenAPIOperation(
            summary: "Send up to 5,000 commands of one kind, each answered by itself", tag: "batches", parameters: id + ["idempotencyKey"],
            body: OpenAPIAnswer.reference("NewBatch"),
            answers: [
                OpenAPIAnswer(
                    status: 202, description: "Kafka has all that can be read; an item that cannot is refused by itself.",
                    schema:
                        #"{"type":"object","properties":{"batchId":{"type":"string"},"total":{"type":"integer"}},"required":["batchId","total"]}"#,
                    headers: ["Location"], links: ["batch"])
            ], problems: [409]),
        "list-batches": OpenAPIOperation(
            summary: "List the shop's batches", tag: "batches", parameters: id + page, answers: [.page(of: "Batch", asSheet: true)]),
        "show-batch": OpenAPIOperation(
            summary: "Show how far a batch is, and what was refused", tag: "batches", parameters: id,
            answers: [.one("Batch", "The batch as it stands, with refusals.")]),
        "follow-batch": OpenAPIOperation(
            summary: "Follow a batch: events progress, the last one with pending 0", tag: "batches", parameters: id, answers: [.events]),
        "follow-events": OpenAPIOperation(
            summary: "Follow what happens to the caller's own, from Last-Event-ID or since on", tag: "events",
            parameters: id + ["since", "lastEventId"], answers: [.events]),
        "openapi": OpenAPIOperation(
            summary: "This document", tag: "about", access: .open,
            answers: [OpenAPIAnswer(description: "OpenAPI 3.1.", schema: #"{"type":"object"}"#)]),
    ]

    // MARK: Lists

    private static let lists: [String: OpenAPIOperation] = [
        "list-orders": OpenAPIOperation(
            summary: "List a merchant's orders", tag: "orders",
            parameters: id + page + ["orderState", "hold", "factory", "text", "from", "to", "shipBefore", "shippable", "order"],
            answers: [.page(of: "Order", asSheet: true)]),
        "count-orders": OpenAPIOperation(
            summary: "Count a merchant's orders by state", tag: "orders", parameters: id, answers: [.one("OrderCounts", "Orders by state.")]
        ),
        "show-order": OpenAPIOperation(
            summary: "Show an order with its history", tag: "orders", parameters: id, answers: [.one("Order", "The order.")]),
        "list-parcels": OpenAPIOperation(
            summary: "List a factory's parcels", tag: "parcels",
            parameters: id + page + ["parcelState", "merchant", "carrier", "door", "text", "from", "to", "order"],
            answers: [.page(of: "Parcel", asSheet: true)]),
        "count-parcels": OpenAPIOperation(
            summary: "Count a factory's parcels by state", tag: "parcels", parameters: id,
            answers: [.one("ParcelCounts", "Parcels by state.")]),
        "show-parcel": OpenAPIOperation(
            summary: "Show a parcel", tag: "parcels", parameters: id, answers: [.one("Parcel", "The parcel.")]),
        "show-shop": OpenAPIOperation(
            summary: "Show one's own shop", tag: "shops", parameters: id, answers: [.one("Shop", "The row of daifa.participants.")]),
        "list-bindings": rows("bindings of merchants and factories", "Binding"),
        "list-rules": rows("a merchant's allocation rules", "Rule"),
        "list-pools": rows("a factory's waybill numbers", "Pool"),
        "list-warehouses": rows("a merchant's partner warehouses", "Warehouse"),
        "list-stock": rows("stock in a merchant's warehouses", "Stock"),
        "list-inbounds": rows("goods on their way into a merchant's warehouses", "Inbound"),
        "list-channels": rows("ERP and marketplace channels", "Channel"),
        "list-authorizations": rows("consents at partners", "Authorization"),
    ]

    private static func rows(_ what: String, _ schema: String) -> OpenAPIOperation {
        OpenAPIOperation(
            summary: "List \(what)", tag: "shops", parameters: id + page,
            answers: [.page(of: schema, asSheet: true)])
    }

    // MARK: People

    private static let people: [String: OpenAPIOperation] = [
        "log-in": OpenAPIOperation(
            summary: "Log in", tag: "session", access: .open, body: OpenAPIAnswer.reference("LogIn"),
            answers: [session(200, "A new session; the cookie daifa_session is set.")], problems: [401]),
        "show-session": OpenAPIOperation(
            summary: "Show one's own session", tag: "session", access: .session, answers: [.one("Session", "The session.")]),
        "log-out": OpenAPIOperation(
            summary: "Log out", tag: "session", access: .session,
            answers: [OpenAPIAnswer(status: 204, description: "The cookie is void at once.", type: nil, headers: ["Set-Cookie"])]),
        "change-session": OpenAPIOperation(
            summary: "Change language, time zone or password", tag: "session", access: .session,
            body: OpenAPIAnswer.reference("ProfileChange"), answers: [.one("Session", "The session as it is now.")]),
        "list-sessions": OpenAPIOperation(
            summary: "List one's own sessions", tag: "session", access: .session, answers: [.one("Sessions", "The sessions, newest first.")]
        ),
        "end-session": OpenAPIOperation(
            summary: "End one of one's own sessions", tag: "session", access: .session, answers: [.noContent]),
        "choose-role": OpenAPIOperation(
            summary: "Become the owner of a new shop, once", tag: "session", access: .session,
            body: #"{"type":"object","properties":{"role":{"type":"string","enum":["merchant","factory"]}},"required":["role"]}"#,
            answers: [.one("Session", "The session with the new actor.")], problems: [409]),
        "sign-up": OpenAPIOperation(
            summary: "Register (where DAIFA_SIGNUP is open)", tag: "users", access: .open, body: OpenAPIAnswer.reference("NewUser"),
            answers: [session(201, "A new user without actors, and a session.")], problems: [403]),
        "invite": OpenAPIOperation(
            summary: "Invite somebody to act for the caller's actor", tag: "users", parameters: id,
            body: OpenAPIAnswer.reference("NewInvitation"), answers: [code]),
        "show-invitation": OpenAPIOperation(
            summary: "Show what a code is for", tag: "users", access: .open,
            answers: [.one("Invitation", "The invitation, or the reset; nothing is used up.")]),
        "use-invitation": OpenAPIOperation(
            summary: "Use an invitation's or a reset's code up", tag: "users", access: .open,
            body: OpenAPIAnswer.reference("InvitationUse"),
            answers: [session(201, "A new session; the membership, or the new password, is there.")], problems: [403]),
        "list-users": OpenAPIOperation(
            summary: "List the users of the caller's actor", tag: "users", parameters: id, answers: [.one("Users", "By name.")]),
        "remove-user": OpenAPIOperation(
            summary: "End a user's membership", tag: "users", parameters: id, answers: [.noContent], problems: [409]),
        "reset-user": OpenAPIOperation(
            summary: "Make a link with which a user gives himself a new password", tag: "users", parameters: id, answers: [code]),
    ]

    private static let code = OpenAPIAnswer(
        status: 201, description: "A link that can be used once.", schema: OpenAPIAnswer.reference("OneTimeCode"))

    private static func session(_ status: Int, _ description: String) -> OpenAPIAnswer {
        OpenAPIAnswer(status: status, description: description, schema: OpenAPIAnswer.reference("Session"), headers: ["Set-Cookie"])
    }
}
