import Foundation
import Testing

/// The modules' arrows: what the package says, what the sources import, and what the design draws.
@Suite struct ArrowTests {
    /// A module, or anything else that is built.
    private struct Target: Decodable {
        struct Dependency: Decodable {
            private enum Key: String, CodingKey { case byName }
            let name: String?

            init(from decoder: any Decoder) throws {
                var names = try decoder.container(keyedBy: Key.self).nestedUnkeyedContainer(forKey: .byName)
                name = try names.decodeIfPresent(String.self)
            }
        }
        let name: String
        let type: String
        let path: String?
        let dependencies: [Dependency]

        var arrows: Set<String> { Set(dependencies.compactMap(\.name)) }
    }

    private struct Package: Decodable { let targets: [Target] }

    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// As SwiftPM reads it, in a folder of its own: its usual one may be in use.
    private static let targets = Result { () throws -> [Target] in
        let scratch = FileManager.default.temporaryDirectory.appendingPathComponent("daifa-package-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: scratch) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["swift", "package", "--package-path", root.path, "--scratch-path", scratch.path, "dump-package"]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return try JSONDecoder().decode(Package.self, from: data).targets
    }

    private static func sources(of target: Target) throws -> [(path: String, text: String)] {
        let folder = root.appendingPathComponent(try #require(target.path))
        let files = try #require(FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil))
        return try files.compactMap { $0 as? URL }.filter { $0.pathExtension == "swift" }.map {
            ($0.path, try String(contentsOf: $0, encoding: .utf8))
        }
    }

    /// The modules that a source imports. Swift allows nothing but blanks and attributes before it.
    private static func imports(_ text: String) -> [String] {
        text.split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ")
            guard let place = words.firstIndex(of: "import"), place < 2, words.count > place + 1 else { return nil }
            if place == 1, !["public", "package", "internal", "private", "fileprivate", "@testable"].contains(words[0]) { return nil }
            let kinds = ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias"]
            let name = kinds.contains(String(words[place + 1])) ? words.dropFirst(place + 2).first : words[place + 1]
            return name.map { String($0.prefix { $0 != "." }) }
        }
    }

    @Test func aTargetDependsOnWhatItImportsAndOnNothingElse() throws {
        let targets = try Self.targets.get()
        let names = Set(targets.map(\.name))
        #expect(names.count > 40)
        for target in targets {
            let sources = try Self.sources(of: target)
            // A C library behind its module map.
            if sources.isEmpty, target.name.hasPrefix("C") { continue }
            let imported = Set(sources.flatMap { Self.imports($0.text) }).intersection(names)
            #expect(imported.subtracting(target.arrows).sorted() == [], "\(target.name) imports these and does not declare them")
            #expect(target.arrows.subtracting(imported).sorted() == [], "\(target.name) declares these and does not import them")
        }
    }

    /// Where a module leads, over any number of arrows.
    private static func reach(_ name: String, _ arrows: [String: Set<String>]) -> Set<String> {
        var found: Set<String> = []
        var open = arrows[name] ?? []
        while let next = open.popFirst() {
            if found.insert(next).inserted { open.formUnion(arrows[next] ?? []) }
        }
        return found
    }

    /// Each with what it must not know, by any way (design, section 1).
    @Test(arguments: [
        ("Threads", ["JSON", "Contracts"]), ("JSON", ["Contracts", "Threads"]), ("Kafka", ["Contracts", "JSON", "Machines"]),
        ("HTTP", ["Contracts", "JSON", "Kafka"]), ("Web", ["Contracts", "Kafka", "Stores", "Machines"]), ("Crypto", ["Contracts", "JSON"]),
        ("Tokens", ["Contracts", "HTTP", "Kafka", "Stores"]), ("Identity", ["Contracts", "HTTP", "Kafka"]),
        ("Stores", ["Contracts", "Kafka"]),
        ("CommandLine", ["Contracts", "Kafka"]), ("Observability", ["Contracts", "Kafka"]),
        ("Contracts", ["Kafka", "Stores", "HTTP", "Crypto", "Machines", "Observability"]),
        ("Machines", ["Kafka", "Stores", "HTTP", "Crypto", "Observability", "Runtime"]),
        ("StateMachines", ["Kafka", "Stores", "HTTP", "Crypto", "Observability", "Runtime", "Partners", "Credentials"]),
        ("Runtime", ["StateMachines", "Credentials", "Partners", "PartnerEffects", "TableFiles", "SampleData"]),
        ("Credentials", ["StateMachines", "Partners", "PartnerEffects"]), ("PartnerEffects", ["StateMachines"]),
        ("Partners", ["Runtime", "Machines", "Kafka", "Stores"]), ("TableFiles", ["Contracts", "Kafka"]),
        ("OrderImports", ["Kafka", "Stores", "Runtime", "Machines"]), ("DeadLetters", ["Partners", "ReadModel"]),
        ("Labels", ["Contracts", "JSON", "HTTP", "Threads"]),
        ("Texts", ["Contracts", "HTTP", "Kafka", "Stores"]), ("Binding", ["Partners", "PartnerEffects"]),
        ("Allocation", ["Partners", "PartnerEffects"]),
        ("ReadModel", ["Kafka", "HTTP", "Crypto", "Runtime", "Machines", "StateMachines"]),
        ("Sandbox", ["Kafka", "Runtime", "Partners", "Contracts"]),
    ]) func aModuleDoesNotLeadWhereItMustNot(name: String, foreign: [String]) throws {
        let arrows = Dictionary(uniqueKeysWithValues: try Self.targets.get().map { ($0.name, $0.arrows) })
        #expect(arrows[name] != nil && foreign.allSatisfy { arrows[$0] != nil }, "a module of another name")
        #expect(Self.reach(name, arrows).intersection(foreign).sorted() == [])
    }

    /// Only what is made for it speaks to a library in C; `Runtime` sets the allocator.
    @Test func librariesInCAreBehindTheirModules() throws {
        let targets = try Self.targets.get().filter { $0.type != "test" && $0.name != "TestSupport" }
        let libraries = Set(targets.filter { $0.path?.hasPrefix("Shared/CLibraries/") == true }.map(\.name))
        let callers = targets.filter { !$0.arrows.isDisjoint(with: libraries) }.map(\.name)
        #expect(Set(callers) == ["Threads", "Kafka", "Stores", "HTTP", "Crypto", "Workbooks", "Labels", "Runtime", "Web"])
    }

    /// Decisions are given the time, and so are performers: a test moves it.
    @Test(arguments: [
        "Contracts", "Machines", "StateMachines", "Partners", "PartnerEffects", "Authorization", "Waybill", "Shipping", "Console",
    ])
    func nobodyReadsTheMachinesClockWhoIsGivenTheTime(name: String) throws {
        let target = try #require(try Self.targets.get().first { $0.name == name })
        for source in try Self.sources(of: target) {
            let words = source.text.split { !($0.isLetter || $0.isNumber || $0 == "_" || $0 == ".") }
            let readers = words.filter { word in
                ["Clock.now", "Clock.seconds", "Clock.uptime"].contains { word == $0 || word.hasPrefix($0 + ".") }
            }
            #expect(readers.isEmpty, "\(source.path)")
        }
    }

    /// What decides about exactly once is told everything: it reads no clock, draws no number, waits for nothing and writes no log.
    @Test func theEngineIsAValue() throws {
        let runtime = try #require(try Self.targets.get().first { $0.name == "Runtime" })
        let engine = try Self.sources(of: runtime).filter { $0.path.contains("/Engine/") }
        #expect(engine.count >= 5)
        let foreign: Set<String> = ["Clock", "Monitor", "Mutex", "Task", "Logger", "random", "class", "async", "await", "print"]
        for source in engine {
            for line in source.text.split(separator: "\n") {
                let code = line.prefix(upTo: line.firstRange(of: "//")?.lowerBound ?? line.endIndex)
                let words = Set(code.split { !($0.isLetter || $0.isNumber || $0 == "_") }.map(String.init))
                #expect(words.isDisjoint(with: foreign), "\(source.path): \(line)")
            }
        }
    }

    /// The engine changes for no partner, no table and no message.
    @Test func theEngineNamesNoMessageAndNoPartner() throws {
        let targets = try Self.targets.get()
        let contracts = try Self.sources(of: try #require(targets.first { $0.name == "Contracts" }))
        var messages: Set<String> = []
        for line in contracts.flatMap({ $0.text.split(separator: "\n") }) {
            let words = line.split { $0 == " " || $0 == ":" }
            guard let place = words.firstIndex(of: "struct"), words.count > place + 2 else { continue }
            if ["Message", "TableRow", "InternalItem"].contains(words[place + 2]) { messages.insert(String(words[place + 1])) }
        }
        #expect(messages.count > 100 && messages.contains("ReportToken") && messages.contains("ChannelRow"))
        for source in try Self.sources(of: try #require(targets.first { $0.name == "Runtime" })) {
            for line in source.text.split(separator: "\n") {
                let code = line.prefix(upTo: line.firstRange(of: "//")?.lowerBound ?? line.endIndex)
                let words = Set(code.split { !($0.isLetter || $0.isNumber || $0 == "_") }.map(String.init))
                // Its own row: what the process itself tells of its state.
                #expect(words.intersection(messages).subtracting(["HealthRow"]).isEmpty, "\(source.path): \(line)")
                let lowercased = code.lowercased()
                #expect(!["pinduoduo", "jackyun"].contains { lowercased.contains($0) }, "\(source.path): \(line)")
            }
        }
    }
}
