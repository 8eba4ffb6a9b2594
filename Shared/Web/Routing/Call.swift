public import HTTP
import Synchronization

/// One request on its way through middleware to its handler.
public struct Call<Context: Sendable>: Sendable {
    /// What was asked; middleware may change it for those behind it.
    public var request: HTTPRequest
    public let route: Route
    /// What the application knows of it; middleware fills it in.
    public var context: Context
    private let arguments: [String: String]

    init(request: HTTPRequest, route: Route, arguments: [String: String], context: Context) {
        (self.request, self.route, self.arguments, self.context) = (request, route, arguments, context)
    }

    /// The path's value for a name of the route's template, percent-decoded; empty for a name that the template does not have.
    public subscript(name: String) -> String { arguments[name] ?? "" }

    /// HEAD is asked as GET: the server leaves the body out.
    public var isHead: Bool { request.method == "HEAD" }
}

/// What a route takes for a body; anything else is refused before the handler is asked.
public struct BodyRule: Sendable, Equatable {
    /// Bytes.
    public let most: Int
    /// Types in lower case; empty: any, or none at all.
    public let types: [String]

    /// No body, or one that nobody looks at.
    public static let none = BodyRule(most: 64 << 10, types: [])
    public static func json(_ most: Int = 1 << 20) -> BodyRule { BodyRule(most: most, types: ["application/json"]) }
    /// Of pages: urlencoded, and multipart with files.
    public static func form(_ most: Int = 64 << 10) -> BodyRule {
        BodyRule(most: most, types: ["application/x-www-form-urlencoded", "multipart/form-data"])
    }
    /// Of any type: files.
    public static func bytes(_ most: Int) -> BodyRule { BodyRule(most: most, types: []) }
}

/// A line of the table of routes.
public struct Route: Sendable, Hashable {
    public let method: HTTPMethod
    public let template: RouteTemplate
    public let bodyMost: Int
    public let bodyTypes: [String]
    /// For descriptions, metrics and tests: what the application calls it.
    public let name: String

    init(method: HTTPMethod, template: RouteTemplate, body: BodyRule, name: String) {
        (self.method, self.template, self.name) = (method, template, name)
        (bodyMost, bodyTypes) = (body.most, body.types)
    }
}

/// Why the router itself answers.
public enum RouterRefusal: Error, Sendable, Equatable {
    /// No route has this path, or the path is malformed.
    case notFound
    /// The methods that there are.
    case methodNotAllowed([String])
    /// The largest size in bytes.
    case tooLarge(Int)
    /// What is taken instead.
    case mediaType([String])
    /// All threads are at work and enough requests wait.
    case busy

    public var status: Int {
        switch self {
        case .notFound: 404
        case .methodNotAllowed: 405
        case .tooLarge: 413
        case .mediaType: 415
        case .busy: 503
        }
    }

    /// Headers that belong to the status.
    public var headers: [(name: String, value: String)] {
        switch self {
        case .methodNotAllowed(let methods): [("Allow", methods.joined(separator: ", "))]
        case .mediaType(let types): types.isEmpty ? [] : [("Accept", types.joined(separator: ", "))]
        case .busy: [("Retry-After", "5")]
        case .notFound, .tooLarge: []
        }
    }
}

/// An answer that its handler has now, or gives later from any thread, without holding one of the router's meanwhile.
public struct RouteAnswer: Sendable {
    fileprivate enum Kind: Sendable {
        case now(HTTPResponse)
        case later(LaterAnswer, [@Sendable (HTTPResponse) -> HTTPResponse])
    }

    fileprivate var kind: Kind

    public static func now(_ response: HTTPResponse) -> RouteAnswer { RouteAnswer(kind: .now(response)) }
    public static func later(_ answer: LaterAnswer) -> RouteAnswer { RouteAnswer(kind: .later(answer, [])) }

    /// For middleware: changes the answer, whenever it comes.
    public func map(_ change: @escaping @Sendable (HTTPResponse) -> HTTPResponse) -> RouteAnswer {
        switch kind {
        case .now(let response): .now(change(response))
        case .later(let answer, let changes): RouteAnswer(kind: .later(answer, changes + [change]))
        }
    }

    /// - Parameter send: called once, at once or later.
    func deliver(_ send: @escaping @Sendable (HTTPResponse) -> Void) {
        switch kind {
        case .now(let response): send(response)
        case .later(let answer, let changes):
            answer.take { response in send(changes.reduce(response) { $1($0) }) }
        }
    }
}

/// The answer to come. When it is let go unused, the request is answered 500.
public final class LaterAnswer: Sendable {
    private enum State {
        case open
        case given(HTTPResponse)
        case awaited(@Sendable (HTTPResponse) -> Void)
        case done
    }

    private let state = Mutex(State.open)

    public init() {}

    deinit { send(.text("The server did not answer.\n", status: 500)) }

    /// From any thread; the first counts.
    /// - Returns: false when there was one before.
    @discardableResult public func send(_ response: HTTPResponse) -> Bool {
        let (isFirst, receiver) = state.withLock { state -> (Bool, (@Sendable (HTTPResponse) -> Void)?) in
            switch state {
            case .open:
                state = .given(response)
                return (true, nil)
            case .awaited(let receiver):
                state = .done
                return (true, receiver)
            case .given, .done: return (false, nil)
            }
        }
        receiver?(response)
        return isFirst
    }

    fileprivate func take(_ receiver: @escaping @Sendable (HTTPResponse) -> Void) {
        let response = state.withLock { state -> HTTPResponse? in
            guard case .given(let response) = state else {
                state = .awaited(receiver)
                return nil
            }
            state = .done
            return response
        }
        if let response { receiver(response) }
    }
}
