import JSON

/// Spans as OTLP's JSON (`ExportTraceServiceRequest`): ids in hexadecimal, 64-bit numbers as texts.
struct SpanDocument {
    /// What the spans are of: `service.name` and the like.
    let resource: [Span.Attribute]
    let version: String

    func bytes(_ spans: [Span]) -> [UInt8] {
        var writer = JSONWriter(capacity: 512 * (spans.count + 1))
        writer.raw("{\"resourceSpans\":[{\"resource\":{\"attributes\":")
        Self.write(resource, &writer)
        writer.raw("},\"scopeSpans\":[{\"scope\":{\"name\":\"daifa\",\"version\":")
        writer.string(version)
        writer.raw("},\"spans\":[")
        for (index, span) in spans.enumerated() {
            if index > 0 { writer.raw(",") }
            Self.write(span, &writer)
        }
        writer.raw("]}]}]}")
        return writer.bytes
    }

    private static func write(_ span: Span, _ writer: inout JSONWriter) {
        writer.raw("{\"traceId\":\"")
        write(span.start.context.traceId, &writer)
        writer.raw("\",\"spanId\":\"")
        write(TraceContext.hexadecimal(span.start.context.span), &writer)
        if let parent = span.start.parent {
            writer.raw("\",\"parentSpanId\":\"")
            write(TraceContext.hexadecimal(parent), &writer)
        }
        writer.raw("\",\"name\":")
        writer.string(span.name)
        writer.raw(",\"kind\":")
        writer.int(span.kind.rawValue)
        writer.raw(",\"startTimeUnixNano\":\"")
        writer.int(span.start.nanoseconds)
        writer.raw("\",\"endTimeUnixNano\":\"")
        writer.int(span.end)
        writer.raw("\"")
        writer.raw(",\"attributes\":")
        write(span.attributes, &writer)
        writer.raw(span.isError ? ",\"status\":{\"code\":2}}" : "}")
    }

    private static func write(_ hexadecimal: String, _ writer: inout JSONWriter) { writer.raw(Array(hexadecimal.utf8)) }

    private static func write(_ attributes: [Span.Attribute], _ writer: inout JSONWriter) {
        writer.raw("[")
        for (index, attribute) in attributes.enumerated() {
            writer.raw(index > 0 ? ",{\"key\":" : "{\"key\":")
            writer.string(attribute.name)
            switch attribute.value {
            case .text(let text):
                writer.raw(",\"value\":{\"stringValue\":")
                writer.string(text)
                writer.raw("}}")
            case .number(let number):
                writer.raw(",\"value\":{\"intValue\":\"")
                writer.int(number)
                writer.raw("\"}}")
            }
        }
        writer.raw("]")
    }
}
