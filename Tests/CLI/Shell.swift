import Foundation

@testable import Runtime

/// Runs what is generated for shells in a real one.
enum Shell {
    struct Failure: Error { var output: String }

    static func run(_ program: String, _ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        let pipe = Pipe()
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
    static func write(_ text: String, script path: String) throws {
        _ = try run("/bin/sh", ["-c", #"printf %s "$1" >"$2" && chmod 755 "$2""#, "sh", text, path])
    }

    /// What bash would offer for the last word, sorted.
    static func complete(_ root: any ParsableCommand.Type, _ words: [String]) throws -> [String] {
        let quoted = words.map { "'\($0)'" }.joined(separator: " ")
        let script =
            CompletionScript.bash(root) + """
                set -eu
                COMP_WORDS=(\(quoted)); COMP_CWORD=\(words.count - 1)
                set +e; _\(words[0]); set -e
                for reply in "${COMPREPLY[@]}"; do echo "$reply"; done

                """
        return try run("/bin/bash", ["--norc", "-c", script]).split(separator: "\n").map(String.init).sorted()
    }
}
