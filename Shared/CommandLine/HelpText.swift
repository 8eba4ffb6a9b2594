/// The text of `--help`, made from the declarations.
enum HelpText {
    private static let width = 96
    private static let column = 30

    static func of(_ type: any ParsableCommand.Type, path: [String]) -> String {
        let configuration = type.configuration
        let declarations = CommandParser.declarations(of: type.init())
        var text = "\(configuration.abstract)\n\nUsage: \(usage(configuration, declarations, path))\n"
        if !configuration.discussion.isEmpty { text += "\n" + configuration.discussion + "\n" }
        text += section("Arguments", declarations.filter { $0.kind == .positional }.map { ("<\($0.valueName ?? $0.name)>", help($0)) })
        text += section(
            "Commands", configuration.subcommands.map { ($0.configuration.commandName, $0.configuration.abstract) })
        var options = declarations.filter { $0.kind != .positional }.map { (title($0), help($0)) }
        if path.count == 1, !configuration.version.isEmpty { options.append(("    --version", "Show the version.")) }
        options.append(("-h, --help", "Show this help."))
        text += section("Options", options)
        if !configuration.examples.isEmpty {
            text += "\nExamples:\n"
            for example in configuration.examples {
                if !example.meaning.isEmpty { text += "  # \(example.meaning)\n" }
                text += "  \(example.line)\n"
            }
        }
        if path.count == 1 {
            text += section("Exit codes", ExitCode.allCases.map { ("\($0.rawValue)", $0.meaning) })
        }
        return text
    }

    private static func usage(_ configuration: CommandConfiguration, _ declarations: [Declaration], _ path: [String]) -> String {
        var words = path
        for declaration in declarations where declaration.kind == .option && declaration.isRequired {
            words.append("--\(declaration.longName) \(declaration.displayValue)")
        }
        if declarations.contains(where: { $0.kind != .positional && !$0.isRequired }) || declarations.isEmpty { words.append("[options]") }
        for declaration in declarations where declaration.kind == .positional {
            let word = "<\(declaration.valueName ?? declaration.name)>\(declaration.isRepeated ? "…" : "")"
            words.append(declaration.isRequired ? word : "[\(word)]")
        }
        if !configuration.subcommands.isEmpty { words.append("<command>") }
        return words.joined(separator: " ")
    }

    private static func title(_ declaration: Declaration) -> String {
        let short = declaration.shortName.map { "-\($0), " } ?? "    "
        return short + "--\(declaration.longName)" + (declaration.kind == .option ? " \(declaration.displayValue)" : "")
    }

    private static func help(_ declaration: Declaration) -> String {
        var text = declaration.help
        if case .list(let values) = declaration.completion { text += " One of: \(values.joined(separator: ", "))." }
        if let value = declaration.defaultText, !value.isEmpty { text += " (default: \(value))" }
        return text
    }

    private static func section(_ title: String, _ rows: [(String, String)]) -> String {
        guard !rows.isEmpty else { return "" }
        var text = "\n\(title):\n"
        for (name, help) in rows {
            var line = "  " + name
            let lines = wrapped(help, to: width - column)
            if line.count + 2 > column {
                text += line + "\n"
                line = ""
            }
            for (index, part) in lines.enumerated() {
                text += (index == 0 ? line : "").padded(to: column) + part + "\n"
            }
        }
        return text
    }

    static func wrapped(_ text: String, to width: Int) -> [String] {
        var lines = [""]
        for word in text.split(separator: " ") {
            let last = lines.count - 1
            if lines[last].isEmpty {
                lines[last] = String(word)
            } else if lines[last].count + 1 + word.count <= width {
                lines[last] += " " + word
            } else {
                lines.append(String(word))
            }
        }
        return lines
    }
}

extension String {
    /// With spaces at the end, to a column of a table.
    func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
