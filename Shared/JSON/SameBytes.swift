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
        var (left, right) = (self, other)
        return left.withUTF8 { left in
            right.withUTF8 { right in UnsafeRawBufferPointer(left).hasSameBytes(as: UnsafeRawBufferPointer(right)) }
        }
    }
}
