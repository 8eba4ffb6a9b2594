public import Foundation

/// A folder that is removed with the test process, however it ends.
public final class TemporaryFolder: Sendable {
    public let url: URL
    /// The end of this pipe is the end of the folder.
    private let lifeline: Int32

    /// - Parameter name: in the system's folder for temporary files; what is there already stays until then.
    public init(_ name: String) throws {
        url = FileManager.default.temporaryDirectory.appendingPathComponent(name)
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        let life = try Pipe.make()
        defer { close(life.read) }
        let command = #"trap '' INT TERM; read -r _; rm -rf "$0""#
        _ = try spawn(["/bin/sh", "-c", command, url.path], environment: [:], input: life.read, output: nil)
        lifeline = life.write
    }

    deinit { close(lifeline) }
}
