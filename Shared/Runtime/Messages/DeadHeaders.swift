import JSON

/// Removes from a message that could not be handled whatever its dead letter must not keep: tokens, and headers of our own name.
enum DeadHeaders {
    private static let ours: StaticString = "x-dead-"
    private static let token: StaticString = "authorization"

    /// A token is as good as a password until it ends, whatever the case of its header's name; and headers `x-dead-…` are
    /// for the writer of a dead letter alone.
    static func isLeftOut(_ name: UnsafeRawBufferPointer) -> Bool {
        (name.count == token.utf8CodeUnitCount && begins(name, token)) || begins(name, ours)
    }

    /// Whether a name begins with a text in lower case, whatever the name's own case.
    private static func begins(_ name: UnsafeRawBufferPointer, _ text: StaticString) -> Bool {
        guard name.count >= text.utf8CodeUnitCount else { return false }
        for index in 0..<text.utf8CodeUnitCount where lowercased(name[index]) != text.utf8Start[index] { return false }
        return true
    }

    static func lowercased(_ byte: UInt8) -> UInt8 { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte }
}

/// A token inside of a message in structured mode.
enum StructuredToken {
    private static let name = Array("\"authorization\"".utf8)

    /// The body without its attribute `authorization`; nil: it has none, and stays as it is.
    static func removed(from body: UnsafeRawBufferPointer) -> [UInt8]? {
        do throws(JSONError) { return try rewritten(body) } catch { return blanked(body) }
    }

    private static func rewritten(_ body: UnsafeRawBufferPointer) throws(JSONError) -> [UInt8]? {
        var reader = JSONReader(body)
        var writer = JSONWriter(capacity: body.count)
        var isFirst = true
        var hasToken = false
        try reader.readObject { (reader, key) throws(JSONError) in
            let name = key.string
            let value = try RawJSON.readJSON(&reader)
            guard name.lowercased() != "authorization" else { return hasToken = true }
            writer.byte(isFirst ? UInt8(ascii: "{") : UInt8(ascii: ","))
            isFirst = false
            writer.string(name)
            writer.byte(UInt8(ascii: ":"))
            writer.raw(value.bytes)
        }
        try reader.finish()
        guard hasToken else { return nil }
        if isFirst { writer.byte(UInt8(ascii: "{")) }
        writer.byte(UInt8(ascii: "}"))
        return writer.bytes
    }

    /// A body that is no JSON may hold a token all the same: the text after each such name is emptied, to its end or the body's.
    private static func blanked(_ body: UnsafeRawBufferPointer) -> [UInt8]? {
        var rest: [UInt8] = []
        var hasToken = false
        var index = 0
        while index < body.count {
            guard let start = textStart(after: index, in: body) else {
                rest.append(body[index])
                index += 1
                continue
            }
            hasToken = true
            rest.append(contentsOf: body[index..<start])
            index = start
            while index < body.count, body[index] != UInt8(ascii: "\"") { index += body[index] == UInt8(ascii: "\\") ? 2 : 1 }
        }
        return hasToken ? rest : nil
    }

    /// Where a token's text begins, when its name stands at `index`.
    private static func textStart(after index: Int, in body: UnsafeRawBufferPointer) -> Int? {
        guard body.count - index >= name.count else { return nil }
        for offset in name.indices where DeadHeaders.lowercased(body[index + offset]) != name[offset] { return nil }
        var next = index + name.count
        func skipSpace() { while next < body.count, body[next] <= 0x20 { next += 1 } }
        skipSpace()
        guard next < body.count, body[next] == UInt8(ascii: ":") else { return nil }
        next += 1
        skipSpace()
        return next < body.count && body[next] == UInt8(ascii: "\"") ? next + 1 : nil
    }
}
