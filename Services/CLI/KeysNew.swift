import CommandLine
import Contracts
import Crypto
import Runtime

/// `daifa keys new`.
struct KeysNew: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "new", abstract: "Make key files for the settings that name them; a file that is there is never written over.",
        examples: [
            .init(
                "daifa keys new --service waybill --seal-key /etc/daifa/waybill-seal.key --master-key /etc/daifa/waybill-master.key",
                "what DAIFA_SEAL_KEY_FILE and DAIFA_MASTER_KEY_FILE of waybill name")
        ])

    @Option(name: .shortAndLong, help: "Whose keys.", completion: .list(Keys.services)) var service: String?
    @Option(help: "The file of DAIFA_SEAL_KEY_FILE.", valueName: "file", completion: .file) var sealKey: String?
    @Option(help: "The file of DAIFA_MASTER_KEY_FILE.", valueName: "file", completion: .file) var masterKey: String?
    @Flag(help: "One JSON object a line.") var json = false

    func run() throws {
        guard let name = service, let service = ServiceName(rawValue: name) else {
            throw UsageError(
                "--service: expected one of \(Keys.services.joined(separator: ", "))\(self.service.map { ", not \"\($0)\"" } ?? "")")
        }
        guard sealKey != nil || masterKey != nil else { throw UsageError("say what to make, by --seal-key or --master-key or both") }
        if sealKey != nil, service.keyPurposes.isEmpty {
            throw UsageError("--seal-key: nothing is sealed for \(name), it needs no such key")
        }
        do throws(CryptoError) {
            if let sealKey { try SealKeys.create(path: sealKey, purposes: service.keyPurposes.map(\.rawValue)) }
            if let masterKey { try KeyRing.create(path: masterKey) }
        } catch { throw CommandFailure(.configuration, "\(error)") }
        Keys.show(try Keys.lines((service: name, seal: sealKey, master: masterKey)), json: json)
    }
}
