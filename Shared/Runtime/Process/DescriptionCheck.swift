import Contracts
import Machines

/// Compares a service's description with what the messages' contracts say of the service: an output that nobody declares, a message that
/// nobody answers, a table that is read in secret are found before the service takes its first message.
extension ServiceDescription {
    /// - Throws: exit 70 with everything that is wrong, in one line.
    func validate() throws(ExitError) { try Self.stop(name, problems()) }

    /// - Parameter effects: what carries the service's effects out.
    /// - Throws: exit 70 with everything that is wrong, in one line.
    func validate(_ effects: [EffectRoute]) throws(ExitError) { try Self.stop(name, problems(of: effects)) }

    private static func stop(_ name: ServiceName, _ problems: [String]) throws(ExitError) {
        if problems.isEmpty { return }
        throw .bug("a mistake of the program, in the description of \(name.rawValue): \(problems.joined(separator: "; "))")
    }

    private var emits: Emits { Emits(routes.flatMap(\.emits)) }

    /// Everything that does not fit the contract; empty when all does.
    func problems() -> [String] { routeProblems() + tableProblems() + outputProblems() }

    private func routeProblems() -> [String] {
        var problems: [String] = []
        var routed: Set<String> = []
        let emitted = Set(emits.events.map { $0.type })
        for route in routes {
            if !routed.insert(route.type).inserted { problems.append("\(route.type) has two routes") }
            guard let entry = Catalog.entry(route.type) else {
                problems.append("\(route.type) is not in the catalogue")
                continue
            }
            if !route.kind.fits(entry.kind) { problems.append("\(route.type) is routed as \(route.kind), and is a \(entry.kind.rawValue)") }
            if !entry.readers.contains(name) {
                problems.append("\(route.type) is routed, and its contract does not name the service as a reader")
            }
            for answer in entry.answers where !emitted.contains(answer) {
                problems.append("\(route.type) is answered by \(answer), which no machine declares")
            }
        }
        for entry in Catalog.entries where entry.kind != .row && entry.readers.contains(name) && !routed.contains(entry.type) {
            problems.append("\(entry.type) names the service as a reader, and has no route")
        }
        return problems
    }

    private func tableProblems() -> [String] {
        Catalog.entries.filter { $0.kind == .row }.flatMap { entry in
            let reads = tables.contains { $0.topic == entry.topic }
            let writes = outputs.contains(entry.topic)
            return (reads == entry.readers.contains(name) ? [] : ["\(entry.topic) is \(reads ? "" : "not ")read, against its contract"])
                + (writes == entry.actors.contains(name.actor)
                    ? [] : ["\(entry.topic) is \(writes ? "" : "not ")written, against its contract"])
        }
    }

    private func outputProblems() -> [String] {
        let emits = emits
        let reports = emits.effects.flatMap { $0.reports }
        var problems: [String] = []
        func expect(_ types: [any Contracts.Message.Type], _ kind: CatalogEntry.Kind) {
            for type in types {
                guard let entry = Catalog.entry(type.type), entry.kind == kind else {
                    problems.append("\(type.type) is emitted as a \(kind.rawValue), which it is not")
                    continue
                }
                if !entry.actors.isEmpty, !entry.actors.contains(name.actor) {
                    problems.append("\(type.type) is emitted, and its contract does not let the service send it")
                }
            }
        }
        expect(emits.events, .event)
        expect(emits.commands + reports, .command)
        expect(emits.facts, .fact)
        for item in emits.items where item.service != name {
            problems.append("\(item.type) is told, and belongs to \(item.service.rawValue)")
        }
        let emitted = Set((emits.events + emits.commands + reports).map { $0.type })
        for entry in Catalog.entries where [.event, .command].contains(entry.kind) && entry.actors.contains(name.actor) {
            if !emitted.contains(entry.type) { problems.append("\(entry.type) may be sent by the service, and no machine declares it") }
        }
        return problems
    }

    /// Effects that nothing carries out, and the other way round.
    func problems(of effects: [EffectRoute]) -> [String] {
        let declared = Set(emits.effects.map { $0.kind })
        let carriedOut = Set(effects.map(\.kind))
        return declared.subtracting(carriedOut).sorted().map { "nothing carries out the effect \($0)" }
            + carriedOut.subtracting(declared).sorted().map { "no machine declares the effect \($0)" }
            + (carriedOut.count == effects.count ? [] : ["an effect is carried out in two ways"])
    }
}

extension MessageKind {
    fileprivate func fits(_ kind: CatalogEntry.Kind) -> Bool {
        switch self {
        case .command: kind == .command
        case .fact: kind == .fact
        case .event: kind == .event || kind == .refusal
        case .item: kind == .internal
        }
    }
}
