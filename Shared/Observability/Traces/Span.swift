import Threads

/// A step of a trace that goes on: where it stands, and when it began.
public struct SpanStart: Sendable {
    public let context: TraceContext
    /// The span that it is part of; nil: it begins the trace.
    public let parent: UInt64?
    /// Nanoseconds since 1970.
    public let nanoseconds: Int

    init(_ context: TraceContext, parent: UInt64?, nanoseconds: Int = Clock.nanoseconds) {
        (self.context, self.parent, self.nanoseconds) = (context, parent, nanoseconds)
    }

    /// The step ends now.
    public func ended(
        _ name: String, _ kind: Span.Kind, isError: Bool = false, _ attributes: [Span.Attribute]
    ) -> Span {
        Span(start: self, name: name, kind: kind, end: Clock.nanoseconds, isError: isError, attributes: attributes)
    }
}

/// A step of a trace that has ended.
public struct Span: Sendable {
    /// OpenTelemetry's, with its numbers.
    public enum Kind: Int, Sendable {
        case inside = 1
        case server, client, producer, consumer
    }

    /// Never anything secret or of a person: ids, names, counts, codes.
    public struct Attribute: Sendable {
        enum Value: Sendable {
            case text(String)
            case number(Int)
        }

        let name: String
        let value: Value

        public init(_ name: String, _ text: String) { (self.name, value) = (name, .text(text)) }
        public init(_ name: String, _ number: Int) { (self.name, value) = (name, .number(number)) }
    }

    public let start: SpanStart
    public let name: String
    public let kind: Kind
    /// Nanoseconds since 1970.
    public let end: Int
    public let isError: Bool
    public let attributes: [Attribute]
}
