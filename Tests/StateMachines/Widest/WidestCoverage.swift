import Contracts
import Machines
import Synchronization
import Testing

@testable import StateMachines

/// Which messages, items and effects' answers the explorations have fed to the machines, and which ones the machines take.
final class WidestCoverage: Sendable {
    /// That of the test that is running, if it only counts.
    @TaskLocal static var current: WidestCoverage?

    /// What an exploration has found: made once, whoever asks first.
    private final class Exploration: Sendable {
        let findings = Mutex<WidestFindings?>(nil)
    }

    private static let explorations = Mutex<[String: Exploration]>([:])

    static func findings(_ name: String, _ explore: () throws -> WidestFindings) throws -> WidestFindings {
        let exploration = explorations.withLock { known in
            let exploration = known[name] ?? Exploration()
            known[name] = exploration
            return exploration
        }
        return try exploration.findings.withLock { found in
            if let found { return found }
            let made = try explore()
            found = made
            return made
        }
    }

    private let names = Mutex<(fed: Set<String>, taken: Set<String>)>(([], []))

    func add<Machine: StateMachine>(_: Machine.Type, fed: Set<String>) {
        let taken =
            Machine.accepts.map { $0.build(with: AcceptedTypes<Machine>()) }
            + Machine.emits.effects.map { Self.name(ofEffect: $0.kind) }
        names.withLock { names in
            names.fed.formUnion(fed)
            names.taken.formUnion(taken)
        }
    }

    /// What somebody takes and nobody was fed.
    var missing: [String] {
        let everybody = Catalog.entries.filter { [.command, .fact, .internal].contains($0.kind) }.map(\.type)
        return names.withLock { $0.taken.union(everybody).subtracting($0.fed).sorted() }
    }

    /// - Parameter id: an effect's, which begins with its kind.
    static func name(ofEffect id: String) -> String { "answer of \(id.prefix { $0 != "|" })" }

    /// Types of the messages and items that a machine's input holds.
    static func names(in input: some Any) -> [String] {
        Mirror(reflecting: input).children.flatMap { child in
            Self.type(of: child.value).map { [$0] } ?? Mirror(reflecting: child.value).children.compactMap { Self.type(of: $0.value) }
        }
    }

    private static func type(of value: Any) -> String? {
        if let message = value as? any Message { return Swift.type(of: message).type }
        return (value as? any InternalItem).map { Swift.type(of: $0).type }
    }
}

/// The types of what a machine accepts by itself.
private struct AcceptedTypes<Machine: StateMachine>: AcceptsBuilder {
    func message<Body: Message>(_: Body.Type, _ input: @escaping @Sendable (Body) -> Machine.Input) -> String { Body.type }
    func item<Item: InternalItem>(_: Item.Type, _ input: @escaping @Sendable (Item) -> Machine.Input) -> String { Item.type }
}

extension WidestTests {
    /// Every command, fact and internal item of the contracts, every event that a machine accepts, and an answer to every effect is tried by
    /// one of the explorations above: a new one fails here until it is.
    @Test func everyMessageAndEveryEffectIsFed() throws {
        let coverage = WidestCoverage()
        try WidestCoverage.$current.withValue(coverage) {
            for edge in Widest.Edge.allCases {
                for explore in [
                    shops, pairs, rules, numbers, numbersOfAnERP, shipments, warehouseOrders, inboundOrders, stock, accounts, owners,
                    channels,
                    seenOrders,
                ] { try explore(edge) }
                for prefix in ["", "pdd-fds:"] {
                    try orders(edge, prefix)
                    try parcels(edge, prefix)
                    try labels(edge, prefix)
                }
            }
        }
        #expect(coverage.missing == [])
    }
}
