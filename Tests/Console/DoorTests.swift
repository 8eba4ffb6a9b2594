import Contracts
import Foundation
import HTTP
import JSON
import Kafka
import TestSupport
import Testing
import Threads

/// A console's process on a real Kafka, asked over HTTP.
@Suite(.serialized, .timeLimit(.minutes(5))) struct DoorSuite {
    @Test func aConsentComesBack() async throws {
        let console = try await ConsoleFixture.start()
        let (state, key) = (uniqueName("state"), "jd-fulfillment:" + uniqueName("pin"))
        try await console.ask(state: state, authorizationId: "auth-1", key: key)
        let path = "/partners/jd-fulfillment/callback?code=co%2Bde&state=\(state)&message_subscription=true"
        let page = try await console.send("GET", path, headers: [("Accept-Language", "vi-VN,vi;q=0.9")])
        #expect(page.status == 200 && page.header("content-type") == "text/html; charset=utf-8")
        #expect(String(decoding: page.body, as: UTF8.self).contains("<html lang=\"vi\">"))
        #expect(page.header("referrer-policy") == "no-referrer" && page.header("content-security-policy") != nil)

        let command = try await console.client.first("the command") { $0.topic == "daifa.authorization.commands" && $0.key == key }
        #expect(command.type == "daifa.authorization.complete.v1" && command.actor == "partner:jd-fulfillment")
        #expect(command.header("ce_source") == "/daifa/console" && command.header("ce_specversion") == "1.0")
        #expect(command.header("content-type") == "application/json" && command.subject == "auth-1")
        #expect(command.correlationId == "talk-of-\(key)" && command.time.flatMap { Timestamp($0) } != nil)
        let expected: JSONValue = .object([
            ("authorizationId", .string("auth-1")), ("code", .string("co+de")), ("state", .string(state)),
            ("messageSubscription", .bool(true)),
        ])
        #expect(command.data == expected)

        // The browser goes back and forth: the same command again, with the same id.
        #expect(try await console.send("GET", path).status == 200)
        // And one whose partner says no.
        #expect(try await console.send("GET", "/partners/jd-fulfillment/callback?error=access_denied&state=\(state)").status == 200)
        let denial = try await console.client.first("the denial") { $0.key == key && $0.data["redirectUrl"] != nil }
        #expect(
            denial.data["redirectUrl"]?.string
                == "http://127.0.0.1:8080/partners/jd-fulfillment/callback?error=access_denied&state=\(state)")
        #expect(console.commands(.authorization, key: key).map(\.id) == [command.id, command.id, denial.id])
        try await console.end()
    }

    @Test func commandsCarryTheDeploymentsCode() async throws {
        let (first, second) = (try ServiceKey(id: "first"), try ServiceKey(id: "second"))
        let file = try TemporaryText(first.line)
        let console = try await onThread {
            try ConsoleFixture(broker: Broker.shared(), environment: ["DAIFA_SERVICE_KEY_FILE": file.path])
        }
        let (state, key) = (uniqueName("state"), "jd-fulfillment:" + uniqueName("pin"))
        try await console.ask(state: state, authorizationId: "auth-t", key: key)
        let path = "/partners/jd-fulfillment/callback?code=c&state=\(state)"
        #expect(try await console.send("GET", path).status == 200)
        let command = try await console.client.first("the command") { $0.key == key && $0.topic == ServiceName.authorization.commands }
        #expect(first.hasSigned(command) && command.actor == "partner:jd-fulfillment")
        #expect(command.header(EnvelopeHeader.authorization) == nil)
        // Rotated while the console runs: it looks at most once a second.
        try file.replace(second.line + first.line)
        let deadline = ContinuousClock.now + .seconds(30)
        while ContinuousClock.now < deadline, !console.commands(.authorization, key: key).contains(where: { second.hasSigned($0) }) {
            #expect(try await console.send("GET", path).status == 200)
        }
        #expect(console.commands(.authorization, key: key).allSatisfy { first.hasSigned($0) || second.hasSigned($0) })
        #expect(console.commands(.authorization, key: key).contains { second.hasSigned($0) })
        try await console.end()
    }

    @Test func aConsentThatNobodyAskedFor() async throws {
        let console = try await ConsoleFixture.start()
        let (state, key) = (uniqueName("state"), "channel:" + uniqueName("channel"))
        try await console.ask(state: state, authorizationId: "auth-2", key: key, provider: .pinduoduo)
        let unknown = try await console.send("GET", "/partners/jd-fulfillment/callback?code=SECRET&state=NOBODY")
        #expect(try problem(unknown, 400, sent: "SECRET", "NOBODY")["field"]?.string == "state")
        let other = try await console.send("GET", "/partners/jd-fulfillment/callback?code=SECRET&state=\(state)")
        #expect(try problem(other, 400, sent: "SECRET", state)["field"]?.string == "state")
        let chinese = try await console.send(
            "GET", "/partners/pinduoduo/callback?state=\(state)", headers: [("Accept-Language", "zh-CN")])
        #expect(try problem(chinese, 400, sent: state)["detail"]?.string?.contains("授权") == true)
        #expect(chinese.header("content-language") == "zh-Hans")
        _ = try problem(try await console.send("POST", "/partners/pinduoduo/callback?code=c&state=\(state)"), 405)
        _ = try problem(try await console.send("GET", "/partners/nobody/callback?code=c&state=\(state)", headers: []), 404)
        // The one that is good arrives last, so nothing else of these was sent.
        #expect(try await console.send("GET", "/partners/pinduoduo/callback?code=c&state=\(state)").status == 200)
        _ = try await console.client.first("the command") { $0.key == key && $0.topic == "daifa.authorization.commands" }
        #expect(console.client.seen { $0.header("ce_source") == "/daifa/console" && $0.topic == "daifa.authorization.commands" }.count == 1)
        try await console.end()
    }

    @Test func aStatusIsPushed() async throws {
        let console = try await ConsoleFixture.start()
        let (appKey, warehouse, order) = (uniqueName("app"), uniqueName("warehouse"), uniqueName("order"))
        let (number, inboundNumber, inbound) = (uniqueName("ESL"), uniqueName("EPL"), uniqueName("inbound"))
        try await console.authorize(uniqueName("auth"), appKey: appKey, secret: "s3cret", warehouseId: warehouse)
        try await console.outbound(number, orderId: order, warehouseId: warehouse)
        try await console.inbound(inboundNumber, inboundId: inbound, warehouseId: warehouse)
        let body = ConsoleFixture.body("m-1", number)
        let first = try await console.status(body, appKey: appKey, secret: "s3cret")
        #expect(first.status == 200 && first.body == Array(#"{"code":"0"}"#.utf8) && first.header("content-type") == "application/json")
        let command = try await console.client.first("the command") { $0.topic == "daifa.shipping.commands" && $0.key == order }
        #expect(command.type == "daifa.shipping.report-status.v1" && command.actor == "partner:jd-fulfillment")
        #expect(command.header("ce_source") == "/daifa/console")
        let data = try command.body(ReportStatus.self)
        #expect(data.orderId == order && data.allocationId == "\(order)/1" && data.partnerNumber == number && data.waybillNumber == "JD1")
        #expect(data.occurredAt.description == "2026-11-24T08:00:00.000Z" && data.partner == "jd-fulfillment")

        #expect(try await console.status(body, appKey: appKey, secret: "s3cret", at: Timestamp.now.milliseconds - 1000).status == 200)
        let received = ConsoleFixture.body("m-2", inboundNumber, type: "CGRK", statusCode: "70")
        #expect(try await console.status(received, appKey: appKey, secret: "s3cret").status == 200)
        let other = try await console.client.first("the inbound's command") { $0.topic == "daifa.shipping.commands" && $0.key == inbound }
        #expect(other.data["inboundId"]?.string == inbound && other.data["orderId"] == nil)
        #expect(console.commands(.shipping, key: order).map(\.id) == [command.id, command.id], "a copy has its original's id")
        #expect(console.process.metric("daifa_http_requests_total") == 3)
        #expect(!console.process.errorLines.contains { $0.contains("s3cret") })
        try await console.end()
    }

    @Test func aStatusThatIsRefused() async throws {
        let console = try await ConsoleFixture.start()
        let (mine, theirs, warehouse, order) = (uniqueName("app"), uniqueName("app"), uniqueName("warehouse"), uniqueName("order"))
        let number = uniqueName("ESL")
        try await console.authorize(uniqueName("auth"), appKey: mine, secret: "mine", warehouseId: warehouse)
        try await console.authorize(uniqueName("auth"), appKey: theirs, secret: "theirs", warehouseId: uniqueName("warehouse"))
        try await console.outbound(number, orderId: order, warehouseId: warehouse)
        let body = ConsoleFixture.body("m-1", number)

        let wrong = try await console.status(body, appKey: mine, secret: "theirs")
        #expect(try problem(wrong, 401, sent: mine, number)["field"]?.string == "x-jd-signature")
        let unknown = try await console.status(body, appKey: "nobody", secret: "mine")
        #expect(try problem(unknown, 401, sent: "nobody")["field"]?.string == "x-jd-app-key")
        let late = try await console.status(body, appKey: mine, secret: "mine", at: Timestamp.now.milliseconds - 301_000)
        #expect(try problem(late, 401)["field"]?.string == "x-jd-timestamp")
        let bare = try await console.send("POST", "/partners/jd-fulfillment/status", body: Array(body.utf8))
        #expect(try problem(bare, 401)["field"]?.string == "x-jd-app-key")
        let field = try await console.status(
            body.replacingOccurrences(of: "\"quantity\":1", with: "\"quantity\":\"PRIVATE\""), appKey: mine, secret: "mine")
        #expect(try problem(field, 400, sent: "PRIVATE")["field"]?.string == "lines[0].quantity")
        _ = try problem(try await console.status("nonsense", appKey: mine, secret: "mine"), 400, sent: "nonsense")
        let foreign = try await console.status(body, appKey: theirs, secret: "theirs")
        #expect(try problem(foreign, 404, sent: number)["field"]?.string == "orderNo")
        _ = try problem(try await console.status(ConsoleFixture.body("m", "ESL0"), appKey: mine, secret: "mine"), 404, sent: "ESL0")
        let huge = try await console.status(body + String(repeating: " ", count: 65_536), appKey: mine, secret: "mine")
        _ = try problem(huge, 413)
        _ = try problem(try await console.send("GET", "/partners/jd-fulfillment/status"), 405)
        _ = try problem(try await console.send("POST", "/partners/pinduoduo/status"), 404)
        let counted = console.process.get("/metrics")?.body ?? ""
        for line in [#"{route="status",status="413"} 1"#, #"{route="none",status="404"} 1"#, #"{route="status",status="404"} 2"#] {
            #expect(counted.contains("daifa_http_requests_total\(line)"), "\(line)")
        }
        // Just within the limit, and good: the only one that becomes a command.
        let full = body + String(repeating: " ", count: 65_536 - body.utf8.count)
        #expect(try await console.status(full, appKey: mine, secret: "mine").status == 200)
        _ = try await console.client.first("the command") { $0.topic == "daifa.shipping.commands" && $0.key == order }
        #expect(console.client.seen { $0.topic == "daifa.shipping.commands" && $0.actor == "partner:jd-fulfillment" }.count == 1)
        try await console.end()
    }

    @Test func manyAtOnceAndASlowOne() async throws {
        // More than one address may open: they come through the proxy before the console.
        let console = try await ConsoleFixture.start(environment: ["DAIFA_TRUSTED_PROXIES": "127.0.0.1"])
        let (appKey, warehouse) = (uniqueName("app"), uniqueName("warehouse"))
        try await console.authorize(uniqueName("auth"), appKey: appKey, secret: "s", warehouseId: warehouse)
        let orders = (0..<100).map { _ in uniqueName("order") }
        for order in orders { try await console.outbound("N-\(order)", orderId: order, warehouseId: warehouse) }
        // It announces a body and sends half of it; nobody waits for it.
        let slow = try await onThread { [port = console.process.httpPort] in try SlowConnection(port: port) }
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for order in orders {
                group.addTask { try await console.status(ConsoleFixture.body("m", "N-\(order)"), appKey: appKey, secret: "s").status }
            }
            return try await group.reduce(into: [Int]()) { $0.append($1) }
        }
        #expect(statuses == Array(repeating: 200, count: 100))
        for order in orders {
            _ = try await console.client.first("the command of \(order)") { $0.topic == "daifa.shipping.commands" && $0.key == order }
        }
        #expect(console.client.seen { $0.topic == "daifa.shipping.commands" && orders.contains($0.key ?? "") }.count == 100)
        let answer = try await onThread { try slow.finish() }
        #expect(answer.hasPrefix("HTTP/1.1 401 "))
        try await console.end()
    }

    @Test func aRestartKnowsWhatItKnew() async throws {
        let console = try await ConsoleFixture.start()
        let (state, key) = (uniqueName("state"), "jd-fulfillment:" + uniqueName("pin"))
        let (appKey, warehouse, order) = (uniqueName("app"), uniqueName("warehouse"), uniqueName("order"))
        try await console.ask(state: state, authorizationId: "auth", key: key)
        try await console.authorize(uniqueName("auth"), appKey: appKey, secret: "s", warehouseId: warehouse)
        try await console.outbound("N-\(order)", orderId: order, warehouseId: warehouse)
        #expect(try await console.status(ConsoleFixture.body("m", "N-\(order)"), appKey: appKey, secret: "s").status == 200)
        console.process.kill()
        let again = try await onThread { try ConsoleFixture(broker: console.broker, store: console.store) }
        #expect(try await again.status(ConsoleFixture.body("m", "N-\(order)"), appKey: appKey, secret: "s").status == 200)
        #expect(try await again.send("GET", "/partners/jd-fulfillment/callback?code=c&state=\(state)").status == 200)
        try await again.end()
    }

    @Test func oneStoreHasOneConsole() async throws {
        let console = try await ConsoleFixture.start()
        try await onThread {
            let second = try ServiceProcess(.console, broker: console.broker, store: console.store, instance: "another")
            #expect(second.awaitExit(timeout: 30) == .status(78))
            #expect(second.plainLines.count == 1 && second.plainLines[0].contains("already running"))
            let check = try ServiceProcess(.console, broker: console.broker, store: console.store, arguments: ["--check"])
            #expect(check.awaitExit(timeout: 30) == .status(0))
        }
        try await console.end()
    }

    @Test func itAnswersAboutItself() async throws {
        try await onThread {
            let folder = try ConsoleFixture.makeFolder()
            defer { try? FileManager.default.removeItem(at: folder) }
            for (arguments, status, text) in [
                (["--help"], 0, "DAIFA_PUBLIC_URL"), (["--version"], 0, "daifa-console "), (["--no"], 64, "--help"),
            ] as [([String], Int32, String)] {
                let process = try ServiceProcess(.console, broker: Broker.shared(), store: folder, arguments: arguments)
                #expect(process.awaitExit(timeout: 30) == .status(status))
                #expect(process.errorLines.contains { $0.contains(text) })
            }
            let off = try ServiceProcess(.console, broker: Broker.shared(), store: folder, environment: ["DAIFA_HTTP_PORT": "0"])
            #expect(off.awaitExit(timeout: 30) == .status(78))
            #expect(off.plainLines.count == 1 && off.plainLines[0].contains("DAIFA_HTTP_PORT"))
        }
    }
}

/// A client that sends half of a request and then waits.
final class SlowConnection: Sendable {
    private let descriptor: Int32

    init(port: UInt16) throws {
        descriptor = try connectedSocket(port: port)
        try send("POST /partners/jd-fulfillment/status HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\nConnection: close\r\n\r\n{\"mes")
    }

    deinit { close(descriptor) }

    /// Sends the rest and reads the answer. Blocking.
    func finish() throws -> String {
        try send("sage\"")
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { break }
            bytes += buffer[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func send(_ text: String) throws {
        let bytes = Array(text.utf8)
        try #require(Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count)
    }
}

/// A socket that is connected to a port of this machine.
func connectedSocket(port: UInt16) throws -> Int32 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
    let connected = withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
    }
    guard connected == 0 else {
        close(descriptor)
        throw POSIXError(.ECONNREFUSED)
    }
    return descriptor
}
