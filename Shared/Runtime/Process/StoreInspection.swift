import Contracts
import Glibc
import JSON
import Machines
import Observability
import Stores
import Threads

/// Looks into a service's store, beside the running service, by the types of the service's own machines: `--store-show <key>` prints one
/// aggregate with its effects, `--store-check` walks the store and tells what cannot be read again. Nothing is claimed or changed.
///
/// The executable of the service does it, because only the version that runs knows what it can read; `daifa store` calls it.
struct StoreInspection {
    enum Command: Equatable {
        case show(String)
        case check

        /// nil: something else is asked for.
        init?(_ arguments: [String]) {
            switch (arguments.first, arguments.count) {
            case ("--store-show", 2): self = .show(arguments[1])
            case ("--store-check", 1): self = .check
            default: return nil
            }
        }
    }

    /// How an aggregate's row is read, by the beginning of its key.
    private struct Kind {
        var prefix: String
        var read: ([UInt8]) throws(JSONError) -> Void
    }

    private let kinds: [Kind]
    private let effects: [String: any Effect.Type]
    private let hidesSecrets: Bool
    private let write: (String) -> Void

    /// - Parameter write: takes each line of the answer, a JSON object.
    init(_ description: ServiceDescription, write: @escaping (String) -> Void) {
        let ids = Kind(prefix: "refused:") { (bytes) throws(JSONError) in _ = try NoState.decodeStored(bytes) }
        // The longest beginning first: one may begin as another does.
        var kinds = [ids]
        for machine in description.routes.flatMap(\.machines) { kinds.append(Self.kind(of: machine)) }
        self.kinds = kinds.sorted { $0.prefix.utf8.count > $1.prefix.utf8.count }
        effects = Dictionary(
            description.routes.flatMap(\.emits).flatMap(\.effects).map { ($0.kind, $0) }, uniquingKeysWith: { first, _ in first })
        hidesSecrets = description.name == .authorization
        self.write = write
    }

    private static func kind<Machine: StateMachine>(of _: Machine.Type) -> Kind {
        Kind(prefix: Machine.aggregate("")) { (bytes) throws(JSONError) in _ = try Machine.State.decodeStored(bytes) }
    }

    /// Runs the command and ends the process.
    static func main(_ description: ServiceDescription, _ command: Command) -> Never {
        let inspection = StoreInspection(description) { print($0) }
        do {
            let configuration: Configuration
            do throws(ConfigurationError) {
                configuration = try Configuration(
                    service: description.name, environment: Environment.current, hostName: Environment.hostName,
                    groups: description.resources.settingGroups)
            } catch { throw ExitError.configuration(error.description) }
            let isGood = try inspection.run(command, open(configuration))
            fflush(nil)
            _exit(isGood ? 0 : badData)
        } catch {
            fflush(nil)
            Log.line("daifa-\(description.name.rawValue): \(error)")
            _exit((error as? ExitError)?.code ?? 78)
        }
    }

    private static func open(_ configuration: Configuration) throws -> any Store {
        switch configuration.store {
        case .sqlite(let folder):
            var status = stat()
            guard stat(folder, &status) == 0 else {
                throw ExitError.configuration("DAIFA_STORE: there is no folder \(folder); name the service's store")
            }
            return try SQLiteStore(folder: folder)
        case .postgres(let location):
            let store = PostgreSQLStore(location, owner: configuration.service.rawValue, onlyLooks: true)
            do throws(StoreError) { try store.connect() } catch { throw ExitError.configuration("DAIFA_STORE: \(error)") }
            guard !store.isNew else {
                throw ExitError.configuration(
                    "DAIFA_STORE: \(location.description): no service has tables in it: name the service's store")
            }
            return store
        }
    }

    /// `EX_DATAERR`: something cannot be read, or is not there.
    private static let badData: Int32 = 65

    /// - Returns: whether all that was looked at can be read.
    func run(_ command: Command, _ store: any Store) throws(StoreError) -> Bool {
        switch command {
        case .show(let key): try show(key, store)
        case .check: try check(store)
        }
    }

    // MARK: One aggregate

    private func show(_ key: String, _ store: any Store) throws(StoreError) -> Bool {
        for number in store.shards() {
            let shard = try store.shard(number)
            defer { shard.close() }
            var found: AggregateRow?
            try shard.load([key]) { _, row in found = row }
            shard.endReading()
            guard let row = found else { continue }
            let error = unreadable(row)
            var members: [(String, JSONValue)] = [
                ("shard", .int(number)), ("key", .string(row.key)), ("version", .int(Int(row.version))), ("readable", .bool(error == nil)),
            ]
            if let error { members.append(("error", .string("\(error)"))) }
            members.append(("state", shown(row.state)))
            var rows: [JSONValue] = []
            var isGood = error == nil
            try shard.effects(from: .min, to: .max) { effect in
                guard belongs(effect, to: key) else { return }
                let error = unreadable(effect)
                if error != nil { isGood = false }
                rows.append(
                    .object(
                        [
                            ("id", .string(effect.id)), ("due", .string(Timestamp(milliseconds: Int(effect.due)).description)),
                            ("readable", .bool(error == nil)),
                        ] + (error.map { [("error", .string("\($0)"))] } ?? []) + [("body", shown(effect.body))]))
            }
            members.append(("effects", .array(rows)))
            line(members)
            return isGood
        }
        line([("key", .string(key)), ("error", .string("there is no such aggregate in this store"))])
        return false
    }

    /// `<kind>|<aggregate>|<discriminator>`; an aggregate's key may hold `|` too.
    private func belongs(_ effect: EffectRow, to key: String) -> Bool {
        if let type = effects[String(effect.id.prefix { $0 != "|" })], let aggregates = aggregates(type, effect) {
            return aggregates.contains(key)
        }
        return effect.id.drop { $0 != "|" }.dropFirst().hasPrefix(key + "|")
    }

    private func aggregates<Kind: Effect>(_: Kind.Type, _ row: EffectRow) -> [String]? {
        (try? SharedEffects<Kind>.members(of: row))?.map(\.aggregate)
    }

    // MARK: All of it

    private func check(_ store: any Store) throws(StoreError) -> Bool {
        var counts = (aggregates: 0, effects: 0, unreadable: 0)
        for number in store.shards() {
            let shard = try store.shard(number)
            defer { shard.close() }
            try shard.scan(prefix: "", limit: .max) { row in
                counts.aggregates += 1
                if let error = unreadable(row) {
                    counts.unreadable += 1
                    line([("shard", .int(number)), ("aggregate", .string(row.key)), ("error", .string("\(error)"))])
                }
                return true
            }
            try shard.effects(from: .min, to: .max) { row in
                counts.effects += 1
                if let error = unreadable(row) {
                    counts.unreadable += 1
                    line([("shard", .int(number)), ("effect", .string(row.id)), ("error", .string("\(error)"))])
                }
            }
        }
        line([("aggregates", .int(counts.aggregates)), ("effects", .int(counts.effects)), ("unreadable", .int(counts.unreadable))])
        return counts.unreadable == 0
    }

    // MARK: Rows

    private func unreadable(_ row: AggregateRow) -> JSONError? {
        guard let kind = kinds.first(where: { row.key.utf8.starts(with: $0.prefix.utf8) }) else {
            return .invalid("this version of the service has no aggregates like that")
        }
        do throws(JSONError) { try kind.read(row.state) } catch { return error }
        return nil
    }

    private func unreadable(_ row: EffectRow) -> JSONError? {
        guard let type = effects[String(row.id.prefix { $0 != "|" })] else {
            return .invalid("this version of the service has no effects like that")
        }
        do throws(JSONError) {
            try read(type, row)
            _ = try Origin.decodeStored(row.origin)
        } catch { return error }
        return nil
    }

    private func read<Kind: Effect>(_: Kind.Type, _ row: EffectRow) throws(JSONError) { _ = try SharedEffects<Kind>.members(of: row) }

    /// Stored bytes as a tree, without sealed and secret parts; bytes that are no JSON as text.
    private func shown(_ bytes: [UInt8]) -> JSONValue {
        guard let tree = try? JSONValue.decode(bytes) else { return .string(String(decoding: bytes, as: UTF8.self)) }
        return hidden(tree)
    }

    /// Names under which authorization keeps what opens a partner's door: codes of consents, tokens.
    private static let secrets: Set<String> = ["code", "state", "access", "refresh", "accessToken", "refreshToken", "token"]

    private func hidden(_ value: JSONValue) -> JSONValue {
        if case .array(let elements) = value { return .array(elements.map { hidden($0) }) }
        guard case .object(let members) = value else { return value }
        if let keyId = value["keyId"], let sealed = value["ciphertext"]?.string {
            return .object([("keyId", keyId), ("sealed", .string("\(sealed.utf8.count) characters"))])
        }
        return .object(
            members.map { name, value in
                if hidesSecrets, Self.secrets.contains(name), value.string != nil { return (name, .string("***")) }
                return (name, hidden(value))
            })
    }

    private func line(_ members: [(String, JSONValue)]) { write(String(decoding: JSONValue.object(members).json, as: UTF8.self)) }
}
