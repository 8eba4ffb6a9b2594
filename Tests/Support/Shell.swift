import Foundation

/// Runs what is generated for shells in a real one.
public enum Shell {
    public struct Failure: Error {
        public var output: String
    }

    public static func run(_ program: String, _ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        let pipe = Foundation.Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failure(output: output) }
        return output
    }

    /// Writes an executable script, in a process of its own: a child that another test starts meanwhile would have it open, and what is open
    /// for writing cannot be run.
    public static func write(_ text: String, script path: String) throws {
        _ = try run("/bin/sh", ["-c", #"printf %s "$1" >"$2" && chmod 755 "$2""#, "sh", text, path])
    }
}
