import Foundation

/// A folder of its own, deleted with the value.
final class Folder {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "model-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
