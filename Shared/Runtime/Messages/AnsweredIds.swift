/// The ids of commands and facts that an aggregate has answered, packed: 8 bytes of hash and 4 bytes of time each, oldest first.
///
/// They live in the aggregate's own row, so that remembering costs no write of its own: a copy has the key of its original, and so meets
/// the same aggregate.
struct AnsweredIds {
    private(set) var bytes: [UInt8]

    private static let width = 12
    /// Ids that one aggregate remembers at most: far more than a person or a program sends about one order, and a row of 120 KB at most. What
    /// comes beyond them is a dead letter, so that neither the row nor the search for copies grows.
    static let limit = 10_000
    /// Those of one row for what reached no aggregate: anybody can fill it, so the oldest are forgotten instead.
    static let refusedLimit = 1000

    init(_ bytes: [UInt8] = []) { self.bytes = bytes }

    func contains(_ hash: UInt64) -> Bool {
        bytes.withUnsafeBytes { bytes in
            var offset = 0
            while offset + Self.width <= bytes.count {
                if bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self) == hash { return true }
                offset += Self.width
            }
            return false
        }
    }

    private var count: Int { bytes.count / Self.width }

    /// Whether there is no room for another one, and will be none before the oldest is `retention` seconds old.
    func isFull(now seconds: UInt32, retention: UInt32) -> Bool {
        guard count >= Self.limit else { return false }
        let oldest = bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: 8, as: UInt32.self) }
        return UInt64(oldest) + UInt64(retention) >= UInt64(seconds)
    }

    /// Adds an id, and forgets those that are older than `retention` seconds.
    /// - Parameter limit: beyond so many the oldest are forgotten, whatever their age.
    mutating func insert(_ hash: UInt64, now seconds: UInt32, retention: UInt32, limit: Int = .max) {
        var expired = limit < .max ? max(0, count - limit + 1) * Self.width : 0
        bytes.withUnsafeBytes { bytes in
            while expired + Self.width <= bytes.count,
                UInt64(bytes.loadUnaligned(fromByteOffset: expired + 8, as: UInt32.self)) + UInt64(retention) < UInt64(seconds)
            {
                expired += Self.width
            }
        }
        if expired > 0 { bytes.removeFirst(expired) }
        withUnsafeBytes(of: hash) { bytes.append(contentsOf: $0) }
        withUnsafeBytes(of: seconds) { bytes.append(contentsOf: $0) }
    }

    /// FNV-1a, 64 bits, with a final mix (MurmurHash3's), so that its upper bits are good as well.
    static func hash(_ id: String, _ senderKind: String = "", _ sender: String = "") -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        func add(_ part: String) {
            var part = part
            part.withUTF8 { for byte in $0 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 } }
            // Ends the part, as no byte of it could.
            hash = (hash ^ 0x100) &* 0x100_0000_01b3
        }
        add(id)
        add(senderKind)
        add(sender)
        hash ^= hash >> 33
        hash &*= 0xff51_afd7_ed55_8ccd
        hash ^= hash >> 33
        return hash
    }
}
