import JSON
import Testing

struct Inner: DefaultInitializable, Equatable {
    var sku = ""
    var quantity = 0
    static let fields = Fields<Inner>(Field("sku", \.sku, .filled(10)), Field("quantity", \.quantity, 1...100))
}

struct Outer: DefaultInitializable, Equatable {
    var id = ""
    var note: String?
    var lines: [Inner] = []
    var blob = Verbatim(Inner())
    var more: Verbatim<Inner>?
    static let fields = Fields<Outer>(
        Field("id", \.id, .filled(20)), Field("note", \.note, .text(5)), Field("lines", \.lines, count: 1...3), Field("blob", \.blob),
        Field("more", \.more))
}

@Suite struct DeclaredTests {
    @Test func readsAndWritesInTheDeclaredOrder() throws {
        let text = #"{"id":"a","note":"n","lines":[{"sku":"s","quantity":2}],"blob":{"sku":"t","quantity":3}}"#
        let value = try Outer.decode(
            #" { "blob" : {"quantity":3, "x":[1], "sku":"t"} , "unknown":[{}], "lines":[{"sku":"s","quantity":2}],"note":"n","id":"a" } "#)
        #expect(String(decoding: value.json, as: UTF8.self) == text)
        #expect(try Outer.decode(text) == value)
    }

    @Test(arguments: [
        (#"{"id":"a","lines":[{"sku":"s","quantity":2},{"sku":"s","quantity":0}],"blob":{"sku":"t","quantity":3}}"#, "lines[1].quantity"),
        (#"{"id":"a","lines":[{"sku":"s","quantity":2}],"blob":{"sku":"t","quantity":"3"}}"#, "blob.quantity"),
        (#"{"id":"a","lines":[{"sku":"s","quantity":2}],"blob":{"sku":"t"}}"#, "blob.quantity"),
        (#"{"id":"a","lines":[],"blob":{"sku":"t","quantity":3}}"#, "lines"),
        (#"{"lines":[{"sku":"s","quantity":2}],"blob":{"sku":"t","quantity":3}}"#, "id"),
        (#"{"id":null,"lines":[{"sku":"s","quantity":2}],"blob":{"sku":"t","quantity":3}}"#, "id"),
    ])
    func namesTheField(document: String, path: String) {
        #expect { try Outer.decode(document) } throws: { ($0 as? JSONError)?.path == path && ($0 as? JSONError)?.kind == .invalid }
    }

    @Test(arguments: ["", "{", "[1,]", #"{"id":"a" "b":1}"#, #"{"id":tru}"#, "{}x", #"{"lines":[{"quantity":0},]}"#])
    func tellsSyntaxFromFields(document: String) {
        #expect { try Outer.decode(document) } throws: { ($0 as? JSONError).map { $0.isSyntax || $0.path != "" } ?? false }
        #expect(!Array(document.utf8).withUnsafeBytes { JSONReader.isJSON($0) })
    }

    @Test func copiesVerbatimOnlyWhatItDeclares() throws {
        for text in [
            #"{"sku":"t","quantity":3}"#, #"{"quantity":3,"sku":"t"}"#, #"{"sku": "t","quantity":3}"#,
            #"{"sku":"t","quantity":3,"phone":"1"}"#,
        ] {
            #expect(try Verbatim<Inner>.decode(text).bytes == Inner(sku: "t", quantity: 3).json)
        }
    }

    @Test(arguments: [
        (#"{"sku":"t","quantity":3}"#, true), (#"{"quantity":3,"sku":"t"}"#, false), (#"{"sku":"t","quantity":3,"x":null}"#, false),
        (#"{"sku":"t", "quantity":3}"#, false), (#"{"sku":"t","quantity":3 }"#, false), (#"{"sku" :"t","quantity":3}"#, false),
        (#"{"\u0073ku":"t","quantity":3}"#, false), (#"{"sku":"\/","quantity":3}"#, false), (#"{"sku":"t","quantity":3.0}"#, false),
        (#"{"sku":"t","sku":"t","quantity":3}"#, false),
    ])
    func tellsBytesAsWritten(text: String, expected: Bool) throws {
        #expect(try isAsWritten(Inner.self, text) == expected)
        #expect(try Verbatim<Inner>.decode(" " + text).bytes == (try Inner.decode(text)).json)
        #expect(try isAsWritten([Inner].self, "[\(text),\(text)]") == expected)
        #expect(try !isAsWritten([Inner].self, "[\(text), \(text)]"))
        let outer = #"{"id":"a","lines":[\#(text)],"blob":\#(text)}"#
        #expect(try isAsWritten(Outer.self, outer) == expected)
        #expect(try !isAsWritten(Outer.self, outer.dropLast() + #","more":null}"#))
    }

    @Test func readsAbsentAndNullAlike() throws {
        let text = #"{"id":"a","lines":[{"sku":"s","quantity":2}],"blob":{"sku":"t","quantity":3}}"#
        let value = try Outer.decode(text.dropLast() + #","note":"x","note":null,"more":null}"#)
        #expect(value.note == nil && value.more == nil)
        #expect(String(decoding: value.json, as: UTF8.self) == text)
    }

    @Test func checksByteLengthsOfTextWithEscapes() throws {
        let document = { (sku: String) in #"{"sku":"\#(sku)","quantity":1}"# }
        #expect(try Inner.decode(document(#"\u0041\u0041\u0041"#)).sku == "AAA")
        #expect(try Inner.decode(document("请请请a")).sku == "请请请a")
        for wrong in ["", "\u{3164}", "请请请请", #"\u8bf7\u8bf7\u8bf7\u8bf7"#, "12345678901"] {
            let expected = JSONError.invalid("expected text of 1 to 10 bytes with a visible character", path: "sku")
            #expect(throws: expected) { try Inner.decode(document(wrong)) }
            #expect(throws: expected) { try Verbatim<Inner>.decode(document(wrong)) }
        }
    }

    @Test func showsTheSchema() {
        #expect(
            String(decoding: Outer.schema.document.json, as: UTF8.self)
                == #"{"title":"Outer","type":"object","properties":{"id":{"type":"string",\#(Self.visible),"minLength":1,"maxLength":20},"note":{"type":"string","maxLength":5},"#
                + #""lines":{"type":"array","minItems":1,"maxItems":3,"items":\#(Self.inner)},"blob":\#(Self.inner),"more":\#(Self.inner)},"#
                + #""required":["id","lines","blob"]}"#)
    }

    private static let visible = #""pattern":\#(String(decoding: JSONValue.string(VisibleText.pattern).json, as: UTF8.self))"#

    private static let inner =
        #"{"title":"Inner","type":"object","properties":{"sku":{"type":"string",\#(visible),"minLength":1,"maxLength":10},"quantity":{"type":"integer","minimum":1,"maximum":100}},"required":["sku","quantity"]}"#
}
