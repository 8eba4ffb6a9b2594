import Glibc

extension UnsafeRawBufferPointer {
    /// Whether both hold the same bytes, in the same number. Compared as memory, many bytes at once: a collection's `elementsEqual` goes byte
    /// by byte, and this is asked several times for every message.
    public func hasSameBytes(as other: UnsafeRawBufferPointer) -> Bool {
        guard count == other.count else { return false }
        guard let left = baseAddress, let right = other.baseAddress, count > 0 else { return true }
        return memcmp(left, right, count) == 0
    }

    /// Whether it holds exactly the bytes of this text.
    public func holds(_ text: StaticString) -> Bool {
        hasSameBytes(as: UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Whether it begins with these bytes.
    public func begins(with other: UnsafeRawBufferPointer) -> Bool {
        count >= other.count && UnsafeRawBufferPointer(rebasing: self[..<other.count]).hasSameBytes(as: other)
    }
}

extension String {
    /// Whether both have the same bytes. `==` takes é and e with an accent for the same, which are two keys in a store and lie in different
    /// partitions.
    public func hasSameBytes(as other: String) -> Bool {
        withBytes { left in other.withBytes { left.hasSameBytes(as: $0) } }
    }

    /// Hands out the text in UTF-8. Unlike `withUTF8`, which may have to change the text, this makes no copy of a text that is native to Swift,
    /// as all are that were read from messages.
    @inlinable
    public func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        if let result = utf8.withContiguousStorageIfAvailable({ body(UnsafeRawBufferPointer($0)) }) { return result }
        var native = self
        return native.withUTF8 { body(UnsafeRawBufferPointer($0)) }
    }
}
