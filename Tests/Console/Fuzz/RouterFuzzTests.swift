import Contracts
import Crypto
import Foundation
import HTTP
import Identity
import JSON
import TestSupport
import Testing
import Web

@testable import Console

/// Mutated requests: whatever comes, the console answers, with no 5xx but where it says so, and keeps nothing of it.
///
/// `DAIFA_FUZZ_REQUESTS` says how many; the seed is in the failure's text.
@Suite struct RouterFuzzTests {
    private static let count = Int(ProcessInfo.processInfo.environment["DAIFA_FUZZ_REQUESTS"] ?? "") ?? 6000

    @Test(.timeLimit(.minutes(10))) func noRequestBreaksIt() throws {
        let scene = try ConsoleScene(signUp: true, records: SceneRecords.twoPairs)
        scene.transport.forget()
        var mutator = RequestMutator(seed: UInt64.random(in: 0..<(.max)), scene.router.routes, try Self.guests(scene))
        let seed = mutator.seed
        var statuses: [Int: Int] = [:]
        var settled = 0
        for number in 0..<Self.count {
            let request = mutator.next()
            let answer = scene.ask(request)
            statuses[answer.status, default: 0] += 1
            #expect(
                answer.status < 500 || answer.status == 503,
                "seed \(seed), request \(number): \(request.method) \(request.target.raw) \(request.headers) → \(answer.status)")
            #expect(!answer.response.body.holds("only-m2"), "seed \(seed), request \(number): \(request.method) \(request.target.raw)")
            if answer.status >= 400 {
                // Pages tell people, everything else tells programs.
                let isPage = answer.header("content-type") == "text/html; charset=utf-8" && !request.target.raw.hasPrefix("/api/")
                let isProblem = answer.header("content-type") == "application/problem+json" && answer.code != nil
                #expect(isPage || isProblem, "seed \(seed), request \(number)")
            }
            if answer.response.stream != nil { scene.parts.streams.end(key: mutator.streamKey) }
            if number == Self.count / 4 { settled = residentKilobytes() }
        }
        let grown = residentKilobytes() - settled
        #expect(grown < 96 * 1024, "seed \(seed): it grew by \(grown) KiB")
        // Not all were turned away at the door.
        for status in [200, 400, 401, 403, 404, 405, 415] { #expect(statuses[status, default: 0] > 0, "seed \(seed): \(statuses)") }
        #expect(scene.ask("GET", "/api/v1/commands", as: try scene.token("merchant:m1")).status == 200)
    }

    private static func guests(_ scene: ConsoleScene) throws -> [Guest] {
        [
            .nobody, try scene.token("merchant:m1"), try scene.token("factory:f1"), try scene.token("operator:x"),
            try scene.user("anna", [("merchant:m1", .owner)]), try scene.user("fred", [("factory:f1", .clerk)]),
            try scene.user("both", [("merchant:m1", .owner), ("factory:f1", .owner)]),
        ]
    }
}

extension [UInt8] {
    /// Whether a text stands in it.
    func holds(_ text: String) -> Bool { Data(self).range(of: Data(text.utf8)) != nil }
}

/// Makes requests from those that are right, each with a few changes.
struct RequestMutator {
    struct Generator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
    }

    let seed: UInt64
    let streamKey = "merchant:m1"
    private var random: Generator
    private let routes: [Web.Route]
    /// Whose pages are asked for.
    var merchant = "m1"
    private let guests: [Guest]
    /// What their forms carry.
    private let tokens: [String]
    private static let texts = [
        "", " ", "0", "-1", "1", "201", "99999999999999999999", "null", "true", "%00", "%zz", "%2F", "%F0%9F%92%A9", "../..", "'", "\"",
        "<b>", "daifa", "merchant:m1", "factory:f1", "operator:x", "o-only-m1", "o-only-m1/1", "m1", "anna", "open", "2026-01-01T00:00:00Z",
        String(repeating: "a", count: 300), "é", "e\u{301}", "\u{0}", "\u{202E}", "𠮷野家",
    ]
    private static let names = [
        "state", "hold", "limit", "after", "text", "from", "to", "order", "actor", "shippable", "factory", "merchant", "door", "since", "x",
        "",
    ]
    private static let headers = [
        "Prefer", "Idempotency-Key", "X-Daifa-Actor", "X-CSRF-Token", "Origin", "Sec-Fetch-Site", "Accept-Language", "If-Match",
        "Content-Encoding", "Last-Event-ID", "traceparent", "Cookie", "Authorization", "X-Forwarded-For", "Accept",
    ]
    private static let bodies = [
        "", "{}", "[]", "{", "null", "7", #""text""#, Sample.approve, Sample.removeRule, #"{"user":"anna","password":"wrong password"}"#,
        #"{"role":"clerk"}"#, #"{"language":"vi"}"#, #"{"role":"merchant"}"#, #"{"user":"u","password":"short","language":"zh"}"#,
        #"{"service":"allocation","command":"approve-order","items":[{"orderId":"o1","merchantShopId":"m1"},7]}"#,
        #"{"orderId":"o1","merchantShopId":"m1","target":{"kind":"factory","id":"f1"},"lines":[{"lineId":"1","quantity":1}]}"#,
        String(repeating: "[", count: 2000), #"{"a":"# + String(repeating: "9", count: 400) + "}",
    ]

    /// - Parameter routes: of the table; partners' are left out, because they go on to Kafka, which may not be there.
    init(seed: UInt64, _ routes: [Web.Route], _ guests: [Guest]) {
        self.seed = seed
        random = Generator(state: seed)
        self.routes = routes.filter { !$0.template.text.hasPrefix("/partners") }
        self.guests = guests
        tokens = guests.map { guest in
            let secret = guest.csrf.flatMap { Base64URL.decode($0) }.flatMap { CSRFToken(secret: $0) }
            return (try? secret?.masked()) ?? ""
        }
    }

    mutating func next() -> HTTPRequest {
        let index = Int.random(in: guests.indices, using: &random)
        guard let route = routes.randomElement(using: &random) else { return HTTPRequest(method: "GET", path: "/") }
        let guest = guests[index]
        let shop = route.template.text.hasPrefix("/f/") ? "f1" : merchant
        var target = WhoAsksTests.path(route, shop: shop).replacing("{shop}", with: shop).replacing("only-m2", with: "only-m1")
        if chance(4) { target = changed(target) }
        if chance(3) {
            target +=
                "?"
                + (0..<Int.random(in: 1...3, using: &random)).map { _ in "\(pick(Self.names))=\(pick(Self.texts))" }.joined(separator: "&")
        }
        var request = HTTPRequest(
            method: chance(12) ? pick(["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD", "x"]) : route.method.rawValue,
            target: RequestTarget(target), headers: guest.headers)
        request.remoteAddress = NetworkAddress("192.0.2.\(Int.random(in: 1...250, using: &random))")
        if let csrf = guest.csrf, !chance(8) { request.headers.append(HTTPRequest.Field("X-CSRF-Token", csrf)) }
        request.headers.append(HTTPRequest.Field("Prefer", "wait=0"))
        if !route.bodyTypes.isEmpty {
            let isForm = route.bodyTypes.contains(Self.form)
            var body = Array((isForm ? fields(tokens[index]) : pick(Self.bodies)).utf8)
            if chance(3), !body.isEmpty { body[Int.random(in: body.indices, using: &random)] = UInt8.random(in: 0...255, using: &random) }
            request.body = body
            request.headers.append(
                HTTPRequest.Field("Content-Type", chance(10) ? pick(Self.texts) : isForm ? Self.form : "application/json"))
        }
        while chance(3) { request.headers.append(HTTPRequest.Field(pick(Self.headers), pick(Self.texts))) }
        // A session that is logged out is of no use to those that come after.
        if ["log-out", "end-session", "page-log-out", "page-end-session"].contains(route.name) {
            request.headers.removeAll { $0.name == "X-CSRF-Token" }
            request.body = []
        }
        return request
    }

    private static let form = "application/x-www-form-urlencoded"
    private static let fieldNames = [
        "order", "allocation", "allocationId", "of", "line", "quantity", "target", "confirmed", "carrier", "number", "numbers", "name",
        "phone", "province", "detail", "ruleId", "match", "priority", "factoryShopId", "warehouseId", "language", "zone", "id", "item",
        "command", "first", "last", "kind", "user", "next", "seen",
    ]

    /// A form with the session's token, most times.
    private mutating func fields(_ token: String) -> String {
        let names = (0..<Int.random(in: 0...8, using: &random)).map { _ in pick(Self.fieldNames) }
        let pairs = names.map { "\($0)=\(HTTP.PercentEncoding.encode(pick(Self.texts)))" }
        return (pairs + (chance(10) ? [] : ["csrf=\(token)"])).joined(separator: "&")
    }

    mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
    private mutating func chance(_ of: Int) -> Bool { Int.random(in: 0..<of, using: &random) == 0 }
    private mutating func pick(_ texts: [String]) -> String { texts.randomElement(using: &random) ?? "" }

    private mutating func changed(_ target: String) -> String {
        var segments = target.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        let index = Int.random(in: segments.indices, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: segments[index] = pick(Self.texts)
        case 1: segments.remove(at: index)
        default: segments.insert(pick(Self.texts), at: index)
        }
        return segments.joined(separator: "/")
    }
}
