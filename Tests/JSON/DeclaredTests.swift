import JSON
import Testing

struct Inner: Declared, Equatable {
    var sku = ""
    var quantity = 0
    static let fields = Fields<Inner>(Field("sku", \.sku, .filled(10)), Field("quantity", \.quantity, 1...100))
}

struct Outer: Declared, Equatable {
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
}
