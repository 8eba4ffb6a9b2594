import Testing
import Texts

@Suite struct LanguageTests {
    @Test(arguments: [
        ("zh-CN,zh;q=0.9,en;q=0.8", Language.zh), ("vi", .vi), ("vi-VN, en;q=0.5", .vi), ("en-GB,zh;q=0.1", .en),
        ("fr-FR,zh-TW;q=0.3,vi;q=0.7", .vi), ("zh;q=0,vi;q=0.001", .vi), ("zh; q=0.2 , en ; q=0.3", .en), ("ZH-hans", .zh), ("*", .en),
        ("", .en), ("de", .en), ("zh;q=x", .en), ("zha", .en), (";;,,q=1", .en),
    ])
    func theBrowsersLanguageIsChosen(header: String, language: Language) { #expect(Language(acceptLanguage: header) == language) }

    @Test func withoutAHeaderItIsEnglish() { #expect(Language(acceptLanguage: nil) == .en) }

    @Test func aPageNamesItsScriptAndTheLanguagesNameThemselves() {
        #expect(Language.allCases.map(\.tag) == ["zh-Hans", "vi", "en"])
        #expect(Language.allCases.map(\.ownName) == ["简体中文", "Tiếng Việt", "English"])
        #expect(Language.allCases.map(\.firstZone) == ["Asia/Shanghai", "Asia/Ho_Chi_Minh", "Asia/Shanghai"])
    }
}
