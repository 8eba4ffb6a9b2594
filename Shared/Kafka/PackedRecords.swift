/// Reads what ``RecordPacker`` wrote, trusting no length in it.
public struct PackedRecords {
    /// The bytes are no sequence of packed records.
    public struct Corruption: Error, Hashable, Sendable, CustomStringConvertible {
        /// Where the record begins that cannot be read.
        public let offset: Int
        public let reason: String

        public var description: String { "packed record at byte \(offset): \(reason)" }
    }

    /// One record; its pointers are good as long as the bytes that were read.
    public struct Record {
        public let topicIndex: UInt8
        /// -1: by key.
        public let partition: Int32
        public let key: UnsafeRawBufferPointer?
        /// nil: a tombstone.
        public let value: UnsafeRawBufferPointer?
        public let headerCount: Int
        /// A count (u16) and the headers.
        public let packedHeaders: UnsafeRawBufferPointer

        /// Calls `body` with each header, in order.
        public func forEachHeader(_ body: (_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer?) -> Void) {
            // the bounds were checked when the record was read
            var cursor = Cursor(bytes: packedHeaders, at: 2, end: packedHeaders.count)
            for _ in 0..<headerCount {
                guard let length = cursor.number(UInt8.self), let name = cursor.take(Int(length)), let value = cursor.lengthAndBytes()
                else {
                    return
                }
                body(name, value.bytes)
            }
        }

        /// The headers as owned values.
        public var headers: [Header] {
            var result: [Header] = []
            forEachHeader { result.append(.init(name: String(decoding: $0, as: UTF8.self), value: $1.map(Array.init))) }
            return result
        }
    }

    private var cursor: Cursor

    public init(_ bytes: UnsafeRawBufferPointer) {
        cursor = Cursor(bytes: bytes, at: 0, end: bytes.count)
    }

    /// The next record, or nil at the end.
    public mutating func next() throws(Corruption) -> Record? {
        guard cursor.at < cursor.end else { return nil }
        let start = cursor.at
        func corrupt(_ reason: String) -> Corruption { Corruption(offset: start, reason: reason) }
        guard let length = cursor.number(UInt32.self), let body = cursor.take(Int(length)) else {
            throw corrupt("longer than the bytes that are there")
        }
        var fields = Cursor(bytes: body, at: 0, end: body.count)
        guard let topic = fields.number(UInt8.self), let partition = fields.number(Int32.self) else {
            throw corrupt("ends before its partition")
        }
        guard let key = fields.lengthAndBytes() else { throw corrupt("its key does not fit") }
        guard let value = fields.lengthAndBytes() else { throw corrupt("its value does not fit") }
        let headersStart = fields.at
        guard let headerCount = fields.number(UInt16.self) else { throw corrupt("ends before its headers") }
        for number in 0..<headerCount {
            guard let length = fields.number(UInt8.self), fields.take(Int(length)) != nil, fields.lengthAndBytes() != nil else {
                throw corrupt("header \(number) does not fit")
            }
        }
        guard fields.at == fields.end else { throw corrupt("\(fields.end - fields.at) bytes follow its headers") }
        return Record(
            topicIndex: topic, partition: partition, key: key.bytes, value: value.bytes, headerCount: Int(headerCount),
            packedHeaders: UnsafeRawBufferPointer(rebasing: body[headersStart...]))
    }
}

/// A place in bytes from outside.
private struct Cursor {
    let bytes: UnsafeRawBufferPointer
    var at: Int
    let end: Int

    mutating func number<Number: FixedWidthInteger>(_: Number.Type) -> Number? {
        guard end - at >= MemoryLayout<Number>.size else { return nil }
        defer { at += MemoryLayout<Number>.size }
        return Number(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: Number.self))
    }

    mutating func take(_ count: Int) -> UnsafeRawBufferPointer? {
        guard count >= 0, end - at >= count else { return nil }
        defer { at += count }
        return UnsafeRawBufferPointer(rebasing: bytes[at..<at + count])
    }

    /// An i32 length and that many bytes; `bytes` nil for a length of -1.
    mutating func lengthAndBytes() -> (bytes: UnsafeRawBufferPointer?, Void)? {
        guard let length = number(Int32.self), length >= -1 else { return nil }
        guard length >= 0 else { return (nil, ()) }
        guard let bytes = take(Int(length)) else { return nil }
        return (bytes, ())
    }
}
