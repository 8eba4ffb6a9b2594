public import Contracts
public import JSON
public import Machines

/// The allocation rules of one merchant. Aggregate key `rules:<merchantShopId>`; the rules themselves are rows of `daifa.rules`.
///
/// | rule | put-rule | remove-rule |
/// |---|---|---|
/// | unknown | rule-put | not-found |
/// | known | rule-put | rule-removed |
///
/// Needs no table.
public enum RuleMachine: StateMachine {
    public enum Input: Sendable {
        case put(PutRule)
        case remove(RemoveRule)
    }

    /// Priority of a rule that names none.
    static let defaultPriority = 100

    public static func aggregate(_ id: String) -> String { "rules:\(id)" }

    public static let accepts: [Accepts<RuleMachine>] = [
        .message(PutRule.self) { .put($0) },
        .message(RemoveRule.self) { .remove($0) },
    ]

    public static let emits = Emits(events: [RulePut.self, RuleRemoved.self], rows: [RuleRow.self])

    public static func decide(_ state: RuleState, _ input: Input, _ context: Context) -> Decision<RuleEvent> {
        do throws(Refusal) {
            switch input {
            case .put(let command): return .accept([try put(state, command, context)])
            case .remove(let command): return .accept([try remove(state, command, context)])
            }
        } catch {
            return .refuse(error)
        }
    }

    private static func put(_ state: RuleState, _ command: PutRule, _ context: Context) throws(Refusal) -> RuleEvent {
        guard (command.match.skus == nil) != (command.match.skuPrefix == nil) else {
            throw Refusal(.invalid, "expected exactly one of skus and skuPrefix", field: "match")
        }
        try context.require(.merchant, command.merchantShopId)
        let message = RulePut(
            merchantShopId: command.merchantShopId, ruleId: command.ruleId, match: command.match, target: command.target,
            priority: command.priority ?? defaultPriority)
        return .put(message, version: state.version + 1)
    }

    private static func remove(_ state: RuleState, _ command: RemoveRule, _ context: Context) throws(Refusal) -> RuleEvent {
        try context.require(.merchant, command.merchantShopId)
        guard state.ruleIds.contains(command.ruleId) else {
            throw Refusal(.notFound, "\(command.merchantShopId) has no rule \(command.ruleId)")
        }
        let message = RuleRemoved(merchantShopId: command.merchantShopId, ruleId: command.ruleId)
        return .removed(message, version: state.version + 1)
    }

    public static func evolve(_ state: inout RuleState, _ event: RuleEvent) {
        switch event {
        case .put(let message, let version):
            if !state.ruleIds.contains(message.ruleId) { state.ruleIds.append(message.ruleId) }
            state.version = version
        case .removed(let message, let version):
            state.ruleIds.removeAll { $0 == message.ruleId }
            state.version = version
        }
    }
}

/// Which rules a merchant has.
public struct RuleState: DefaultInitializable, Equatable {
    var ruleIds: [String] = []
    /// Counts the changes of all the merchant's rules: a rule's row carries the one that wrote it.
    var version = 0

    public init() {}

    public static let fields = Fields<RuleState>(Field("ruleIds", \.ruleIds), Field("version", \.version))
}

public enum RuleEvent: Publishable {
    case put(RulePut, version: Int)
    case removed(RuleRemoved, version: Int)

    public func publish(to outbox: some Outbox) {
        switch self {
        case .put(let message, let version):
            outbox.event(message)
            let row = RuleRow(
                merchantShopId: message.merchantShopId, ruleId: message.ruleId, match: message.match, target: message.target,
                priority: message.priority, version: version)
            outbox.row(row)
        case .removed(let message, _):
            outbox.event(message)
            outbox.removeRow("\(message.merchantShopId)~\(message.ruleId)", of: .rules)
        }
    }
}
