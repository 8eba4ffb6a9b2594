import HTTP
import Testing
import Web

@Suite struct RouterTests {
    private static func echo(_ call: Call<Visitor>) -> HTTPResponse {
        let values = call.route.template.parameters.map { "\($0)=\(call[$0])" }
        return .text(([call.route.method.rawValue, call.route.template.text] + values).joined(separator: " "))
    }

    private func router() throws -> TestRouter {
        try testRouter { router in
            router.group("") { root in
                root.get("/", Self.echo)
                root.get("/a/", Self.echo)
                root.get("/m/{shop}/orders", Self.echo)
                root.post("/m/{shop}/orders", body: .form(), Self.echo)
                root.get("/orders/counts", Self.echo)
                root.get("/orders/{orderId...}", Self.echo)
                root.get("/commands/{commandId}", Self.echo)
                root.post("/commands/{service}/{command}", body: .json(10), Self.echo)
                root.put("/x/{one}/y", body: .none, Self.echo)
                root.delete("/x/{one}/z", Self.echo)
            }
        }
    }

    @Test(arguments: [
        ("GET", "/", "GET /"), ("GET", "/?x=1", "GET /"), ("GET", "/a/", "GET /a/"), ("GET", "http://host", "GET /"),
        ("GET", "http://host/a/?b", "GET /a/"), ("HEAD", "/", "GET /"),
        ("GET", "/m/%E5%8D%95%2F1/orders", "GET /m/{shop}/orders shop=单/1"), ("GET", "/m/../orders", "GET /m/{shop}/orders shop=.."),
        ("GET", "/orders/counts", "GET /orders/counts"), ("GET", "/orders/%63ounts", "GET /orders/counts"),
        ("GET", "/orders/a", "GET /orders/{orderId...} orderId=a"), ("GET", "/orders/a/b", "GET /orders/{orderId...} orderId=a/b"),
        ("GET", "/orders/a%2Fb", "GET /orders/{orderId...} orderId=a/b"), ("GET", "/orders/a+b", "GET /orders/{orderId...} orderId=a+b"),
        ("GET", "/orders/counts/x", "GET /orders/{orderId...} orderId=counts/x"),
        ("GET", "/commands/7", "GET /commands/{commandId} commandId=7"),
    ]) func aPathLeadsToItsRoute(method: String, target: String, answer: String) throws {
        let response = try router().answer(ask(method, target))
        #expect(response.status == 200)
        #expect(response.text == answer)
    }

    @Test(arguments: [
        "/nowhere", "/a", "//", "/m//orders", "/m/1/orders/", "/orders/", "/orders", "/%zz", "/orders/%", "/orders/%00", "/orders/a%0", "*",
        "",
        "/orders/%FF", "/orders/%C3", "orders/a", "/commands/a/b/c", "/Orders/a",
    ]) func whatHasNoRouteIsNotFound(target: String) throws {
        #expect(try router().answer(ask("GET", target)).status == 404)
        #expect(try router().answer(ask("OPTIONS", target)).status == 404)
    }

    @Test(arguments: [
        ("POST", "/", "GET, HEAD, OPTIONS"), ("DELETE", "/m/1/orders", "GET, HEAD, OPTIONS, POST"), ("BREW", "/", "GET, HEAD, OPTIONS"),
        ("get", "/", "GET, HEAD, OPTIONS"), ("HEAD", "/x/1/y", "OPTIONS, PUT"), ("GET", "/x/1/z", "DELETE, OPTIONS"),
    ]) func anotherMethodIs405WithThoseThatThereAre(method: String, target: String, allowed: String) throws {
        let response = try router().answer(ask(method, target))
        #expect(response.status == 405)
        #expect(response.header("Allow") == allowed)
        let options = try router().answer(ask("OPTIONS", target))
        #expect(options.status == 204)
        #expect(options.header("Allow") == allowed)
    }

    @Test func whoAsksIsLookedAtBeforeSizeAndType() throws {
        let router = try testRouter { router in
            let who: TestRouter.Middleware = { (call, next) throws(Refused) in
                call.context.steps.append("who")
                if call.request.header("x-who") == nil { throw Refused(status: 401) }
                return try next(&call)
            }
            let role: TestRouter.Middleware = { (call, next) throws(Refused) in
                call.context.steps.append("role")
                if call.request.header("x-role") == nil { throw Refused(status: 403) }
                return try next(&call).map { response in
                    var response = response
                    response.headers.append(("X-After", "yes"))
                    return response
                }
            }
            router.group("/api", behind: [who]) { api in
                api.group("/v1", behind: [role]) { v1 in
                    v1.post("/{a}", body: .json(3)) { call in .text(call.context.steps.joined(separator: " ")) }
                }
            }
        }
        let (who, role, type) = (("X-Who", "me"), ("X-Role", "owner"), ("Content-Type", "Application/JSON; charset=utf-8"))
        let large = Array("1234".utf8)
        func status(_ headers: [(String, String)], _ body: [UInt8]) throws -> Int {
            try router.answer(ask("POST", "/api/v1/x", headers: headers, body: body)).status
        }
        #expect(try status([], large) == 401)
        #expect(try status([who], large) == 403)
        #expect(try status([who, role], large) == 413)
        #expect(try status([who, role], [0x31]) == 415)
        #expect(try status([who, role, ("Content-Type", "text/plain")], [0x31]) == 415)
        #expect(try status([who, role, type, ("Content-Encoding", "gzip")], [0x31]) == 415)
        let answer = try router.answer(ask("POST", "/api/v1/x", headers: [who, role, type], body: [0x31]))
        #expect(answer.text == "who role")
        #expect(answer.header("X-After") == "yes")
        // The server read the head only.
        var dropped = ask("POST", "/api/v1/x", headers: [who, role, type])
        dropped.isBodyTooLarge = true
        #expect(try router.answer(dropped).status == 413)
    }

    @Test(arguments: ["a", "/{", "/{}", "/{a1}", "/{a...}/b", "/{a}/{a}", "/a?b", "/x{a}", "/a#b"])
    func aTemplateThatIsNoneIsAMistake(path: String) {
        #expect(throws: RouterError.self) { try testRouter { $0.group("") { $0.get(path, Self.echo) } } }
    }

    @Test func aRouteTwiceIsAMistakeWhateverItsNames() {
        let error = #expect(throws: RouterError.self) {
            try testRouter {
                $0.group("/a") {
                    $0.get("/{x}", Self.echo)
                    $0.get("/{y}", Self.echo)
                }
            }
        }
        #expect(error?.description == "there are two routes GET /a/{y}")
    }

    @Test func theTableCanBeListedAndSaysTheSizeOfBodies() throws {
        let router = try router()
        #expect(router.routes.count == 10)
        #expect(router.routes.map(\.template.text).first == "/")
        #expect(router.maximumBody("POST", RequestTarget("/commands/a/b")) == 10)
        #expect(router.maximumBody("HEAD", RequestTarget("/")) == 64 << 10)
        #expect(router.maximumBody("POST", RequestTarget("/nowhere")) == nil)
    }

    @Test func anAnswerMayComeLaterThroughTheSameMiddleware() throws {
        let later = LaterAnswer()
        let router = try testRouter { router in
            let marks: TestRouter.Middleware = { (call, next) throws(Refused) in try next(&call).map { .text("[\($0.status)]") } }
            router.group("", behind: [marks]) {
                $0.on(.get, "/later") { _ in .later(later) }
            }
        }
        #expect(later.send(.text("x", status: 201)))
        #expect(!later.send(.text("y")))
        #expect(try router.answer(ask("GET", "/later")).text == "[201]")
    }
}
