import CommandLine
import Contracts
import Stores

/// Where a command finds a service's store: `--data`, the folder of `daifa up`, or `--store`, the value of `DAIFA_STORE`.
enum StorePlace {
    case folder(String)
    /// The URL, and how it is read; its password, if any, comes from `DAIFA_STORE_PASSWORD_FILE`.
    case database(url: String, PostgreSQLLocation)

    /// The variable that names the file with a database's password.
    private static let passwordVariable = "DAIFA_STORE_PASSWORD_FILE"

    init(_ service: String, _ data: String?, _ store: String?) throws(UsageError) {
        switch (data, store) {
        case (let data?, nil): self = .folder("\(data)/\(service)")
        case (nil, let store?): self = try Self.read(store)
        default: throw UsageError("say where the store is, either by --data or by --store")
        }
    }

    private static func read(_ store: String) throws(UsageError) -> StorePlace {
        guard PostgreSQLLocation.isMeant(by: store) else {
            return .folder(store.hasPrefix("sqlite:") ? String(store.dropFirst("sqlite:".count)) : store)
        }
        var location: PostgreSQLLocation
        do throws(StoreError) { location = try PostgreSQLLocation(url: store) } catch { throw UsageError("--store: \(error.message)") }
        guard !location.hasPassword else {
            throw UsageError(
                "--store: a password here is seen by all users of the machine: put it into a file named in \(passwordVariable)")
        }
        location.passwordFile = passwordFile
        return .database(url: store, location)
    }

    private static var passwordFile: String? { ThisProcess.environment[passwordVariable].flatMap { $0.isEmpty ? nil : $0 } }

    /// Of a service that is to find it.
    var variables: [(String, String)] {
        switch self {
        case .folder(let folder): [("DAIFA_STORE", "sqlite:\(folder)")]
        case .database(let url, let location):
            [("DAIFA_STORE", url)] + (location.passwordFile.map { [(Self.passwordVariable, $0)] } ?? [])
        }
    }
}
