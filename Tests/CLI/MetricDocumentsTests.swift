import Foundation
import Observability
import Testing

@testable import CLI

@Suite struct MetricDocumentsTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../..").standardized

    /// Written by `daifa metrics > deploy/METRICS.md`.
    @Test func theDocumentIsTheTables() throws {
        let text = try String(contentsOf: Self.root.appendingPathComponent("deploy/METRICS.md"), encoding: .utf8)
        #expect(text == MetricDocuments.markdown)
    }

    @Test func eachMetricIsDeclaredAsItself() {
        let all = MetricName.allCases.map(\.declaration)
        #expect(all.map(\.name) == MetricName.allCases.map(\.rawValue))
        #expect(Set(all.map(\.help)).count == all.count, "two have one meaning")
        for metric in all {
            #expect((metric.kind == .counter) == metric.name.hasSuffix("_total"), "\(metric.name)")
            if case .histogram(let bounds) = metric.kind { #expect(bounds == bounds.sorted() && Set(bounds).count == bounds.count) }
            #expect(metric.help.hasSuffix(".") && !metric.help.contains("\n"))
        }
    }

    /// Fields that the sources give to log lines.
    private static func usedFields() throws -> Set<String> {
        let call = try Regex(#"\b(?:logger|log)\??\.(?:debug|info|notice|warning|error|log)\("#).wordBoundaryKind(.simple)
        let key = try Regex(#"[\[,]\s*"(\w+)":"#, as: (Substring, Substring).self)
        var fields: Set<String> = []
        for folder in ["Shared", "Services"] {
            let files = try #require(
                FileManager.default.enumerator(at: root.appendingPathComponent(folder), includingPropertiesForKeys: nil))
            for case let file as URL in files where file.pathExtension == "swift" {
                let text = try String(contentsOf: file, encoding: .utf8)
                for match in text.matches(of: call) {
                    var depth = 1
                    let arguments = text[match.range.upperBound...].prefix { character in
                        depth += character == "(" ? 1 : character == ")" ? -1 : 0
                        return depth > 0
                    }
                    for found in arguments.matches(of: key) { fields.insert(String(found.output.1)) }
                }
            }
        }
        return fields
    }

    @Test func theLogsFieldsAreDocumented() throws {
        let (used, known) = (try Self.usedFields(), Set(LogFields.all.map(\.name)))
        #expect(used.count > 30 && used.isSubset(of: known), "\(used.subtracting(known).sorted())")
        #expect(LogFields.all.count == known.count)
        // These come from names that are made: the kinds of what cannot be read.
        let made: Set = ["time", "level", "service", "message", "aggregate", "effect"]
        #expect(known.subtracting(used).isSubset(of: made), "\(known.subtracting(used).subtracting(made).sorted())")
    }
}
