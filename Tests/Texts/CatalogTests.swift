import Contracts
import Testing

@testable import Texts

/// What holds for the three files as they are committed.
@Suite struct CatalogTests {
    private static let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/")
    private static let folder = "\(root)/Shared/Texts"

    /// Names and marks that are the same in two languages.
    private static let equal: Set<String> = ["app.name", "scan.refused"]

    /// Codes of HTTP alone (contract, section 9).
    private static let httpCodes = [
        "method-not-allowed", "key-reused", "last-owner", "changed-meanwhile", "too-large", "media-type", "too-many", "unavailable",
    ]

    private static let texts = Result { () throws(TextsError) in try Texts.load(folder) }

    @Test func theLanguagesHaveTheSameKeysAndEachItsPlurals() throws {
        let texts = try Self.texts.get()
        let english = texts.keys(.en)
        #expect(texts.keys(.zh) == texts.keys(.vi) && texts.keys(.zh).count > 600)
        #expect(english.filter { !$0.hasSuffix("_one") } == texts.keys(.zh))
        #expect(
            Set(english.filter { $0.hasSuffix("_one") }.map { $0.dropLast(4) })
                == Set(english.filter { $0.hasSuffix("_other") }.map { $0.dropLast(6) }))
    }

    @Test func aKeyIsWrittenAsTheSchemeSays() throws {
        for key in try Self.texts.get().keys(.en) {
            let plain = key.hasSuffix("_one") ? key.dropLast(4) : key.hasSuffix("_other") ? key.dropLast(6) : key[...]
            let segments = plain.split(separator: ".", omittingEmptySubsequences: false)
            #expect(
                segments.count >= 2
                    && segments.allSatisfy { !$0.isEmpty && $0.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") } },
                "\(key)")
        }
    }

    @Test func aTextHasTheSameSlotsInEachLanguage() throws {
        let texts = try Self.texts.get()
        for key in texts.keys(.zh) {
            let slots = Language.allCases.map { texts[$0].parts(key).slots }
            #expect(slots[0] == slots[1] && slots[1] == slots[2], "\(key)")
        }
        for key in texts.keys(.en) where key.hasSuffix("_one") {
            let other = texts[.en].parts("\(key.dropLast(4))_other").slots
            #expect(texts[.en].parts(key).slots.isSubset(of: other), "\(key)")
        }
    }

    @Test func noTextIsAnotherLanguagesUnlessItIsListed() throws {
        let texts = try Self.texts.get()
        var equal: Set<String> = []
        for key in texts.keys(.zh) where Set(Language.allCases.map { texts[$0](key) }).count < 3 { equal.insert(key) }
        #expect(equal == Self.equal)
    }

    /// Chinese characters and punctuation of full width.
    private static func isChinese(_ scalar: Unicode.Scalar) -> Bool {
        [0x2E80...0x9FFF, 0xF900...0xFAFF, 0xFF00...0xFFEF, 0x20000...0x3FFFF].contains { $0.contains(scalar.value) }
    }

    @Test(arguments: [Language.vi, .en]) func thereIsNoChineseOutsideChinese(language: Language) throws {
        let texts = try Self.texts.get()
        for key in texts.keys(language) { #expect(!texts[language](key).unicodeScalars.contains(where: Self.isChinese), "\(key)") }
    }

    @Test func aTextIsOneSentenceWithoutMarkupOrBlanksAround() throws {
        let texts = try Self.texts.get()
        for language in Language.allCases {
            for key in texts.keys(language) {
                let text = texts[language](key)
                #expect(!["<", "&amp;", "\n", "  "].contains { text.contains($0) }, "\(language) \(key)")
                #expect(text.first?.isWhitespace == false && text.last?.isWhitespace == false, "\(language) \(key)")
            }
        }
    }

    @Test(arguments: Language.allCases) func eachRefusalSaysWhatHappenedAndWhatToDo(language: Language) throws {
        let say = try Self.texts.get()[language]
        #expect(RefusalCode.allCases.count >= 40)
        for code in RefusalCode.allCases.map(\.rawValue) + Self.httpCodes + ["other"] {
            #expect(say.has("refusal.\(code).happened") && say.has("refusal.\(code).advice"), "\(code)")
            if code != "other" { #expect(!say("refusal.\(code).happened").contains(code), "\(code)") }
        }
    }

    @Test(arguments: Language.allCases) func eachEventAndStateOfTheContractHasAWord(language: Language) throws {
        let say = try Self.texts.get()[language]
        let events = Catalog.entries.filter { $0.kind == .event || $0.kind == .fact || $0.kind == .refusal }.map(\.type)
        #expect(events.count > 50)
        for type in events {
            let name = type.split(separator: ".").dropFirst().dropLast().joined(separator: ".")
            #expect(say.has("event.\(name)"), "\(name)")
        }
        func expect(_ family: String, _ values: [String]) {
            for value in values { #expect(say.has("\(family).\(value)"), "\(family).\(value)") }
        }
        expect("hold", Hold.allCases.map(\.rawValue))
        expect("state.outbound", OutboundState.allCases.map(\.rawValue))
        expect("state.inbound", InboundState.allCases.map(\.rawValue))
        expect("state.stage", ParcelStage.allCases.map(\.rawValue))
        expect("reason.deallocation", DeallocationReason.allCases.map(\.rawValue))
        expect("reason.upload", UploadFailure.allCases.map(\.rawValue))
        expect("reason.consent", ConsentFailure.allCases.map(\.rawValue))
        expect("reason.report", ReportIgnored.Reason.allCases.map(\.rawValue))
        expect("upload", UploadTarget.allCases.map(\.rawValue))
        expect("platform", Platform.allCases.map(\.rawValue))
        expect("provider", Provider.allCases.map(\.rawValue))
        expect("mode", AuthorizationMode.allCases.map(\.rawValue))
        expect("subscription", SubscriptionSource.allCases.map(\.rawValue))
        expect("target", Target.Kind.allCases.map(\.rawValue))
        expect("carrier", ["SF", "ZTO", "YTO", "STO", "YUNDA", "JD", "JT", "EMS", "DBL", "CAINIAO"])
        expect("service", ServiceName.allCases.map(\.rawValue))
        expect("help", (1...17).map { "Z\($0)" } + (1...7).map { "V\($0)" })
    }

    @Test func theTextsUseTheGlossarysWords() throws {
        let texts = try Self.texts.get()
        let glossary = String(decoding: try #require(TextFile.bytes("\(Self.folder)/GLOSSARY.md")), as: UTF8.self)
        let rows = glossary.split(separator: "\n").filter { $0.hasPrefix("| ") }.dropFirst()
        #expect(rows.count == 60)
        let all = Language.allCases.map { language in texts.keys(language).map { texts[language]($0).lowercased() }.joined(separator: "\n")
        }
        for row in rows {
            let cells = row.split(separator: "|", omittingEmptySubsequences: false).dropFirst().prefix(3)
                .map { $0.split(separator: " ").joined(separator: " ").lowercased() }
            #expect(cells.count == 3)
            for (cell, text) in zip(cells, all) { #expect(!cell.isEmpty && text.contains(cell), "\(cell)") }
        }
    }

    /// The guides' own words, as their readers look for them on the screen.
    @Test func buttonsSayWhatTheGuidesSay() throws {
        let texts = try Self.texts.get()
        let chinese = [
            "action.register-merchant": "我是商家", "action.register-factory": "我是厂家", "action.apply": "绑定厂家", "action.approve": "同意",
            "action.allocate": "分配", "action.allocate.many": "批量分配", "action.deallocate": "取消分配", "action.ship": "发货",
            "action.ship.many": "批量发货", "action.complete": "授权", "action.set-policy": "策略配置", "nav.factories": "厂家管理",
        ]
        for (key, text) in chinese { #expect(texts[.zh](key) == text) }
        let vietnamese = [
            "nav.fulfilment": "Liên kết cửa hàng", "mode.convenient": "Ủy quyền thuận tiện", "mode.standard": "Ủy quyền tiêu chuẩn",
            "action.begin": "Bắt đầu đồng bộ", "column.subscription": "Đăng ký tin nhắn", "nav.outbound": "Phiếu xuất kho",
            "nav.inbounds": "Phiếu nhập kho",
        ]
        for (key, text) in vietnamese { #expect(texts[.vi](key) == text) }
    }
}
