import CRdKafka

/// A consumer's membership of its group at one assignment: taken when the assignment is made and kept with what is claimed for it. Kafka
/// accepts offsets with it only as long as that assignment lasts.
public final class GroupMetadata: @unchecked Sendable {
    let pointer: OpaquePointer
    /// The group's generation.
    public let generation: Int32

    /// nil when the consumer is no member of its group at this moment: offsets sent with such metadata would not be checked at all.
    init?(of consumer: OpaquePointer) {
        guard let pointer = rd_kafka_consumer_group_metadata(consumer) else { return nil }
        self.pointer = pointer
        generation = Self.generation(of: pointer)
        // the deinit destroys the pointer
        if generation < 0 { return nil }
    }

    deinit { rd_kafka_consumer_group_metadata_destroy(pointer) }

    /// The library has no getter; its serialised form is "CGMDv2:", the generation (i32), and the names.
    private static func generation(of pointer: OpaquePointer) -> Int32 {
        var buffer: UnsafeMutableRawPointer?
        var size = 0
        if let error = rd_kafka_consumer_group_metadata_write(pointer, &buffer, &size) {
            rd_kafka_error_destroy(error)
            return -1
        }
        defer { rd_kafka_mem_free(nil, buffer) }
        let magic = "CGMDv2:".utf8
        guard let buffer, size >= magic.count + 4,
            UnsafeRawBufferPointer(start: buffer, count: magic.count).elementsEqual(magic)
        else { return -1 }
        return buffer.loadUnaligned(fromByteOffset: magic.count, as: Int32.self)
    }
}
