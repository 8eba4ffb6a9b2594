/// Turns arguments into a command. Pure: touches nothing but the command that it makes.
public enum CommandParser {
    public enum Outcome {
        /// To be run; the path is what was typed to reach it.
        case command(any ParsableCommand, path: [String])
        /// To be printed: help or version.
        case text(String)
    }

    /// - Throws: ``UsageError``, and what the command's `validate()` throws.
    public static func parse(_ root: any ParsableCommand.Type, _ arguments: [String]) throws -> Outcome {
        try parse(root, arguments[...], path: [root.configuration.commandName])
    }

    private static func parse(_ type: any ParsableCommand.Type, _ arguments: ArraySlice<String>, path: [String]) throws -> Outcome {
        var scan = Scan(type: type, path: path, rest: arguments)
        while let argument = scan.rest.popFirst() {
            if scan.onlyArguments || !argument.hasPrefix("-") || argument == "-" || Double(argument) != nil {
                if !type.configuration.subcommands.isEmpty { return try scan.subcommand(argument) }
                scan.positionals.append(argument)
            } else if argument == "--" {
                scan.onlyArguments = true
            } else if argument == "--help" || argument == "-h" {
                return .text(HelpText.of(type, path: path))
            } else if argument == "--version", path.count == 1, !type.configuration.version.isEmpty {
                return .text("\(path[0]) \(type.configuration.version)\n")
            } else if argument.hasPrefix("--") {
                try scan.long(argument.dropFirst(2))
            } else {
                try scan.short(argument.dropFirst())
            }
        }
        if !type.configuration.subcommands.isEmpty {
            let names = type.configuration.subcommands.map { $0.configuration.commandName }
            throw UsageError("say what to do: \(names.joined(separator: ", "))", path: path)
        }
        let command = try scan.finish()
        do { try command.validate() } catch var error as UsageError {
            if error.path.isEmpty { error.path = path }
            throw error
        }
        return .command(command, path: path)
    }

    /// The declarations of a command, in the order of its properties.
    static func declarations(of command: any ParsableCommand) -> [Declaration] {
        Mirror(reflecting: command).children.compactMap { child in
            guard let property = child.value as? any DeclaredProperty, let label = child.label else { return nil }
            property.declaration.name = hyphenated(label)
            return property.declaration
        }
    }

    /// `_basePort` is `base-port`.
    static func hyphenated(_ property: String) -> String {
        var result = ""
        for character in property.drop(while: { $0 == "_" }) {
            if character.isUppercase, !result.isEmpty { result.append("-") }
            result += character.lowercased()
        }
        return result
    }

    /// The candidate that was probably meant.
    static func suggestion(for text: String, among candidates: [String]) -> String? {
        let near = candidates.map { (name: $0, distance: distance(text, $0)) }.min { $0.distance < $1.distance }
        guard let near, near.distance <= max(1, text.count / 3) else { return nil }
        return near.name
    }

    /// Levenshtein's: insertions, deletions and replacements.
    static func distance(_ first: String, _ second: String) -> Int {
        let second = Array(second)
        var row = Array(0...second.count)
        for (index, character) in first.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for column in second.indices {
                let replaced = diagonal + (second[column] == character ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(replaced, diagonal + 1, row[column] + 1)
            }
        }
        return row[second.count]
    }

    /// The arguments of one command, on the way.
    private struct Scan {
        let type: any ParsableCommand.Type
        let path: [String]
        var rest: ArraySlice<String>
        var onlyArguments = false
        var positionals: [String] = []
        let command: any ParsableCommand
        let declarations: [Declaration]

        init(type: any ParsableCommand.Type, path: [String], rest: ArraySlice<String>) {
            self.type = type
            self.path = path
            self.rest = rest
            command = type.init()
            declarations = CommandParser.declarations(of: command)
        }

        func error(_ message: String) -> UsageError { UsageError(message, path: path) }

        func subcommand(_ name: String) throws -> Outcome {
            let subcommands = type.configuration.subcommands
            if name == "help" {
                var target = type
                var path = path
                for word in rest {
                    guard let next = target.configuration.subcommands.first(where: { $0.configuration.commandName == word }) else {
                        throw unknown(word, target.configuration.subcommands)
                    }
                    target = next
                    path.append(word)
                }
                return .text(HelpText.of(target, path: path))
            }
            guard let found = subcommands.first(where: { $0.configuration.commandName == name }) else { throw unknown(name, subcommands) }
            return try CommandParser.parse(found, rest, path: path + [name])
        }

        private func unknown(_ name: String, _ subcommands: [any ParsableCommand.Type]) -> UsageError {
            let names = subcommands.map { $0.configuration.commandName }
            let near = CommandParser.suggestion(for: name, among: names).map { "did you mean '\($0)'?" }
            return error("no command '\(name)'; \(near ?? "there are: \(names.joined(separator: ", "))")")
        }

        mutating func long(_ text: Substring) throws(UsageError) {
            let name = String(text.prefix { $0 != "=" })
            let inline = name.count < text.count ? String(text.dropFirst(name.count + 1)) : nil
            guard let declaration = declarations.first(where: { $0.kind != .positional && $0.longName == name }) else {
                let names = declarations.filter { $0.kind != .positional }.map(\.longName) + ["help"]
                let near = CommandParser.suggestion(for: name, among: names).map { "; did you mean '--\($0)'?" }
                throw error("no option '--\(name)'\(near ?? "")")
            }
            if declaration.kind == .flag {
                if inline != nil { throw error("--\(name) takes no value") }
                return try set(declaration, "")
            }
            if let inline { return try set(declaration, inline) }
            try set(declaration, try value(of: "--\(name)", declaration))
        }

        /// `-v`, `-vj`, and `-k value`: only the last of several letters may take a value.
        mutating func short(_ letters: Substring) throws(UsageError) {
            for (index, letter) in letters.enumerated() {
                guard let declaration = declarations.first(where: { $0.kind != .positional && $0.shortName == letter }) else {
                    throw error("no option '-\(letter)'")
                }
                if declaration.kind == .flag {
                    try set(declaration, "")
                } else if index == letters.count - 1 {
                    try set(declaration, try value(of: "-\(letter)", declaration))
                } else {
                    throw error("-\(letter) needs a value: write it on its own, followed by the value")
                }
            }
        }

        private mutating func value(of option: String, _ declaration: Declaration) throws(UsageError) -> String {
            guard let next = rest.first, !next.hasPrefix("-") || next == "-" || Double(next) != nil else {
                let choices: String
                if case .list(let values) = declaration.completion { choices = ": \(values.joined(separator: ", "))" } else { choices = "" }
                throw error("\(option) needs a value\(choices)")
            }
            rest = rest.dropFirst()
            return next
        }

        private func set(_ declaration: Declaration, _ text: String) throws(UsageError) {
            if declaration.wasGiven, declaration.kind == .option, !declaration.isRepeated {
                throw error("\(declaration.displayName) is given twice")
            }
            do throws(Declaration.Expectation) { try declaration.accept(text) } catch {
                throw self.error("\(declaration.displayName): expected \(error.text), not \"\(text)\"")
            }
            declaration.wasGiven = true
        }

        func finish() throws(UsageError) -> any ParsableCommand {
            var left = positionals[...]
            for declaration in declarations where declaration.kind == .positional {
                repeat {
                    guard let text = left.popFirst() else { break }
                    try set(declaration, text)
                } while declaration.isRepeated
            }
            if let extra = left.first { throw error("unexpected argument '\(extra)'") }
            if let missing = declarations.first(where: { $0.isRequired && !$0.wasGiven }) {
                throw error("\(missing.displayName) is missing: \(missing.help)")
            }
            return command
        }
    }
}
