import Foundation
import Testing

/// A PDF in a folder of its own, read back by poppler and zbar.
final class PrintedFile {
    private let folder: URL
    private var pdf: String { folder.appendingPathComponent("labels.pdf").path }

    init(_ bytes: [UInt8]) throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("daifa-labels-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data(bytes).write(to: folder.appendingPathComponent("labels.pdf"))
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// What a program writes.
    static func output(_ program: String, _ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/\(program)")
        process.arguments = arguments
        let pipe = Foundation.Pipe()
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        try process.run()
        let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "\(program) \(arguments): \(process.terminationStatus)")
        return output
    }

    /// Each page's text in the order in which it was drawn.
    func texts() throws -> [String] {
        try Self.output("pdftotext", ["-raw", pdf, "-"]).split(separator: "\u{C}", omittingEmptySubsequences: false).dropLast()
            .map(String.init)
    }

    /// Each page's text without its blanks and line breaks.
    func packedTexts() throws -> [String] { try texts().map(packed) }

    func properties() throws -> String { try Self.output("pdfinfo", ["-isodates", pdf]) }

    /// Where words stand, in points: the least and the greatest edge of them all.
    func wordsExtent() throws -> (left: Double, top: Double, right: Double, bottom: Double) {
        var extent = (left: Double.infinity, top: Double.infinity, right: -Double.infinity, bottom: -Double.infinity)
        for line in try Self.output("pdftotext", ["-bbox", pdf, "-"]).split(separator: "\n") where line.contains("<word ") {
            let numbers = line.split(separator: "\"").compactMap { Double($0) }.prefix(4)
            try #require(numbers.count == 4, "\(line)")
            extent = (
                min(extent.left, numbers[0]), min(extent.top, numbers[1]), max(extent.right, numbers[2]), max(extent.bottom, numbers[3])
            )
        }
        return extent
    }

    /// The bar code of each of these pages, as a label printer's one-bit head would print it. It stands in the upper 56 mm.
    func codes(pages: ClosedRange<Int>) throws -> [String] {
        let prefix = folder.appendingPathComponent("page").path
        let upper = ["-W", "800", "-H", "450"]
        _ = try Self.output(
            "pdftoppm", upper + ["-r", "203", "-mono", "-f", "\(pages.lowerBound)", "-l", "\(pages.upperBound)", pdf, prefix])
        let pictures = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".pbm") }.sorted()
        try #require(pictures.count == pages.count)
        return try Self.output(
            "zbarimg", ["--nodbus", "--quiet", "-Sdisable", "-Scode128.enable"] + pictures.map { folder.appendingPathComponent($0).path }
        )
        .split(separator: "\n").map(String.init)
    }
}

/// Without blanks and variation selectors.
func packed(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars where !scalar.properties.isWhitespace && !scalar.properties.isVariationSelector {
        result.append(scalar)
    }
    return String(result)
}
