import Foundation
import Testing
import Web

@testable import Console

/// `Tests/Browser/pages.txt` names every page that a browser may ask for, so that the tests in a browser look at each, a new one too.
@Suite struct PageListTests {
    private static let committed = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Browser/pages.txt")

    @Test func theCommittedListIsTheTables() throws {
        let pages = try ConsoleScene().router.routes.filter { route in
            route.method == .get && !["/api/", "/partners/", "/assets/"].contains { route.template.text.hasPrefix($0) }
        }
        let text = pages.map { "\($0.template.text) \($0.name)\n" }.sorted().joined()
        if ProcessInfo.processInfo.environment["DAIFA_WRITE_SCHEMAS"] == "1" {
            try text.write(to: Self.committed, atomically: true, encoding: .utf8)
        }
        let committed = (try? String(contentsOf: Self.committed, encoding: .utf8)) ?? ""
        #expect(
            committed == text,
            "run `DAIFA_WRITE_SCHEMAS=1 swift test --filter PageListTests` and commit what changed in Tests/Browser/pages.txt")
    }
}
