import HTTP
import TestSupport
import Testing
import Web

@Suite struct HTMLTests {
    static let hostile = [
        "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "' onmouseover='x", "&lt;b&gt;", "</textarea><b>",
        "</title><script>",
        "javascript:alert(1)", "a\0b\u{1}\u{7F}\r\n\tc", "]]>--!><!--", "\u{2028}单\u{202E}ạ́", "<!DOCTYPE html>", "&", "", " ", "\\\"'`=",
    ]

    @Test func aTextIsEscaped() {
        #expect(p("<b> & \"'").text == "<p>&lt;b&gt; &amp; &quot;&#39;</p>")
        #expect(HTML("a\0\u{1B}\r\n").text == "a\u{FFFD}\u{FFFD}&#13;\n")
    }

    @Test func elementsAreGatheredWithConditionsAndLoops() {
        let names = ["a", "b"]
        let html = ul(.class("x"), .none, .hidden(false)) {
            for name in names { li(name) }
            if names.count > 5 { li("many") }
            if names.isEmpty {
                li("none")
            } else {
                li {
                    "so"; strong("me")
                }
            }
            names.map { li($0, .id($0)) }
            HTML?.none
        }
        #expect(html.text == #"<ul class="x"><li>a</li><li>b</li><li>so<strong>me</strong></li><li id="a">a</li><li id="b">b</li></ul>"#)
    }

    /// Everything that takes a text, with each hostile text in it: read back, the texts are the same and nothing else is there.
    @Test(arguments: hostile) func whatIsHostileStaysText(_ text: String) throws {
        let path = Link("m", text, query: ["q": text], fragment: text)
        let page = HTML.page(language: text, title: text, .class(text)) {
            meta(name: text, content: text)
            stylesheet(path)
            module(path, .data("x", text))
        } body: {
            h1(text, .id(text))
            form(.action(path), .method("post")) {
                hidden(text, text)
                input(.type("text"), .name(text), .value(text), .aria("label", text))
                textarea(text, .name(text))
                select { option(text, .value(text), .selected()) }
            }
            table {
                caption(text)
                tr {
                    th(text, .scope("col")); td { a(text, .href(path)) }
                }
            }
            svg(.viewBox(0, 0, 10, 5)) {
                svgTitle(text)
                path_(text)
            }
            progress(1, of: 2, text: text)
        }
        let read = try MarkupReader.read(page.bytes)
        let shown = MarkupReader.shown(text)
        #expect(read.names.sorted() == Self.expected)
        #expect(read.texts.allSatisfy { $0 == shown || $0 == "\n" + shown || $0 == "\n" }, "\(read.texts)")
        let links = read.attributes.filter { ["href", "src", "action"].contains($0.name) }
        #expect(links.count == 5 - 1 && links.allSatisfy { $0.value == path.text && $0.value.hasPrefix("/m") })
        for attribute in read.attributes where !["href", "src", "action"].contains(attribute.name) {
            #expect(attribute.value == shown || Self.constants.contains(attribute.value), "\(attribute)")
            #expect(!attribute.name.hasPrefix("on") && attribute.name != "style")
        }
    }

    private func path_(_ text: String) -> HTML { Web.path(.d(text)) }

    private static let constants: Set<String> = [
        "utf-8", "viewport", "width=device-width, initial-scale=1", "stylesheet", "module", "post", "hidden", "text", "col", "0 0 10 5",
        "1", "2",
        "",
    ]
    private static let expected = [
        "a", "body", "caption", "form", "h1", "head", "html", "input", "input", "link", "meta", "meta", "meta", "option", "path",
        "progress",
        "script", "select", "svg", "table", "td", "textarea", "th", "title", "title", "tr",
    ]

    @Test(arguments: [
        (Link("m", "a/b", "orders"), "/m/a%2Fb/orders"), (Link(), "/"), (Link(""), "/"), (Link("", "evil.com"), "/evil.com"),
        (Link("a", ""), "/a/"), (Link("", ""), "/"), (Link("a", "", "b"), "/a/b"), (Link(".."), "/%252E%252E"),
        (Link("a", "."), "/a/%252E"),
        (Link("a", query: ["x": "1&2", "y": nil, "z": "单"], fragment: "p q"), "/a?x=1%262&z=%E5%8D%95#p%20q"),
        (Link("javascript:x"), "/javascript%3Ax"), (Link("\\evil.com"), "/%5Cevil.com"), (.place("a\"b"), "#a%22b"),
    ]) func aLinkIsEncoded(link: Link, text: String) { #expect(link.text == text) }

    @Test(arguments: [
        "javascript:alert(1)", "http://example.com/", "https://", "//evil.com", "/x", "data:text/html,x", "https://a b", "ftp://a",
    ])
    func anAddressThatIsNotCheckedIsNoLink(_ address: String) {
        #expect(throws: HTTPClientError.self) { try Link(address: address) }
    }

    @Test func addressesElsewhereAreEncryptedOrOnThisMachine() throws {
        for address in ["https://example.com/a?b=c&d", "http://127.0.0.1:9000/x"] { #expect(try Link(address: address).text == address) }
    }

    @Test func theRequestsAddressWithAnotherQuery() {
        let link = Link(RequestTarget("/m/a%2Fb/orders?x=1"), query: [("after", "k"), ("state", nil)])
        #expect(link?.text == "/m/a%2Fb/orders?after=k")
    }

    @Test func aNameOfDataThatIsNoneIsLeftOut() {
        #expect(
            div(.data("a b", "x"), .data("", "x"), .aria("a\"", "x"), .data("order-id", "7")) {}.text == #"<div data-order-id="7"></div>"#)
    }

    @Test(arguments: [
        (0.0, "0"), (-1.5, "-1.5"), (10.25, "10.25"), (0.05, "0.05"), (-0.001, "0"), (.nan, "0"), (.infinity, "0"), (1e300, "1000000000"),
    ]) func numbersOfDrawingsArePlain(number: Double, text: String) { #expect(line(.x1(number)).text == "<line x1=\"\(text)\"></line>") }

    @Test func aPageHasItsHeaders() {
        let response = HTTPResponse.page(HTML.page(language: "vi", title: "t") { p("x") }, status: 400, language: "vi")
        #expect(response.status == 400)
        #expect(response.text.hasPrefix("<!DOCTYPE html>\n<html lang=\"vi\"><head><meta charset=\"utf-8\">"))
        #expect(response.header("cache-control") == "no-store")
        #expect(
            response.header("content-security-policy")
                == "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
                + "base-uri 'none'; frame-ancestors 'none'; trusted-types fragment; require-trusted-types-for 'script'")
        let after = HTTPResponse.seeOther(Link("a", query: ["b": "\r\nX: y"]))
        #expect(after.status == 303 && after.header("location") == "/a?b=%0D%0AX%3A%20y")
    }

    @Test(arguments: [
        ("ws://127.0.0.1:5000", true), ("https://a.b", true), ("ws://a; script-src *", false), ("javascript:x", false), ("https://", false),
        ("https://a/b", false), ("ws://localhost:*", true),
    ]) func aSourceOfAPolicyIsAnOrigin(origin: String, isOne: Bool) {
        #expect((ContentSecurityPolicy.Source(origin: origin) != nil) == isOne)
    }
}
