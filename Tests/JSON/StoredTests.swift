@_spi(_Unicode) import Swift
import Testing

@testable import JSON

/// What is stored is read by its types alone, what comes from outside by its rules.
@Suite struct StoredTests {
    struct Inner: DefaultInitializable, Equatable {
        var text = ""
        init() {}
        static let fields = Fields<Inner>(Field("text", \.text, .filled(4)))
    }

    struct Outer: DefaultInitializable, Equatable {
        var id = ""
        var code: String?
        var count = 0
        var few: [Inner] = []
        var kept: Verbatim<Inner>?
        var ruled = 0
        init() {}
        static let fields = Fields<Outer>(
            Field("id", \.id, .filled(3)), Field("code", \.code, .filled(3)), Field("count", \.count, 0...9),
            Field("few", \.few, count: 1...2), Field("kept", \.kept), Field("ruled", \.ruled, rule: Rule(0...9)))
    }

    /// Breaks every rule of `Outer`.
    private static let wide: Outer = {
        var inner = Inner()
        inner.text = "longer than four \u{3164}"
        var outer = Outer()
        outer.id = ""
        outer.code = "\u{200B}\t"
        outer.count = 1_000_000_000_000
        outer.few = Array(repeating: inner, count: 5)
        outer.kept = Verbatim(inner)
        outer.ruled = -1
        return outer
    }()

    @Test func rulesDoNotKeepWhatIsStoredFromBeingRead() throws {
        #expect(throws: JSONError.self) { try Outer.decode(Self.wide.json) }
        #expect(try Outer.decodeStored(Self.wide.json) == Self.wide)
        #expect(try Self.wide.kept?.value.text == "longer than four \u{3164}")
    }

    @Test(arguments: [#"{"id":1}"#, #"{"id":"a","count":"1"}"#, "{}", "", "[", #"{"id":"a","count":1,"few":[],"ruled":1}x"#])
    func typesStillDo(_ document: String) {
        #expect(throws: JSONError.self) { try Outer.decodeStored(Array(document.utf8)) }
    }
}

/// One character at least is visible (contract, section 2).
@Suite struct VisibleTextTests {
    static let invisible = [
        "", " ", "\t", "\n", "\u{0}", "\u{7F}", "\u{85}", "\u{A0}", "\u{AD}", "\u{61C}", "\u{115F}", "\u{1160}", "\u{1680}", "\u{180E}",
        "\u{2003}",
        "\u{200B}", "\u{200E}", "\u{2028}", "\u{2029}", "\u{202E}", "\u{2060}", "\u{2800}", "\u{3000}", "\u{3164}", "\u{FEFF}", "\u{FFA0}",
        "\u{FFF9}", "\u{E0020}", "\u{1D173}", " \u{3000}\u{200B}\u{3164}\n",
    ]
    static let visible = ["a", "~", "!", "号", "張", "é", " a", "\u{3000}\u{200B}店", "\u{E000}", "🏭", "\u{AC00}", "\u{3041}", "\u{3001}"]

    @Test(arguments: invisible)
    func blanksAreNone(_ text: String) {
        #expect(!VisibleText.isIn(text))
        #expect(throws: JSONError.self) { try TextRule.filled(100).check(text) }
        #expect(throws: Never.self) { try TextRule.text(100).check(text) }
    }

    @Test(arguments: visible)
    func oneVisibleCharacterIsEnough(_ text: String) {
        #expect(VisibleText.isIn(text))
        #expect(throws: Never.self) { try TextRule.filled(100).check(text) }
    }

    @Test func theSchemaSaysTheSameOfOneCharacter() throws {
        #expect(TextRule.filled(3).describe(String.schema).pattern == VisibleText.pattern)
        #expect(TextRule.text(3).describe(String.schema).pattern == nil)
        // Beyond U+FFFF the schema is wider than the service.
        let excluded = try Self.excluded(by: VisibleText.pattern)
        for value in UInt32(0)...0xFFFF {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let isVisible = VisibleText.isVisible(scalar)
            if excluded.contains(where: { $0.contains(value) }) == isVisible { Issue.record("U+\(String(value, radix: 16)): \(isVisible)") }
        }
    }

    /// The code points that a pattern of the form `[^…]` leaves out; read here, because `Regex` takes no bound that is not in NFC, as U+2000.
    private static func excluded(by pattern: String) throws -> [ClosedRange<UInt32>] {
        let list = try #require(pattern.wholeMatch(of: #/\[\^((?:\\u[0-9a-f]{4}(?:-\\u[0-9a-f]{4})?)+)\]/#)).1
        return try list.matches(of: #/\\u([0-9a-f]{4})(?:-\\u([0-9a-f]{4}))?/#).map { match in
            let first = try #require(UInt32(match.1, radix: 16))
            let last = try match.2.map { try #require(UInt32($0, radix: 16)) } ?? first
            return try #require(first <= last ? first...last : nil)
        }
    }

    @Test func allOfAnAccountIsVisible() {
        #expect(VisibleText.isAll("商家-1"))
        #expect(!VisibleText.isAll("商\u{200B}家"))
    }
}

/// Ids are in NFC, and compared byte by byte (contract, section 2).
@Suite struct ComposedTextTests {
    @Test(arguments: ["", "abc", "é", "宽", "가", "\u{2F}", "Ω", "\u{3C9}", "🏭", "한글 é 中文"])
    func composed(_ text: String) {
        #expect(ComposedText.isNFC(text))
        #expect(ComposedText.composed(text).hasSameBytes(as: text))
    }

    @Test(arguments: ["e\u{301}", "\u{212A}", "\u{2126}", "\u{1100}\u{1161}", "\u{F900}", "\u{344}", "宽e\u{301}", "\u{387}"])
    func notComposed(_ text: String) {
        #expect(!ComposedText.isNFC(text))
        let composed = ComposedText.composed(text)
        #expect(ComposedText.isNFC(composed))
        // Swift takes them for the same; their bytes tell them apart.
        #expect(composed == text)
        #expect(!composed.hasSameBytes(as: text))
    }

    /// The quick way gives what normalizing gives, for each character by itself.
    @Test func theQuickWayIsExact() {
        for value in UInt32(0)...0x10FFFF {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let text = String(scalar)
            if ComposedText.isNFC(text) != text.isItsOwnNFC { Issue.record("U+\(String(value, radix: 16))") }
        }
    }
}

extension String {
    fileprivate var isItsOwnNFC: Bool { Array(_nfc) == Array(unicodeScalars) }
}
