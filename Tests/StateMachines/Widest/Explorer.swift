import Contracts
import JSON
import Machines
import StateMachines
import Threads

/// Outcome of an exploration.
struct WidestFindings {
    /// What was stored or published and cannot be read as what it was; empty: all can.
    var problems: Set<String> = []
    /// Names of what left the machine, and of the refusals.
    var seen: Set<String> = []
    var states = 0
    /// Types of the messages and items that the machine was fed, and kinds of the effects whose answers it was fed.
    var fed: Set<String> = []
}

/// Feeds a machine every input in every state that these inputs lead to (so many of them), as everybody who may be meant by the actor's
/// check, and stores and reads again all that follows.
struct Explorer<Machine: StateMachine> {
    var inputs: [Machine.Input]
    /// What has happened before, each by the first actor.
    var first: [Machine.Input] = []
    var actors: [Actor]
    var tables = MemoryTables()
    var secrets: any SecretOpener = NoSecrets.shared
    var settings = Settings.standard
    var key = "key"
    /// What the partner may answer to an effect that was scheduled.
    var answers: (any Effect) throws -> [Machine.Input] = { _ in [] }
    /// Whether an input can come in a state: what another aggregate only answers when it was asked.
    var isPossible: (Machine.State, Machine.Input) -> Bool = { _, _ in true }
    /// What another aggregate of the same machine is told.
    var items: (any InternalItem) -> [Machine.Input] = { _ in [] }

    /// A state, and the effects that are scheduled in it, by id.
    fileprivate struct Node {
        var state = Machine.State()
        var effects: [String: any Effect] = [:]
    }

    private static var mostStates: Int { 50 }

    /// - Parameter each: is handed what leaves the machine.
    @discardableResult
    func run(_ each: (Emission) -> Void = { _ in }) throws -> WidestFindings {
        var findings = WidestFindings()
        var nodes = [beginning()]
        var known: Set<[UInt8]> = [nodes[0].state.json]
        var told: [Machine.Input] = []
        var items: Set<[UInt8]> = []
        while findings.states < nodes.count {
            let node = nodes[findings.states]
            findings.states += 1
            for (input, effect) in try inputs(of: node, told) where isPossible(node.state, input) {
                findings.fed.formUnion(effect.map { [WidestCoverage.name(ofEffect: $0)] } ?? WidestCoverage.names(in: input))
                for actor in actors {
                    let (after, emissions) = decide(node.state, input, actor)
                    for emission in emissions {
                        each(emission)
                        findings.seen.insert(emission.name)
                        if let problem = Self.problem(emission) { findings.problems.insert(problem) }
                        if case .item(let item, _, _) = emission, items.insert(item.json).inserted { told += self.items(item) }
                    }
                    guard let after else { continue }
                    var next = Node(state: after, effects: node.effects)
                    if let effect { next.effects[effect] = nil }
                    next.schedule(emissions)
                    let stored = after.json
                    guard known.insert(stored + next.effects.keys.sorted().joined().utf8).inserted else { continue }
                    if let problem = Self.problem(of: after, "state of \(Machine.self)", Machine.State.decodeStored) {
                        findings.problems.insert(problem)
                    }
                    if nodes.count < Self.mostStates { nodes.append(next) }
                }
            }
        }
        return findings
    }

    private func beginning() -> Node {
        first.reduce(into: Node()) { node, input in
            let (after, emissions) = decide(node.state, input, actors[0])
            node.state = after ?? node.state
            node.schedule(emissions)
        }
    }

    /// What may happen in a state; with the effect that it is the answer of.
    private func inputs(of node: Node, _ told: [Machine.Input]) throws -> [(Machine.Input, String?)] {
        var all: [(Machine.Input, String?)] = (inputs + told).map { ($0, nil) }
        for (id, effect) in node.effects.sorted(by: { $0.key < $1.key }) { all += try answers(effect).map { ($0, id) } }
        return all
    }

    private func decide(_ state: Machine.State, _ input: Machine.Input, _ actor: Actor) -> (Machine.State?, [Emission]) {
        // A command that waits in a state has another origin than the one being handled: a refusal is checked against the contract of its own.
        let origin = Origin(
            id: Widest.filled(200, "id"), type: RecordingOutbox.messageType(of: input) ?? "daifa.test.v1", key: key,
            correlationId: Widest.filled(200, "correlation"))
        let context = Context(
            origin: origin, actor: actor, time: Timestamp(milliseconds: 1_700_000_000_000), now: Timestamp(milliseconds: 1_700_000_000_001),
            tables: tables, settings: settings, secrets: secrets)
        let outbox = RecordingOutbox(handling: origin, of: Machine.self, input)
        switch Machine.decide(state, input, context) {
        case .refuse(let refusal):
            outbox.refuse(refusal, origin: origin)
            return (nil, outbox.emissions)
        case .accept(let events):
            var after = state
            for event in events {
                Machine.evolve(&after, event)
                event.publish(to: outbox)
            }
            return (after, outbox.emissions)
        }
    }

    /// Messages keep the rules that their readers check; effects are read by the service itself.
    private static func problem(_ emission: Emission) -> String? {
        switch emission {
        case .event(let message, _, _), .command(let message, _, _, _, _), .fact(let message, _, _, _): published(message)
        case .row(let row): published(row)
        case .item(let item, _, _): published(item)
        case .effect(let effect, _, _): scheduled(effect)
        case .refusal, .removedRow, .cancelledEffect: nil
        }
    }

    private static func published<Value: Declared & Equatable>(_ value: Value) -> String? {
        problem(of: value, "\(Value.self)") { (bytes) throws(JSONError) in try Value.decode(bytes) }
    }

    private static func scheduled<Value: Declared & Equatable>(_ value: Value) -> String? {
        problem(of: value, "\(Value.self)", Value.decodeStored)
    }

    private static func problem<Value: Declared & Equatable>(
        of value: Value, _ name: String, _ read: ([UInt8]) throws(JSONError) -> Value
    ) -> String? {
        do throws(JSONError) { return try read(value.json) == value ? nil : "\(name): is read as another one" } catch {
            return "\(name): \(error)"
        }
    }
}

extension Explorer.Node {
    fileprivate mutating func schedule(_ emissions: [Emission]) {
        for emission in emissions {
            switch emission {
            case .effect(let effect, _, _): effects[effect.id] = effect
            case .cancelledEffect(let id): effects[id] = nil
            default: break
            }
        }
    }
}
