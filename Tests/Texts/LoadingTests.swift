import Glibc
import Testing

@testable import Texts

@Suite struct LoadingTests {
    /// A folder with three files, gone afterwards.
    private func load(zh: String?, vi: String?, en: String?, _ body: (String, Result<Texts, TextsError>) throws -> Void) throws {
        var template = Array("/tmp/daifa-texts-XXXXXX".utf8CString)
        let folder = try #require(mkdtemp(&template).map { String(cString: $0) })
        defer { rmdir(folder) }
        for (name, text) in [("zh", zh), ("vi", vi), ("en", en)] {
            guard let text else { continue }
            let file = try #require(fopen("\(folder)/\(name).json", "we"))
            fputs(text, file)
            fclose(file)
        }
        defer { for name in ["zh", "vi", "en"] { unlink("\(folder)/\(name).json") } }
        try body(folder, Result { () throws(TextsError) in try Texts.load(folder) })
    }

    private static let good = #"{"batch.done_one":"{count} order shipped","batch.done_other":"{count} orders shipped","hello":"Hello"}"#
    private static let plain = #"{"batch.done_other":"{count}","hello":"Xin chào {name}!"}"#

    @Test func aTextIsFoundByItsKeyAndItsSlotsAreFilled() throws {
        try load(zh: Self.plain, vi: Self.plain, en: Self.good) { _, result in
            let texts = try result.get()
            let vi = texts[.vi]
            #expect(vi("hello", ["name": "Lan"]) == "Xin chào Lan!")
            #expect(vi.parts("hello").parts == [.text("Xin chào "), .slot("name"), .text("!")])
            #expect(texts.keys(.en) == ["batch.done_one", "batch.done_other", "hello"] && texts.missing == 0)
        }
    }

    @Test func aPluralFollowsItsLanguageAndGroupsItsCount() throws {
        try load(zh: Self.plain, vi: Self.plain, en: Self.good) { _, result in
            let texts = try result.get()
            #expect(texts[.en]("batch.done", count: 1) == "1 order shipped")
            #expect(
                texts[.en]("batch.done", count: 0) == "0 orders shipped" && texts[.en]("batch.done", count: 1250) == "1,250 orders shipped")
            #expect(texts[.vi]("batch.done", count: 1) == "1" && texts[.vi]("batch.done", count: 1250) == "1.250")
            #expect(texts[.zh].parts("batch.done", count: 1).slots == ["count"])
        }
    }

    @Test func aKeyThatIsMissingIsShownAndCounted() throws {
        try load(zh: Self.plain, vi: Self.plain, en: Self.good) { _, result in
            let texts = try result.get()
            #expect(texts[.zh]("orders.list.empty") == "orders.list.empty" && texts[.en]("hello", count: 2) == "hello_other")
            #expect(texts.missing == 2)
            #expect(texts[.zh].has("hello") && !texts[.zh].has("refusal.of-tomorrow.happened") && texts.missing == 2)
        }
    }

    @Test func aSlotThatNobodyFillsStaysVisible() throws {
        try load(zh: Self.plain, vi: Self.plain, en: Self.good) { _, result in
            let say = try result.get()[.vi]
            #expect(say("hello") == "Xin chào {name}!")
        }
    }

    @Test(
        arguments: [
            (nil, nil, "which this process may read"), ("[]", nil, "one object of keys and texts"), ("{", nil, "not JSON"),
            (#"{"hello":1}"#, "hello", "a text"), (#"{"hello":""}"#, "hello", "not empty"), (#"{"hello":"a } b"}"#, "hello", "brace"),
            (#"{"hello":"a {b c} d"}"#, "hello", "brace"), (#"{"hello":"{}"}"#, "hello", "brace"), (#"{"hello":"{a"}"#, "hello", "brace"),
            (#"{"hello":"a","hello":"b"}"#, "hello", "twice"), (#"{"batch.done_other":"{count}"}"#, "hello", "another language has it"),
        ] as [(String?, String?, String)])
    func aBadFileIsAnErrorThatNamesFileAndKey(vi: String?, key: String?, reason: String) throws {
        try load(zh: Self.plain, vi: vi, en: Self.good) { folder, result in
            guard case .failure(let error) = result else {
                Issue.record("the file was loaded")
                return
            }
            #expect(error.file == "\(folder)/vi.json" && error.key == key && error.reason.contains(reason))
            #expect(error.description.contains("vi.json") && error.description.contains(key ?? ""))
        }
    }
}
