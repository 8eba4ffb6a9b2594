/// Reads, checks and writes an object by its table of fields. Errors are returned, not thrown, for the sake of the closures around it.
@usableFromInline
enum DeclaredObject {
    /// Reads the members into the object at `start`.
    @usableFromInline
    static func read(_ table: FieldTable, into start: UnsafeMutableRawPointer, _ reader: inout JSONReader) -> JSONError? {
        var seen: UInt64 = 0
        do throws(JSONError) {
            try reader.enter(UInt8(ascii: "{"), "an object")
            if !reader.leave(UInt8(ascii: "}")) {
                var expected = 0
                repeat {
                    guard let index = try reader.readKey(of: table, &expected)?.index else {
                        try reader.skipValue()
                        continue
                    }
                    let bit: UInt64 = 1 << UInt64(truncatingIfNeeded: index)
                    let entry = table.entries[index]
                    let failure: JSONError? = entry.codec._withUnsafeGuaranteedRef { codec in
                        do throws(JSONError) {
                            if try codec.read(&reader, start + entry.offset) { seen |= bit } else { seen &= ~bit }
                            return nil
                        } catch { return error.inside(field: "\(codec.name)") }
                    }
                    if let failure { throw failure }
                } while try reader.another(before: UInt8(ascii: "}"))
            }
            if table.required & ~seen != 0 { throw missing(table, seen) }
        } catch { return error }
        return nil
    }

    /// Reads those members into the object at `start` that fit their fields; the others leave it as it is.
    @usableFromInline
    static func readWhatFits(_ table: FieldTable, into start: UnsafeMutableRawPointer, _ reader: inout JSONReader) -> JSONError? {
        do throws(JSONError) {
            try reader.enter(UInt8(ascii: "{"), "an object")
            guard !reader.leave(UInt8(ascii: "}")) else { return nil }
            var expected = 0
            repeat {
                guard let index = try reader.readKey(of: table, &expected)?.index else {
                    try reader.skipValue()
                    continue
                }
                let entry = table.entries[index]
                var attempt = reader
                let isRead: Bool = entry.codec._withUnsafeGuaranteedRef { codec in
                    do throws(JSONError) {
                        _ = try codec.read(&attempt, start + entry.offset)
                        return true
                    } catch { return false }
                }
                if isRead { reader = attempt } else { try reader.skipValue() }
            } while try reader.another(before: UInt8(ascii: "}"))
        } catch { return error }
        return nil
    }

    /// Passes over an object. `asWritten` becomes whether its bytes are what `write` writes: declared members only, each once and in
    /// order, no white space, and values as written.
    @usableFromInline
    static func check(_ table: FieldTable, _ reader: inout JSONReader, _ asWritten: inout Bool) -> JSONError? {
        var seen: UInt64 = 0
        var plain = true
        do throws(JSONError) {
            try reader.enter(UInt8(ascii: "{"), "an object")
            let start = reader.position - 1
            var length = 2
            if !reader.leave(UInt8(ascii: "}")) {
                var expected = 0
                var last = -1
                repeat {
                    guard let (index, plainName) = try reader.readKey(of: table, &expected) else {
                        plain = false
                        try reader.skipValue()
                        continue
                    }
                    let entry = table.entries[index]
                    _ = reader.next()
                    let valueStart = reader.position
                    let failure: JSONError? = entry.codec._withUnsafeGuaranteedRef { codec in
                        do throws(JSONError) {
                            let found = try codec.check(&reader)
                            if found.present { seen |= 1 << UInt64(truncatingIfNeeded: index) }
                            if !plainName || !found.present || !found.asWritten || index <= last { plain = false }
                            return nil
                        } catch { return error.inside(field: "\(codec.name)") }
                    }
                    if let failure { throw failure }
                    last = index
                    length += entry.member.count + reader.position - valueStart
                } while try reader.another(before: UInt8(ascii: "}"))
                // The first member has no comma.
                length -= 1
            }
            if table.required & ~seen != 0 { throw missing(table, seen) }
            // Any more bytes than the members' are white space.
            if reader.position - start != length { plain = false }
        } catch { return error }
        asWritten = plain
        return nil
    }

    @usableFromInline
    static func write(_ table: FieldTable, from start: UnsafeRawPointer, _ writer: inout JSONWriter) {
        let first = writer.count
        for entry in table.entries {
            entry.codec._withUnsafeGuaranteedRef { $0.write(start + entry.offset, entry.member, &writer) }
        }
        if writer.count == first {
            writer.raw("{}")
        } else {
            // Each member came with a comma before it.
            writer.replace(at: first, with: UInt8(ascii: "{"))
            writer.byte(UInt8(ascii: "}"))
        }
    }

    @inline(never)
    private static func missing(_ table: FieldTable, _ seen: UInt64) -> JSONError {
        let index = (table.required & ~seen).trailingZeroBitCount
        return .invalid("is missing; it is required", path: "\(table.entries[index].codec.takeUnretainedValue().name)")
    }
}

extension JSONReader {
    /// Reads a member's name: which field it is and whether its bytes are the name's own; nil for one that is not declared.
    ///
    /// Members mostly come in the declared order: the `expected` one is compared first, without looking for the end of the name.
    @inline(__always)
    mutating func readKey(of table: FieldTable, _ expected: inout Int) throws(JSONError) -> (index: Int, isPlain: Bool)? {
        let entries = table.entries
        if expected < entries.count, next() == UInt8(ascii: "\"") {
            let name = entries[expected].name
            let end = position + 1 + name.count
            if end + 1 < count, base[end] == UInt8(ascii: "\""), base[end + 1] == UInt8(ascii: ":"),
                Self.equal(UnsafeRawPointer(base + position + 1), name)
            {
                position = end + 2
                expected += 1
                return (expected - 1, true)
            }
        }
        return try findKey(of: table, &expected)
    }

    @inline(never)
    private mutating func findKey(of table: FieldTable, _ expected: inout Int) throws(JSONError) -> (index: Int, isPlain: Bool)? {
        let key = try readKey()
        let entries = table.entries
        var index = expected
        for _ in 0..<entries.count {
            if index >= entries.count { index = 0 }
            if key.matches(entries[index].name) {
                expected = index + 1
                return (index, !key.hasEscapes)
            }
            index += 1
        }
        return nil
    }

    /// Whether the bytes at `start` are `name`'s.
    @inline(__always)
    private static func equal(_ start: UnsafeRawPointer, _ name: UnsafeRawBufferPointer) -> Bool {
        guard let other = name.baseAddress else { return true }
        var index = 0
        while index + 8 <= name.count {
            guard start.loadUnaligned(fromByteOffset: index, as: UInt64.self) == other.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            else { return false }
            index += 8
        }
        while index < name.count {
            guard start.load(fromByteOffset: index, as: UInt8.self) == other.load(fromByteOffset: index, as: UInt8.self) else {
                return false
            }
            index += 1
        }
        return true
    }
}
