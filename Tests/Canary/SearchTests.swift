import Foundation
import TestSupport
import Testing

/// The search itself: what finds nothing proves nothing.
@Suite struct CanarySearchTests {
    private static let person = CanaryPerson("somebody")
    private static let canaries = person.all + [.secret("secret"), Canary("key", (0..<32).map { _ in UInt8.random(in: 0...255) })]

    private static func noise(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8.random(in: 0...255) } }

    @Test func findsEachCanaryInEachFormWhereverItStands() {
        let search = CanarySearch(Self.canaries)
        for canary in Self.canaries {
            for form in EncodedForms.all(of: canary) {
                for (before, after) in [(0, 0), (0, 50), (50, 0), (1, 1), (2, 3), (1000, 1000)] {
                    let place = Place("place", Self.noise(before) + form.bytes + Self.noise(after))
                    let found = search.findings(in: place)
                    #expect(found.contains { $0.canary == canary.label && $0.form == form.name }, "\(canary.label) as \(form.name)")
                    #expect(found.allSatisfy { $0.canary == canary.label && $0.place == "place" })
                }
            }
        }
    }

    @Test func findsNothingWhereNothingIs() {
        let search = CanarySearch(Self.canaries)
        #expect(search.findings(in: [Place("noise", Self.noise(200_000)), Place("nothing", []), Place("short", [1, 2, 3])]) == [])
        for canary in Self.canaries {
            // All but the last byte, and all but the first.
            #expect(search.findings(in: Place("part", Array(canary.bytes.dropLast()))) == [])
            #expect(search.findings(in: Place("part", Array(canary.bytes.dropFirst()))) == [])
        }
    }

    /// Texts as other writers make them, with no code shared with the search.
    @Test func findsWhatOthersHaveWritten() throws {
        let name = "张三丰李四光"
        let search = CanarySearch([Canary("name", name), Canary("phone", "13711112222")])
        let escaped = #"{"name":"\u5f20\u4e09\u4e30\u674e\u56db\u5149"}"#
        let json = try JSONSerialization.data(withJSONObject: ["a": ["phone": "13711112222"]])
        let form = "name=" + (name.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "") + "&v=2"
        let gbk: [UInt8] = [0xD5, 0xC5, 0xC8, 0xFD, 0xB7, 0xE1, 0xC0, 0xEE, 0xCB, 0xC4, 0xB9, 0xE2]
        #expect(search.findings(in: Place("json", escaped)).map(\.canary) == ["name"])
        #expect(search.findings(in: Place("form", form)).map(\.canary) == ["name"])
        #expect(search.findings(in: Place("gbk", gbk)).map(\.canary) == ["name"])
        #expect(search.findings(in: Place("gbk", "%D5%C5%C8%FD%B7%E1%C0%EE%CB%C4%B9%E2")).map(\.canary) == ["name"])
        for pad in ["", "x", "xy", "xyz"] {
            let text = (Data(pad.utf8) + json).base64EncodedString()
            #expect(search.findings(in: Place("base64", text)).map(\.canary) == ["phone"], "\(pad)")
        }
    }

    @Test func findsWhatIsInCommandLinesAndFiles() async throws {
        let canary = Canary.secret("argument")
        let variable = Canary.secret("variable")
        let search = CanarySearch([canary, variable])
        let watch = try ProcessWatch()
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", "read -r _", canary.text ?? ""]
        process.environment = ["SOMETHING": variable.text ?? ""]
        let input = Pipe()
        process.standardInput = input
        try process.run()
        let seen = try await onThread { eventually(within: 30) { search.findings(in: watch.places).count == 2 } }
        try input.fileHandleForWriting.close()
        process.waitUntilExit()
        #expect(seen)
        // What has ended is still known.
        #expect(Set(watch.stop().flatMap { search.findings(in: $0) }.map(\.canary)) == ["argument", "variable"])

        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(uniqueName("canary"))
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(at: folder.appendingPathComponent("inner"), withIntermediateDirectories: true)
        for name in ["inner/data.db-wal", "master.key"] {
            try Data(canary.bytes).write(to: folder.appendingPathComponent(name))
        }
        #expect(search.findings(in: try SearchedPlaces.files(folder)).map(\.place) == ["inner/data.db-wal"])
    }
}
