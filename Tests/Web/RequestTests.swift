import HTTP
import Testing
import Web

/// What is read out of headers.
@Suite struct RequestTests {
    private func cookies(_ headers: String...) -> Cookies { Cookies(ask("GET", "/", headers: headers.map { ("Cookie", $0) })) }

    @Test(arguments: [
        ("a=1; b=2", "b", "2"), (" a = 1 ;b=2", "a", "1"), ("a=1,2; b=3", "a", "1,2"), ("a=\"x y\"", "a", "x y"), ("a=b=c", "a", "b=c"),
        ("a=1; a=1", "a", "1"), ("a=", "a", ""), ("a=\"", "a", "\""), ("x; a=1", "a", "1"),
    ]) func aCookieIsRead(header: String, name: String, value: String) { #expect(cookies(header)[name] == value) }

    @Test(arguments: [
        ("__host-x=1", "__Host-x"), ("a=1; a=2", "a"), ("a b=1", "a b"), ("a", "a"), ("=1", ""), ("", "a"), ("b=1", "a"),
    ]) func aCookieIsNotThere(header: String, name: String) { #expect(cookies(header)[name] == nil) }

    @Test func allCookieHeadersCount() {
        #expect(cookies("a=1", "b=2; c=3").names == ["a", "b", "c"])
        #expect(cookies("a=1", "a=2")["a"] == nil)
    }

    @Test func aCookieIsWritten() throws {
        var cookie = try #require(SetCookie("daifa", "abc-1_2"))
        #expect(cookie.header == ("Set-Cookie", "daifa=abc-1_2; Path=/; HttpOnly; SameSite=Lax"))
        cookie.maxAge = 60
        cookie.isSecure = true
        cookie.isHTTPOnly = false
        cookie.sameSite = .strict
        cookie.path = "/a;b"
        #expect(cookie.header.value == "daifa=abc-1_2; Path=/; Max-Age=60; Secure; SameSite=Strict")
        #expect(SetCookie.removed("__Host-a")?.header.value == "__Host-a=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax")
        for (name, value) in [("a b", ""), ("", ""), ("a", "b;c"), ("a", "b\r\n"), ("a", "单"), ("a", "\"")] {
            #expect(SetCookie(name, value) == nil)
        }
    }

    @Test(
        arguments: [
            ("text/csv", "text/csv", nil), ("Text/HTML; Charset=\"utf-8\"", "text/html", "utf-8"), ("a/b;charset=x;q=1", "a/b", "x"),
            ("a/b; charset=\"a;\\\"b\"", "a/b", "a;\"b"), ("a/b;", "a/b", nil),
        ] as [(String, String, String?)]) func aMediaTypeIsRead(text: String, essence: String, charset: String?)
    {
        let type = MediaType(text)
        #expect(type?.essence == essence)
        #expect(type?[parameter: "charset"] == charset)
    }

    @Test(arguments: ["", "text", "/", "a/", "a/b/c", "a b/c", "a/b; x", "a/b; x=", "a/b; x=\"y", "a/b; =y", ";a/b"])
    func whatIsNoMediaTypeIsRefused(text: String) { #expect(MediaType(text) == nil) }

    @Test(
        arguments: [
            (["zh-CN,zh;q=0.9,en;q=0.8"], "zh"), (["vi"], "vi"), (["fr, *;q=0.1"], "zh"), (["fr"], nil), ([], nil),
            (["en;q=0.2, vi;q=0.3"], "vi"),
            (["EN-us"], "en"), (["zh;q=0, en"], "en"), (["en;q=x, vi;q=0.1"], "vi"), (["en", "vi;q=0.9"], "en"),
            (["*;q=0.5, zh;q=0"], "vi"), (["zho"], nil),
        ] as [([String], String?)]) func aLanguageIsChosen(headers: [String], language: String?)
    {
        let request = ask("GET", "/", headers: headers.map { ("Accept-Language", $0) })
        #expect(request.language(among: ["zh", "vi", "en"]) == language)
    }

    @Test(
        arguments: [
            (nil, "application/json"), ("", "application/json"), ("text/csv", "text/csv"), ("*/*", "application/json"),
            ("text/*", "text/csv"),
            ("text/csv;q=0.5, application/json;q=0.4", "text/csv"), ("image/png", nil), ("text/csv;q=0", nil),
            ("*/*, application/json;q=0", "text/csv"),
            ("text/csv, application/json", "application/json"),
        ] as [(String?, String?)]) func aTypeIsChosen(header: String?, type: String?)
    {
        let request = ask("GET", "/", headers: header.map { [("Accept", $0)] } ?? [])
        #expect(request.type(among: ["application/json", "text/csv"]) == type)
    }

    @Test(
        arguments: [
            ("wait=10", 10), ("respond-async, wait=5", 5), ("Wait = \"7\"; x=y", 7), ("wait=-1", nil), ("wait=1.5", nil), ("wait", nil),
            ("", nil),
            ("wait=99999999999999999999999", .max), ("wait=x, wait=3", nil), ("wait=3, wait=4", 3),
        ] as [(String, Int?)]) func theWaitThatIsPreferred(header: String, seconds: Int?)
    {
        #expect(ask("GET", "/", headers: [("Prefer", header)]).preferredWait == seconds)
    }

    @Test(
        arguments: [
            ("\"3\"", .tags(["3"])), ("\"a\", W/\"b\" ,\"c,d\"", .tags(["a", "c,d"])), ("*", .any), ("3", .malformed), ("\"3", .malformed),
            ("", .malformed), ("W/\"1\"", .tags([])), ("\"", .malformed), ("\"\"", .tags([""])),
        ] as [(String, HTTPRequest.Match)]) func ifMatchIsRead(header: String, match: HTTPRequest.Match)
    {
        #expect(ask("PUT", "/", headers: [("If-Match", header)]).ifMatch == match)
        #expect(ask("PUT", "/").ifMatch == nil)
    }

    @Test(
        arguments: [("Bearer abc", "abc"), ("bearer  abc ", "abc"), ("Basic abc", nil), ("Bearer", nil), ("", nil)] as [(String, String?)])
    func aBearerToken(header: String, token: String?) {
        #expect(ask("GET", "/", headers: [("Authorization", header)]).bearerToken == token)
    }

    @Test(
        arguments: [
            ("192.0.2.1", [], "192.0.2.1"), ("192.0.2.1", ["10.1.1.1"], "192.0.2.1"), ("10.0.0.1", ["1.1.1.1, 192.0.2.7"], "192.0.2.7"),
            ("10.0.0.1", ["1.1.1.1, 192.0.2.7, 10.0.0.2"], "192.0.2.7"), ("10.0.0.1", ["192.0.2.7", "10.0.0.9"], "192.0.2.7"),
            ("10.0.0.1", [], "10.0.0.1"), ("10.0.0.1", ["x"], "10.0.0.1"), ("10.0.0.1", ["192.0.2.7, x, 10.0.0.3"], "10.0.0.3"),
            ("10.0.0.1", ["192.0.2.7:4711"], "192.0.2.7"), ("10.0.0.1", ["[2001:db8::1]:4711"], "2001:db8::1"),
            ("10.0.0.1", ["2001:DB8::1"], "2001:db8::1"),
            ("10.0.0.1", ["192.0.2.7,"], "10.0.0.1"), ("10.0.0.1", ["10.0.0.2,10.0.0.3"], "10.0.0.2"),
            ("::ffff:10.0.0.1", ["192.0.2.7"], "192.0.2.7"),
        ] as [(String, [String], String)]) func whoAsksBehindProxies(peer: String, headers: [String], client: String) throws
    {
        let request = ask("GET", "/", headers: headers.map { ("X-Forwarded-For", $0) }, peer: peer)
        #expect(request.clientAddress(behind: try NetworkList("10.0.0.0/8"))?.description == client)
    }

    @Test(
        arguments: [
            ([], true), ([("Origin", "http://here:8080")], true), ([("Origin", "https://HERE:8080")], true),
            ([("Origin", "https://public.example")], true),
            ([("Origin", "https://evil.example")], false), ([("Origin", "null")], false), ([("Origin", "http://here")], false),
            ([("Origin", "here:8080")], false), ([("Sec-Fetch-Site", "same-origin")], true), ([("Sec-Fetch-Site", "none")], true),
            ([("Sec-Fetch-Site", "same-site")], false), ([("Sec-Fetch-Site", "cross-site"), ("Origin", "http://here:8080")], false),
            ([("Origin", "http://here:8080"), ("Origin", "http://evil")], false), ([("Origin", "")], false),
        ] as [([(String, String)], Bool)]) func aForeignPageIsNoticed(headers: [(String, String)], isOwn: Bool)
    {
        let request = ask("POST", "/", headers: headers + [("Host", "Here:8080")])
        #expect(request.isFromOwnPage(origins: ["https://public.example"]) == isOwn)
    }

    @Test func anOriginNeedsAHostToBeItsOwn() {
        #expect(!ask("POST", "/", headers: [("Origin", "http://")]).isFromOwnPage(origins: []))
    }

    @Test func aTokenIsMaskedAnewAndOfItsSessionOnly() throws {
        let token = try #require(CSRFToken(secret: (0..<32).map { UInt8($0) }))
        let other = try #require(CSRFToken(secret: [UInt8](repeating: 7, count: 32)))
        let (one, two) = (try token.masked(), try token.masked())
        #expect(one != two && one.utf8.count == 86)
        for text in [one, two] { #expect(token.accepts(text) && !other.accepts(text)) }
        for text in [
            nil, "", String(one.dropLast()), one + "A", one.lowercased() + "=", String(repeating: "A", count: 86),
            String(repeating: "A", count: 9999),
        ] {
            #expect(!token.accepts(text))
        }
        #expect(CSRFToken(secret: [1]) == nil)
    }

    @Test func tokensOfABucketComeBackWithTime() {
        let limiter = RateLimiter(rate: 2, burst: 3)
        for _ in 0..<3 { #expect(limiter.take("a", now: 0) == nil) }
        #expect(limiter.take("a", now: 0) == 0.5)
        #expect(limiter.take("b", now: 0) == nil)
        #expect(limiter.take("a", now: 0.25) == 0.25)
        #expect(limiter.take("a", now: 0.5) == nil)
        #expect(limiter.take("a", now: 0.4) != nil)
        for _ in 0..<3 { #expect(limiter.take("a", now: 1000) == nil) }
        #expect(limiter.take("a", now: 1000) != nil)
    }

    @Test func inventedKeysShareABucketAndPushNobodyOut() {
        let limiter = RateLimiter(rate: 1, burst: 10, mostKeys: 100)
        for _ in 0..<10 { _ = limiter.take("greedy", now: 0) }
        let passed = (0..<10_000).count { limiter.take("key \($0)", now: 0.01) == nil }
        #expect(passed == 99 + 10)
        #expect(limiter.take("greedy", now: 0.02) != nil)
        // Full buckets say nothing and make room.
        #expect((0..<50).allSatisfy { limiter.take("later \($0)", now: 60) == nil })
    }
}
