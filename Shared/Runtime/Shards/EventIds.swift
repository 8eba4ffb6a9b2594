import Crypto

/// Makes the ids of events: name-based UUIDs (RFC 4122, version 5) of service, cause, type, key, the causing record's place in the log,
/// and a running number, so that the same decision made again has the same ids, and no two events share one.
struct EventIds: ~Copyable {
    /// The namespace of Daifa's events: a random UUID, fixed for ever.
    private static let namespace: [UInt8] = [
        0x6b, 0x1d, 0x0c, 0x52, 0x8f, 0x3e, 0x4a, 0x77, 0x9a, 0x15, 0x2e, 0xd4, 0x90, 0x6c, 0x3b, 0xf1,
    ]

    private let uuid: NameBasedUUID
    private var name: [UInt8] = []

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
    }

    /// Gives the 36 ASCII characters of the id to `body`.
    mutating func make(service: String, cause: String, type: String, key: String, place: Place, _ body: (UnsafeRawBufferPointer) -> Void) {
        name.removeAll(keepingCapacity: true)
        for part in [service, cause, type, key] {
            name.append(contentsOf: part.utf8)
            name.append(0)
        }
        append(place.topic)
        append(place.partition)
        append(place.offset)
        append(place.destination)
        append(place.index)
        name.withUnsafeBytes { name in
            withUnsafeTemporaryAllocation(byteCount: 36, alignment: 1) { text in
                uuid.make(name, into: text)
                body(UnsafeRawBufferPointer(text))
            }
        }
    }

    private mutating func append(_ number: some FixedWidthInteger) {
        withUnsafeBytes(of: number.littleEndian) { name.append(contentsOf: $0) }
    }
}
