import Contracts
import Identity
import JSON

/// A command that people and other systems may send, by the names of its path: `/commands/<service>/<command>`.
struct CommandName: Sendable {
    let service: ServiceName
    let command: String
    let entry: CatalogEntry

    /// Nil: there is no such command.
    init?(service: String, command: String) {
        guard let name = ServiceName(rawValue: service), let entry = Catalog.entry("daifa.\(service).\(command).v1"), entry.kind == .command
        else { return nil }
        (self.service, self.command, self.entry) = (name, command, entry)
    }

    /// All that there are, in the catalogue's order.
    static let all: [CommandName] = Catalog.entries.compactMap { entry in
        let parts = entry.type.split(separator: ".")
        guard entry.kind == .command, parts.count == 4 else { return nil }
        return CommandName(service: String(parts[1]), command: String(parts[2]))
    }

    /// Whether a merchant, a factory or an operator may send it; others only services and partners send.
    var isForPeople: Bool {
        entry.actors.isEmpty
            || entry.actors.contains { actor in [Actor.Kind.merchant, .factory, .operator].contains { actor.hasPrefix("\($0.rawValue):") } }
    }

    /// Reads the data as far as the console must: it needs the key, and lets no secret go out in clear.
    /// - Parameter known: finds the key of data that name only an authorization, which is that of its account or channel.
    /// - Returns: the Kafka key.
    /// - Throws: 400 with the field that is wrong, 404 for an authorization that is not the caller's.
    func key(of body: [UInt8], known: (_ authorizationId: String) throws(Problem) -> String) throws(Problem) -> String {
        let key: String?
        do throws(JSONError) { key = try entry.readKey(body) } catch {
            throw Problem.invalid(error.path.isEmpty ? "body" : error.path, error.reason)
        }
        let document = try? JSONValue.decode(body)
        if document?["appSecret"] != nil {
            throw Problem.invalid("appSecret", "seal it for authorization and send it as appSecretSealed (contract, section 6)")
        }
        if key == nil, entry.key == .account, command != "begin", let authorizationId = document?["authorizationId"]?.string {
            return try known(authorizationId)
        }
        guard let key else { throw Problem.invalid("key", "the data does not say whom the command is for: give \(entry.key.text)") }
        return key
    }

    func mayBeSent(by role: Role) -> Bool { Rights.maySend(role, service: service.rawValue, command: command) }
}
