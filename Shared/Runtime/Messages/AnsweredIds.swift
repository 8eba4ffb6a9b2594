/// The identities of commands and facts that an aggregate has answered, packed: 16 bytes of identity and 4 bytes of time each, oldest first.
///
/// They live in the aggregate's own row, so that remembering costs no write of its own: a copy has the key of its original, and so meets
/// the same aggregate.
struct AnsweredIds {
    private(set) var bytes: [UInt8]

    private static let width = 20

    /// - Parameter bytes: as they were stored; what has another form is forgotten.
    init(_ bytes: [UInt8] = []) { self.bytes = bytes.count % Self.width == 0 ? bytes : [] }

    func contains(_ identity: MessageIdentity) -> Bool {
        bytes.withUnsafeBytes { bytes in
            var offset = 0
            while offset < bytes.count {
                if bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self) == identity.high,
                    bytes.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self) == identity.low
                {
                    return true
                }
                offset += Self.width
            }
            return false
        }
    }

    /// Adds an identity, and forgets those that are older than `retention` seconds.
    mutating func insert(_ identity: MessageIdentity, now seconds: UInt32, retention: UInt32) {
        var expired = 0
        bytes.withUnsafeBytes { bytes in
            while expired < bytes.count,
                UInt64(bytes.loadUnaligned(fromByteOffset: expired + 16, as: UInt32.self)) + UInt64(retention) < UInt64(seconds)
            {
                expired += Self.width
            }
        }
        if expired > 0 { bytes.removeFirst(expired) }
        withUnsafeBytes(of: identity.high) { bytes.append(contentsOf: $0) }
        withUnsafeBytes(of: identity.low) { bytes.append(contentsOf: $0) }
        withUnsafeBytes(of: seconds) { bytes.append(contentsOf: $0) }
    }
}
