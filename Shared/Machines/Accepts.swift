public import Contracts

/// A message that a machine answers, declared by the machine: `.message(Obtain.self) { .obtain($0) }`. Its aggregate is the one of its
/// Kafka key; whether it is a command, a fact or an event is said by its contract.
public struct Accepts<Machine: StateMachine>: Sendable {
    private let content: AcceptedContent<Machine>

    public static func message<Body: Message>(_: Body.Type, _ input: @escaping @Sendable (Body) -> Machine.Input) -> Accepts {
        Accepts(content: AcceptedMessage<Body, Machine>(input))
    }

    /// An item of a conversation between shards; it names its aggregate itself.
    public static func item<Item: InternalItem>(_: Item.Type, _ input: @escaping @Sendable (Item) -> Machine.Input) -> Accepts {
        Accepts(content: AcceptedItem<Item, Machine>(input))
    }

    /// Hands the message's type, and how it becomes an input, to a builder: of a service's routes.
    public func build<Builder: AcceptsBuilder>(with builder: Builder) -> Builder.Built where Builder.Machine == Machine {
        content.build(with: builder)
    }
}

/// Makes something of each message that a machine answers.
public protocol AcceptsBuilder<Machine> {
    associatedtype Machine: StateMachine
    associatedtype Built
    func message<Body: Message>(_: Body.Type, _ input: @escaping @Sendable (Body) -> Machine.Input) -> Built
    func item<Item: InternalItem>(_: Item.Type, _ input: @escaping @Sendable (Item) -> Machine.Input) -> Built
}

/// Holds a message's type, which its machine's list does not know.
private class AcceptedContent<Machine: StateMachine>: @unchecked Sendable {
    // Immutable: subclasses hold nothing but a Sendable function.
    func build<Builder: AcceptsBuilder>(with builder: Builder) -> Builder.Built where Builder.Machine == Machine {
        preconditionFailure("a subclass says what is accepted")
    }
}

private final class AcceptedMessage<Body: Message, Machine: StateMachine>: AcceptedContent<Machine>, @unchecked Sendable {
    private let input: @Sendable (Body) -> Machine.Input

    init(_ input: @escaping @Sendable (Body) -> Machine.Input) { self.input = input }

    override func build<Builder: AcceptsBuilder>(with builder: Builder) -> Builder.Built where Builder.Machine == Machine {
        builder.message(Body.self, input)
    }
}

private final class AcceptedItem<Item: InternalItem, Machine: StateMachine>: AcceptedContent<Machine>, @unchecked Sendable {
    private let input: @Sendable (Item) -> Machine.Input

    init(_ input: @escaping @Sendable (Item) -> Machine.Input) { self.input = input }

    override func build<Builder: AcceptsBuilder>(with builder: Builder) -> Builder.Built where Builder.Machine == Machine {
        builder.item(Item.self, input)
    }
}
