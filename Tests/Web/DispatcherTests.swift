import Foundation
import HTTP
import Testing
import Threads
import Web

/// The table of routes behind a server.
@Suite struct DispatcherTests {
    private func ask(_ server: HTTPServer, _ line: String, _ headers: String..., body: String = "") -> String {
        let all = ["Host: a", "Connection: close"] + headers + (body.isEmpty ? [] : ["Content-Length: \(body.utf8.count)"])
        return readAnswer(
            port: server.port, "\(line) HTTP/1.1\r\n\(all.joined(separator: "\r\n"))\r\n\r\n\(body)", until: "never")
    }

    /// The example of the module's page.
    @Test func aShopWithPagesAndForms() throws {
        var router = Router<Visitor, Refused>(
            context: { _ in Visitor() }, refusal: { why, _ in .text("no\n", status: why.status) },
            failure: { refused, _ in .text("refused\n", status: refused.status) })
        let known: Router<Visitor, Refused>.Middleware = { (call, next) throws(Refused) in
            guard let name = Cookies(call.request)["__Host-visitor"] else { throw Refused(status: 401) }
            call.context.name = name
            return try next(&call)
        }
        router.group("/m/{shop}", behind: [known]) { shop in
            shop.get("/orders/{orderId...}", name: "order") { call in
                .page(
                    HTML.page(language: "en", title: "Order") {
                        main {
                            h1("Order \(call["orderId"])")
                            a(.href(Link("m", call["shop"], "orders", query: ["state": "open"]))) { "back" }
                        }
                    })
            }
            shop.post("/orders", body: .form()) { (call) throws(Refused) in
                guard let form = try? Form(call.request), let number = form["number"] else { throw Refused(status: 400) }
                return .seeOther(Link("m", call["shop"], "orders", number))
            }
        }
        try router.check()
        let dispatcher = try Dispatcher(router, threads: 2, waiting: 8)
        let server = try HTTPServer(port: 0, limits: dispatcher.limits(), responding: dispatcher.handle)
        defer {
            dispatcher.stop()
            server.stop()
        }
        let cookie = "Cookie: __Host-visitor=v"
        let page = ask(server, "GET /m/7/orders/a%2F%3Cb", cookie)
        #expect(page.hasPrefix("HTTP/1.1 200 "))
        #expect(page.contains(#"<h1>Order a/&lt;b</h1><a href="/m/7/orders?state=open">back</a>"#))
        let head = ask(server, "HEAD /m/7/orders/x", cookie)
        #expect(head.hasPrefix("HTTP/1.1 200 ") && head.hasSuffix("\r\n\r\n") && !head.contains("Content-Length: 0\r\n"))
        let type = "Content-Type: application/x-www-form-urlencoded"
        let posted = ask(server, "POST /m/7/orders", cookie, type, body: "number=a%2Fb")
        #expect(posted.hasPrefix("HTTP/1.1 303 ") && posted.contains("Location: /m/7/orders/a%2Fb\r\n"))
        // A body that is too large is refused after who asks was looked at.
        let large = "number=" + String(repeating: "x", count: 70_000)
        #expect(ask(server, "POST /m/7/orders", type, body: large).hasPrefix("HTTP/1.1 401 "))
        #expect(ask(server, "POST /m/7/orders", cookie, type, body: large).hasPrefix("HTTP/1.1 413 "))
        #expect(ask(server, "GET /nowhere").hasPrefix("HTTP/1.1 404 "))
    }

    @Test func aFullPoolAnswers503AndTheOthersComeToTheirEnd() throws {
        let gate = DispatchSemaphore(value: 0)
        let begun = DispatchSemaphore(value: 0)
        let router = try testRouter {
            $0.group("") {
                $0.get("/slow") { _ in
                    begun.signal()
                    gate.wait()
                    return .text("slow")
                }
            }
        }
        let dispatcher = try Dispatcher(router, threads: 1, waiting: 1)
        let server = try HTTPServer(port: 0, limits: dispatcher.limits(), responding: dispatcher.handle)
        let answers = Monitor<[String]>([])
        let group = DispatchGroup()
        func start() {
            DispatchQueue.global().async(group: group) {
                let answer = ask(server, "GET /slow")
                answers.update { $0.append(answer) }
            }
        }
        start()
        begun.wait()
        // One may wait: of two more one is refused.
        start()
        start()
        let refused = try #require(answers.wait(until: .after(20)) { $0.first })
        #expect(refused.hasPrefix("HTTP/1.1 503 ") && refused.contains("Retry-After: 5\r\n"))
        gate.signal()
        gate.signal()
        group.wait()
        #expect(answers.withLock { $0.count { $0.hasSuffix("slow") } } == 2)
        dispatcher.stop()
        server.stop()
    }
}
