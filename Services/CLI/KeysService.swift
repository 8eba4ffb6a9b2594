import CommandLine
import Crypto
import JSON
import Runtime

/// `daifa keys service`.
struct KeysService: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "service", abstract: "Make the deployment's key, with which its processes show that they are of it.",
        discussion: """
            Prints a new line for the file of DAIFA_SERVICE_KEY_FILE, or makes that file (mode 0600). All services, the console and this program
            read the same keys: the first of the file signs, all of them verify. Running processes notice a change within seconds.
            To rotate where all read one file: --rotate puts a new key first. Where each host has a file of its own: put the new key last in all
            of them (--add on one, then copy), move its line to the top in all, and take the old line out once nothing that it has signed lies in
            the topics (their retention, seven days unless it was changed).
            """,
        examples: [
            .init("daifa keys service --out /etc/daifa/service.key"),
            .init("daifa keys service | docker secret create daifa-service-key -", "for a store of secrets"),
            .init("daifa keys service --out /etc/daifa/service.key --rotate", "a new key signs, the older ones still verify"),
        ])

    @Option(help: "The file to make; without it the line is printed.", valueName: "file", completion: .file) var out: String?
    @Flag(help: "Put a new key first into the file that is there: it signs from now on.") var rotate = false
    @Flag(help: "Put a new key last into the file that is there: it only verifies.") var add = false
    @Flag(help: "The key's id as one JSON object; never the key.") var json = false

    func validate() throws {
        if rotate, add { throw UsageError("--rotate and --add: give one of them") }
        if out == nil, rotate || add || json { throw UsageError("--rotate, --add and --json need --out: say which file") }
    }

    func run() throws {
        guard let out else { return Terminal.write(String(decoding: try MACKeyFile.newLine(), as: UTF8.self)) }
        let file = MACKeyFile(path: out)
        do throws(CryptoError) {
            if rotate || add {
                _ = try file.add(signing: rotate)
            } else if try !file.create() {
                throw CryptoError(kind: .file, message: "\(out) is there already: give --rotate or --add to put a new key into it")
            }
            let ids = try file.keys().map(\.id)
            let verifies = ids.dropFirst().joined(separator: ", ")
            Terminal.write(
                json
                    ? jsonLine([
                        ("file", .string(out)), ("signs", .string(ids[0])), ("verifies", .array(ids.map { .string($0) })),
                    ]) : "\(out): \(ids[0]) signs\(verifies.isEmpty ? "" : "; \(verifies) verifies too")\n")
        } catch { throw CommandFailure(.configuration, "\(error)") }
    }
}
