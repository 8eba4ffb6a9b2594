import CommandLine
import Contracts
import Glibc
import Runtime

/// `daifa schemas`: the contract's documents, as they are committed in `Shared/Schemas`.
struct Schemas: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schemas", abstract: "Write the JSON Schemas and the AsyncAPI document of all messages.",
        discussion: "Writes asyncapi.json, and json/<type>.schema.json for each message; nothing else in the folder is touched.",
        examples: [.init("daifa schemas --output Shared/Schemas", "after a message was changed")])

    @Option(name: .shortAndLong, help: "The folder.", valueName: "folder", completion: .directory) var output: String

    func run() throws {
        let files = SchemaDocuments.all
        for folder in [output, output + "/json"] where mkdir(folder, 0o777) != 0 && errno != EEXIST { throw failure(folder) }
        for file in files { try write(file.text, to: "\(output)/\(file.path)") }
        Terminal.writeLine("\(files.count) files in \(output)")
    }

    private func write(_ text: String, to path: String) throws(CommandFailure) {
        guard let file = fopen(path, "w") else { throw failure(path) }
        var text = text
        let written = text.withUTF8 { fwrite($0.baseAddress, 1, $0.count, file) }
        guard fclose(file) == 0, written == text.utf8.count else { throw failure(path) }
    }

    private func failure(_ path: String) -> CommandFailure {
        CommandFailure(.unavailable, "cannot write \(path): \(String(cString: strerror(errno))); is it a folder of yours with space left?")
    }
}
