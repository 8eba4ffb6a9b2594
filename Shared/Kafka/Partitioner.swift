/// Which partition a key belongs to, as Kafka's Java producer and librdkafka's `murmur2_random` decide it.
public enum Partitioner {
    /// MurmurHash2, 32 bits, with Kafka's seed (`org.apache.kafka.common.utils.Utils.murmur2`).
    public static func murmur2(_ key: UnsafeRawBufferPointer) -> Int32 {
        let multiplier: UInt32 = 0x5bd1_e995
        var hash: UInt32 = 0x9747_b28c ^ UInt32(truncatingIfNeeded: key.count)
        let whole = key.count & ~3
        var at = 0
        while at < whole {
            var word = UInt32(littleEndian: key.loadUnaligned(fromByteOffset: at, as: UInt32.self))
            word &*= multiplier
            word ^= word >> 24
            word &*= multiplier
            hash &*= multiplier
            hash ^= word
            at += 4
        }
        let rest = key.count - whole
        if rest > 2 { hash ^= UInt32(key[whole + 2]) << 16 }
        if rest > 1 { hash ^= UInt32(key[whole + 1]) << 8 }
        if rest > 0 {
            hash ^= UInt32(key[whole])
            hash &*= multiplier
        }
        hash ^= hash >> 13
        hash &*= multiplier
        hash ^= hash >> 15
        return Int32(bitPattern: hash)
    }

    /// The partition of a key among `count` partitions.
    public static func partition(forKey key: UnsafeRawBufferPointer, count: Int32) -> Int32 {
        (murmur2(key) & 0x7fff_ffff) % count
    }

    /// The partition of a key's UTF-8 bytes among `count` partitions.
    public static func partition(forKey key: String, count: Int32) -> Int32 {
        var key = key
        return key.withUTF8 { partition(forKey: UnsafeRawBufferPointer($0), count: count) }
    }
}
