import Crypto
import JSON

/// Makes the ids of events: name-based UUIDs (RFC 4122, version 5) of service, cause, type, key, the causing record's place in the log,
/// and a running number, so that the same decision made again has the same ids, and no two events share one.
struct EventIds: ~Copyable {
    /// The namespace of Daifa's events: a random UUID, fixed for ever.
    private static let namespace: [UInt8] = [
        0x6b, 0x1d, 0x0c, 0x52, 0x8f, 0x3e, 0x4a, 0x77, 0x9a, 0x15, 0x2e, 0xd4, 0x90, 0x6c, 0x3b, 0xf1,
    ]

    private let uuid: NameBasedUUID

    init() {
        guard let uuid = try? NameBasedUUID(namespace: Self.namespace) else { preconditionFailure("libcrypto has no SHA-1") }
        self.uuid = uuid
    }

    /// Where in the log a record stands that leads to events; for coalesced items, which batch of which shard they are of.
    struct Place {
        /// Index of the topic in the service's inputs; -1: a batch's items.
        var topic: Int32 = -1
        var partition: Int32 = 0
        var offset: Int64 = 0
        /// The shard that items go to.
        var destination: Int32 = 0
        /// Counts the events of the place.
        var index: Int64 = 0

        /// Bytes of the numbers.
        fileprivate static let size = 3 * MemoryLayout<Int32>.size + 2 * MemoryLayout<Int64>.size
    }

    /// Gives the 36 ASCII characters of the id to `body`.
    func make(service: String, cause: String, type: String, key: String, place: Place, _ body: (UnsafeRawBufferPointer) -> Void) {
        // The whole name in one piece: each further one is a call of its own into libcrypto.
        let size = service.utf8.count + cause.utf8.count + type.utf8.count + key.utf8.count + 4 + Place.size
        withUnsafeTemporaryAllocation(byteCount: size, alignment: 1) { name in
            var end = 0
            func put(_ part: String) {
                part.withBytes { UnsafeMutableRawBufferPointer(rebasing: name[end...]).copyMemory(from: $0) }
                end += part.utf8.count + 1
                name[end - 1] = 0
            }
            func put<Number: FixedWidthInteger>(_ number: Number) {
                name.storeBytes(of: number.littleEndian, toByteOffset: end, as: Number.self)
                end += MemoryLayout<Number>.size
            }
            put(service)
            put(cause)
            put(type)
            put(key)
            put(place.topic)
            put(place.partition)
            put(place.offset)
            put(place.destination)
            put(place.index)
            withUnsafeTemporaryAllocation(byteCount: NameBasedUUID.textSize, alignment: 1) { text in
                uuid.make(UnsafeRawBufferPointer(name), into: text)
                body(UnsafeRawBufferPointer(text))
            }
        }
    }
}
