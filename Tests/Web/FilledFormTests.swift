import HTTP
import Testing
import Web

/// A form that comes back as somebody had filled it.
@Suite struct FilledFormTests {
    private static let page = div {
        form(.method("post"), .action(Link("other"))) { input(.name("name"), .value("other's")) }
        form(.method("post"), .action(Link("save")), .id("f")) {
            hidden("csrf", "new")
            hidden("row", "1")
            input(.type("text"), .name("name"), .value("old"), .class("wide"))
            input(.type("password"), .name("secret"))
            input(.type("checkbox"), .name("tick"), .value("a"), .checked())
            input(.type("checkbox"), .name("tick"), .value("b"))
            select(.name("kind")) {
                option("One", .value("1"), .selected())
                option("Two & more", .value("2"))
            }
            textarea("before", .name("text"), .rows(3))
            input(.name("line"), .value("1"))
            input(.name("line"), .value("2"))
        }
        form(.method("post"), .action(Link("save"))) {
            hidden("row", "2")
            input(.name("name"), .value("second"))
        }
        input(.name("outside"), .value(""), .form("f"))
    }

    private func filled(_ fields: [(String, String)], action: Link = Link("save")) -> String? {
        Self.page.filling(action, with: fields.map { HTTPRequest.Field($0.0, $0.1) }, keeping: ["csrf"])?.text
    }

    @Test func everyKindOfFieldIsAsItWasSent() throws {
        let text = try #require(
            filled([
                ("csrf", "old"), ("row", "1"), ("name", #"<b>"Ngọc" & Co's</b>"#), ("secret", "s3cret"), ("tick", "b"), ("kind", "2"),
                ("text", "two\nlines </textarea>"), ("line", "10"), ("line", "20"), ("outside", "too"),
            ]))
        #expect(text.contains(#"value="&lt;b&gt;&quot;Ngọc&quot; &amp; Co&#39;s&lt;/b&gt;""#))
        #expect(text.contains(#"<input type="hidden" name="csrf" value="new">"#) && !text.contains("s3cret"))
        #expect(text.contains(#"<input type="checkbox" name="tick" value="a">"#))
        #expect(text.contains(#"<input type="checkbox" name="tick" value="b" checked>"#))
        #expect(text.contains(#"<option value="1">One</option><option value="2" selected>Two &amp; more</option>"#))
        #expect(text.contains(">two\nlines &lt;/textarea&gt;</textarea>"))
        #expect(text.contains(#"name="line" value="10""#) && text.contains(#"name="line" value="20""#))
        #expect(text.contains(#"form="f" value="too""#))
        #expect(text.contains(#"value="other&#39;s""#) && text.contains(#"value="second""#), "other forms stay")
    }

    @Test func ofSeveralFormsItIsTheOneOfTheSameThing() throws {
        let text = try #require(filled([("row", "2"), ("name", "mine")]))
        #expect(text.contains(#"value="old""#) && text.contains(#"value="mine""#) && !text.contains(#"value="second""#))
    }

    @Test func whatCannotBeChosenAnyMoreIsLeft() throws {
        let text = try #require(filled([("row", "1"), ("kind", "3"), ("line", "7"), ("unknown", "x")]))
        #expect(text.contains(#"<option value="1" selected>One"#) && text.contains(#"name="line" value="2""#) && !text.contains("unknown"))
        #expect(filled([("name", "x")], action: Link("nowhere")) == nil)
    }

    @Test func aPageThatNothingIsSentToStaysAsItIs() throws {
        let only = form(.action(Link("a"))) { p("<x> & \"y\"", .title("a>b")) }
        #expect(only.filling(Link("a"), with: [HTTPRequest.Field("n", "v")], keeping: []) == only)
        let button = form(.action(Link("a"))) {
            input(.name("n"), .value("1"))
            Web.button("Go", .formaction(Link("b")))
        }
        #expect(button.filling(Link("b"), with: [HTTPRequest.Field("n", "v")], keeping: [])?.text.contains(#"value="v""#) == true)
    }
}
