import HTTP
import TestSupport
import Testing
import Web

/// Requests that somebody has bent: whatever comes is answered or refused, and nothing traps.
@Suite struct FuzzTests {
    /// xorshift64*: the same each time.
    private struct Numbers {
        var state: UInt64

        mutating func next(_ bound: Int) -> Int {
            state ^= state >> 12
            state ^= state << 25
            state ^= state >> 27
            return Int((state &* 2_685_821_657_736_338_717) >> 33) % max(1, bound)
        }

        mutating func mutated(_ bytes: [UInt8], _ pieces: [[UInt8]]) -> [UInt8] {
            var bytes = bytes
            for _ in 0..<1 + next(6) {
                let at = next(bytes.count + 1)
                switch next(6) {
                case 0 where at < bytes.count: bytes[at] = UInt8(next(256))
                case 1 where at < bytes.count: bytes.remove(at: at)
                case 2: bytes.insert(contentsOf: pieces[next(pieces.count)], at: at)
                case 3: bytes = Array(bytes[..<at])
                case 4: bytes.insert(contentsOf: bytes[at...].prefix(1 + next(20)), at: next(bytes.count + 1))
                default: bytes.insert(UInt8(next(256)), at: at)
                }
            }
            return bytes
        }
    }

    private static let pieces = [
        "%", "%00", "%2F", "%zz", "%FF", "/", "//", "..", "?", "&", "=", ";", ",", "\"", "\\", "\r\n", "\r\n\r\n", "--XX", "--XX--", "\0",
        "+", "单", "*", "W/",
        "q=", "-", "{", "}", "#", ":", "[", "]", "99999999999999999999",
    ].map { Array($0.utf8) }

    @Test func nothingTraps() throws {
        let router = try testRouter { router in
            router.group("") {
                $0.get("/m/{shop}/orders/{orderId...}") { call in
                    .page(HTML.page(language: call["shop"], title: call["orderId"]) { p(call["orderId"]) })
                }
                $0.post("/m/{shop}", body: .bytes(1 << 20)) { call in
                    do throws(Form.Failure) {
                        let form = try Form(call.request)
                        let values = form.fields.map { "\($0.name)\($0.value)" } + form.files.map { "\($0.field)\($0.file.name)" }
                        return .page(HTML { values.map { p($0) } })
                    } catch { return .page(p(error.description), status: 400) }
                }
            }
        }
        let targets = ["/m/7/orders/a%2Fb/c?state=open&text=%E5%8D%95+x", "/m/7?a", "http://host/m/7/orders/x", "/m/%E5%8D%95/orders/1"].map
        { Array($0.utf8) }
        let headers: [(String, [UInt8])] = [
            ("Cookie", Array("__Host-daifa=abc; b=\"c d\"; e=f,g".utf8)),
            ("Accept-Language", Array("zh-CN,zh;q=0.9,en;q=0.8,*;q=0.1".utf8)),
            ("Accept", Array("text/csv;q=0.5, application/json, */*;q=0.1".utf8)), ("Prefer", Array("respond-async, wait=10".utf8)),
            ("If-Match", Array("\"3\", W/\"4\", *".utf8)), ("X-Forwarded-For", Array("192.0.2.1, [2001:db8::1]:80, 10.0.0.1".utf8)),
            ("Origin", Array("https://console.example".utf8)), ("Authorization", Array("Bearer abc.def".utf8)),
        ]
        let bodies: [(String, [UInt8])] = [
            ("application/x-www-form-urlencoded", Array("a=1&b=%E5%8D%95+x&c&file=%2F".utf8)),
            (
                "multipart/form-data; boundary=XX",
                Array(
                    ("--XX\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\none\r\n--XX\r\nContent-Disposition: form-data; name=\"f\"; "
                        + "filename=\"x.csv\"\r\nContent-Type: text/csv\r\n\r\n1,2\r\n--XX--\r\n").utf8)
            ),
        ]
        let proxies = try NetworkList("10.0.0.0/8")
        var numbers = Numbers(state: 20_261_130)
        var statuses: [Int: Int] = [:]
        for round in 0..<30_000 {
            let target =
                round % 2 == 0 ? targets[numbers.next(targets.count)] : numbers.mutated(targets[numbers.next(targets.count)], Self.pieces)
            let (name, value) = headers[numbers.next(headers.count)]
            let (type, body) = bodies[numbers.next(bodies.count)]
            let typeBytes = numbers.next(4) == 0 ? numbers.mutated(Array(type.utf8), Self.pieces) : Array(type.utf8)
            let request = ask(
                numbers.next(2) == 0 ? "GET" : "POST", String(decoding: target, as: UTF8.self),
                headers: [
                    (name, String(decoding: numbers.mutated(value, Self.pieces), as: UTF8.self)),
                    ("Content-Type", String(decoding: typeBytes, as: UTF8.self)),
                ], body: numbers.mutated(body, Self.pieces), peer: "10.0.0.1")
            let response = try router.answer(request)
            statuses[response.status, default: 0] += 1
            if response.header("content-type")?.hasPrefix("text/html") ?? false { _ = try MarkupReader.read(response.body) }
            let cookies = Cookies(request)
            for name in cookies.names { _ = cookies[name] }
            _ = (
                request.language(among: ["zh", "vi", "en"]), request.type(among: ["text/csv", "application/json"]), request.preferredWait
            )
            _ = (
                request.ifMatch, request.bearerToken, request.isFromOwnPage(origins: []), request.clientAddress(behind: proxies),
                request.target.query
            )
            if let link = Link(request.target, query: request.target.query.map { ($0.name, $0.value) }) {
                // What was read out of it and written again is read the same.
                let again = RequestTarget(link.text)
                #expect(again.query == request.target.query && link.text.hasPrefix("/") && !link.text.hasPrefix("//"))
            }
        }
        // Each way was gone.
        for status in [200, 400, 404, 405] { #expect(statuses[status] ?? 0 > 300, "\(statuses)") }
    }
}
