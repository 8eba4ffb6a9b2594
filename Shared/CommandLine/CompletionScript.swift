/// Scripts that complete a program's commands, options and values in a shell, made from the declarations.
public enum CompletionScript {
    struct Node {
        var path: [String]
        var abstract: String
        var declarations: [Declaration]
        var children: [Node]
        var name: String { path[path.count - 1] }
        var options: [Declaration] { declarations.filter { $0.kind != .positional } }
        var positionals: [Declaration] { declarations.filter { $0.kind == .positional } }
        /// This one and all below.
        var all: [Node] { [self] + children.flatMap(\.all) }
    }

    static func tree(_ type: any ParsableCommand.Type, path: [String] = []) -> Node {
        let configuration = type.configuration
        let path = path + [configuration.commandName]
        return Node(
            path: path, abstract: configuration.abstract, declarations: CommandParser.declarations(of: type.init()),
            children: configuration.subcommands.map { tree($0, path: path) })
    }

    /// For bash: `source <(daifa completion bash)`.
    public static func bash(_ root: any ParsableCommand.Type) -> String {
        let tree = tree(root)
        let commands = tree.all.dropFirst().map { "\"\($0.path.joined(separator: " "))\"" }
        var values = ""
        var words = ""
        for node in tree.all {
            let path = node.path.joined(separator: " ")
            for option in node.options where option.kind == .option {
                let names = ["\"\(path) --\(option.longName)\""] + (option.shortName.map { ["\"\(path) -\($0)\""] } ?? [])
                values += "        \(names.joined(separator: "|"))) \(bashReply(option.completion)); return ;;\n"
            }
            var offered = node.children.map(\.name) + node.options.map { "--\($0.longName)" } + ["--help"]
            var files = ""
            for argument in node.positionals {
                switch argument.completion {
                case .list(let list): offered += list
                case .file: files = "f"
                case .directory: files = "d"
                case .none: break
                }
            }
            let reply = "words=\"\(offered.joined(separator: " "))\"\(files.isEmpty ? "" : "; files=-\(files)")"
            words += "        \"\(path)\") \(reply) ;;\n"
        }
        let name = tree.name
        let function = "_" + name.map { $0 == "-" ? "_" : String($0) }.joined()
        return """
            # bash completion of \(name); load it with: source <(\(name) completion bash)
            \(function)() {
                local current="${COMP_WORDS[COMP_CWORD]}" previous="${COMP_WORDS[COMP_CWORD-1]}" path="\(name)" word words files=
                COMPREPLY=()
                for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
                    case "$path $word" in
                    \(commands.isEmpty ? "\"\"" : commands.joined(separator: "|"))) path="$path $word" ;;
                    esac
                done
                case "$path $previous" in
            \(values)    esac
                case "$path" in
            \(words)    esac
                COMPREPLY=($(compgen -W "$words" -- "$current"))
                if [[ -n "$files" && "$current" != -* ]]; then COMPREPLY+=($(compgen $files -- "$current")); fi
            }
            complete -F \(function) \(name)

            """
    }

    private static func bashReply(_ kind: CompletionKind) -> String {
        switch kind {
        case .none: "COMPREPLY=()"
        case .file: "COMPREPLY=($(compgen -f -- \"$current\"))"
        case .directory: "COMPREPLY=($(compgen -d -- \"$current\"))"
        case .list(let values): "COMPREPLY=($(compgen -W \"\(values.joined(separator: " "))\" -- \"$current\"))"
        }
    }

    /// For zsh: a file `_daifa` in a folder of `$fpath`, or `source <(daifa completion zsh)`.
    public static func zsh(_ root: any ParsableCommand.Type) -> String {
        let tree = tree(root)
        var text = "#compdef \(tree.name)\n# zsh completion of \(tree.name)\n"
        for node in tree.all.reversed() { text += "\n" + zshFunction(node) }
        // As a file of $fpath it is run in place of the function at its first use; sourced, it only defines.
        let name = zshName(tree)
        return text + "\nif [[ $funcstack[1] == \(name) ]]; then \(name) \"$@\"; else compdef \(name) \(tree.name); fi\n"
    }

    private static func zshName(_ node: Node) -> String {
        "_" + node.path.joined(separator: "_").map { $0 == "-" ? "_" : String($0) }.joined()
    }

    private static func zshFunction(_ node: Node) -> String {
        var specifications = node.options.map(zshOption) + ["'(-h --help)'{-h,--help}'[Show the help]'"]
        if node.children.isEmpty {
            for argument in node.positionals {
                let place = argument.isRepeated ? "*" : argument.isRequired ? "" : ":"
                specifications.append("'\(place):\(argument.valueName ?? argument.name):\(zshAction(argument.completion))'")
            }
            return "\(zshName(node))() {\n    _arguments \\\n        \(specifications.joined(separator: " \\\n        "))\n}\n"
        }
        specifications += ["'1:command:->command'", "'*::arguments:->arguments'"]
        let commands = node.children.map { "'\(zshQuoted("\($0.name):\($0.abstract)"))'" }
        let calls = node.children.map { "        \($0.name)) \(zshName($0)) ;;" }
        return """
            \(zshName(node))() {
                local context state state_descr line
                local -a commands
                typeset -A opt_args
                commands=(\(commands.joined(separator: " ")))
                _arguments -C \\
                    \(specifications.joined(separator: " \\\n        "))
                case $state in
                command) _describe command commands ;;
                arguments)
                    case $words[1] in
            \(calls.joined(separator: "\n"))
                    esac ;;
                esac
            }

            """
    }

    private static func zshOption(_ option: Declaration) -> String {
        let help = "[\(zshQuoted(option.help).replacing("[", with: "(").replacing("]", with: ")"))]"
        let value = option.kind == .option ? ":\(option.valueName ?? option.longName):\(zshAction(option.completion))" : ""
        let long = "--\(option.longName)\(option.kind == .option ? "=" : "")"
        let many = option.isRepeated ? "*" : ""
        guard let short = option.shortName else { return "'\(many)\(long)\(help)\(value)'" }
        return "'\(many)'{-\(short),\(long)}'\(help)\(value)'"
    }

    private static func zshAction(_ kind: CompletionKind) -> String {
        switch kind {
        case .none: " "
        case .file: "_files"
        case .directory: "_files -/"
        case .list(let values): "(\(values.joined(separator: " ")))"
        }
    }

    /// Within single quotes.
    private static func zshQuoted(_ text: String) -> String { text.replacing("'", with: "'\\''") }
}
