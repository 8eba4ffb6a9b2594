public import HTTP

/// The table of routes, and what lies before their handlers.
///
/// A request is checked in this order: path (404), method (405), the middleware of its groups from the outer to the inner (who asks, tokens,
/// roles), size (413), type (415); then its handler is asked, which checks the fields. HEAD is asked as GET, OPTIONS is 204 with `Allow`.
///
/// `Context` is what the application knows of a request; `Failure` is what its handlers and middleware throw instead of an answer.
public struct Router<Context: Sendable, Failure: Error>: Sendable {
    public typealias Next = (inout Call<Context>) throws(Failure) -> RouteAnswer
    /// Goes on by `next`, or answers itself.
    public typealias Middleware = @Sendable (inout Call<Context>, Next) throws(Failure) -> RouteAnswer
    public typealias Handler = @Sendable (Call<Context>) throws(Failure) -> RouteAnswer

    private struct Target: Sendable {
        let route: Route
        let middleware: [Middleware]
        let handler: Handler
    }

    private let context: @Sendable (HTTPRequest) -> Context
    private let refusal: @Sendable (RouterRefusal, HTTPRequest) -> HTTPResponse
    private let failure: @Sendable (Failure, Call<Context>) -> HTTPResponse
    private var tree = RouteTree<Target>()
    private var mistake: RouterError?
    /// In the order in which they were added.
    public private(set) var routes: [Route] = []

    /// - Parameters:
    ///   - context: what is known before any middleware; on the server's thread: must not block.
    ///   - refusal: makes the router's own answers, whose `status` and `headers` are set by the router; as above.
    ///   - failure: turns what a handler or middleware threw into an answer.
    public init(
        context: @escaping @Sendable (HTTPRequest) -> Context, refusal: @escaping @Sendable (RouterRefusal, HTTPRequest) -> HTTPResponse,
        failure: @escaping @Sendable (Failure, Call<Context>) -> HTTPResponse
    ) {
        (self.context, self.refusal, self.failure) = (context, refusal, failure)
    }

    /// Routes below a path, behind middleware.
    /// - Parameters:
    ///   - prefix: `/api/v1`, or empty.
    ///   - middleware: outer first.
    public mutating func group(
        _ prefix: String, behind middleware: [Middleware] = [], routes: (inout RouteGroup<Context, Failure>) -> Void
    ) {
        var group = RouteGroup<Context, Failure>(prefix: prefix, middleware: middleware)
        routes(&group)
        for entry in group.entries { add(entry) }
    }

    /// A mistake is told by ``check()``.
    private mutating func add(_ entry: RouteGroup<Context, Failure>.Entry) {
        do throws(RouterError) {
            let route = Route(method: entry.method, template: try RouteTemplate(entry.path), body: entry.body, name: entry.name)
            guard tree.add(route.method, route.template, Target(route: route, middleware: entry.middleware, handler: entry.handler)) else {
                throw RouterError("there are two routes \(route.method.rawValue) \(route.template)")
            }
            routes.append(route)
        } catch { mistake = mistake ?? error }
    }

    /// - Throws: the first mistake in the table.
    public func check() throws(RouterError) {
        if let mistake { throw mistake }
    }

    /// Bytes that a request's body may have, for `HTTPServer.Limits.maximumBody`.
    /// - Returns: nil for a path and method without a route.
    public func maximumBody(_ method: String, _ target: RequestTarget) -> Int? {
        guard let segments = target.segments, let found = tree.find(segments) else { return nil }
        return HTTPMethod(rawValue: method == "HEAD" ? "GET" : method).flatMap { found.values[$0]?.value.route.bodyMost }
    }

    /// What is to be done with a request.
    enum Step {
        case answer(HTTPResponse)
        /// Asks middleware and handler; may block.
        case work(@Sendable () -> RouteAnswer)
    }

    /// Does not block.
    func step(_ request: HTTPRequest) -> Step {
        guard let segments = request.target.segments, let found = tree.find(segments) else { return .answer(refuse(.notFound, request)) }
        let wanted = HTTPMethod(rawValue: request.method == "HEAD" ? "GET" : request.method)
        guard let wanted, let (names, target) = found.values[wanted] else {
            let allowed = Self.allowed(found.values.keys)
            guard request.method == "OPTIONS" else { return .answer(refuse(.methodNotAllowed(allowed), request)) }
            return .answer(
                HTTPResponse(
                    status: 204,
                    headers: [
                        ("Allow", allowed.joined(separator: ", ")), ("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff"),
                    ]))
        }
        let arguments = Dictionary(zip(names, found.arguments)) { first, _ in first }
        let call = Call(request: request, route: target.route, arguments: arguments, context: context(request))
        return .work { ask(call, target) }
    }

    /// Runs a request here and now, without a server: for tests. An answer that comes later is given to the closure when it comes.
    public func respond(to request: HTTPRequest, _ send: @escaping @Sendable (HTTPResponse) -> Void) {
        switch step(request) {
        case .answer(let response): send(response)
        case .work(let work): work().deliver(send)
        }
    }

    func refuse(_ why: RouterRefusal, _ request: HTTPRequest) -> HTTPResponse {
        var response = refusal(why, request)
        response.status = why.status
        let names = why.headers.map { $0.name.lowercased() }
        response.headers = response.headers.filter { !names.contains($0.name.lowercased()) } + why.headers
        return response
    }

    private func ask(_ call: Call<Context>, _ target: Target) -> RouteAnswer {
        var call = call
        do throws(Failure) { return try next(&call, target.middleware[...], target) } catch { return .now(failure(error, call)) }
    }

    private func next(_ call: inout Call<Context>, _ middleware: ArraySlice<Middleware>, _ target: Target) throws(Failure) -> RouteAnswer {
        guard let first = middleware.first else {
            if let why = Self.bodyRefusal(call.request, target.route) { return .now(refuse(why, call.request)) }
            return try target.handler(call)
        }
        return try first(&call) { (call) throws(Failure) in try next(&call, middleware.dropFirst(), target) }
    }

    private static func bodyRefusal(_ request: HTTPRequest, _ route: Route) -> RouterRefusal? {
        if request.isBodyTooLarge || request.body.count > route.bodyMost { return .tooLarge(route.bodyMost) }
        if let encoding = request.header("content-encoding"), encoding.lowercased() != "identity" { return .mediaType(route.bodyTypes) }
        guard !route.bodyTypes.isEmpty else { return nil }
        let type = request.header("content-type").flatMap { MediaType($0) }?.essence
        return type.map { route.bodyTypes.contains($0) } ?? false ? nil : .mediaType(route.bodyTypes)
    }

    private static func allowed(_ methods: some Sequence<HTTPMethod>) -> [String] {
        let names = methods.map(\.rawValue)
        return (names + (names.contains("GET") ? ["HEAD"] : []) + ["OPTIONS"]).sorted()
    }
}

/// Routes that share a beginning of their paths and middleware.
public struct RouteGroup<Context: Sendable, Failure: Error> {
    public typealias Middleware = Router<Context, Failure>.Middleware
    public typealias Handler = Router<Context, Failure>.Handler

    struct Entry {
        let method: HTTPMethod
        let path: String
        let body: BodyRule
        let name: String
        let middleware: [Middleware]
        let handler: Handler
    }

    private let prefix: String
    private let middleware: [Middleware]
    private(set) var entries: [Entry] = []

    init(prefix: String, middleware: [Middleware]) { (self.prefix, self.middleware) = (prefix, middleware) }

    /// - Parameters:
    ///   - path: below the group's; `/` or empty for the group's own.
    ///   - name: what the application calls it, for descriptions and metrics.
    public mutating func on(
        _ method: HTTPMethod, _ path: String, body: BodyRule = .none, name: String = "",
        answer: @escaping @Sendable (Call<Context>) throws(Failure) -> RouteAnswer
    ) {
        let own = path == "/" && !prefix.isEmpty ? "" : path
        entries.append(Entry(method: method, path: prefix + own, body: body, name: name, middleware: middleware, handler: answer))
    }

    public mutating func get(
        _ path: String, name: String = "", _ handler: @escaping @Sendable (Call<Context>) throws(Failure) -> HTTPResponse
    ) {
        on(.get, path, name: name) { (call) throws(Failure) in .now(try handler(call)) }
    }

    public mutating func post(
        _ path: String, body: BodyRule, name: String = "", _ handler: @escaping @Sendable (Call<Context>) throws(Failure) -> HTTPResponse
    ) {
        on(.post, path, body: body, name: name) { (call) throws(Failure) in .now(try handler(call)) }
    }

    public mutating func put(
        _ path: String, body: BodyRule, name: String = "", _ handler: @escaping @Sendable (Call<Context>) throws(Failure) -> HTTPResponse
    ) {
        on(.put, path, body: body, name: name) { (call) throws(Failure) in .now(try handler(call)) }
    }

    public mutating func delete(
        _ path: String, name: String = "", _ handler: @escaping @Sendable (Call<Context>) throws(Failure) -> HTTPResponse
    ) {
        on(.delete, path, name: name) { (call) throws(Failure) in .now(try handler(call)) }
    }

    /// Routes further below, behind more middleware.
    public mutating func group(_ prefix: String, behind middleware: [Middleware] = [], routes: (inout RouteGroup) -> Void) {
        var inner = RouteGroup(prefix: self.prefix + prefix, middleware: self.middleware + middleware)
        routes(&inner)
        entries += inner.entries
    }
}
