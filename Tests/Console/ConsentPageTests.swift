import HTTP
import Testing
import Texts

@testable import Console

@Suite struct ConsentPageTests {
    @Test(arguments: Language.allCases) func aPageIsPlainAndSafe(language: Language) throws {
        for page in [ConsentPage.received, .denied] {
            let response = page.response(language)
            let html = String(decoding: response.body, as: UTF8.self)
            #expect(html.hasPrefix("<!doctype html>") && html.contains("<html lang=\"\(language.tag)\">"))
            #expect(html.contains("<main>") && html.contains("<h1>") && html.contains("<title>") && html.contains("name=\"viewport\""))
            for outside in ["http:", "https:", "src=", "href=", "<script", "<style", "<form"] { #expect(!html.contains(outside)) }
            let headers = Dictionary(response.headers.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
            #expect(headers["Content-Type"] == "text/html; charset=utf-8" && headers["Content-Language"] == language.tag)
            #expect(headers["Cache-Control"] == "no-store" && headers["Referrer-Policy"] == "no-referrer")
            #expect(headers["X-Content-Type-Options"] == "nosniff")
            #expect(headers["Content-Security-Policy"]?.contains("default-src 'none'") == true)
            #expect(headers["Vary"] == "Accept-Language")
        }
        #expect(ConsentPage.received.response(language).body != ConsentPage.denied.response(language).body)
    }

    @Test func languagesDiffer() {
        let pages = Language.allCases.map { String(decoding: ConsentPage.received.response($0).body, as: UTF8.self) }
        #expect(Set(pages).count == 3 && pages[0].contains("授权已收到") && pages[1].contains("ủy quyền") && pages[2].contains("Go on in Daifa"))
    }
}
