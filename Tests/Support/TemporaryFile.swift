import Foundation

/// A file in a temporary folder that is removed with the value.
public final class TemporaryFile {
    public let path: String

    public init(_ text: String) throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent(uniqueName("file")).path
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
