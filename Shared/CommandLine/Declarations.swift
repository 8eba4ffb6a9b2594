/// How an option or flag is written.
public enum NameSpecification: Sendable {
    /// `--name`
    case long
    /// `--name` and the first letter of it: `-n`
    case shortAndLong
    /// `--text`, whatever the property is called.
    case customLong(String)
    /// Both, chosen.
    case custom(long: String, short: Character)
}

/// The values that the shell offers.
public enum CompletionKind: Sendable, Equatable {
    case none
    case file
    case directory
    case list([String])
}

/// One option, flag or argument, as the parser, the help and the completion see it. Shared by all copies of its property.
final class Declaration {
    enum Kind { case flag, option, positional }

    let kind: Kind
    let specification: NameSpecification
    let help: String
    let isRepeated: Bool
    /// Required and without a default.
    let isRequired: Bool
    /// For the help; nil when there is none worth a mention.
    let defaultText: String?
    let completion: CompletionKind
    /// Shown as `<name>`; by default the property's name.
    let valueName: String?
    /// Sets the value from a text, or throws what is expected instead.
    let accept: (String) throws(Expectation) -> Void
    var wasGiven = false
    /// The property's name with hyphens; known when the command is inspected.
    var name = ""

    struct Expectation: Error { var text: String }

    init(
        _ kind: Kind, _ specification: NameSpecification, help: String, isRepeated: Bool = false, isRequired: Bool = false,
        defaultText: String? = nil, completion: CompletionKind = .none, valueName: String? = nil,
        accept: @escaping (String) throws(Expectation) -> Void
    ) {
        self.kind = kind
        self.specification = specification
        self.help = help
        self.isRepeated = isRepeated
        self.isRequired = isRequired
        self.defaultText = defaultText
        self.completion = completion
        self.valueName = valueName
        self.accept = accept
    }

    /// Without the hyphens.
    var longName: String {
        switch specification {
        case .long, .shortAndLong: name
        case .customLong(let long), .custom(let long, _): long
        }
    }

    var shortName: Character? {
        switch specification {
        case .long, .customLong: nil
        case .shortAndLong: name.first
        case .custom(_, let short): short
        }
    }

    /// As an error names it.
    var displayName: String { kind == .positional ? "<\(valueName ?? name)>" : "--\(longName)" }
    var displayValue: String { "<\(valueName ?? longName)>" }
}

/// A property that the parser fills in.
protocol DeclaredProperty {
    var declaration: Declaration { get }
}

/// The value of a property; a class, so that the parser can set it in a copy.
final class ValueBox<Value> {
    var value: Value?
    init(_ value: Value?) { self.value = value }

    func set<Element: ExpressibleByArgument>(_ text: String, _ store: (Element) -> Void) throws(Declaration.Expectation) {
        guard let value = Element(argument: text) else { throw .init(text: Element.argumentDescription) }
        store(value)
    }

    /// Reading before parsing is a mistake in the program, not in its input.
    var required: Value {
        guard let value else { preconditionFailure("a required option is read before the command line was parsed") }
        return value
    }
}

private func completion<Value: ExpressibleByArgument>(_ given: CompletionKind, _: Value.Type) -> CompletionKind {
    given == .none && !Value.allValueStrings.isEmpty ? .list(Value.allValueStrings) : given
}

/// `--name value` or `--name=value`.
@propertyWrapper
public struct Option<Value>: DeclaredProperty {
    let box: ValueBox<Value>
    let declaration: Declaration

    public var wrappedValue: Value {
        get { box.required }
        nonmutating set { box.value = newValue }
    }

    /// With a default.
    public init(
        wrappedValue: Value, name: NameSpecification = .long, help: String, valueName: String? = nil,
        completion kind: CompletionKind = .none
    ) where Value: ExpressibleByArgument {
        let box = ValueBox<Value>(wrappedValue)
        self.box = box
        declaration = Declaration(
            .option, name, help: help, defaultText: wrappedValue.argumentText, completion: completion(kind, Value.self),
            valueName: valueName
        ) { text throws(Declaration.Expectation) in try box.set(text) { box.value = $0 } }
    }

    /// Required.
    public init(name: NameSpecification = .long, help: String, valueName: String? = nil, completion kind: CompletionKind = .none)
    where Value: ExpressibleByArgument {
        let box = ValueBox<Value>(nil)
        self.box = box
        declaration = Declaration(
            .option, name, help: help, isRequired: true, completion: completion(kind, Value.self), valueName: valueName
        ) { text throws(Declaration.Expectation) in try box.set(text) { box.value = $0 } }
    }

    /// Optional: nil when it is not given.
    public init<Element: ExpressibleByArgument>(
        name: NameSpecification = .long, help: String, valueName: String? = nil, completion kind: CompletionKind = .none
    ) where Value == Element? {
        let box = ValueBox<Value>(.some(nil))
        self.box = box
        declaration = Declaration(.option, name, help: help, completion: completion(kind, Element.self), valueName: valueName) {
            text throws(Declaration.Expectation) in try box.set(text) { (value: Element) in box.value = .some(value) }
        }
    }

    /// May be given several times.
    public init<Element: ExpressibleByArgument>(
        wrappedValue: [Element], name: NameSpecification = .long, help: String, valueName: String? = nil,
        completion kind: CompletionKind = .none
    ) where Value == [Element] {
        let box = ValueBox<Value>(wrappedValue)
        self.box = box
        declaration = Declaration(
            .option, name, help: help, isRepeated: true, completion: completion(kind, Element.self), valueName: valueName
        ) { text throws(Declaration.Expectation) in try box.set(text) { box.value = (box.value ?? []) + [$0] } }
    }
}

/// `--name`: false, or true when it is there.
@propertyWrapper
public struct Flag: DeclaredProperty {
    let box: ValueBox<Bool>
    let declaration: Declaration

    public var wrappedValue: Bool {
        get { box.required }
        nonmutating set { box.value = newValue }
    }

    public init(wrappedValue: Bool = false, name: NameSpecification = .long, help: String) {
        let box = ValueBox<Bool>(wrappedValue)
        self.box = box
        declaration = Declaration(.flag, name, help: help) { _ in box.value = true }
    }
}

/// A value by its place. One that is repeated takes all that is left, and is the last.
@propertyWrapper
public struct Argument<Value>: DeclaredProperty {
    let box: ValueBox<Value>
    let declaration: Declaration

    public var wrappedValue: Value {
        get { box.required }
        nonmutating set { box.value = newValue }
    }

    /// Required.
    public init(help: String, valueName: String? = nil, completion kind: CompletionKind = .none) where Value: ExpressibleByArgument {
        let box = ValueBox<Value>(nil)
        self.box = box
        declaration = Declaration(
            .positional, .long, help: help, isRequired: true, completion: completion(kind, Value.self), valueName: valueName
        ) { text throws(Declaration.Expectation) in try box.set(text) { box.value = $0 } }
    }

    /// Optional: nil when it is not given.
    public init<Element: ExpressibleByArgument>(help: String, valueName: String? = nil, completion kind: CompletionKind = .none)
    where Value == Element? {
        let box = ValueBox<Value>(.some(nil))
        self.box = box
        declaration = Declaration(.positional, .long, help: help, completion: completion(kind, Element.self), valueName: valueName) {
            text throws(Declaration.Expectation) in try box.set(text) { (value: Element) in box.value = .some(value) }
        }
    }

    /// All that is left, perhaps nothing.
    public init<Element: ExpressibleByArgument>(
        wrappedValue: [Element], help: String, valueName: String? = nil, completion kind: CompletionKind = .none
    ) where Value == [Element] {
        let box = ValueBox<Value>(wrappedValue)
        self.box = box
        declaration = Declaration(
            .positional, .long, help: help, isRepeated: true, completion: completion(kind, Element.self), valueName: valueName
        ) { text throws(Declaration.Expectation) in try box.set(text) { box.value = (box.value ?? []) + [$0] } }
    }
}
