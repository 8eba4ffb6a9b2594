import CommandLine
import Runtime

/// `daifa completion`: what a shell loads to complete commands.
struct Completion: ParsableCommand {
    enum Shell: String, CaseIterable, ExpressibleByArgument { case bash, zsh }

    static let configuration = CommandConfiguration(
        commandName: "completion", abstract: "Print a script that completes commands, options and values in a shell.",
        examples: [
            .init("source <(daifa completion bash)", "in ~/.bashrc"),
            .init("daifa completion zsh > \"${fpath[1]}/_daifa\"", "once"),
        ])

    @Argument(help: "The shell.") var shell: Shell

    func run() {
        switch shell {
        case .bash: Terminal.write(CompletionScript.bash(Daifa.self))
        case .zsh: Terminal.write(CompletionScript.zsh(Daifa.self))
        }
    }
}
