import CommandLine
import Contracts
import Crypto
import Glibc
import JSON
import Runtime

/// `daifa keys`: the key files of services.
struct Keys: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "Make, list and rotate the keys of services.",
        discussion: """
            A service has two key files in its store's folder, unless DAIFA_SEAL_KEY_FILE and DAIFA_MASTER_KEY_FILE say otherwise: seal.key opens
            what was sealed for it, master.key decrypts what it keeps encrypted. Both hold several keys: the newest is used from now on, and
            the older ones stay, for what was sealed or encrypted before. Back them up: what they open is lost without them.
            A service makes its files beside a store that is empty; what DAIFA_SEAL_KEY_FILE and DAIFA_MASTER_KEY_FILE name must be there,
            and 'daifa keys new' makes it.
            """,
        examples: [
            .init("daifa keys list --data ./data"), .init("daifa keys rotate --data ./data --service waybill"),
            .init("daifa keys service --out /etc/daifa/service.key", "what DAIFA_SERVICE_KEY_FILE names"),
        ],
        subcommands: [KeysNew.self, KeysList.self, KeysRotate.self, KeysService.self])

    static let services = ServiceName.allCases.map(\.rawValue)
    /// Purpose of a key whose file names none: such files are from the time when there was one purpose.
    static let oldPurpose = KeyPurpose.recipient.rawValue

    /// Where the keys are, as the command line says it.
    struct Place {
        var service: String?
        /// Folder of `daifa up`.
        var data: String?
        /// Folder of one service.
        var store: String?
        /// Files that settings name.
        var sealKey: String?
        var masterKey: String?
    }

    /// The key files that are there, by service.
    static func files(of place: Place) throws -> [(service: String, seal: String?, master: String?)] {
        if let service = place.service, !services.contains(service) {
            throw UsageError("--service: expected one of \(services.joined(separator: ", ")), not \"\(service)\"")
        }
        let named = [("--seal-key", place.sealKey), ("--master-key", place.masterKey)].compactMap { name, path in path.map { (name, $0) } }
        let folders: [(String, String)]
        switch (place.data, place.store, named.isEmpty) {
        case (let data?, nil, true): folders = (place.service.map { [$0] } ?? services).map { ($0, "\(data)/\($0)") }
        case (nil, let store?, true): folders = [(place.service ?? "", store)]
        case (nil, nil, false):
            for (name, path) in named where existing(path) == nil {
                throw CommandFailure(.configuration, "\(name): there is no file \(path)")
            }
            return [(service: place.service ?? "", seal: place.sealKey, master: place.masterKey)]
        default: throw UsageError("say where the keys are, by one of --data, --store, and --seal-key or --master-key or both")
        }
        let files = folders.map { name, folder in
            (service: name, seal: existing("\(folder)/seal.key"), master: existing("\(folder)/master.key"))
        }.filter { $0.seal != nil || $0.master != nil }
        guard !files.isEmpty else {
            throw CommandFailure(
                .configuration, "no key files in \(folders.map(\.1).joined(separator: ", ")); a service makes them when it starts")
        }
        return files
    }

    private static func existing(_ path: String) -> String? { access(path, F_OK) == 0 ? path : nil }

    /// One key as it is shown; nothing of it is secret.
    struct Line {
        var service: String
        var purpose: String
        var keyId: String
        var isNewest: Bool

        var json: [(String, JSONValue)] {
            [("service", .string(service)), ("purpose", .string(purpose)), ("keyId", .string(keyId)), ("newest", .bool(isNewest))]
        }
        var cells: [String] { [service, purpose, keyId, isNewest ? "in use" : "opens what is older"] }
    }

    static func lines(_ file: (service: String, seal: String?, master: String?)) throws -> [Line] {
        var lines: [Line] = []
        if let path = file.seal {
            let keys = try SealKeys.read(path: path, unlabelled: oldPurpose)
            lines += keys.keys.map { key in
                Line(service: file.service, purpose: key.purpose, keyId: key.keyId, isNewest: keys.newest(key.purpose)?.keyId == key.keyId)
            }
        }
        if let path = file.master {
            let ring = try KeyRing.read(path: path)
            lines += ring.keyIds.map { Line(service: file.service, purpose: "at-rest", keyId: $0, isNewest: $0 == ring.currentKeyId) }
        }
        return lines
    }

    static func show(_ lines: [Line], json: Bool) {
        if json {
            for line in lines { Terminal.write(jsonLine(line.json)) }
        } else {
            Terminal.writeLine(TextTable.text([["SERVICE", "PURPOSE", "KEY", "STATE"]] + lines.map(\.cells)))
        }
    }
}

/// `daifa keys list`.
struct KeysList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List keys by service, purpose and id; nothing secret is shown.",
        examples: [.init("daifa keys list --data ./data"), .init("daifa keys list --store /var/lib/daifa --json")])

    @Option(name: .shortAndLong, help: "Of this service only.", completion: .list(Keys.services)) var service: String?
    @Option(help: "Folder of 'daifa up': keys are in <data>/<service>.", valueName: "folder", completion: .directory) var data: String?
    @Option(help: "The folder with the key files itself.", valueName: "folder", completion: .directory) var store: String?
    @Option(help: "The file of DAIFA_SEAL_KEY_FILE.", valueName: "file", completion: .file) var sealKey: String?
    @Option(help: "The file of DAIFA_MASTER_KEY_FILE.", valueName: "file", completion: .file) var masterKey: String?
    @Flag(help: "One JSON object a line.") var json = false

    func run() throws {
        var lines: [Keys.Line] = []
        for file in try Keys.files(of: Keys.Place(service: service, data: data, store: store, sealKey: sealKey, masterKey: masterKey)) {
            lines += try Keys.lines(file)
        }
        Keys.show(lines, json: json)
    }
}

/// `daifa keys rotate`.
struct KeysRotate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate", abstract: "Give services new keys; the old ones stay, for what is older.",
        discussion: """
            Running services notice within seconds, and announce new public keys in daifa.keys by themselves: from then on senders seal to them.
            Replicas on other hosts need the same files: copy them before.
            """,
        examples: [
            .init("daifa keys rotate --data ./data", "all services"), .init("daifa keys rotate --data ./data --service waybill"),
            .init("daifa keys rotate --service waybill --seal-key /etc/daifa/waybill-seal.key", "what DAIFA_SEAL_KEY_FILE names"),
        ])

    @Option(name: .shortAndLong, help: "Of this service only.", completion: .list(Keys.services)) var service: String?
    @Option(help: "Folder of 'daifa up': keys are in <data>/<service>.", valueName: "folder", completion: .directory) var data: String?
    @Option(help: "The folder with the key files itself.", valueName: "folder", completion: .directory) var store: String?
    @Option(help: "The file of DAIFA_SEAL_KEY_FILE.", valueName: "file", completion: .file) var sealKey: String?
    @Option(help: "The file of DAIFA_MASTER_KEY_FILE.", valueName: "file", completion: .file) var masterKey: String?
    @Flag(help: "One JSON object a line.") var json = false

    func run() throws {
        var lines: [Keys.Line] = []
        for file in try Keys.files(of: Keys.Place(service: service, data: data, store: store, sealKey: sealKey, masterKey: masterKey)) {
            if let path = file.seal { _ = try SealKeys.rotate(path: path, unlabelled: Keys.oldPurpose) }
            if let path = file.master {
                var ring = try KeyRing.read(path: path)
                try ring.rotate()
            }
            lines += try Keys.lines(file)
        }
        Keys.show(lines, json: json)
    }
}
