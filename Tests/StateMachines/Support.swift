import Contracts
import Foundation
import JSON
import Machines
import Testing
import Threads

/// SplitMix64: the same seed gives the same run.
struct Seeded: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }
    mutating func pick<Element>(_ elements: [Element]) -> Element { elements[Int.random(in: 0..<elements.count, using: &self)] }
}

/// The compacted tables, filled by the test (and by the rows that machines write in a `Simulation`).
final class MemoryTables: Tables, @unchecked Sendable {
    // Used from one test's thread only.
    var participants: [String: ParticipantRow] = [:]
    var bindings: [String: BindingRow] = [:]
    var warehouses: [String: WarehouseRow] = [:]
    var rules: [String: RuleRow] = [:]
    var channels: [String: ChannelRow] = [:]
    var credentials: [String: CredentialRow] = [:]

    func participant(_ shopId: String) -> ParticipantRow? { participants[shopId] }
    func binding(merchant: String, factory: String) -> BindingRow? { bindings["\(merchant)~\(factory)"] }
    func warehouse(_ warehouseId: String) -> WarehouseRow? { warehouses[warehouseId] }
    func rules(of merchantShopId: String) -> [RuleRow] {
        rules.values.filter { $0.merchantShopId == merchantShopId }.sorted { ($0.priority, $0.ruleId) < ($1.priority, $1.ruleId) }
    }

    func channel(_ channelId: String) -> ChannelRow? { channels[channelId] }
    func channels(of shopId: String) -> [ChannelRow] {
        channels.values.filter { $0.owner == shopId }.sorted { $0.channelId < $1.channelId }
    }
    func channels(to platformShopId: String, on platform: Platform) -> [ChannelRow] {
        channels.values.filter { $0.platformShopId == platformShopId && $0.platform == platform.rawValue }
            .sorted { $0.channelId < $1.channelId }
    }
    func warehouses(of merchantShopId: String) -> [WarehouseRow] {
        warehouses.values.filter { $0.merchantShopId == merchantShopId }.sorted { $0.warehouseId < $1.warehouseId }
    }
    func credential(_ authorizationId: String, _ service: ServiceName) -> CredentialRow? {
        credentials[CredentialRow.key(authorizationId, service)]
    }

    func put(_ row: any TableRow) {
        switch row {
        case let row as ParticipantRow: participants[row.key] = row
        case let row as BindingRow: bindings[row.key] = row
        case let row as WarehouseRow: warehouses[row.key] = row
        case let row as RuleRow: rules[row.key] = row
        case let row as ChannelRow: channels[row.key] = row
        case let row as CredentialRow: credentials[row.key] = row
        default: break
        }
    }

    func remove(_ key: String, of table: Table) {
        switch table {
        case .participants: participants[key] = nil
        case .bindings: bindings[key] = nil
        case .warehouses: warehouses[key] = nil
        case .rules: rules[key] = nil
        case .channels: channels[key] = nil
        case .credentials: credentials[key] = nil
        default: break
        }
    }
}

/// What left a machine.
enum Emission {
    case event(any Message, key: String, origin: Origin)
    case refusal(Refusal, origin: Origin)
    case command(any Message, to: ServiceName, key: String, id: String, origin: Origin)
    case row(any TableRow)
    case removedRow(String, Table)
    case item(any InternalItem, shardOf: String, origin: Origin)
    case fact(any Message, key: String, id: String, time: Timestamp)
    case effect(any Effect, due: Timestamp?, origin: Origin)
    case cancelledEffect(String)

    /// Short name: `applied`, `refused binding-exists`, `row bindings`, `tell take`.
    var name: String {
        switch self {
        case .event(let message, _, _): shortName(message)
        case .refusal(let refusal, _): "refused \(refusal.code.rawValue)"
        case .command(let message, let service, _, _, _): "\(service.rawValue) \(shortName(message))"
        case .row(let row): "row \(type(of: row).table.rawValue)"
        case .removedRow(_, let table): "remove \(table.rawValue)"
        case .item(let item, _, _): "tell \(type(of: item).name)"
        case .fact(let message, _, _, _): "fact \(shortName(message))"
        case .effect(let effect, _, _): "effect \(type(of: effect).kind)"
        case .cancelledEffect(let id): "no \(id.prefix { $0 != "|" })"
        }
    }

    /// The id of the message that a reader of the events topic sees answered by this; nil when it is no event and no refusal.
    var answers: String? {
        switch self {
        case .event(_, _, let origin), .refusal(_, let origin): origin.id
        default: nil
        }
    }
}

/// `daifa.binding.applied.v1` → `applied`.
func shortName(_ message: any Message) -> String {
    let parts = type(of: message).type.split(separator: ".")
    return String(parts[parts.count - 2])
}

/// Keeps what is put into it, in order. A test fails when a machine publishes what it does not declare, under another key than the
/// contract's, or refuses a command with a code that the command's contract does not name.
final class RecordingOutbox: Outbox {
    /// The message being handled.
    let handled: Origin
    /// What the machine that publishes declares.
    var emits: Emits
    /// The command being handled; nil when it is none, or not known.
    private let command: CatalogEntry?
    private(set) var emissions: [Emission] = []

    init<Machine: StateMachine>(handling origin: Origin, of _: Machine.Type, _ input: Machine.Input? = nil) {
        handled = origin
        emits = Machine.emits
        command = input.flatMap { Self.messageType(of: $0) }.flatMap { Catalog.entry($0) }
    }

    /// The type of the message that a machine's input is; nil when it is none.
    static func messageType(of input: some Any) -> String? {
        let content = Mirror(reflecting: input).children.first?.value
        // One payload is the message itself, several are a tuple with the message first.
        let message = content as? any Message ?? content.flatMap { Mirror(reflecting: $0).children.first?.value as? any Message }
        return message.map { type(of: $0).type }
    }

    /// The key under which the message is published.
    private func expect<Body: Message>(_ message: Body, key: String?) -> String {
        #expect(emits.declares(Body.self), "\(Body.type) is not declared")
        let expected = Body.contract.key(of: message)
        let key = key ?? expected ?? ""
        if let expected { #expect(key == expected, "\(Body.type)") } else { #expect(!key.isEmpty) }
        return key
    }

    func event(_ message: some Message, key: String?, origin: Origin?) {
        let key = expect(message, key: key)
        emissions.append(.event(message, key: key, origin: origin ?? handled))
    }
    func refuse(_ refusal: Refusal, origin: Origin) {
        if let command = origin == handled ? command ?? Catalog.entry(origin.type) : Catalog.entry(origin.type), command.kind == .command {
            let codes = Catalog.commonRefusals + command.refusals
            #expect(codes.contains(refusal.code), "\(command.type) does not name \(refusal.code.rawValue): \(refusal.message)")
        }
        emissions.append(.refusal(refusal, origin: origin))
    }
    func command<Body: Message>(_ message: Body, key: String?, id: String, origin: Origin?) {
        let key = expect(message, key: key)
        emissions.append(.command(message, to: Body.contract.service ?? .console, key: key, id: id, origin: origin ?? handled))
    }
    func row(_ row: some TableRow) {
        _ = expect(row, key: row.key)
        emissions.append(.row(row))
    }
    func removeRow(_ key: String, of table: Table) {
        #expect(emits.declares(table), "\(table) is not declared")
        emissions.append(.removedRow(key, table))
    }
    func tell<Item: InternalItem>(_ item: Item, shardOf key: String, origin: Origin?) {
        #expect(emits.declares(Item.self), "\(Item.type) is not declared")
        emissions.append(.item(item, shardOf: key, origin: origin ?? handled))
    }
    func fact(_ message: some Message, key: String?, id: String, time: Timestamp) {
        let key = expect(message, key: key)
        emissions.append(.fact(message, key: key, id: id, time: time))
    }
    func schedule<Kind: Effect>(_ effect: Kind, due: Timestamp?, origin: Origin?) {
        #expect(emits.declares(Kind.self), "\(Kind.kind) is not declared")
        emissions.append(.effect(effect, due: due, origin: origin ?? handled))
    }
    func cancelEffect(_ id: String) { emissions.append(.cancelledEffect(id)) }
}

/// A service's machines in memory, spread over shards. Items for other aggregates go through one queue for each pair of shards:
/// first in, first out within a pair, in random order between pairs, as between the shards of a running service.
final class Simulation {
    private typealias Delivery = (Simulation, any InternalItem, Origin) -> Void

    let shards: Int
    let tables = MemoryTables()
    var random: Seeded
    var now = Timestamp(milliseconds: 1_700_000_000_000)
    /// Everything that was published, in order of handling. Items are left out.
    private(set) var published: [Emission] = []
    /// What went wrong with the simulation itself: a state that is not read back as it was stored, an item that nobody takes.
    private(set) var faults: [String] = []
    private var states: [String: any Declared] = [:]
    private var routes: [String: Delivery] = [:]
    private var queues: [[(item: any InternalItem, origin: Origin)]]
    /// The queues that are not empty.
    private var filled: [Int] = []
    private var currentShard = 0

    init(seed: UInt64, shards: Int = 6) {
        self.shards = shards
        random = Seeded(seed)
        queues = Array(repeating: [], count: shards * shards)
    }

    /// Items of this type go to this machine.
    func route<Item: InternalItem, Machine: StateMachine>(
        _ type: Item.Type, to machine: Machine.Type, _ input: @escaping (Item) -> Machine.Input
    ) {
        routes[Item.type] = { simulation, item, origin in
            guard let item = item as? Item else { return }
            simulation.handle(machine, item.aggregate, input(item), origin: origin, actor: Actor(.service, Item.service.rawValue))
        }
    }

    /// A command or fact from outside, handled at once; what it tells others waits for `step`.
    @discardableResult
    func send<Machine: StateMachine>(
        _ message: some Message, to machine: Machine.Type, _ aggregate: String, _ input: Machine.Input, key: String, id: String,
        actor: Actor, time: Timestamp? = nil
    ) -> [Emission] {
        currentShard = shard(of: key)
        let origin = Origin(id: id, type: type(of: message).type, key: key, correlationId: id)
        return handle(machine, aggregate, input, origin: origin, actor: actor, time: time)
    }

    func state<Machine: StateMachine>(_ machine: Machine.Type, _ aggregate: String) -> Machine.State {
        states[aggregate] as? Machine.State ?? Machine.State()
    }

    func put(_ state: some Declared, _ aggregate: String) { states[aggregate] = state }

    var aggregates: [String] { states.keys.sorted() }
    var hasItems: Bool { !filled.isEmpty }

    /// Delivers one item of a randomly chosen pair of shards; false when there is none.
    @discardableResult
    func step() -> Bool {
        guard !filled.isEmpty else { return false }
        let chosen = Int.random(in: 0..<filled.count, using: &random)
        let queue = filled[chosen]
        let (item, origin) = queues[queue].removeFirst()
        if queues[queue].isEmpty { filled.remove(at: chosen) }
        currentShard = queue % shards
        if let deliver = routes[type(of: item).type] {
            deliver(self, item, origin)
        } else {
            faults.append("nobody takes \(type(of: item).type)")
        }
        return true
    }

    /// Delivers items until none is left.
    func run() { while step() {} }

    func shard(of key: String) -> Int {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in key.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return Int((hash >> 32) % UInt64(shards))
    }

    @discardableResult
    private func handle<Machine: StateMachine>(
        _ machine: Machine.Type, _ aggregate: String, _ input: Machine.Input, origin: Origin, actor: Actor, time: Timestamp? = nil
    ) -> [Emission] {
        now = Timestamp(milliseconds: now.milliseconds + 1)
        var state = self.state(machine, aggregate)
        let context = Context(origin: origin, actor: actor, time: time ?? now, now: now, tables: tables)
        let outbox = RecordingOutbox(handling: origin, of: machine, input)
        switch Machine.decide(state, input, context) {
        case .refuse(let refusal): outbox.refuse(refusal, origin: origin)
        case .accept(let events):
            for event in events {
                Machine.evolve(&state, event)
                event.publish(to: outbox)
            }
            states[aggregate] = state
            checkStored(state, aggregate)
        }
        for emission in outbox.emissions { distribute(emission) }
        return outbox.emissions
    }

    private func checkStored<State: Declared & Equatable>(_ state: State, _ aggregate: String) {
        guard let loaded = try? State.decode(state.json), loaded == state else {
            return faults.append("\(aggregate): \(String(decoding: state.json, as: UTF8.self)) is not read back as it was")
        }
    }

    private func distribute(_ emission: Emission) {
        switch emission {
        case .item(let item, let key, let origin):
            let queue = currentShard * shards + shard(of: key)
            if queues[queue].isEmpty { filled.append(queue) }
            return queues[queue].append((item, origin))
        case .row(let row): tables.put(row)
        case .removedRow(let key, let table): tables.remove(key, of: table)
        case .event, .refusal, .command, .fact, .effect, .cancelledEffect: break
        }
        published.append(emission)
    }
}

/// The rows of the table in a docstring (`/// | a | b |`) that begins with this header row, cells trimmed; the file is named from
/// the root of the repository.
func docstringRows(of file: String, header: String) throws -> [[String]] {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    let lines = try String(contentsOf: root.appending(path: file), encoding: .utf8).components(separatedBy: "\n")
        .map { $0.trimmingCharacters(in: .whitespaces) }
    guard let start = lines.firstIndex(of: "/// \(header)") else { return [] }
    return lines[(start + 2)...].prefix { $0.hasPrefix("/// |") }.map { line in
        line.dropFirst(4).components(separatedBy: "|").dropFirst().dropLast().map { $0.trimmingCharacters(in: .whitespaces) }
    }
}

/// The table of states in a machine's docstring, checked row by row against the machine.
struct StateTable<Machine: StateMachine> {
    /// The machine's source file, named from the root of the repository.
    let file: String
    /// One example of each state, by name.
    let states: [String: Machine.State]
    /// One example of each input, by name.
    let inputs: [String: Machine.Input]
    /// Who sends an input to a machine in a state.
    let actor: (_ state: String, _ input: String) -> Actor
    /// Names in the table that stand for several states.
    var groups: [String: [String]] = [:]
    /// The inputs for which each state must have a row.
    let whole: [String]
    /// The name of a state.
    let name: (Machine.State) -> String
    /// The name of what leaves the machine, as in the last column.
    var emissionName: (Emission) -> String = \.name
    /// What a decision may know beside state and input.
    var context: (Context) -> Context = { $0 }

    /// What in the table is not so; empty: every row holds, and none is missing.
    func problems() throws -> [String] {
        var problems: [String] = []
        var seen: Set<String> = []
        let rows = try docstringRows(of: file, header: "| state | input | next | out |")
        for (state, example) in states where name(example) != state {
            problems.append("the example of '\(state)' is '\(name(example))'")
        }
        for row in rows {
            guard row.count == 4 else {
                problems.append("not four cells: \(row)")
                continue
            }
            for state in row[0].components(separatedBy: ", ").flatMap({ groups[$0] ?? [$0] }) {
                if !seen.insert("\(state) | \(row[1])").inserted { problems.append("twice: \(state) | \(row[1])") }
                check(state, row[1], row[2].replacingOccurrences(of: "same", with: state), row[3], &problems)
            }
        }
        for state in states.keys {
            for input in whole where !seen.contains("\(state) | \(input)") { problems.append("no row: \(state) | \(input)") }
        }
        return rows.isEmpty ? ["\(file) has no table of states"] : problems.sorted()
    }

    private func check(_ state: String, _ input: String, _ next: String, _ out: String, _ problems: inout [String]) {
        guard let before = states[state], let message = inputs[input] else {
            return problems.append("no example: \(state) | \(input)")
        }
        let origin = Origin(id: "command", type: "daifa.test.v1", key: "key", correlationId: "command")
        let time = Timestamp(milliseconds: 1_700_000_000_000)
        let plain = Context(origin: origin, actor: actor(state, input), time: time, now: time, tables: MemoryTables())
        let context = context(plain)
        let outbox = RecordingOutbox(handling: context.origin, of: Machine.self, message)
        var after = before
        switch Machine.decide(before, message, context) {
        case .refuse(let refusal): outbox.refuse(refusal, origin: origin)
        case .accept(let events):
            for event in events {
                Machine.evolve(&after, event)
                event.publish(to: outbox)
            }
        }
        let emitted = outbox.emissions.map(emissionName).joined(separator: ", ")
        if name(after) != next { problems.append("\(state) | \(input): next is '\(name(after))', not '\(next)'") }
        if emitted != out { problems.append("\(state) | \(input): out is '\(emitted)', not '\(out)'") }
    }
}
