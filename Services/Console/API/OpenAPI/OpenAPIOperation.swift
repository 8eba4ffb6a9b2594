import JSON

/// What callers are told of a route, beside what the table of routes says itself. JSON is written as in the document.
struct OpenAPIOperation: Sendable {
    enum Access: Sendable {
        /// Nobody is asked who he is.
        case open
        /// A session or a token.
        case known
        /// A session: a token is refused 403.
        case session
    }

    var summary: String
    /// What belongs together in the document.
    var tag: String
    var access = Access.known
    /// Further parameters of the query or the header, by the names of `components/parameters`.
    var parameters: [String] = []
    /// The body's schema, as JSON.
    var body: String?
    /// Types of a body where the table of routes takes any.
    var bodyTypes: [String] = []
    var answers: [OpenAPIAnswer]
    /// Statuses of problems beside those that any such route has.
    var problems: [Int] = []
}

/// An answer that is no problem.
struct OpenAPIAnswer: Sendable {
    var status = 200
    var description: String
    /// nil: there is no body.
    var type: String? = "application/json"
    /// As JSON.
    var schema: String?
    /// What it may be instead of `type`, by what is accepted or asked for: bytes or text without a schema.
    var otherTypes: [String] = []
    /// Names of `components/headers`.
    var headers: [String] = []
    /// Names of `components/links`.
    var links: [String] = []

    static func one(_ schema: String, _ description: String) -> OpenAPIAnswer {
        OpenAPIAnswer(description: description, schema: Self.reference(schema))
    }

    /// - Parameter asSheet: whether it can be had as comma-separated text.
    static func page(of schema: String, asSheet: Bool = false) -> OpenAPIAnswer {
        let item = reference(schema)
        return OpenAPIAnswer(
            description: "A page, newest first. Without next it is the last one."
                + (asSheet ? " As text/csv: all that the filters let through." : ""),
            schema:
                #"{"type":"object","properties":{"items":{"type":"array","items":\#(item)},"next":{"type":"string"}},"required":["items"]}"#,
            otherTypes: asSheet ? ["text/csv"] : [])
    }

    static let noContent = OpenAPIAnswer(status: 204, description: "Done.", type: nil)
    static let events = OpenAPIAnswer(
        description: "Server-sent events (WHATWG HTML, section 9.2), for as long as the client listens.", type: "text/event-stream",
        schema: #"{"type":"string"}"#)

    static func reference(_ name: String) -> String { ##"{"$ref":"#/components/schemas/\##(name)"}"## }
}
