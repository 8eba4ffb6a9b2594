/// A part of a record that never changes once it is told, behind a reference: copies of the record are cheap, and it is packed once.
///
/// For one thread at a time, as the record that has it.
@dynamicMemberLookup
final class Told<Value: Packable & Equatable & Sendable>: Packable, Equatable, @unchecked Sendable {
    let value: Value
    private var packed: [UInt8]?

    init(_ value: Value) { self.value = value }

    @inline(__always)
    subscript<Part>(dynamicMember path: KeyPath<Value, Part>) -> Part { value[keyPath: path] }

    static func == (left: Told, right: Told) -> Bool { left === right || left.value == right.value }

    func pack(_ packer: inout Packer) {
        if let packed { return packer.add(packed) }
        var own = Packer()
        own.reserve(256)
        own.add(value)
        packed = own.bytes
        packer.add(own.bytes)
    }

    init(_ unpacker: inout Unpacker) {
        let bytes = unpacker.blob()
        value = bytes.withUnsafeBytes { bytes in
            var inner = Unpacker(bytes)
            return Value(&inner)
        }
        packed = bytes
    }
}
