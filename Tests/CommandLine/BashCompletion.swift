import TestSupport

@testable import CommandLine

extension Shell {
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
