public import JSON

/// A page of a list: `{"items": […], "next": "…"}`.
public struct Page<Item> {
    public var items: [Item]
    /// `after` of the following page; nil: this is the end. Every page but the last one is full.
    public var next: String?

    public init(items: [Item], next: String? = nil) {
        self.items = items
        self.next = next
    }
}

extension Page: Sendable where Item: Sendable {}

extension Page where Item: JSONCodable {
    public func writeJSON(_ writer: inout JSONWriter) {
        writer.raw("{\"items\":")
        items.writeJSON(&writer)
        if let next {
            writer.raw(",\"next\":")
            writer.string(next)
        }
        writer.byte(UInt8(ascii: "}"))
    }

    public var json: [UInt8] {
        var writer = JSONWriter()
        writeJSON(&writer)
        return writer.bytes
    }
}
