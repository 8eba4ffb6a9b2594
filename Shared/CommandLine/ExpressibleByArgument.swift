/// A value that an option or argument can have.
public protocol ExpressibleByArgument {
    /// nil when the text is no such value.
    init?(argument: String)
    /// The expected kind of text, for errors: `a whole number`.
    static var argumentDescription: String { get }
    /// All possible texts when they are few, for help and completion.
    static var allValueStrings: [String] { get }
    /// The text that would give this value, for help.
    var argumentText: String { get }
}

extension ExpressibleByArgument {
    public static var allValueStrings: [String] { [] }
    public var argumentText: String { "\(self)" }
}

extension ExpressibleByArgument where Self: RawRepresentable, RawValue == String {
    public init?(argument: String) { self.init(rawValue: argument) }
    public var argumentText: String { rawValue }
}

extension ExpressibleByArgument where Self: CaseIterable, Self: RawRepresentable, RawValue == String {
    public static var allValueStrings: [String] { allCases.map(\.rawValue) }
    public static var argumentDescription: String { "one of \(allValueStrings.joined(separator: ", "))" }
}

extension String: ExpressibleByArgument {
    public init?(argument: String) { self = argument }
    public static var argumentDescription: String { "a text" }
}

extension ExpressibleByArgument where Self: FixedWidthInteger {
    public init?(argument: String) { self.init(argument) }
    public static var argumentDescription: String {
        min == 0 && Self.bitWidth <= 16 ? "a whole number from 0 to \(max)" : "a whole number"
    }
}

extension Int: ExpressibleByArgument {}
extension Int64: ExpressibleByArgument {}
extension Int32: ExpressibleByArgument {}
extension UInt16: ExpressibleByArgument {}

extension Double: ExpressibleByArgument {
    public init?(argument: String) {
        guard let value = Double(argument), value.isFinite else { return nil }
        self = value
    }
    public static var argumentDescription: String { "a number" }
}
