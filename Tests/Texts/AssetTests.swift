import Testing

@testable import Texts

/// What the console's pages may load: nothing from elsewhere, nothing inline, and not much.
@Suite struct AssetTests {
    private static let web =
        #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/") + "/Services/Console/Web"

    private static let styles = ["base", "layout", "forms", "tables", "components", "print"]
    private static let modules = [
        "confirm", "errors", "filter", "fragment", "live", "once", "print", "print-protocol", "scan", "select", "shortcuts", "stream",
        "text",
        "upload",
    ]

    private static func text(_ name: String) throws -> String {
        String(decoding: try #require(TextFile.bytes("\(web)/\(name)"), "\(name)"), as: UTF8.self)
    }

    @Test func theStyleSheetsAreSmallAndLoadNothing() throws {
        var size = 0
        for name in Self.styles {
            let text = try Self.text("\(name).css")
            size += text.utf8.count
            for word in ["url(", "@import", "@font-face", "data:", "http:", "https:", "text-transform: uppercase", "font-style: italic"] {
                #expect(!text.contains(word), "\(name).css: \(word)")
            }
        }
        #expect(size < 30_000)
    }

    @Test func coloursAreNamedInOnePlace() throws {
        for name in ["layout", "forms", "tables"] {
            #expect(!(try Self.text("\(name).css").contains(/#[0-9a-fA-F]{3,6}\b/)), "\(name).css")
        }
        let base = try Self.text("base.css")
        #expect(base.contains("prefers-color-scheme: dark") && base.contains("prefers-reduced-motion: reduce"))
        #expect(try Self.text("components.css").contains("forced-colors: active"))
        #expect(base.contains("1.5 var(--font)") && base.contains("Noto Sans CJK SC"))
    }

    @Test func aModuleIsShortAndMakesNoHTML() throws {
        for name in Self.modules {
            let text = try Self.text("\(name).js")
            #expect(text.split(separator: "\n", omittingEmptySubsequences: false).count <= 151, "\(name).js")
            for word in ["eval(", "new Function", "document.write", "outerHTML", "insertAdjacentHTML", "data:", "confirm(", "alert("] {
                #expect(!text.contains(word) || word == "data:" && !text.contains("\"data:"), "\(name).js: \(word)")
            }
            for word in ["innerHTML", "createPolicy", "DOMParser"] where name != "fragment" {
                #expect(!text.contains(word), "\(name).js: \(word)")
            }
        }
    }

    /// Ids, and what the page says, are the page's: a module that brings words brings them in one language.
    @Test func aModuleHasNoWordsForPeople() throws {
        for name in Self.modules {
            let text = try Self.text("\(name).js")
            #expect(!text.contains(/textContent = ["'`]\w/), "\(name).js")
        }
    }
}
